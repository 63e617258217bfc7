"""What the CSV files of another EDC ask for, as actions: sites, participants, visits, forms, how each participant ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helmont.edc.actions.entry import SaveForm
from helmont.edc.keys import LOG, form_key
from helmont.exchange.importing import Step
from helmont.exchange.steps import transitions
from helmont.participants.actions import UNSCHEDULED, BeginEncounter, ChangeStatus, ScreenParticipant, encounter_key
from helmont.participants.models import Participant
from helmont.standards.edc_csv.mapping import Column, Mapped, Table, Visit
from helmont.standards.edc_csv.tables import Line, read_table
from helmont.standards.edc_csv.values import Unknown, answer, as_date
from helmont.studies.actions import OpenSite
from helmont.studies.models import Site
from helmont.study.compiling import CompiledStudy
from helmont.study.faults import Fault, StudyFaults, one_of

_UNSCHEDULED = re.compile(r"unscheduled[ _]*([0-9]{1,4}(?:\.[0-9]{1,3})?)", re.IGNORECASE)
REASON = "Imported"


def plan_csv(folder: Path, mapped: Mapped, study: str, definition: CompiledStudy) -> Iterator[Step | Fault]:
    """The steps of the files that the mapping names, all in ``folder``. Raises ``StudyFaults`` for files that cannot be read."""
    check_mapping(mapped, definition)
    yield from _Planner(folder, mapped, study, definition).steps()


def check_mapping(mapped: Mapped, definition: CompiledStudy) -> None:
    """Raise ``StudyFaults`` where the mapping names a form, item, group or encounter that the study does not have."""
    faults = []
    for number, table in enumerate(mapped.tables, 1):
        place = f"tables[{number}]"
        form = definition.forms.get(table.form)
        if form is None:
            accepted = one_of(sorted(definition.forms), table.form)
            faults.append(Fault("mapping", 0, f"{place}.form", f"the study has no form {table.form}", accepted))
            continue
        for item in table.items.keys() - form.items.keys():
            accepted = one_of(list(form.items), item)
            faults.append(Fault("mapping", 0, f"{place}.items", f"{table.form} has no item {item}", accepted))
        groups = [group.id for group in form.form.groups if group.repeats]
        if table.rows and table.rows.group not in groups:
            accepted = one_of(groups, table.rows.group)
            faults.append(Fault("mapping", 0, f"{place}.rows", f"{table.rows.group} does not repeat", accepted))
        if form.form.kind == "log" and table.visit:
            faults.append(Fault("mapping", 0, f"{place}.visit", f"{table.form} is a log: its lines have no visit"))
        if form.form.kind != "log" and not table.visit:
            accepted = "visit: {column: VISIT, date: VISDAT}"
            faults.append(Fault("mapping", 0, f"{place}.visit", f"{table.form} needs a visit", accepted))
    if faults:
        raise StudyFaults(faults)


@dataclass
class _Form:
    """One form or line as the rows give it: values, the line of each, and where it begins."""

    file: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


class _Planner:
    def __init__(self, folder: Path, mapped: Mapped, study: str, definition: CompiledStudy) -> None:
        self.folder, self.mapped, self.study, self.definition = folder, mapped, study, definition
        self.sites = set(Site.objects.filter(study=study).values_list("number", flat=True))
        self.statuses = dict(Participant.objects.filter(study=study).values_list("number", "status"))
        self.visits: dict[tuple[str, str, str], tuple[str, str, int]] = {}
        self.forms: dict[str, _Form] = {}
        self.told: set[tuple[str, str]] = set()
        self.codelists = {codelist.id: codelist for codelist in definition.study.codelists}
        self.encounters = {name.casefold(): oid for name, oid in mapped.encounters.items()}
        for encounter in definition.study.protocol.encounters:
            for name in (encounter.id, *encounter.label.by_language.values()):
                self.encounters.setdefault(name.casefold(), encounter.id)

    def steps(self) -> Iterator[Step | Fault]:
        yield from self._people()
        for table in self.mapped.tables:
            yield from self._read(table)
        yield from self._begun()
        for key, form in self.forms.items():
            save = SaveForm(key, form.values, complete=True, reason=REASON)
            yield Step(save, form.file, form.line, key.split("/", 1)[1], form.lines)
        yield from self._ended()

    def _people(self) -> Iterator[Step | Fault]:
        people = self.mapped.people
        for line in read_table(self.folder / people.file, {people.screened}):
            number, site = line.filled(self.mapped.participant), line.filled(self.mapped.site)
            if number in self.statuses:
                continue
            if site not in self.sites:
                if not self.mapped.country:
                    yield Fault(
                        line.file,
                        line.number,
                        number,
                        f"the study has no site {site}",
                        one_of(sorted(self.sites), site),
                    )
                    continue
                self.sites.add(site)
                opened = OpenSite(self.study, site, f"Site {site}", self.mapped.country)
                yield Step(opened, line.file, line.number, f"site {site}")
            self.statuses[number] = "screening"
            day = (
                as_date(line.first(people.screened), people.dates)
                if people.dates
                else _iso(line.first(people.screened))
            )
            yield Step(ScreenParticipant(self.study, site, number, day), line.file, line.number, number)

    # Rows to forms

    def _read(self, table: Table) -> Iterator[Fault]:
        columns = {name for column in table.items.values() for name in _columns(column)} | set(table.line_by)
        columns |= {name for part in (*table.when, *table.unless) for name in part.split("|")}
        if table.visit:
            columns |= {name for name in (table.visit.column, table.visit.date) if name}
        columns |= set(table.rows.column.split("|")) if table.rows else set()
        lines: dict[str, dict[tuple[str, ...], int]] = {}
        for line in read_table(self.folder / table.file, columns):
            if not line.meets(table.when, table.unless):
                continue
            number = line.filled(self.mapped.participant)
            if number not in self.statuses:
                yield Fault(
                    line.file, line.number, number, f"{number} is no participant", f"a row in {self.mapped.people.file}"
                )
                continue
            known = lines.setdefault(number, {})
            own = tuple(line.cells[name] for name in table.line_by) or (str(line.number),)
            place = (
                self._place(table.visit, line, number)
                if table.visit
                else (LOG, str(known.setdefault(own, len(known) + 1)))
            )
            if isinstance(place, Fault):
                yield place
                continue
            encounter, line_number = place
            key = form_key(self.study, number, encounter, table.form, line_number)
            form = self.forms.setdefault(key, _Form(line.file, line.number))
            yield from self._answers(table, line, form, key)

    def _place(self, visit: Visit, line: Line, number: str) -> tuple[str, str] | Fault:
        """The encounter a row belongs to; its date is remembered."""
        text = line.first(visit.column) if visit.column else ""
        oid, visit_number = visit.encounter or self.encounters.get(text.casefold(), ""), ""
        if found := _UNSCHEDULED.fullmatch(text):
            oid, visit_number = UNSCHEDULED, found[1]
        if not oid:
            known = [encounter.id for encounter in self.definition.study.protocol.encounters]
            return Fault(
                line.file, line.number, number, f"“{text}” is no visit of the protocol", one_of(known, text.upper())
            )
        written = line.first(visit.date) if visit.date else ""
        if written:
            day = as_date(written, visit.dates) if visit.dates else _iso(written)
            self.visits.setdefault((number, oid, visit_number), (day, line.file, line.number))
        return (f"{UNSCHEDULED}_{visit_number}" if visit_number else oid), ""

    def _answers(self, table: Table, line: Line, form: _Form, key: str) -> Iterator[Fault]:
        definition = self.definition.forms[table.form]
        row = 0
        if table.rows:
            row = table.rows.rows.get(line.first(table.rows.column), 0)
        for name, column in table.items.items():
            compiled = definition.items[name]
            if compiled.repeating and not row:
                continue
            try:
                value = answer(column, compiled.item, self.codelists.get(compiled.item.codelist or ""), line)
            except Unknown as unknown:
                if (key, name) in self.told:
                    continue
                self.told.add((key, name))
                message = f"“{unknown}” is not in the code list {compiled.item.codelist}; it is left out"
                yield Fault(line.file, line.number, f"{key.split('/', 1)[1]} {name}", message, "", "warning")
                continue
            if value is None or (compiled.skip is None and value == ""):
                continue
            item_key = f"{compiled.repeating.id}[{row}].{name}" if compiled.repeating else name
            if column.many:
                value = [*form.values.get(item_key, []), self.encounters.get(str(value).casefold(), value)]
            elif form.values.get(item_key, value) != value:
                message = f"{value} differs from {form.values[item_key]} on line {form.lines[item_key]}, which is kept"
                yield Fault(line.file, line.number, f"{key.split('/', 1)[1]} {item_key}", message, "", "warning")
                continue
            form.values[item_key] = value
            form.lines.setdefault(item_key, line.number)

    # Visits and the end

    def _begun(self) -> Iterator[Step]:
        for (number, oid, visit), (day, file, line) in sorted(
            self.visits.items(), key=lambda one: (one[0][0], one[1][0])
        ):
            place = encounter_key(self.study, number, oid, visit).split("/", 1)[1]
            yield Step(BeginEncounter(self.study, number, oid, day, visit), file, line, place)

    def _ended(self) -> Iterator[Step | Fault]:
        ends = self.mapped.statuses
        if ends is None:
            return
        columns = {name for part in (ends.column, *ends.when, *ends.unless) for name in part.split("|")}
        for line in read_table(self.folder / ends.file, columns):
            if not line.meets(ends.when, ends.unless):
                continue
            number, text = line.filled(self.mapped.participant), line.first(ends.column)
            wanted = ends.statuses.get(text) or ends.otherwise
            there = self.statuses.get(number)
            if wanted is None or there is None or there == wanted:
                continue
            moves = transitions(there, wanted)
            if moves is None:
                yield Fault(line.file, line.number, number, f"{there} does not lead to {wanted}")
                continue
            self.statuses[number] = wanted
            for move in moves:
                yield Step(ChangeStatus(self.study, number, move, REASON), line.file, line.number, f"{number} status")


def _columns(column: Column) -> set[str]:
    named = (column.column, column.not_done or "", column.unit_column or "")
    return {name for part in named for name in part.split("|") if name}


def _iso(text: str) -> str:
    """A day as EDCs write it: 26-DEC-2013."""
    return as_date(text, ("%Y-%m-%d", "%d-%b-%Y", "%d %b %Y", "%d%b%Y"))
