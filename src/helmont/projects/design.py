"""A project as a REDCap client designs it, and the study definition that it amounts to.

Ids of the definition are the client's names in capitals (``sys_bp`` is the item ``SYS_BP``). What a definition cannot
say (a matrix, an alignment, an annotation) stays in the design and goes back to the client as it came. Expressions in
REDCap's own language are kept, not run: a calculated field is a number that is entered, branching is not enforced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from helmont.study.model import Codelist, Form, Group, Item, ParticipantId, Range, Study, Term
from helmont.study.protocol import Activity, Arm, Encounter, Protocol
from helmont.study.text import Text

COLUMNS = (
    "field_name",
    "form_name",
    "section_header",
    "field_type",
    "field_label",
    "select_choices_or_calculations",
    "field_note",
    "text_validation_type_or_show_slider_number",
    "text_validation_min",
    "text_validation_max",
    "identifier",
    "branching_logic",
    "required_field",
    "custom_alignment",
    "question_number",
    "matrix_group_name",
    "matrix_ranking",
    "field_annotation",
)
"""The columns of a data dictionary, in order."""
CLASSIC = "event_1_arm_1"
ID_LENGTH = 40
YES_NO, TRUE_FALSE = {"1": "Yes", "0": "No"}, {"1": "True", "0": "False"}
TYPES = (
    "text",
    "notes",
    "radio",
    "dropdown",
    "checkbox",
    "calc",
    "yesno",
    "truefalse",
    "file",
    "slider",
    "descriptive",
    "sql",
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_NUMBERS = {"integer": "integer", "int": "integer", "number": "decimal", "float": "decimal"}


class DesignFault(ValueError):
    """The design cannot be used; the message names the field, event or arm, and what would be accepted."""


@dataclass(frozen=True)
class Design:
    """A project. ``fields`` and ``events`` are in order; ``mapping`` and ``repeating`` hold (event, instrument) pairs.

    A project without ``longitudinal`` has no events of its own: all its instruments lie in ``event_1_arm_1``.
    """

    title: str
    record_field: str
    fields: Mapping[str, Mapping[str, str]]
    forms: Mapping[str, str]
    arms: Mapping[int, str] = field(default_factory=lambda: {1: "Arm 1"})
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mapping: Sequence[tuple[str, str]] = ()
    repeating: Mapping[tuple[str, str], str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    longitudinal: bool = False

    def placed(self) -> list[tuple[str, str]]:
        """Every (event, instrument), in the order of the events and of the instruments."""
        if not self.longitudinal:
            return [(CLASSIC, form) for form in self.forms]
        wanted = set(self.mapping)
        return [(event, form) for event in self.events for form in self.forms if (event, form) in wanted]

    def arm_events(self, arm: int) -> list[str]:
        return [name for name, event in self.events.items() if event["arm_num"] == arm]


def item_id(name: str) -> str:
    """The id of a field, form or event in the definition; a name that is too long keeps its start and a hash."""
    capital = name.upper()
    if len(capital) <= ID_LENGTH:
        return capital
    return f"{capital[: ID_LENGTH - 9]}_{sha256(name.encode()).hexdigest()[:8].upper()}"


def choices_of(row: Mapping[str, str]) -> dict[str, str]:
    """Code -> label of a field with choices: ``1, Yes | 0, No``."""
    match row["field_type"]:
        case "yesno":
            return YES_NO
        case "truefalse":
            return TRUE_FALSE
        case "radio" | "dropdown" | "checkbox":
            pairs = (part.split(",", 1) for part in row["select_choices_or_calculations"].split("|") if part.strip())
            return {pair[0].strip(): pair[-1].strip() for pair in pairs}
    return {}


def read_dictionary(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Lines of a data dictionary -> (fields by name, instruments by name); raises ``DesignFault`` naming the line."""
    fields: dict[str, dict[str, str]] = {}
    forms: dict[str, str] = {}
    for number, given in enumerate(rows, start=1):
        row = {column: _text(given.get(column)) for column in COLUMNS}
        name, form = row["field_name"], row["form_name"]
        place = f"line {number}, field “{name}”"
        if not _NAME.fullmatch(name):
            raise DesignFault(
                f"{place}: this is not a variable name (small letters, digits and underscores, a letter first)"
            )
        if name in fields:
            raise DesignFault(f"{place}: the name occurs twice; each field has a name of its own")
        if not _NAME.fullmatch(form):
            raise DesignFault(f"{place}: “{form}” is not an instrument's name (small letters, digits and underscores)")
        if row["field_type"] not in TYPES:
            raise DesignFault(f"{place}: there is no field type “{row['field_type']}”; accepted: {', '.join(TYPES)}")
        if row["field_type"] in ("radio", "dropdown", "checkbox") and not choices_of(row):
            raise DesignFault(f"{place}: the choices are missing; accepted: 1, Yes | 0, No")
        if forms and form != next(reversed(forms)) and form in forms:
            raise DesignFault(f"{place}: the fields of an instrument stand together; “{form}” ended before this line")
        fields[name] = row
        forms.setdefault(form, form.replace("_", " ").title())
    if not fields:
        raise DesignFault("a data dictionary has at least one field")
    return fields, forms


def to_study(design: Design, study: str, version: str) -> Study:
    """The definition of the design under this id and version; raises ``DesignFault``."""
    logs = log_forms(design)
    codelists: dict[str, Codelist] = {}
    forms = []
    for name, label in design.forms.items():
        items = [_item(row, codelists) for row in design.fields.values() if row["form_name"] == name]
        asked = tuple(item for item in items if item and item.id != item_id(design.record_field))
        groups = (Group(f"{item_id(name)[:36]}_ALL", asked),) if asked else ()
        forms.append(Form(item_id(name), Text({"en": label}), groups))
        for (event, form), log in logs.items():
            if form == name:
                title = f"{label} ({design.events[event]['event_name']})" if design.longitudinal else label
                forms.append(Form(log, Text({"en": title}), groups, "log"))
    there = {form.id for form in forms if form.groups}
    if not there:
        raise DesignFault("no instrument has a field besides the record's own; a study asks something")
    return Study(
        id=study,
        version=version,
        title=Text({"en": design.title}),
        languages=("en",),
        protocol=_protocol(design, there, logs),
        forms=tuple(form for form in forms if form.id in there),
        codelists=tuple(codelists.values()),
        participant_id=ParticipantId(r"[A-Za-z0-9_-]{1,40}", "1"),
    )


def log_forms(design: Design) -> dict[tuple[str, str], str]:
    """(event, instrument) that repeats -> the id of the log form that holds its repetitions; raises ``DesignFault``.

    An instrument may repeat in one event and be filled in once in another, so each place has a form of its own. Where
    an event repeats as a whole, so does each of its instruments.
    """
    places, found = design.placed(), dict[tuple[str, str], str]()
    for event, form in design.repeating:
        pairs = [pair for pair in places if pair[0] == event and form in ("", pair[1])]
        if form and not pairs:
            raise DesignFault(f"instrument “{form}” does not belong to event “{event}”, and so cannot repeat in it")
        found |= {pair: item_id(f"{pair[1]}_in_{event}") for pair in pairs}
    return found


def _protocol(design: Design, forms: set[str], logs: Mapping[tuple[str, str], str]) -> Protocol:
    events = design.events or {CLASSIC: {"event_name": "Event 1"}}
    schedule: dict[str, list[str]] = {}
    for event, form in design.placed():
        if (event, form) not in logs and item_id(form) in forms:
            schedule.setdefault(item_id(form), []).append(item_id(event))
    labels = {item_id(name): label for name, label in design.forms.items()}
    return Protocol(
        encounters=tuple(
            Encounter(item_id(name), Text({"en": str(event["event_name"])}), number=Decimal(order), optional=True)
            for order, (name, event) in enumerate(events.items(), start=1)
        ),
        activities=tuple(Activity(form, Text({"en": labels[form]}), (form,)) for form in schedule),
        schedule={form: tuple(places) for form, places in schedule.items()},
        logs=tuple(form for form in logs.values() if form in forms),
        arms=tuple(Arm(f"ARM_{number}", Text({"en": name})) for number, name in design.arms.items()),
    )


def _item(row: Mapping[str, str], codelists: dict[str, Codelist]) -> Item | None:
    name, validation = item_id(row["field_name"]), row["text_validation_type_or_show_slider_number"]
    common: dict[str, Any] = {
        "label": Text({"en": _plain(row["field_label"]) or row["field_name"]}),
        "hint": Text({"en": _plain(row["field_note"])}) if row["field_note"] else None,
        "required": row["required_field"].lower() == "y",
    }
    match row["field_type"]:
        case "descriptive":
            return None
        case "radio" | "dropdown" | "checkbox" | "yesno" | "truefalse":
            terms = tuple(Term(code, Text({"en": _plain(text) or code})) for code, text in choices_of(row).items())
            codelists[name] = Codelist(name, terms)
            kind: Any = "multiselect" if row["field_type"] == "checkbox" else "codelist"
            choose: Any = "select" if row["field_type"] == "dropdown" else "radio"
            return Item(name, type=kind, codelist=name, choose=choose, **common)
        case "file":
            return Item(name, type="file", **common)
        case "notes":
            return Item(name, type="text", lines=4, **common)
        case "calc":
            return Item(name, type="decimal", **common)
        case "slider":
            return Item(name, type="integer", range=_limits(row), **common)
    if validation in _NUMBERS or validation.startswith("number_"):
        number: Any = _NUMBERS.get(validation, "decimal")
        return Item(name, type=number, range=_limits(row), **common)
    if validation.startswith("datetime_"):
        return Item(name, type="datetime", future=True, **common)
    if validation.startswith("date_"):
        return Item(name, type="date", future=True, **common)
    if validation.startswith("time"):
        return Item(name, type="time", **common)
    return Item(name, type="text", **common)


def _limits(row: Mapping[str, str]) -> Range | None:
    low, high = (_number(row[f"text_validation_{end}"]) for end in ("min", "max"))
    return None if low is None and high is None else Range(low, high)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _plain(text: str) -> str:
    """A label without the HTML that a client may have put into it."""
    return re.sub(r"<[^<>]*>", " ", text).strip()


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
