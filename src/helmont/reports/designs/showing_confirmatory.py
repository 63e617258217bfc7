"""Confirmatory designs on paper: bounds and curves, power and size under effects, conditional power."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from scipy.special import ndtr

from helmont.reports.designs.blocks import Block, Curves, Line, Paragraph, Table
from helmont.reports.designs.language import _
from helmont.reports.designs.showing_general import general
from helmont.reports.designs.words import figure, rows_of


def bounds(answer: dict[str, Any]) -> list[Block]:
    """Of Z: a figure and a table. Of a product of p-values, a table."""
    if "upper" not in answer:
        return general(_("Critical values"), answer)
    times, upper, lower = answer["information"], answer["upper"], answer.get("lower")
    lines = [_line(_("upper bound"), times, upper)]
    if lower:
        lines.append(_line(_("lower bound"), times, lower, "dashed"))
    seen = [y for line in lines for _, y in line.points]
    chart = Curves(
        _("Bounds of Z at the looks"), _("information, as a fraction of the largest"), "",
        (0.0, 0.25, 0.5, 0.75, 1.0), ticks(min([0.0, *seen]), max([0.0, *seen])), tuple(lines),
        "; ".join(f"{line.name}: " + ", ".join(f"{y:.3f} at {x:.3g}" for x, y in line.points) for line in lines),
    )  # fmt: skip
    heads = {
        "information": _("Information"), "upper": _("Upper bound"), "level": _("One-sided p-value"), "spent": _("Error spent"),
        "lower": _("Lower bound"), "lower_spent": _("Spent below"),
    }  # fmt: skip
    columns = {**answer, "level": [float(ndtr(-each)) for each in upper]}
    shown = [name for name in heads if isinstance(columns.get(name), list)]
    rows = rows_of([range(1, len(times) + 1), *(columns[name] for name in shown)])
    table = Table(
        _("Bounds, and the error that is spent by each look"),
        (_("Look"), *(heads[name] for name in shown)),
        tuple(rows),
    )
    notes = []
    if "drift" in answer:
        notes.append(
            Paragraph(
                _(
                    "The largest information is %(inflation)s times that of a trial without interim looks. The mean of Z at the "
                    "last look is %(drift)s under the planned alternative."
                )
                % {"inflation": figure(answer["inflation"]), "drift": figure(answer["drift"])}
            )
        )
    return [chart, table, *notes]


def _line(name: str, times: list[float], values: list[float | None], dash: str = "solid") -> Line:
    points = tuple((time, value) for time, value in zip(times, values, strict=True) if value is not None)
    return Line(name, points, dash, marks=True)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Four to nine round numbers around what is shown."""
    step = next(each for each in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if (high - low) / each <= 8)
    return tuple(step * place for place in range(floor(low / step), ceil(high / step) + 1))


def curve(answer: dict[str, Any]) -> list[Block]:
    """Power, and the information or participants on average, over the effects."""
    if "rates" in answer:
        passed = [sum(row) for row in answer["upper"]]
        expected, most = answer["expected"], max(answer["expected"])
        lines = (
            Line(_("probability of success"), tuple(zip(answer["rates"], passed, strict=True))),
            Line(_("expected participants, as a share of %s") % f"{most:.1f}",
                 tuple((x, y / most) for x, y in zip(answer["rates"], expected, strict=True)), "dashed"),
        )  # fmt: skip
        across = _("true response rate")
        marks: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    else:
        lines = (
            Line(_("power"), tuple(zip(answer["effects"], answer["power"], strict=True))),
            Line(_("expected information, as a fraction of the largest"),
                 tuple(zip(answer["effects"], answer["expected_information"], strict=True)), "dashed"),
        )  # fmt: skip
        across = _("true effect, as a multiple of the planned alternative")
        marks = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
    says = "; ".join(f"{line.name}: " + ", ".join(f"{y:.3f} at {x:g}" for x, y in line.points[::5]) for line in lines)
    caption = _("Power and expected size, by what is true")
    return [Curves(caption, across, "", marks, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), lines, says)]


def characteristics(answer: dict[str, Any]) -> list[Block]:
    """A row an effect: power and size, then the probabilities to stop at each look."""
    heads = (_("Effect"), _("Power"), _("Expected information"), _("Times a trial without interim looks"))
    sizes = rows_of([answer[name] for name in ("effects", "power", "expected_information", "expected")])
    stops, columns = [heads[0]], [answer["effects"]]
    for name, text in (("upper", _("Efficacy at look %s")), ("lower", _("Futility at look %s"))):
        looks = list(zip(*answer[name], strict=True))
        if any(map(any, looks)):
            stops += [text % look for look in range(1, len(looks) + 1)]
            columns += looks
    return [
        Paragraph(
            _("Exact, by numerical integration. Effects are multiples of the planned alternative: 0 is no effect.")
        ),
        Table(_("Power and expected size by effect"), heads, tuple(sizes)),
        Table(_("Probabilities to stop, or to end, at each look"), tuple(stops), tuple(rows_of(columns))),
    ]


def conditional_power(answer: list[dict[str, Any]], look: int, values: tuple[float, ...]) -> list[Block]:
    """A row a statistic at the look: power for the effect observed, none and the planned one."""
    powers = zip(*(each["power"] for each in answer), strict=True)
    rows = tuple(rows_of([values, [each["effects"][0] for each in answer], *powers]))
    return [
        Table(
            _("Conditional power at look %s, by the statistic that is observed") % look,
            (
                "Z", _("Observed effect"), _("If the observed effect is true"), _("If there is no effect"),
                _("If the planned one is true"),
            ), rows,
        )
    ]  # fmt: skip


def responses(answer: dict[str, Any]) -> list[Block]:
    """A row a rate."""
    looks = len(answer["lower"][0])
    heads: tuple[str, ...] = (_("True rate"), _("Success"), _("Expected participants"))
    heads += tuple(_("Futility at look %s") % look for look in range(1, looks + 1))
    heads += tuple(_("Efficacy at look %s") % look for look in range(1, looks + 1))
    stops = [*zip(*answer["lower"], strict=True), *zip(*answer["upper"], strict=True)]
    rows = rows_of([answer["rates"], [sum(above) for above in answer["upper"]], answer["expected"], *stops])
    return [
        Paragraph(_("Exact, by enumeration of every outcome.")),
        Table(_("Characteristics by true rate"), heads, tuple(rows)),
    ]
