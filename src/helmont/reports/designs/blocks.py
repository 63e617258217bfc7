"""What an appendix is made of on paper: small typed data, which ``appendix.typ`` lays out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    kind: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """What stands between two backticks is set as code. ``english``: in whatever language the rest is."""

    text: str
    english: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True)
class Code:
    """Text that is set as it is."""

    text: str
    kind: str = "code"


@dataclass(frozen=True)
class Facts:
    """Rows of a name and a value."""

    caption: str
    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    """``words``: the columns that are words, which start at the left; numbers end at the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()
    """Parts of the page's width; none where each column is as wide as what is in it."""
    notes: tuple[str, ...] = ()
    english: tuple[int, ...] = ()
    """Columns that are English in whatever language the rest is."""
    kind: str = "table"


@dataclass(frozen=True)
class Cell:
    """``tone``: one of the letters of a decision, or none. ``shade``: from 0 (none) to 1."""

    text: str
    tone: str = ""
    shade: float = 0.0


@dataclass(frozen=True)
class Grid:
    """Cells with colours; each says in letters or numbers what its colour says."""

    caption: str
    corner: str
    across: str
    """What the columns count."""
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    legend: tuple[tuple[str, str], ...] = ()
    kind: str = "grid"


@dataclass(frozen=True)
class Bars:
    """For each label a bar a series; values from 0 to 100."""

    caption: str
    series: tuple[str, ...]
    groups: tuple[tuple[str, str, tuple[float, ...]], ...]
    """Its label, what is below it, and its values."""
    says: str
    """The figure in words."""
    kind: str = "bars"


@dataclass(frozen=True)
class Line:
    """Points with straight lines between; ``dash``: solid, dashed or dotted, which the legend shows."""

    name: str
    points: tuple[tuple[float, float], ...]
    dash: str = "solid"
    marks: bool = False


@dataclass(frozen=True)
class Curves:
    caption: str
    across: str
    up: str
    ticks_across: tuple[float, ...]
    ticks_up: tuple[float, ...]
    lines: tuple[Line, ...]
    says: str
    kind: str = "curves"


@dataclass(frozen=True)
class Source:
    """How the numbers above are found again."""

    python: str
    command: str = ""
    kind: str = "source"


Block = Heading | Paragraph | Code | Facts | Table | Grid | Bars | Curves | Source


def as_json(blocks: list[Block]) -> list[dict[str, Any]]:
    return [asdict(block) for block in blocks]
