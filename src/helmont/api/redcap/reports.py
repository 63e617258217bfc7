"""Reports of a REDCap client: listings that the person keeps, or that are shared with the study."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import BadRequest, Call, handles
from helmont.api.redcap.records import EVENT, INSTANCE, INSTRUMENT, Place, cells_of, places_of
from helmont.api.redcap.wire import write_rows
from helmont.core.errors import NotFound
from helmont.edc.queries.forms import forms_of
from helmont.listings.definition import from_json
from helmont.listings.queries import listing_for
from helmont.listings.selection import every_row
from helmont.participants.queries import participants_for
from helmont.projects.layout import Field, Layout

Chosen = Mapping[str, set[str]]
"""The item keys that a listing shows, by the key of their form."""


@handles("report")
def export_report(call: Call) -> HttpResponse:
    """The forms of a kept listing as records, with the values that it shows; its number is in its address (``?kept=``)."""
    number = call.get("report_id")
    try:
        kept = listing_for(call.actor, f"{call.study.key}/listings/{number}", call.today)
    except NotFound:
        raise BadRequest(
            "You have no such report: reports are the listings that you keep, or that are shared; report_id is the number"
            " in the address of one."
        ) from None
    layout, chosen = call.layout, _chosen(call, kept.definition)
    asked = _asked(layout, chosen)
    fields = [one for one in layout.fields if one.kind != "record" and (one.form, one.key) in asked]
    rows = [_row(call, layout, place, fields, chosen) for place in _places(call, layout, chosen)]
    columns = [layout.record_field.name]
    columns += [EVENT] if layout.longitudinal else []
    columns += [INSTRUMENT, INSTANCE] if layout.repeating else []
    columns += [column for field in fields for _code, column in field.columns()]
    return call.answer(write_rows(rows, call.form, columns if rows else ()))


def _chosen(call: Call, definition: Mapping[str, Any]) -> Chosen:
    """What the listing shows to this person: values that are hidden from them are none."""
    chosen: dict[str, set[str]] = defaultdict(set)
    with every_row(call.actor, call.study, from_json(definition), call.today) as (_ready, rows, _sequence):
        for row in rows:
            shown = zip(row.items, row.values, strict=True)
            chosen[row.form].update(item for item, value in shown if item and value is not None)
    return chosen


def _asked(layout: Layout, chosen: Chosen) -> set[tuple[str, str]]:
    """Instrument and item key of everything that is shown somewhere."""
    return {
        (place[1], item) for key, items in chosen.items() if (place := layout.place_of(_form(key))) for item in items
    }


def _form(key: str) -> str:
    return key.split("/")[3]


def _places(call: Call, layout: Layout, chosen: Chosen) -> Iterator[Place]:
    listed = {"/".join(key.split("/")[:2]) for key in chosen}
    for participant in participants_for(call.actor, call.study.key, call.today, "form.view").order_by("number"):
        if participant.key not in listed:
            continue
        rows = [row for row in forms_of(call.actor, participant, call.today) if row.status != "removed"]
        for place in places_of(layout, participant, rows):
            if any(form.key in chosen for form in place.forms.values()):
                yield place


def _row(call: Call, layout: Layout, place: Place, fields: list[Field], chosen: Chosen) -> dict[str, Any]:
    labels = call.get("rawOrLabel") == "label"
    row: dict[str, Any] = {layout.record_field.name: place.participant.number}
    if layout.longitudinal:
        row[EVENT] = place.event.label if labels else place.event.name
    if layout.repeating:
        row |= {INSTRUMENT: place.instrument, INSTANCE: place.instance}
    for field in fields:
        form = place.forms.get(field.form)
        shown = form is not None and field.key in chosen.get(form.key, ())
        row |= cells_of(field, form, labels, mapped=False) if shown else {name: "" for _, name in field.columns()}
    return row
