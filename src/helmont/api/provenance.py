"""Where a value comes from that a device measured: from the item to the batches of samples."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from helmont.api.auth import actor_of, today_of
from helmont.api.keys import FormKey, Item
from helmont.api.schemas import answers
from helmont.edc.queries.audit import Mask
from helmont.participants.queries import participant_for
from helmont.sensors.queries.bases import BatchOf
from helmont.sensors.queries.entries import Provenance, batches_under, provenance_of

router = Router(tags=["forms"])


class BatchOut(Schema):
    """A batch of samples, as it was acknowledged."""

    batch: str
    sequence: int = Field(description="Its entry in the study's ledger.")
    samples: int
    first: int = Field(description="Microseconds since 1970, as the device told them.")
    last: int
    sha256: str = Field(description="Of channel, times and counts.")


class ProvenanceOut(Schema):
    """What an item rested on as of one entry of the ledger."""

    sequence: int
    time: str = Field(description="UTC.")
    endpoint: str = Field(description="Its id and version.")
    definition: str = Field(description="SHA-256 of the definition.")
    start: int = Field(description="Microseconds since 1970.")
    end: int
    value: str = Field(description="With every digit; empty where it is not evaluable.")
    unit: str = Field(description="UCUM.")
    reason: str = Field(description="Why it is not evaluable.")
    wear: str = Field(description="Minutes.")
    channel: str
    basis: str = Field(description="SHA-256 of all that it was computed from.")
    corrections: list[str]
    calibrations: dict[str, Any]
    personal: dict[str, Any] = Field(description="Values of the participant's record, by setting, that were used.")
    software: str
    state: str = Field(description="entered, or waiting where the form could not take it.")
    waits: dict[str, Any]
    batches: list[BatchOut]


@router.get("/{form_key:key}/provenance", response=answers(list[ProvenanceOut]), url_name="form_provenance")
def read_provenance(request: HttpRequest, key: FormKey, item: Item) -> Any:
    """What an item was computed from that a device measured, entry by entry, oldest first; none for another item."""
    actor = actor_of(request)
    today = today_of(actor)
    study, number = key.split("/")[:2]
    participant = participant_for(actor, study, number, today, "audit.view")
    if Mask(actor, participant, today).hides(key, item):
        return []
    return [_out(each, batches_under(participant.key, each)) for each in provenance_of(key, item)]


def _out(one: Provenance, batches: list[BatchOf]) -> dict[str, Any]:
    rests = one.rests
    return {
        **vars(one),
        "definition": one.digest,
        "corrections": rests.get("corrections", []),
        "calibrations": rests.get("calibrations", {}),
        "personal": rests.get("personal", {}),
        "software": rests.get("software", ""),
        "batches": [
            {
                "batch": each.key,
                "sequence": each.sequence,
                "samples": each.samples,
                "first": each.first,
                "last": each.last,
                "sha256": each.digest,
            }
            for each in batches
        ],
    }
