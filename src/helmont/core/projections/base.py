"""A projection: rows derived from the ledger alone, which can be dropped and built again at any time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import SYSTEM_LOG, StoredEntry, log_size

NEAR = 250
"""Entries."""


class Projection(ABC):
    """Base of every projection; subclasses are registered with ``@projection``.

    ``handle`` and ``reset`` run inside a database transaction that also moves the cursor, so a crash leaves either all
    of a batch or none of it. They may read tables, but what they write may depend on the entries only: ``rebuild`` must
    lead to the same rows.
    """

    name: ClassVar[str]
    heavy: ClassVar[bool] = False
    """Whether it takes longer than the others should wait: a server follows it in a thread of its own."""

    def follows(self, log: str) -> bool:
        """Whether this log concerns the projection; by default every study's."""
        return log != SYSTEM_LOG

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> Any:
        """What ``handle`` needs of the next entries of a log, in order; here nobody is kept from writing meanwhile.

        A redacted entry comes with what is left of its body.
        """
        return entries

    @staticmethod
    def is_near_the_end(log: str, sequence: int) -> bool:
        """Whether it is worth deriving once each what was only marked so far, for whoever has read up to ``sequence``.

        While people save all the time a log has no end that one could wait for.
        """
        return log_size(log) - sequence <= NEAR

    @abstractmethod
    def handle(self, log: str, prepared: Any, cursor: CursorWrapper) -> None:
        """Take in what was prepared."""

    @abstractmethod
    def reset(self, log: str, cursor: CursorWrapper) -> None:
        """Delete everything derived from this log."""


_PROJECTIONS: dict[str, Projection] = {}


def projection(kind: type[Projection]) -> type[Projection]:
    """Class decorator: the runner keeps this projection up to date. Raises ``ValueError`` for a name in use."""
    if kind.name in _PROJECTIONS:
        raise ValueError(f"two projections are named {kind.name}")
    _PROJECTIONS[kind.name] = kind()
    return kind


def projections() -> dict[str, Projection]:
    """Every registered projection by name."""
    return _PROJECTIONS
