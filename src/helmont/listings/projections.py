"""Keeps the columns near the ledger's end, so that whoever opens a listing need not wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.listings.snapshots import remove_files
from helmont.listings.store import columns


@projection
class ListingColumns(Projection):
    """The files know by themselves how far they are (``store.Columns``); this brings them up to date in good time.

    A redaction resets the projection, hence removes every file that could still hold the redacted text: those of the
    columns, which are made anew, and those of the snapshots, which are not.
    """

    name: ClassVar[str] = "listings"

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> Any:
        columns(log).keep_near()

    def handle(self, log: str, prepared: Any, cursor: CursorWrapper) -> None:
        """Nothing is kept in the database."""

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        columns(log).reset()
        remove_files(log)
