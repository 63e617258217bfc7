"""The events of a REDCap project, in files beside its data dictionary: which instruments are used when, and which repeat.

REDCap exports them as CSV: the events (``event_name, arm_num, day_offset, offset_min, offset_max, unique_event_name``), the
designations (``arm_num, unique_event_name, form``) and the repeating instruments (``event_name, form_name,
custom_form_label``). They come with the dictionary in one ZIP, under any names: the header says which is which.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from helmont.standards.archives import BadArchive, unpack
from helmont.standards.importing import Ids
from helmont.standards.redcap.dictionary import MAX_ROWS, decode
from helmont.standards.tables import Findings, Row, words
from helmont.study.faults import Fault
from helmont.study.model import Form
from helmont.study.protocol import Activity, Encounter, Protocol, Window
from helmont.study.text import Text

MAX_FILES, MAX_BYTES = 50, 64_000_000
_DAYS = re.compile(r"-?\d{1,5}(?:\.0+)?")


@dataclass
class Table:
    """The rows of one file, and what is to be said of them."""

    findings: Findings
    rows: list[Row] = field(default_factory=list)


@dataclass
class Project:
    """The files of an archive: the dictionary's name and bytes, and what was found of the rest."""

    dictionary: tuple[str, bytes] | None = None
    events: Table | None = None
    designations: Table | None = None
    repeating: Table | None = None
    findings: list[Fault] = field(default_factory=list)

    def all_findings(self) -> list[Fault]:
        tables = (self.events, self.designations, self.repeating)
        return [*self.findings, *(each for table in tables if table for each in table.findings.found)]


def read_project(data: bytes, file: str) -> Project:
    """What is in an archive. Findings hold an error when it has no data dictionary."""
    project = Project()
    try:
        members = unpack(data, most_files=MAX_FILES, most_bytes=MAX_BYTES)
    except BadArchive as bad:
        project.findings.append(Fault(file, 0, "", str(bad), bad.accepted))
        return project
    for name, content in sorted(members.items()):
        short = name.rsplit("/", 1)[-1][:100]
        header = {cell.strip().lower() for cell in re.split(rb"[,;\t\r\n]", content[:4000].split(b"\n", 1)[0])
                  for cell in [cell.decode("utf-8-sig", "replace").strip().strip('"')]}  # fmt: skip
        if header & {"field_name", "variable / field name"} and project.dictionary is None:
            project.dictionary = (short, content)
        elif {"unique_event_name", "form"} <= header:
            project.designations = _table(short, content)
        elif {"unique_event_name", "event_name"} <= header:
            project.events = _table(short, content)
        elif {"form_name", "custom_form_label"} <= header:
            project.repeating = _table(short, content)
        else:
            project.findings.append(Fault(short, 0, "", "this file is not read", "CSV of a REDCap project", "note"))
    if project.dictionary is None:
        project.findings.append(
            Fault(file, 0, "", "there is no data dictionary in the archive", "a CSV with field_name")
        )
    return project


def schedule(project: Project, forms: Iterable[Form], names: Mapping[str, str]) -> tuple[Protocol, tuple[Form, ...]]:
    """The protocol of the events, and the forms, those that repeat as logs. ``names`` gives the id of each instrument."""
    repeating = _repeating(project.repeating, names)
    made = tuple(replace(form, kind="log") if form.id in repeating else form for form in forms)
    visits = {form.id: form for form in made if form.kind == "visit"}
    used = _designated(project.designations, names)
    encounters = _encounters(project, list(used))
    planned: dict[str, list[str]] = {}
    for event, instruments in used.items():
        for form in instruments:
            if form in visits:
                planned.setdefault(form, []).append(encounters[event].id)
    activities = tuple(Activity(form, visits[form].title, (form,)) for form in visits if form in planned)
    scheduled = {each.id: tuple(dict.fromkeys(planned[each.id])) for each in activities}
    logs = tuple(form.id for form in made if form.kind == "log")
    return Protocol(tuple(encounters.values()), activities, scheduled, logs=logs), made


def _designated(table: Table | None, names: Mapping[str, str]) -> dict[str, list[str]]:
    """The forms of each event, by its unique name, in the order of the file."""
    found: dict[str, list[str]] = {}
    for row in table.rows if table else ():
        form = names.get(row["form"].lower())
        if not row["unique_event_name"] or form is None:
            assert table
            message = f"the dictionary gives no instrument {row['form'][:60]}"
            table.findings.say(row, "form", message, "the name of an instrument that was taken over")
        else:
            found.setdefault(row["unique_event_name"].lower(), []).append(form)
    return found


def _repeating(table: Table | None, names: Mapping[str, str]) -> set[str]:
    """The instruments that repeat, which become logs."""
    found: set[str] = set()
    for row in table.rows if table else ():
        assert table
        form = names.get(row["form_name"].lower())
        if form is not None:
            found.add(form)
            message = f"{row['form_name'][:60]} repeats and became a log, outside the encounters"
            table.findings.say(row, "form_name", message, severity="note")
        else:
            message = "a repeating event is taken as one encounter; more of it are unscheduled ones"
            table.findings.say(row, "form_name", message if not row["form_name"] else "there is no such instrument")
    return found


def _encounters(project: Project, used: list[str]) -> dict[str, Encounter]:
    """The encounter of each event that has a form, counted in days from the earliest."""
    table = project.events
    rows = {row["unique_event_name"].lower(): row for row in (table.rows if table else ()) if row["unique_event_name"]}
    offsets = {
        name: day for name in used if name in rows and (day := _day(table, rows[name], "day_offset")) is not None
    }
    first = min(offsets, key=lambda name: offsets[name], default="")
    ids = Ids()
    made = {name: ids.make(name, fallback="EVENT") for name in sorted(used, key=lambda each: offsets.get(each, 0))}
    arms = {row["arm_num"] for name, row in rows.items() if name in made}
    if table and len(arms) > 1:
        message = f"the events belong to {len(arms)} arms; here every participant has all of them"
        table.findings.say(0, "arm_num", message, "a study for each arm, or encounters of your own")
    found, undated = dict[str, Encounter](), list[str]()
    for name, own in made.items():
        row = rows.get(name)
        label = (words(row["event_name"]) if row else "") or name.partition("_arm_")[0].replace("_", " ").capitalize()
        if len(arms) > 1 and row:
            label += f" (arm {row['arm_num']})"
        texts = Text({"en": label})
        if row is None or name not in offsets:
            found[name] = Encounter(own, texts, optional=True)
            undated.append(own)
            continue
        since = offsets[name] - offsets[first]
        before, after = (_day(table, row, side) or 0 for side in ("offset_min", "offset_max"))
        anchor = made[first] if name != first else None
        found[name] = Encounter(own, texts, day=since + 1, window=Window(abs(before), abs(after)), anchor=anchor)
    if undated:
        message = f"no day is planned for {', '.join(undated)}; they became encounters that happen on an event"
        project.findings.append(Fault(table.findings.file if table else "", 0, "", message, "day_offset", "warning"))
    return found


def _day(table: Table | None, row: Row, column: str) -> int | None:
    """A number of days; None, with a warning, when the cell holds something else."""
    if _DAYS.fullmatch(row[column]):
        return int(float(row[column]))
    if row[column] and table:
        table.findings.say(row, column, f"{row[column][:20]} is no number of days", "0, 14, 28 ...")
    return None


def _table(name: str, content: bytes) -> Table:
    table = Table(Findings(name))
    text = decode(content, table.findings)
    if text is None:
        return table
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=text.split("\n", 1)[0].count))
        header = [cell.strip().lower() for cell in next(reader, [])]
        for cells in reader:
            if any(cell.strip() for cell in cells) and len(table.rows) < MAX_ROWS:
                table.rows.append(Row(reader.line_num, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        table.findings.say(reader.line_num, "", f"not CSV: {error}", severity="error")
    return table
