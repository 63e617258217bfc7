"""What a device's value rests on, for the drawer beside an item: from the figure to the batches of samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from helmont.core.permissions import Actor
from helmont.edc.queries.forms import FormView
from helmont.participants.queries import scope_of
from helmont.sensors.queries.coming import coming_at
from helmont.sensors.queries.devices import now
from helmont.sensors.queries.entries import Provenance, batches_under, filled_in, provenance_of, title_of, waiting_at
from helmont.signals.recording import MICROSECOND
from helmont.signals.wire.moments import written
from helmont.study.model import Study
from helmont.study.units import unit_text
from helmont.web.addresses import entry_address
from helmont.web.dates import moment_text

SHOWN = 100
"""Batches of one value that are listed: the first of them."""


@dataclass(frozen=True)
class Batch:
    """A batch of samples; moments are in UTC, for the page to write."""

    name: str
    sequence: int
    proof: str
    samples: int
    first: str
    last: str
    digest: str


@dataclass(frozen=True)
class Measured:
    """What one value was computed from. ``more`` batches are not listed; ``trace`` is the address of the samples' picture."""

    said: Provenance
    title: str
    value: str
    wear: str
    start: str
    end: str
    calibrations: int
    corrections: int
    software: str
    personal: tuple[str, ...]
    batches: tuple[Batch, ...]
    more: int
    trace: str


def measured(actor: Actor, view: FormView, item: str, today: date, language: str) -> dict[int, Measured]:
    """What the item's values rest on, by the sequence of the entry that brought them. The item is one that the person sees."""
    return {each.sequence: _measured(actor, view, each, today, language) for each in provenance_of(view.key, item)}


def _measured(actor: Actor, view: FormView, said: Provenance, today: date, language: str) -> Measured:
    batches = batches_under(view.participant.key, said)
    return Measured(
        said,
        title_of(view.participant.study, said.endpoint, language),
        f"{said.value} {unit_text(said.unit)}".strip() if said.value else "",
        f"{float(said.wear):g}" if said.wear else "",
        written(said.start * MICROSECOND),
        written(said.end * MICROSECOND),
        len(said.rests.get("calibrations") or {}),
        len(said.rests.get("corrections") or ()),
        str(said.rests.get("software", "")),
        tuple(_personal(one) for some in said.rests.get("personal", {}).values() for one in some),
        tuple(
            Batch(
                each.key.rpartition("/")[2],
                each.sequence,
                entry_address(view.participant.study, each.sequence),
                each.samples,
                written(each.first * MICROSECOND),
                written(each.last * MICROSECOND),
                each.digest,
            )
            for each in batches[:SHOWN]
        ),
        max(len(batches) - SHOWN, 0),
        _trace(actor, view, said, today),
    )


def _personal(one: Mapping[str, str]) -> str:
    """A value of the record in words: ``0.92 m (WEEK_2/VS.LEGLEN)``."""
    return f"{float(one['value']):g} {unit_text(one['unit'])} ({one['source'].split('/', 2)[2]})"


def _trace(actor: Actor, view: FormView, said: Provenance, today: date) -> str:
    """The picture of the samples at this time, for those who may see samples."""
    if not said.channel or not actor.may("samples.view", scope_of(view.participant), today):
        return ""
    place = reverse("devices:participant", args=[view.participant.study, view.participant.number])
    return f"{place}?{urlencode({'channel': said.channel, 'from': said.start, 'to': said.end})}"


def measured_items(study: Study, form: str) -> frozenset[str]:
    """The items of a form whose value a device measured, whatever a person made of it since."""
    return filled_in(form) if study.sensors and "record" in study.sensors else frozenset()


def waits_of(form: str, item: str) -> dict[str, str]:
    """The result that the item could not take, and why; empty where none waits."""
    waits = waiting_at(form, item)
    return {"value": value_text(waits.get("value")), "why": str(waits["why"])} if waits else {}


def expected_at(view: FormView, item: str, zone: str) -> str:
    """When a result is entered that waits for samples, in words; empty where none does."""
    if not view.study.study.sensors or "record" not in view.study.study.sensors:
        return ""
    until = coming_at(view.key, item, now())
    return expected_text(until, zone) if until else ""


def expected_text(until: str, zone: str) -> str:
    """Until when a result waits for samples."""
    return _("To be entered on %(moment)s, or as soon as all samples are there") % {"moment": moment_text(until, zone)}


def value_text(value: object) -> str:
    """A value that was to be entered, in words: a number, with its unit where it has one, or why there is none."""
    if isinstance(value, dict):
        return str(value.get("not_done") or f"{value.get('value')} {unit_text(str(value.get('unit')))}")
    return str(value)
