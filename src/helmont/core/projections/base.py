"""A projection: rows derived from the ledger alone, which can be dropped and built again at any time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import SYSTEM_LOG, StoredEntry


class Projection(ABC):
    """Base of every projection; subclasses are registered with ``@projection``.

    Both methods run inside a database transaction that also moves the cursor, so a crash leaves either all of a
    batch or none of it. They may read tables, but what they write may depend on the entries only: ``rebuild`` must
    lead to the same rows.
    """

    name: ClassVar[str]

    def follows(self, log: str) -> bool:
        """Whether this log concerns the projection; by default every study's."""
        return log != SYSTEM_LOG

    @abstractmethod
    def handle(self, log: str, entries: Sequence[StoredEntry], cursor: CursorWrapper) -> None:
        """Take in the next entries of a log, in order. A redacted entry comes with what is left of its body."""

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
