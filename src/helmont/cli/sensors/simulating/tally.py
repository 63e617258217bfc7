"""What became of the batches of a run, counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Acknowledged(NamedTuple):
    """A batch that was acknowledged, as the device has it: its SHA-256, how many samples, and the sum of their counts."""

    digest: bytes
    samples: int
    sum: int


Key = tuple[str, str, str]
"""Assignment, channel, name of the batch."""


@dataclass
class Tally:
    """Everything that is counted. ``latencies`` are seconds from the first time that a batch is sent to its acknowledgement.

    ``refused`` counts whole batches that were refused, by reason; ``cut`` those that arrived cut off and were refused for it,
    ``cut_taken`` those that were taken nevertheless; ``wrong`` answers that do not name the samples that were sent.
    """

    acknowledged: dict[Key, Acknowledged] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    repeated: int = 0
    cut: int = 0
    cut_taken: int = 0
    wrong: int = 0
    later: int = 0
    away: int = 0
    unanswered: int = 0
    content: int = 0
    seconds: float = 0.0

    @property
    def samples(self) -> int:
        return sum(each.samples for each in self.acknowledged.values())

    @property
    def clean(self) -> bool:
        """Whether everything that was sent whole was acknowledged as it was sent, and nothing else was."""
        return not (self.refused or self.cut_taken or self.wrong or self.unanswered)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data; latencies in milliseconds."""
        took = self.seconds or math.inf
        return {
            "sent": self.sent,
            "acknowledged": len(self.acknowledged),
            "repeated": self.repeated,
            "refused": dict(sorted(self.refused.items())),
            "refused because cut off": self.cut,
            "taken though cut off": self.cut_taken,
            "answered with other samples": self.wrong,
            "told to come back": self.later,
            "connections broken": self.away,
            "unanswered": self.unanswered,
            "samples": self.samples,
            "bytes": self.content,
            "seconds": round(self.seconds, 3),
            "batches a second": round(len(self.acknowledged) / took, 2),
            "samples a second": round(self.samples / took, 1),
            "latency p50, ms": percentile(self.latencies, 0.5),
            "latency p99, ms": percentile(self.latencies, 0.99),
        }


def percentile(seconds: Sequence[float], share: float) -> float | None:
    """The shortest time, in milliseconds, that at least ``share`` of them do not exceed; None of nothing."""
    if not seconds:
        return None
    return round(sorted(seconds)[max(0, math.ceil(share * len(seconds)) - 1)] * 1000, 3)
