"""Kaplan-Meier curves drawn as SVG.

Groups differ in colour and in dash, so that neither is needed alone; limits are a band of the colour. The drawing is described by
its title and by the table under it, which has the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from helmont.reports.methods.surviving import TIME
from helmont.reports.results import Result, Results
from helmont.study.analyses.model import Output, ReportingEvent

WIDTH, HEIGHT = 860, 470
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 24, 112
COLOURS = ("#1b4f8a", "#b3541e", "#2f6b3a", "#6b3f8c")
DASHES = ("", "7 4", "2 3", "10 3 2 3")
STEP = 28


@dataclass(frozen=True)
class Step:
    """A curve at a time: the probability with its limits (None after the last person), who was at risk, who had the event."""

    time: float
    survival: float
    lower: float | None
    upper: float | None
    at_risk: int
    events: int
    leaving: int


def steps(results: Results, analysis: str, grouping: str, group: str) -> list[Step]:
    """The steps of the curve of a group, in order of time."""
    found: dict[str, dict[str, Result]] = {}
    for result in results:
        groups = dict(result.groups)
        if result.analysis == analysis and groups.get(grouping) == group and TIME in groups:
            found.setdefault(groups[TIME], {})[result.operation] = result
    return sorted((_step(float(time), each) for time, each in found.items()), key=lambda step: step.time)


def _step(time: float, found: dict[str, Result]) -> Step:
    values = {name: result.raw for name, result in found.items()}
    survival, ended = values["survival"] or 0.0, int(values["ended"] or 0)
    leaving = len(found["survival"].places)
    return Step(time, survival, values["lower"], values["upper"], int(values["at_risk"] or 0), ended, leaving)


def to_svg(event: ReportingEvent, output: Output, results: Results) -> str:
    """The drawing of a figure, which says in ``drawing`` the analysis, and the text ``across`` and ``up`` the axes."""
    analysis = next(each for each in output.analyses if each.id == output.drawing["analysis"])
    grouping = next(each for each in event.groupings if each.id == analysis.compare)
    curves = [
        (group.label or group.id, steps(results, analysis.id, grouping.id, group.id))
        for group in grouping.groups
        if not group.total
    ]
    last = max((step.time for _, curve in curves for step in curve), default=1.0)
    return "".join(_Drawing(output, curves, last).parts())


class _Drawing:
    def __init__(self, output: Output, curves: list[tuple[str, list[Step]]], last: float) -> None:
        self.output, self.curves = output, curves
        self.end = (int(last) // STEP + 1) * STEP

    def x(self, time: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * time / self.end

    def y(self, probability: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - probability)

    def parts(self) -> Iterable[str]:
        output = self.output
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
            f' role="img" aria-labelledby="title" font-family="sans-serif" font-size="12">'
            f'<title id="title">{output.kind} {escape(output.number)}: {escape(output.title)}</title>'
        )
        yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        yield from self.axes()
        for place, (_, curve) in enumerate(self.curves):
            yield from self.curve(place, curve)
        yield from self.legend()
        yield from self.at_risk()
        yield "</svg>\n"

    def axes(self) -> Iterable[str]:
        bottom, right = self.y(0), WIDTH - RIGHT
        for tenth in range(0, 11, 2):
            height = self.y(tenth / 10)
            yield f'<line x1="{LEFT}" x2="{right}" y1="{height:.1f}" y2="{height:.1f}" stroke="#dddddd"/>'
            yield _text(LEFT - 8, height + 4, f"{tenth / 10:.1f}", "end")
        for day in range(0, self.end + 1, STEP):
            yield f'<line x1="{self.x(day):.1f}" x2="{self.x(day):.1f}" y1="{bottom}" y2="{bottom + 5}" stroke="#333333"/>'
            yield _text(self.x(day), bottom + 18, str(day), "middle")
        yield f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="#333333"/>'
        yield _text((LEFT + right) / 2, bottom + 34, self.output.drawing.get("across", ""), "middle")
        middle = (TOP + bottom) / 2
        yield (
            f'<text transform="translate(16 {middle:.1f}) rotate(-90)" text-anchor="middle" fill="#222222">'
            f"{escape(self.output.drawing.get('up', ''))}</text>"
        )

    def curve(self, place: int, curve: list[Step]) -> Iterable[str]:
        if not curve:
            return
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        known = [step for step in curve if step.lower is not None and step.upper is not None]
        upper = self.path([(step.time, step.upper or 0.0) for step in known])
        lower = self.corners([(step.time, step.lower or 0.0) for step in known])
        back = "".join(f"L{across:.1f} {height:.1f}" for across, height in reversed(lower))
        yield f'<path d="{upper}{back}Z" fill="{colour}" fill-opacity="0.12" stroke="none"/>'
        line = self.path([(step.time, step.survival) for step in curve])
        yield f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}"/>'
        for step in curve:
            if step.leaving > step.events:
                across, height = self.x(step.time), self.y(step.survival)
                yield f'<path d="M{across:.1f} {height - 4:.1f}v8m-4 -4h8" stroke="{colour}" fill="none"/>'

    def corners(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """The corners of the stairs from probability 1 at time 0."""
        found, height = [(self.x(0), self.y(1))], self.y(1)
        for time, probability in points:
            found.append((self.x(time), height))
            height = self.y(probability)
            found.append((self.x(time), height))
        return found

    def path(self, points: list[tuple[float, float]]) -> str:
        first, *rest = self.corners(points)
        return f"M{first[0]:.1f} {first[1]:.1f}" + "".join(f"L{across:.1f} {height:.1f}" for across, height in rest)

    def legend(self) -> Iterable[str]:
        for place, (label, _) in enumerate(self.curves):
            height, colour = TOP + 14 + 18 * place, COLOURS[place % len(COLOURS)]
            across = WIDTH - RIGHT - 190
            yield (
                f'<line x1="{across}" x2="{across + 34}" y1="{height - 4}" y2="{height - 4}" stroke="{colour}"'
                f' stroke-width="1.8" stroke-dasharray="{DASHES[place % len(DASHES)]}"/>'
            )
            yield _text(across + 42, height, label, "start")

    def at_risk(self) -> Iterable[str]:
        """Under the axis: how many were at risk."""
        top = self.y(0) + 54
        yield _text(LEFT - 52, top, "At risk", "start")
        for place, (_, curve) in enumerate(self.curves):
            height = top + 16 * (place + 1) - 4
            colour = COLOURS[place % len(COLOURS)]
            yield (
                f'<line x1="12" x2="36" y1="{height - 4}" y2="{height - 4}" stroke="{colour}" stroke-width="1.8"'
                f' stroke-dasharray="{DASHES[place % len(DASHES)]}"/>'
            )
            for day in range(0, self.end + 1, STEP):
                number = next((step.at_risk for step in curve if step.time >= day), 0)
                yield _text(self.x(day), height, str(number), "middle")


def _text(across: float, height: float, text: str, anchor: str) -> str:
    return f'<text x="{across:.1f}" y="{height:.1f}" text-anchor="{anchor}" fill="#222222">{escape(text)}</text>'
