"""Documents that go with the data, and places in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages of a PDF: numbers from 1 (``pages``), a range of them (``first`` to ``last``), or named destinations."""

    pages: tuple[int, ...] = ()
    first: int | None = None
    last: int | None = None
    names: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document by the id of its leaf, and where in it."""

    leaf: str
    pages: tuple[Pages, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file of the submission; ``href`` is relative to the define.xml."""

    id: str
    href: str
    title: str
