"""Curves of an answer as the numbers of an SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 12, 44
DASHES = {"solid": "", "dashed": "8 5", "dotted": "2 4"}


@dataclass(frozen=True)
class Tick:
    """``at`` in the drawing's units, as text: a page would write a number with the comma of its language."""

    at: str
    label: str


@dataclass(frozen=True)
class Drawn:
    """A line with its legend."""

    name: str
    points: str
    dash: str
    marks: tuple[tuple[str, str], ...]
    place: int
    """1, 2, ...: which colour."""


@dataclass(frozen=True)
class Drawing:
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[Drawn, ...]


def drawn(curves: Mapping[str, Any]) -> Drawing:
    """Where everything of a block of curves goes."""
    points = [point for line in curves["lines"] for point in line["points"]]
    low, high = _range([*curves["ticks_across"], *(x for x, _ in points)])
    bottom, top = _range([*curves["ticks_up"], *(y for _, y in points)])

    def x(value: float) -> str:
        return f"{LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT):.2f}"

    def y(value: float) -> str:
        return f"{HEIGHT - BOTTOM - (value - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM):.2f}"

    return Drawing(
        across=tuple(Tick(x(value), f"{value:g}") for value in curves["ticks_across"]),
        up=tuple(Tick(y(value), f"{value:g}") for value in curves["ticks_up"]),
        lines=tuple(
            Drawn(
                line["name"],
                " ".join(f"{x(a)},{y(b)}" for a, b in line["points"]),
                DASHES.get(line["dash"], ""),
                tuple((x(a), y(b)) for a, b in line["points"]) if line["marks"] else (),
                place,
            )
            for place, line in enumerate(curves["lines"], start=1)
        ),
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)
