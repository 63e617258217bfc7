"""Devices of the bench's study: given to its participants, and what was kept of what they sent."""

from __future__ import annotations

from typing import Any

from helmont.bench.inside import STUDY, participant_number

BEGIN = "2025-01-06T00:00:00Z"


def prepare(devices: int) -> list[str]:
    """Give a device to each of the first so many participants; their secrets."""
    from helmont.core.permissions import Actor, Grant
    from helmont.core.writer import perform
    from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
    from helmont.sensors.secrets import new_secret

    manager = Actor("bench", (Grant("data_manager", STUDY),))
    secrets = []
    for number in range(devices):
        label = f"W-{number:04}"
        secret, digest = new_secret()
        perform(RegisterDevice(STUDY, label, "Simulated wrist"), manager)
        participant = f"{STUDY}/{participant_number(number)}"
        perform(AssignDevice(participant, label, BEGIN, "Europe/Brussels", digest=digest), manager)
        secrets.append(secret)
    return secrets


def kept() -> dict[str, Any]:
    """Of every batch in the record: samples, digest, and the sum of the counts that lie in the log or the archive."""
    from helmont.sensors.compacting import Streams
    from helmont.sensors.keeping import entry_of, folder, number_of, stretches_of
    from helmont.sensors.models import SampleBatch

    found: dict[str, Any] = {}
    streams = Streams(folder())
    for row in SampleBatch.objects.order_by("revision"):
        stream = streams(number_of(f"{row.assignment}#{row.channel}"))
        stretches = stretches_of(stream, entry_of(row.revision, row.first, row.last, row.place))
        found[row.key] = {
            "samples": sum(len(stretch) for stretch in stretches),
            "said": row.samples,
            "sum": int(sum(int(stretch.counts.sum(dtype="int64")) for stretch in stretches)),
            "first": stretches[0].start,
            "digest": row.digest,
        }
    return found


def samples() -> int:
    """Samples that are in the record."""
    from django.db.models import Sum

    from helmont.sensors.models import SampleBatch

    return int(SampleBatch.objects.aggregate(all=Sum("samples"))["all"] or 0)


def endpoints() -> dict[str, Any]:
    """The results by endpoint and version: of each the last."""
    from helmont.sensors.models import EndpointResult

    return {
        f"{row.endpoint}@{row.version}": {"value": row.value, "reason": row.reason, "batches": row.batches}
        for row in EndpointResult.objects.order_by("start")
    }


def hours() -> list[dict[str, Any]]:
    """What the hours have of every stream."""
    from helmont.sensors.models import Hour

    return [{"stream": row.stream, "samples": row.samples} for row in Hour.objects.order_by("key")]
