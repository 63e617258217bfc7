"""Any study as a REDCap client sees it: instruments, events, and one flat list of fields with names of their own.

A study that a client designed shows its own design. Every other study is described in the same terms: encounters are
events of one arm, log forms are instruments that repeat in an event ``logs_arm_1``, and an item's field has the item's
id in small letters (with the form's id before it where two forms ask the same, and the row behind it in a group that
repeats: ``sysbp_2``). A unit that is chosen has a field of its own (``height_unit``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from helmont.projects.design import CLASSIC, COLUMNS, Design, choices_of, item_id, log_forms
from helmont.study.model import Codelist, Form, Group, Item, Study

Kind = Literal["text", "choice", "multiselect", "file", "unit", "record"]
LOGS, UNSCHEDULED = "logs_arm_1", "unscheduled_arm_1"
MOST_ROWS = 100
"""Rows of a repeating group that get fields; a group may allow more than anybody ever fills."""


@dataclass(frozen=True)
class Field:
    """One field. ``key`` is the item key in a form's data, ``row`` its line in the data dictionary."""

    name: str
    form: str
    key: str
    kind: Kind
    row: Mapping[str, str]
    choices: Mapping[str, str] = field(default_factory=dict)

    def columns(self) -> list[tuple[str, str]]:
        """(choice, column) as exported: a field of several answers has a column for each, ``field___code``."""
        if self.kind == "multiselect":
            return [(code, f"{self.name}___{_code(code)}") for code in self.choices]
        return [("", self.name)]


@dataclass(frozen=True)
class Instrument:
    """``form`` is the definition's id of it where it does not repeat."""

    name: str
    label: str
    form: str


@dataclass(frozen=True)
class Event:
    """An event; ``encounter`` is the definition's id of it, empty for the place of the logs."""

    name: str
    label: str
    arm: int
    encounter: str
    custom_label: str = ""


@dataclass(frozen=True)
class Layout:
    """``mapping`` holds (event, instrument) in order; ``repeating`` names what repeats, an event as a whole with "".

    ``logs`` maps those pairs of them that are logs here to the log form's id.
    """

    title: str
    record_field: Field
    fields: tuple[Field, ...]
    instruments: Mapping[str, Instrument]
    arms: Mapping[int, str]
    events: Mapping[str, Event]
    mapping: tuple[tuple[str, str], ...]
    repeating: Mapping[tuple[str, str], str]
    logs: Mapping[tuple[str, str], str]
    longitudinal: bool

    def of_form(self, form: str) -> list[Field]:
        return [one for one in self.fields if one.form == form]

    def by_name(self) -> dict[str, Field]:
        return {one.name: one for one in self.fields}

    def place_of(self, form: str) -> tuple[str, str] | None:
        """(event, instrument) of a form of the definition; the event is empty for one that does not repeat."""
        return self._places.get(form)

    @cached_property
    def _places(self) -> dict[str, tuple[str, str]]:
        plain = {instrument.form: ("", instrument.name) for instrument in self.instruments.values()}
        return plain | {form: pair for pair, form in self.logs.items()}

    def event_of(self) -> dict[str, Event]:
        """By the definition's id of the encounter."""
        return {event.encounter: event for event in self.events.values() if event.encounter}


def layout_of_design(design: Design) -> Layout:
    """A project as its client designed it."""
    fields = tuple(_designed(row, design.record_field) for row in design.fields.values())
    classic: dict[str, dict[str, Any]] = {CLASSIC: {"event_name": "Event 1", "arm_num": 1}}
    events = design.events if design.longitudinal else classic
    return Layout(
        title=design.title,
        record_field=next(one for one in fields if one.kind == "record"),
        fields=tuple(one for one in fields if one.row["field_type"] != "descriptive"),
        instruments={name: Instrument(name, label, item_id(name)) for name, label in design.forms.items()},
        arms={number: name for number, name in design.arms.items() if design.arm_events(number)},
        events={
            name: Event(
                name, str(e["event_name"]), int(e["arm_num"]), item_id(name), str(e.get("custom_event_label", ""))
            )
            for name, e in events.items()
        },
        mapping=tuple(design.placed()),
        repeating=dict(design.repeating),
        logs=log_forms(design),
        longitudinal=design.longitudinal,
    )


def _designed(row: Mapping[str, str], record_field: str) -> Field:
    name, choices = row["field_name"], choices_of(row)
    if name == record_field:
        return Field(name, row["form_name"], "", "record", row)
    kind: Kind = "choice" if choices else "text"
    if row["field_type"] in ("checkbox", "file"):
        kind = "multiselect" if row["field_type"] == "checkbox" else "file"
    return Field(name, row["form_name"], item_id(name), kind, row, choices)


def layout_of_study(study: Study, language: str = "en") -> Layout:
    """A study of which no client made the design."""
    codelists = {codelist.id: codelist for codelist in study.codelists}
    asked = Counter(item.id for form in study.forms for item in form.items())
    instruments = {
        form.id.lower(): Instrument(form.id.lower(), form.title.get(language)[0], form.id) for form in study.forms
    }
    first = next(iter(instruments), "")
    record = Field("record_id", first, "", "record", _line("record_id", first, "text", "Participant"))
    fields = [
        one
        for form in study.forms
        for group in form.groups
        for one in _group_fields(form, group, codelists, asked, language)
    ]
    events = {
        f"{encounter.id.lower()}_arm_1": Event(
            f"{encounter.id.lower()}_arm_1", encounter.label.get(language)[0], 1, encounter.id
        )
        for encounter in study.protocol.encounters
    }
    mapping = [(event.name, form.lower()) for event in events.values() for form in _expected(study, event.encounter)]
    repeating: dict[tuple[str, str], str] = {}
    if unscheduled := study.protocol.unscheduled:
        events[UNSCHEDULED] = Event(UNSCHEDULED, unscheduled.label.get(language)[0], 1, "UNSCHEDULED")
        mapping += [(UNSCHEDULED, form.lower()) for form in unscheduled.forms]
        repeating[UNSCHEDULED, ""] = ""
    logs = {(LOGS, form.id.lower()): form.id for form in study.forms if form.kind == "log"}
    if logs:
        events[LOGS] = Event(LOGS, "Logs", 1, "")
        mapping += list(logs)
        repeating |= dict.fromkeys(logs, "")
    return Layout(
        title=study.title.get(language)[0],
        record_field=record,
        fields=(record, *fields),
        instruments=instruments,
        arms={1: "Arm 1"},
        events=events,
        mapping=tuple(dict.fromkeys(mapping)),
        repeating=repeating,
        logs=logs,
        longitudinal=True,
    )


def _expected(study: Study, encounter: str) -> Iterator[str]:
    for activity in study.protocol.activities:
        if encounter in study.protocol.schedule.get(activity.id, ()):
            yield from activity.forms


def _group_fields(
    form: Form, group: Group, codelists: Mapping[str, Codelist], asked: Mapping[str, int], language: str
) -> Iterator[Field]:
    rows = range(1, min(group.repeats.max, MOST_ROWS) + 1) if group.repeats else range(1)
    for row in rows:
        for number, item in enumerate(group.items):
            name = item.id.lower() if asked[item.id] == 1 else f"{form.id}_{item.id}".lower()
            key = f"{group.id}[{row}].{item.id}" if row else item.id
            title = group.title.get(language)[0] if group.title and not number else ""
            yield from _item_fields(f"{name}_{row}" if row else name, key, form, item, codelists, title, language)


def _item_fields(
    name: str, key: str, form: Form, item: Item, codelists: Mapping[str, Codelist], title: str, language: str
) -> Iterator[Field]:
    codelist = codelists.get(item.codelist or "")
    choices = {term.code: term.label.get(language)[0] for term in codelist.terms} if codelist else {}
    types = {"multiselect": "checkbox", "codelist": "radio" if item.choose == "radio" else "dropdown", "file": "file"}
    kinds: dict[str, Kind] = {"multiselect": "multiselect", "codelist": "choice", "file": "file"}
    validations = {
        "integer": "integer",
        "decimal": "number",
        "calculated": "number",
        "date": "" if item.partial else "date_ymd",
        "datetime": "" if item.partial else "datetime_ymd",
        "time": "time",
    }
    limits = item.range
    line = _line(
        name,
        form.id.lower(),
        types.get(item.type, "notes" if item.lines > 1 else "text"),
        item.label.get(language)[0],
        section_header=title,
        select_choices_or_calculations=" | ".join(f"{code}, {label}" for code, label in choices.items()),
        field_note=item.hint.get(language)[0] if item.hint else "",
        text_validation_type_or_show_slider_number=validations.get(item.type, ""),
        text_validation_min=str(limits.min) if limits and limits.min is not None else "",
        text_validation_max=str(limits.max) if limits and limits.max is not None else "",
        required_field="y" if item.required else "",
        field_annotation="@READONLY" if item.type == "calculated" else "",
    )
    yield Field(name, form.id.lower(), key, kinds.get(item.type, "text"), line, choices)
    if item.units:
        units = {unit: unit for unit in item.units}
        listed = " | ".join(f"{unit}, {unit}" for unit in units)
        label = f"{item.label.get(language)[0]}: unit"
        row = _line(f"{name}_unit", form.id.lower(), "dropdown", label, select_choices_or_calculations=listed)
        yield Field(f"{name}_unit", form.id.lower(), key, "unit", row, units)


def _line(name: str, form: str, kind: str, label: str, **rest: str) -> dict[str, str]:
    given = {"field_name": name, "form_name": form, "field_type": kind, "field_label": label, **rest}
    return {column: given.get(column, "") for column in COLUMNS}


def _code(code: str) -> str:
    """A choice as part of a column's name."""
    return "".join(character if character.isalnum() else "_" for character in code.lower())
