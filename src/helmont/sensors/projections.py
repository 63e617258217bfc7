"""What has come of each channel of each device, followed from the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.sensors.actions.batches import RecordBatch
from helmont.sensors.delays import class_of

MILLION = 1_000_000
"""Microseconds in a second."""


@dataclass
class Came:
    """Batches of one stream, added up; ``delays`` counts them by the day of receipt and the class of their delay."""

    assignment: str
    channel: str
    participant: str
    batches: int = 0
    samples: int = 0
    seconds: float = 0.0
    first: int = 1 << 62
    last: int = 0
    longest: int = 0
    received: str = ""
    delay: float = 0.0
    revision: int = 0
    delays: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, row: dict[str, Any], sequence: int) -> None:
        self.batches += 1
        self.longest = max(self.longest, row["last"] - row["first"])
        self.revision = max(self.revision, sequence)
        self.samples += row["samples"]
        self.seconds += (row["last"] - row["first"]) / MILLION
        self.first, self.last = min(self.first, row["first"]), max(self.last, row["last"])
        delay = datetime.fromisoformat(row["received"]).timestamp() - row["last"] / MILLION
        self.delays[row["received"][:10], class_of(delay)] += 1
        if row["received"] >= self.received:
            self.received, self.delay = row["received"], delay


COLUMNS = (
    *("key", "study", "assignment", "channel", "participant", "batches", "samples", "seconds"),
    *("first", "last", "longest", "received", "delay", "revision"),
)


def _row(key: str, study: str, came: Came) -> list[Any]:
    return [key, study, *(getattr(came, name) for name in COLUMNS[2:])]


def _joined(name: str) -> str:
    """How a column of what was there and of what came is put together."""
    old, new = f"sensors_stream.{name}", f"excluded.{name}"
    if name in ("batches", "samples", "seconds"):
        return f"{name} = {old} + {new}"
    if name in ("first", "last", "longest"):
        return f"{name} = CASE WHEN {new} {'<' if name == 'first' else '>'} {old} THEN {new} ELSE {old} END"
    return f"{name} = {new}"


_TAKE_IN = (
    f"INSERT INTO sensors_stream ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"
    f" ON CONFLICT (key) DO UPDATE SET {', '.join(_joined(name) for name in COLUMNS[5:])}"
)
_COUNT = (
    "INSERT INTO sensors_delay (key, study, assignment, day, number, batches) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (key) DO UPDATE SET batches = sensors_delay.batches + excluded.batches"
)


@projection
class Streams(Projection):
    """Fills ``Stream`` and ``Delay``."""

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
                came.add(row, entry.sequence)
        return found

    def handle(self, log: str, prepared: dict[str, Came], cursor: CursorWrapper) -> None:
        cursor.executemany(_TAKE_IN, [_row(key, log, came) for key, came in sorted(prepared.items())])
        delays: Counter[tuple[str, str, int]] = Counter()
        for came in prepared.values():
            for (day, number), batches in came.delays.items():
                delays[came.assignment, day, number] += batches
        rows = [(f"{on}#{day}#{number}", log, on, day, number, count) for (on, day, number), count in delays.items()]
        cursor.executemany(_COUNT, sorted(rows))

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        for table in ("stream", "delay", "derived", "hour", "day", "computed", "result"):  # all of it rests on these
            cursor.execute(f"DELETE FROM sensors_{table} WHERE study = %s", [log])
