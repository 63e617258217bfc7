"""What a design does on average: exactly, or simulated."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import click

from helmont.cli.design.asking import TRUTH, Rows, answer, as_json, declared
from helmont.cli.design.printing import shown
from helmont.cli.progress import bar

if TYPE_CHECKING:
    from helmont.design import Declared

HELP = (
    "The true rate of every dose, or the true effects; rows (toxicity;efficacy, of two agents, or of a platform the control and "
    "its arms;the amount of a trend and its time) with semicolons between."
)


@click.command()
@declared
@click.option("--truth", type=TRUTH, required=True, help=HELP)
@as_json
def exact(design: Declared, truth: Rows, as_json: bool) -> None:
    """Operating characteristics by enumeration: what the design does on average if the truth were known."""
    shown(answer(design, "exact", *_rows(design, "exact", truth)), as_json)


@click.command()
@declared
@click.option("--truth", type=TRUTH, required=True, help=HELP)
@click.option(
    "--trials", type=click.IntRange(1), default=10_000, show_default=True, help="How many trials are simulated."
)
@click.option(
    "--seed", type=click.IntRange(0), default=6, show_default=True, help="The same seed gives the same trials."
)
@as_json
def simulate(design: Declared, truth: Rows, trials: int, seed: int, as_json: bool) -> None:
    """Operating characteristics by simulation, with Monte Carlo errors; long ones show their progress and take all cores."""
    method = getattr(design, "simulate", None)
    known = signature(method).parameters if method else {}
    options: dict[str, Any] = {"processes": None} if "processes" in known else {}
    with bar() as progress:
        task = progress.add_task("trials", total=trials)
        if "progress" in known:
            options["progress"] = lambda done, total: progress.update(task, completed=done, total=total)
        if "trend" in known and len(truth) == 2:
            options["trend"], truth = _trend(truth[1]), truth[:1]
        at = _rows(design, "simulate", truth)
        found = answer(design, "simulate", *at, trials=trials, seed=seed, **options)
        progress.update(task, completed=trials)
    shown(found, as_json)


def _rows(design: Declared, name: str, truth: Rows) -> tuple[Any, ...]:
    """What the method takes: toxicity and efficacy, the rows of two agents, one row, or one number."""
    from helmont.design import DesignError

    method = getattr(design, name, None)
    known = signature(method).parameters if method else {}
    if "efficacy" in known:
        if len(truth) != 2:
            raise DesignError("truth", truth, "two rows with a semicolon between: toxicity rates; response rates")
        return truth
    if hasattr(design, "levels"):
        return (truth,)
    if len(truth) != 1:
        raise DesignError("truth", truth, "one row of numbers")
    [row] = truth
    one = known["truth"].annotation if "truth" in known else ""
    return (row[0],) if str(one) == "float" and len(row) == 1 else (row,)


def _trend(row: tuple[float, ...]) -> Any:
    from helmont.design import DesignError, Trend

    if len(row) != 2:
        raise DesignError("trend", row, "its amount and over which time")
    return Trend(row[0], row[1])
