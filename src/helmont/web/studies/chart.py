"""Lines over months as numbers for an SVG: the template draws, nothing is computed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from helmont.web.dates import month_text
from helmont.web.studies.figures import Month

WIDTH, HEIGHT, LEFT, TOP = 640, 180, 36, 8  # the plot's box; labels stand left of it and below


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    screened: str
    enrolled: str
    ends: tuple[float, float, float]
    across: list[Tick]
    down: list[Tick]
    planned: Tick | None = None


def chart(months: Sequence[Month], planned: int | None = None) -> Chart | None:
    """Two cumulative lines, and how many are ``planned`` to be enrolled; None below two months, which a line cannot show."""
    if len(months) < 2:
        return None
    most = _round_up(max(months[-1].screened, planned or 0))
    x = [LEFT + WIDTH * place / (len(months) - 1) for place in range(len(months))]

    def y(count: int) -> float:
        return TOP + HEIGHT - HEIGHT * count / most

    def line(counts: Sequence[int]) -> str:
        return " ".join(f"{a:.1f},{y(count):.1f}" for a, count in zip(x, counts, strict=True))

    every = max(1, -(-len(months) // 6))
    across = [
        Tick(round(x[place], 1), month_text(date.fromisoformat(f"{months[place].month}-01")))
        for place in range(0, len(months), every)
    ]
    down = [Tick(round(y(most * part // 4), 1), str(most * part // 4)) for part in range(5)]
    last = months[-1]
    return Chart(
        line([month.screened for month in months]),
        line([month.enrolled for month in months]),
        (round(x[-1], 1), round(y(last.screened), 1), round(y(last.enrolled), 1)),
        across,
        down,
        Tick(round(y(planned), 1), str(planned)) if planned else None,
    )


def _round_up(most: int) -> int:
    """The next number above that divides by four and has one or two leading digits."""
    step = 4
    while most > step * 10:
        step *= 10
    return -(-most // step) * step
