"""The values of a study in columns (DuckDB), following the ledger: what listings are read from.

A *base* (``bases``) is a file that never changes. Whatever changed since lies in memory, per process (``overlay``), and is
brought up to date from the ledger's entries whenever somebody reads; now and then both are copied into a new base,
beside the readers. So any number of processes read the same file, nothing is locked, a reader sees every change that
was committed before, and nobody waits for two million values to be read again.

When something is redacted, every base is removed and made anew from the rows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from helmont.core.ledger import store as ledger
from helmont.listings import bases
from helmont.listings.overlay import Overlay

log = logging.getLogger(__name__)
SLICE = 2000  # entries taken in at a time
MOST_BEHIND = 3000  # entries, or a tenth of the ledger: beyond, a new base is quicker than catching up
TRIES = 3
MOST_COUNTS = 200
NEAR, NEAR_SECONDS = 5000, 60.0  # entries, and seconds, that this may be behind when nobody reads


class Columns:
    """The columns of one study in this process."""

    def __init__(self, study: str) -> None:
        self.study = study
        self._lock = threading.RLock()
        self._compacting = threading.Lock()
        self._overlay: Overlay | None = None
        self._followed = 0.0
        self._counts: OrderedDict[tuple[int, str, str], int] = OrderedDict()

    @contextmanager
    def reading(self, *, writing: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """A connection that sees the study as of the newest entry, and how many entries the ledger has up to it.

        With ``writing`` it may write into another file.
        """
        with self._lock:
            overlay = self._refreshed()
            cursor, size = overlay.cursor(writing=writing), overlay.size
        try:
            yield cursor, size
        finally:
            cursor.close()

    def count(self, cursor: duckdb.DuckDBPyConnection, size: int, query: str, parameters: Sequence[object]) -> int:
        """What a statement counts; remembered as long as the ledger has this ``size``, for other pages and orders."""
        asked = (size, query, repr(parameters))
        with self._lock:
            known = self._counts.get(asked)
        if known is not None:
            return known
        found = cursor.execute(query, list(parameters)).fetchone()
        counted = int(found[0]) if found else 0
        with self._lock:
            self._counts[asked] = counted
            while len(self._counts) > MOST_COUNTS:
                self._counts.popitem(last=False)
        return counted

    @property
    def behind(self) -> int:
        """How many records have changed since the base was made."""
        return self._overlay.behind if self._overlay else 0

    def refresh(self) -> None:
        """Take in whatever was committed since."""
        with self._lock:
            self._refreshed()

    def keep_near(self) -> None:
        """Be near the ledger's end, so that whoever reads next need not wait, at little cost while much is saved."""
        overlay = self._overlay
        behind = ledger.log_size(self.study) - overlay.size if overlay else NEAR
        if behind >= NEAR or time.monotonic() - self._followed >= NEAR_SECONDS:
            self.compact()

    def compact(self) -> None:
        """Have a new base when much has changed; readers go on meanwhile."""
        if not self._compacting.acquire(blocking=False):
            return
        try:
            self._compact()
        except bases.Outrun:
            log.info("something in %s was redacted meanwhile; its listings are read again", self.study)
        finally:
            self._compacting.release()

    def reset(self) -> None:
        """Remove every base: what they hold must not be read again."""
        with self._lock:
            bases.remove_bases(self.study)
            self._overlay = None
            self._counts.clear()

    def _refreshed(self) -> Overlay:
        if self._overlay is None or not self._is_current(self._overlay):
            with ledger.snapshot():
                self._follow(ledger.log_size(self.study))
            self._followed = time.monotonic()
        if self._overlay is None:
            self._overlay = self._made()
        return self._overlay

    def _is_current(self, overlay: Overlay) -> bool:
        return overlay.size == ledger.log_size(self.study) and self._belongs(overlay)

    def _belongs(self, overlay: Overlay) -> bool:
        return bases.leaf_of(self.study, overlay.size) == overlay.leaf

    def _follow(self, size: int) -> None:
        """Follow the ledger up to ``size`` entries; without a base from which that is worth it, there is no overlay."""
        overlay = self._overlay
        if overlay is None or overlay.size > size or not self._belongs(overlay):
            overlay = self._opened(size)
        self._overlay = None  # unless all goes well
        while overlay is not None and overlay.size < size:
            if size - overlay.size > max(MOST_BEHIND, overlay.size // 10):
                return
            if not overlay.take_in(min(size, overlay.size + SLICE)):
                return
        self._overlay = overlay

    def _opened(self, size: int) -> Overlay | None:
        for base in bases.bases(self.study, size):
            try:
                return Overlay(self.study, base)
            except duckdb.Error:
                log.warning("%s cannot be read and is made anew", base.path)
        return None

    def _made(self) -> Overlay:
        for _ in range(TRIES - 1):
            try:
                return Overlay(self.study, bases.make(self.study))
            except bases.Outrun:
                log.info("something in %s was redacted meanwhile; its listings are read again", self.study)
        return Overlay(self.study, bases.make(self.study))

    def _compact(self) -> None:
        with self._lock:
            overlay = self._refreshed()
            newest = next(bases.bases(self.study, overlay.size), overlay.base)
            if newest.entries > overlay.base.entries:  # another process was quicker
                self._take_over(newest)
                return
            if not overlay.heavy:
                return
            cursor, size, leaf, schema = overlay.cursor(writing=True), overlay.size, overlay.leaf, overlay.schema
        try:
            base = bases.place(self.study, size, leaf, lambda path: bases.copy_into(path, cursor, schema))
        finally:
            cursor.close()
        with self._lock:
            if self._overlay is overlay:
                self._take_over(base)

    def _take_over(self, base: bases.Base) -> None:
        self._overlay = Overlay(self.study, base)
        self._refreshed()


_known: dict[str, Columns] = {}
_making = threading.Lock()


def columns(study: str) -> Columns:
    """The columns of a study; one object in a process."""
    with _making:
        if study not in _known:
            _known[study] = Columns(study)
        return _known[study]
