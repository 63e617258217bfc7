"""What a report is made of: blocks that every form of it is written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """``about`` is a line in small print under it."""

    level: int
    text: str
    about: str = ""
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``open``: what somebody still has to write; ``item``: of a list."""

    text: str
    open: bool = False
    item: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of heads, rows, the share of each column; ``numeric`` columns are set to the right."""

    caption: str
    heads: Sequence[Sequence[str]]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    notes: Sequence[str] = ()
    small: bool = False
    first: bool = True
    """Whether the first column names the row."""
    kind: str = "grid"


Block = Heading | Paragraph | Grid
