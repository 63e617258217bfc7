"""Exporting records: flat or one value a row, with codes or labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import BadRequest, Call, handles
from helmont.api.redcap.groups import group_names
from helmont.api.redcap.wire import write_rows
from helmont.core.errors import Fault, Invalid
from helmont.core.ledger.models import Entry
from helmont.edc.models import Form
from helmont.edc.queries.forms import forms_of
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for
from helmont.projects.layout import UNSCHEDULED, Event, Field, Layout

EVENT, INSTRUMENT, INSTANCE, GROUP = (
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_data_access_group",
)
COMPLETE = {"complete": "2", "draft": "0", "not_done": "0"}
STANDINGS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}


@dataclass(frozen=True)
class Place:
    """One row of an export: an event of a record, or one repetition in it; ``forms`` by instrument."""

    participant: Participant
    event: Event
    instrument: str
    instance: int | str
    forms: Mapping[str, Form]


@handles("record")
def export_records(call: Call) -> HttpResponse:
    if call.get("filterLogic"):
        raise BadRequest("filterLogic is not evaluated here: export the fields that it names and filter them.")
    call.may("form.view")
    layout = call.layout
    fields, forms = _chosen(call, layout)
    heads = _columns(call, layout, fields, forms)
    names = group_names(call.study.key)
    places = _places(call, layout)
    if call.get("type", "flat") == "eav":
        return _eav(call, layout, fields, forms, places)
    rows = [_row(call, layout, place, fields, forms, names) for place in places]
    titles = [label for _, label in heads] if call.get("rawOrLabelHeaders") == "label" else ()
    columns = [name for name, _ in heads]
    return call.answer(write_rows(rows, call.form, columns if rows else (), heads=titles))


def _chosen(call: Call, layout: Layout) -> tuple[list[Field], list[str]]:
    """The fields asked for, in the order of the dictionary, and the instruments whose standing is shown."""
    wanted, forms = set(call.listed("fields")), set(call.listed("forms"))
    complete = {f"{name}_complete": name for name in layout.instruments}
    known = {one.name for one in layout.fields} | complete.keys()
    described = {layout.record_field.name, *known}
    if unknown := sorted(wanted - described):
        raise Invalid([Fault("fields", f"there is no field “{unknown[0][:100]}”", "fields of the data dictionary")])
    if unknown := sorted(forms - layout.instruments.keys()):
        raise Invalid([Fault("forms", f"there is no instrument “{unknown[0][:100]}”", ", ".join(layout.instruments))])
    every = not wanted and not forms
    fields = [one for one in layout.fields if every or one.name in wanted or one.form in forms]
    standing = [name for name in layout.instruments if every or name in forms or f"{name}_complete" in wanted]
    return [one for one in fields if one.kind != "record"], standing


def _columns(call: Call, layout: Layout, fields: list[Field], standing: list[str]) -> list[tuple[str, str]]:
    """(name, label) of every column of a flat export."""
    heads = [(layout.record_field.name, layout.record_field.row["field_label"])]
    if layout.longitudinal:
        heads.append((EVENT, "Event Name"))
    if layout.repeating:
        heads += [(INSTRUMENT, "Repeat Instrument"), (INSTANCE, "Repeat Instance")]
    if call.get("exportDataAccessGroups", "").lower() in ("true", "1"):
        heads.append((GROUP, "Data Access Group"))
    for name in layout.instruments:
        for field in fields:
            if field.form == name:
                heads += [(column, _head(field, code)) for code, column in field.columns()]
        if name in standing:
            heads.append((f"{name}_complete", "Complete?"))
    return heads


def _head(field: Field, code: str) -> str:
    label = field.row["field_label"]
    return f"{label} (choice={field.choices[code]})" if code else label


def visible(call: Call) -> list[Participant]:
    """The records that the person may see, without those entered by mistake."""
    found = participants_for(call.actor, call.study.key, call.today, "form.view").exclude(status="removed")
    if records := call.listed("records"):
        found = found.filter(number__in=records)
    begin, end = call.get("dateRangeBegin").replace(" ", "T"), call.get("dateRangeEnd").replace(" ", "T")
    if begin or end:
        entries = Entry.objects.filter(log=call.study.key).exclude(participant="")
        entries = entries.filter(time__gt=begin) if begin else entries
        entries = entries.filter(time__lt=end) if end else entries
        found = found.filter(key__in=entries.values("participant").distinct())
    return sorted(found, key=lambda row: (0, int(row.number), "") if row.number.isdecimal() else (1, 0, row.number))


def _places(call: Call, layout: Layout) -> Iterator[Place]:
    wanted = set(call.listed("events"))
    if unknown := sorted(wanted - layout.events.keys()):
        raise Invalid([Fault("events", f"there is no event “{unknown[0][:100]}”", ", ".join(layout.events))])
    for participant in visible(call):
        rows = [row for row in forms_of(call.actor, participant, call.today) if row.status != "removed"]
        for place in places_of(layout, participant, rows):
            if not wanted or place.event.name in wanted:
                yield place


def places_of(layout: Layout, participant: Participant, rows: list[Form]) -> Iterator[Place]:
    """The rows of one record: an event at a time, then what repeats in it. A record without data has one row."""
    events = layout.event_of()
    here: dict[str, dict[str, Form]] = {}
    lines: dict[str, list[tuple[str, Form]]] = {}
    extra: dict[str, dict[str, Form]] = {}
    for row in rows:
        place = layout.place_of(row.form)
        if place is None:
            continue
        log, instrument = place
        if log:
            lines.setdefault(log, []).append((instrument, row))
        elif row.encounter in events:
            here.setdefault(events[row.encounter].name, {})[instrument] = row
        elif row.encounter.startswith("UNSCHEDULED"):
            extra.setdefault(row.encounter, {})[instrument] = row
    if not here and not lines and not extra:
        first = next(iter(layout.events.values()), Event("", "", 1, ""))
        yield Place(participant, first, "", "", {})
    for event in layout.events.values():
        if event.name in here:
            yield Place(participant, event, "", "", here[event.name])
        if event.name == UNSCHEDULED:
            for instance, forms in enumerate(extra.values(), start=1):
                yield Place(participant, event, "", instance, forms)
        if (event.name, "") in layout.repeating and event.name != UNSCHEDULED:
            together: dict[int, dict[str, Form]] = {}
            for instrument, row in lines.pop(event.name, ()):
                together.setdefault(int(row.line), {})[instrument] = row
            for instance, forms in sorted(together.items()):
                yield Place(participant, event, "", instance, forms)
        for instrument, row in sorted(lines.get(event.name, ()), key=lambda line: (line[0], int(line[1].line))):
            yield Place(participant, event, instrument, int(row.line), {instrument: row})


def _row(
    call: Call, layout: Layout, place: Place, fields: list[Field], standing: list[str], groups: Mapping[str, str]
) -> dict[str, Any]:
    labels, gray = call.get("rawOrLabel") == "label", call.get("exportBlankForGrayFormStatus").lower() in ("true", "1")
    row: dict[str, Any] = {layout.record_field.name: place.participant.number}
    if layout.longitudinal:
        row[EVENT] = place.event.label if labels else place.event.name
    if layout.repeating:
        row |= {INSTRUMENT: place.instrument, INSTANCE: place.instance}
    if call.get("exportDataAccessGroups", "").lower() in ("true", "1"):
        row[GROUP] = groups.get(place.participant.site, "")
    by_form: dict[str, list[Field]] = {}
    for field in fields:
        by_form.setdefault(field.form, []).append(field)
    mapped = {form for event, form in layout.mapping if event == place.event.name}
    for name in layout.instruments:
        form = place.forms.get(name)
        for field in by_form.get(name, ()):
            row |= cells_of(field, form, labels, name in mapped)
        if name in standing:
            code = (
                COMPLETE.get(form.status, "0")
                if form
                else ""
                if gray or place.instrument or name not in mapped
                else "0"
            )
            row[f"{name}_complete"] = STANDINGS.get(code, "") if labels else code
    return row


def cells_of(field: Field, form: Form | None, labels: bool, mapped: bool) -> dict[str, str]:
    value = form.data.get(field.key) if form else None
    if field.kind == "multiselect":
        if form is None and not mapped:
            return {column: "" for _, column in field.columns()}
        chosen = value if isinstance(value, list) else []
        words = ("Unchecked", "Checked") if labels else ("0", "1")
        return {column: words[code in chosen] for code, column in field.columns()}
    text = plain(field, value)
    return {field.name: field.choices.get(text, text) if labels else text}


def plain(field: Field, value: Any) -> str:
    """A value as one text. What was asked and not done is empty: REDCap's flat form has no place for the reason."""
    if isinstance(value, Mapping):
        if field.kind == "unit":
            return str(value.get("unit", ""))
        return str(value.get("name" if "file" in value else "value", ""))
    return "" if value is None or field.kind == "unit" else str(value)


def _eav(call: Call, layout: Layout, fields: list[Field], standing: list[str], places: Iterator[Place]) -> HttpResponse:
    """One row a value: only what was entered, and the standing of forms that are complete."""
    rows: list[dict[str, Any]] = []
    for place in places:
        head: dict[str, Any] = {"record": place.participant.number}
        if layout.longitudinal:
            head[EVENT] = place.event.name
        if layout.repeating:
            head |= {INSTRUMENT: place.instrument, INSTANCE: place.instance}
        for name, form in place.forms.items():
            for field in fields:
                if field.form != name or field.key not in form.data:
                    continue
                value = form.data[field.key]
                for one in value if isinstance(value, list) else [value]:
                    if text := plain(field, one):
                        rows.append({**head, "field_name": field.name, "value": text})
            if name in standing and form.status == "complete":
                rows.append({**head, "field_name": f"{name}_complete", "value": "2"})
    return call.answer(write_rows(rows, call.form))


@handles("generateNextRecordName")
def next_record(call: Call) -> HttpResponse:
    call.may("participant.screen")
    return HttpResponse(str(next_number(call)), content_type="text/plain")


def next_number(call: Call) -> int:
    """One more than the largest record that is a number."""
    numbers = Participant.objects.filter(study=call.study.key).values_list("number", flat=True)
    return max((int(number) for number in numbers if number.isdecimal()), default=0) + 1
