"""A device's value computed once more from the samples, to be held against what the record says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from helmont.core.errors import NotFound
from helmont.edc.models import Form
from helmont.participants.models import Participant
from helmont.sensors import days as made_days
from helmont.sensors.actions.results import entry_key
from helmont.sensors.days import DAY
from helmont.sensors.endpoints import definitions_of
from helmont.sensors.entering import digits
from helmont.sensors.models import EndpointEntry
from helmont.sensors.personal import personal_of, written
from helmont.sensors.queries.bases import BatchOf, basis_of
from helmont.sensors.streams import streams_of
from helmont.sensors.windows import zones_of
from helmont.signals.endpoints.computing import compute, taken_over
from helmont.signals.endpoints.days import Period
from helmont.signals.endpoints.partition import joined
from helmont.signals.recording import MICROSECOND


@dataclass(frozen=True)
class Explained:
    """What the record says of an item (``entry``), and what the samples give now: ``value`` with every digit, or ``reason``.

    ``same`` says that both agree to the last digit; ``same_basis`` that nothing came or was corrected since; ``same_item`` that
    the item holds what was entered. ``batches`` are those that it rests on now, ``personal`` the values of the record that it
    is computed with.
    """

    entry: EndpointEntry
    value: str
    reason: str
    basis: str
    batches: tuple[BatchOf, ...]
    held: object
    same: bool
    same_basis: bool
    same_item: bool
    personal: dict[str, list[dict[str, Any]]]


def explained(form: str, item: str) -> Explained:
    """Compute the value of an item again from the samples themselves, not from what was derived of them.

    Raises ``NotFound`` for an item that no device filled, and for a definition that the study no longer has.
    """
    entry: EndpointEntry | None = EndpointEntry.objects.filter(key=entry_key(form, item)).first()
    definition = definitions_of(entry.study).get(entry.endpoint) if entry else None
    if entry is None or definition is None:
        raise NotFound(f"{form} {item}")
    person, period = Participant.objects.get(key=entry.participant), _period(entry)
    zones, streams = zones_of(person), streams_of(entry.participant)
    personal = personal_of(entry.participant, [definition])
    start, end = period.start, period.end
    dates = [made_days.date_of(day * DAY) for day in range(start // DAY, (end - 1) // DAY + 1)]
    partial = joined([made_days.reduce(entry.participant, date, streams)[0] for date in dates])
    result = compute(definition, partial, period, zones, personal)
    used = written(taken_over(definition, period, zones, personal))
    basis = replace(basis_of(entry.participant, streams, result.channel or "", start, end), personal=used)
    digest = basis.digest(result.digest, zones)
    value = digits(result.value) if result.evaluable else ""
    reason = str(result.reason or "")
    row: Form | None = Form.objects.filter(key=form).first()
    held = row.data.get(item) if row else None
    return Explained(
        entry,
        value,
        reason,
        digest,
        basis.batches,
        held,
        (value, reason, definition.digest) == (entry.value, entry.reason, entry.digest),
        digest == entry.basis,
        held == entry.entered.get("value"),
        used,
    )


def _period(entry: EndpointEntry) -> Period:
    return Period(entry.label, entry.start * MICROSECOND, entry.end * MICROSECOND)
