"""Does the installation hold what was acknowledged: each batch once and as it was sent, in a ledger that verifies?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from helmont.cli.sensors.simulating.tally import Acknowledged, Key
from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

if TYPE_CHECKING:
    from helmont.sensors.models import SampleBatch

AT_ONCE = 500
SHOWN = 20
"""Batches that are named where something is wrong."""


@dataclass
class Verification:
    """What was found. ``missing``, ``different`` and ``twice`` name batches (at most ``SHOWN`` of each)."""

    batches: int = 0
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    counts: tuple[int, int] = (0, 0)
    entries: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.missing or self.different or self.twice or self.faults) and self.counts[0] == self.counts[1]

    def to_dict(self) -> dict[str, Any]:
        return {
            "batches": self.batches,
            "missing": self.missing,
            "different": self.different,
            "recorded twice": self.twice,
            "sum of counts sent": self.counts[0],
            "sum of counts kept": self.counts[1],
            "ledger entries": self.entries,
            "ledger faults": self.faults,
            "clean": self.clean,
        }


def verify(
    study: str,
    channels: Iterable[Channel],
    acknowledged: Mapping[Key, Acknowledged],
    told: Callable[[int], None] = lambda _done: None,
) -> Verification:
    """Read every acknowledged batch back from wherever it lies, and verify the ledger. ``told`` hears how many are done."""
    from helmont.core.ledger.verify import verify as verify_ledger
    from helmont.sensors.actions.batches import batch_key

    found = Verification(batches=len(acknowledged))
    by_name = {channel.name: channel for channel in channels}
    streams: dict[tuple[str, str], dict[str, Acknowledged]] = defaultdict(dict)
    for (assignment, channel, batch), each in acknowledged.items():
        streams[assignment, channel][batch_key(assignment, channel, batch)] = each
    kept = 0
    for (_assignment, channel), sent in streams.items():
        for keys in _some(sent, AT_ONCE):
            kept += _compare(found, by_name[channel], {key: sent[key] for key in keys})
            told(len(keys))
    found.counts = sum(each.sum for each in acknowledged.values()), kept
    _recorded_once(found, study, [key for sent in streams.values() for key in sent])
    report = verify_ledger((study,), lambda *_: None)
    found.entries = report.entries
    found.faults = [str(fault) for fault in report.faults[:SHOWN]]
    return found


def _some(keys: Iterable[str], many: int) -> Iterator[list[str]]:
    """The keys, at most so many at a time."""
    every = iter(keys)
    while at := list(islice(every, many)):
        yield at


def _compare(found: Verification, channel: Channel, sent: Mapping[str, Acknowledged]) -> int:
    """Note which batches of one stream are missing or different; the sum of the counts that are kept."""
    from helmont.sensors.models import SampleBatch

    rows = {row.key: row for row in SampleBatch.objects.filter(key__in=list(sent))}
    total = 0
    for key, one in sent.items():
        row = rows.get(key)
        if row is None:
            _note(found.missing, key)
            continue
        try:
            samples, counted = _read(row, channel)
        except SignalError as fault:
            _note(found.missing, f"{key}: {fault}")
            continue
        total += counted
        if (row.digest, row.samples, samples, counted) != (one.digest.hex(), one.samples, one.samples, one.sum):
            _note(found.different, key)
    return total


def _read(row: SampleBatch, channel: Channel) -> tuple[int, int]:
    """How many samples of a batch lie there, and the sum of their counts. Raises ``SignalError``."""
    from helmont.sensors.keeping import entry_of, source, stream_of

    place = source(stream_of(row.assignment, row.participant, channel))
    entry = entry_of(row.revision, row.first, row.last, row.place)
    stretches = [piece.load(None) for piece in place.pieces([entry], entry.first - SECOND, entry.last + SECOND)]
    counted = sum(int(stretch.counts.sum(dtype="int64")) for stretch in stretches)
    return sum(len(stretch) for stretch in stretches), counted


def _recorded_once(found: Verification, study: str, sent: Iterable[str]) -> None:
    """Count the ledger's entries for each batch."""
    from helmont.core.ledger.store import read_entries
    from helmont.sensors.actions.batches import RecordBatch

    entries: Counter[str] = Counter()
    for entry in read_entries(study):
        if entry.action == RecordBatch.name:
            entries[entry.record.partition(":")[2]] += 1
    for key in sent:
        if entries[key] > 1:
            _note(found.twice, key)
        elif not entries[key]:
            _note(found.missing, f"{key}: no entry of the ledger")


def _note(names: list[str], name: str) -> None:
    if len(names) < SHOWN:
        names.append(name)
