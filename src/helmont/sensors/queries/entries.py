"""Where the values of items come from that devices measured: from an item to the batches of samples, and their entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from helmont.core.ledger.models import Entry
from helmont.core.records import record_type
from helmont.edc.items import base_item
from helmont.edc.queries.audit import readable
from helmont.edc.queries.privacy import guarded
from helmont.participants.models import Participant
from helmont.sensors.actions.results import WAITING, entry_key
from helmont.sensors.models import EndpointEntry
from helmont.sensors.queries.bases import BatchOf, basis_of
from helmont.sensors.streams import streams_of
from helmont.signals.recording import MICROSECOND


@dataclass(frozen=True)
class Provenance:
    """What an item rested on as of one entry of the ledger; the names are those of ``EndpointEntry``."""

    sequence: int
    time: str
    endpoint: str
    digest: str
    window: str
    label: str
    start: int
    end: int
    value: str
    unit: str
    reason: str
    wear: str
    channel: str
    basis: str
    batches: int
    rests: dict[str, Any]
    entered: dict[str, Any]
    state: str
    waits: dict[str, Any]


_NAMES = tuple(name for name in Provenance.__dataclass_fields__ if name not in ("sequence", "time"))


def provenance_of(form: str, item: str) -> list[Provenance]:
    """What the item rested on, entry by entry of the ledger, the oldest first. For whom may see the item."""
    key = entry_key(form, item)
    if not EndpointEntry.objects.filter(key=key).exists():
        return []
    participant = "/".join(form.split("/")[:2])
    kind = record_type("endpoint_entry")
    now: dict[str, Any] = {
        name: dict(value) if isinstance(value, dict) else value for name, value in kind.defaults.items()
    }
    found = []
    mine = Entry.objects.filter(
        log=form.partition("/")[0], participant=participant, body__contains=f'"endpoint_entry:{key}"'
    )
    for stored in mine.order_by("sequence"):
        changes = [
            each for each in readable(stored).changes if (each.record_type, each.record) == ("endpoint_entry", key)
        ]
        for change in changes:
            column, _slash, name = change.path.partition("/")
            if column in kind.maps:
                now[column] = {other: value for other, value in now[column].items() if other != name}
                if change.new is not None:
                    now[column][name] = change.new
            else:
                now[column] = kind.defaults[column] if change.new is None else change.new
        if changes:
            found.append(Provenance(stored.sequence, stored.time, **{name: now[name] for name in _NAMES}))
    return found


def batches_under(participant: str, one: Provenance) -> list[BatchOf]:
    """The batches that were there at that entry, in the order of time."""
    basis = basis_of(participant, streams_of(participant), one.channel, one.start * MICROSECOND, one.end * MICROSECOND)
    return [batch for batch in basis.batches if batch.sequence < one.sequence]


def hidden_entries(participant: Participant, hidden: frozenset[str]) -> Iterable[str]:
    """The records about items that a person lacking these privileges may not see."""
    items = {place for place, held in guarded(participant.study).items() if held & hidden}
    if not items:
        return []
    rows = EndpointEntry.objects.filter(participant=participant.key).values_list("key", "form", "item")
    return [f"endpoint_entry:{key}" for key, form, item in rows if (form.split("/")[3], base_item(item)) in items]


def title_of(study: str, endpoint: str, language: str) -> str:
    """The title of an endpoint (``id@version``) of any version of the study; its key where there is none."""
    from helmont.sensors.endpoints import definitions_of

    definition = definitions_of(study).get(endpoint)
    return definition.title(language) if definition else endpoint


def filled_in(form: str) -> frozenset[str]:
    """The items of a form that a device filled."""
    rows = EndpointEntry.objects.filter(form=form).values_list("item", "entered")
    return frozenset(item for item, entered in rows if entered)


def waiting_at(form: str, item: str) -> dict[str, Any]:
    """Why a result waits for the item, since when and with which value; empty where none does. For whom may see the item."""
    found = EndpointEntry.objects.filter(key=entry_key(form, item)).values_list("waits", flat=True).first()
    return dict(found or {})


def waiting_in(study: str) -> list[EndpointEntry]:
    """Results that their forms could not take, by form and item; whoever shows them leaves out what is not the person's."""
    return list(EndpointEntry.objects.filter(study=study, state=WAITING).order_by("form", "item"))
