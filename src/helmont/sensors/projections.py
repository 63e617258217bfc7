"""What has come of each channel of each device, followed from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.sensors.actions.batches import RecordBatch

MILLION = 1_000_000
"""Microseconds in a second."""


@dataclass
class Came:
    """Batches of one stream, added up."""

    assignment: str
    channel: str
    participant: str
    batches: int = 0
    samples: int = 0
    seconds: float = 0.0
    first: int = 1 << 62
    last: int = 0
    received: str = ""
    delay: float = 0.0

    def add(self, row: dict[str, Any]) -> None:
        self.batches += 1
        self.samples += row["samples"]
        self.seconds += (row["last"] - row["first"]) / MILLION
        self.first, self.last = min(self.first, row["first"]), max(self.last, row["last"])
        if row["received"] >= self.received:
            self.received = row["received"]
            self.delay = datetime.fromisoformat(row["received"]).timestamp() - row["last"] / MILLION


@projection
class Streams(Projection):
    """Fills ``Stream``."""

    name: ClassVar[str] = "sensor streams"

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> dict[str, Came]:
        found: dict[str, Came] = {}
        for entry in entries:
            if entry.action != RecordBatch.name:
                continue
            for change in entry.content.get("changes", ()):
                row = {path: new for path, (_old, new) in change["set"].items()}
                key = f"{row['assignment']}#{row['channel']}"
                came = found.setdefault(key, Came(row["assignment"], row["channel"], row["participant"]))
                came.add(row)
        return found

    def handle(self, log: str, prepared: dict[str, Came], cursor: CursorWrapper) -> None:
        cursor.executemany(
            "INSERT INTO sensors_stream (key, study, assignment, channel, participant, batches, samples, seconds, first, last,"
            " received, delay) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET"
            " batches = sensors_stream.batches + excluded.batches, samples = sensors_stream.samples + excluded.samples,"
            " seconds = sensors_stream.seconds + excluded.seconds,"
            " first = CASE WHEN excluded.first < sensors_stream.first THEN excluded.first ELSE sensors_stream.first END,"
            " last = CASE WHEN excluded.last > sensors_stream.last THEN excluded.last ELSE sensors_stream.last END,"
            " received = excluded.received, delay = excluded.delay",
            [
                (
                    key,
                    log,
                    came.assignment,
                    came.channel,
                    came.participant,
                    came.batches,
                    came.samples,
                    came.seconds,
                    came.first,
                    came.last,
                    came.received,
                    came.delay,
                )
                for key, came in sorted(prepared.items())
            ],
        )

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        cursor.execute("DELETE FROM sensors_stream WHERE study = %s", [log])
