"""A projection to watch: how often the ledger spoke of each record, and the last note."""

from collections.abc import Sequence
from typing import ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection
from tests.ledger.kit import sql


class Crash(Exception):
    """The process died here."""


class RolesHeld(Projection):
    """One row per record of a log."""

    name: ClassVar[str] = "roles_held"
    crash_at: int | None = None
    batches: ClassVar[list[int]] = []

    def handle(self, log: str, entries: Sequence[StoredEntry], cursor: CursorWrapper) -> None:
        self.batches.append(len(entries))
        for entry in entries:
            if entry.sequence == self.crash_at:
                raise Crash
            for change in entry.content["changes"]:
                note = change["set"].get("tasks/NOTE", [None, ""])[1]
                cursor.execute(
                    "INSERT INTO roles_held (log, record, times, note) VALUES (%s, %s, 1, %s)"
                    " ON CONFLICT (log, record) DO UPDATE SET times = roles_held.times + 1, note = excluded.note",
                    [log, change["record"], str(note)],
                )

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        cursor.execute("DELETE FROM roles_held WHERE log = %s", [log])


def rows() -> list[tuple[object, ...]]:
    return sql("SELECT log, record, times, note FROM roles_held ORDER BY log, record")
