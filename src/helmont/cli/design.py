"""Trial designs at the terminal: their tables, characteristics and next decisions, and how they agree with references.

A design is a file (YAML or JSON) that holds its settings, or the name of a kind; ``--set`` gives or changes settings::

    helmont design table Boin --set doses=5 --set target=0.3
    helmont design exact dose-finding.yaml --truth 0.05,0.15,0.3,0.45,0.6
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
import yaml

from helmont.cli.progress import bar

if TYPE_CHECKING:
    import polars as pl

    from helmont.design import Declared
    from helmont.design.results import Result

P = ParamSpec("P")
R = TypeVar("R")


class Numbers(click.ParamType[tuple[float, ...]]):
    """Numbers with commas between them."""

    name = "numbers"

    def __init__(self, kind: type[int] | type[float]) -> None:
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[float, ...]:
        try:
            return tuple(self._kind(each) for each in str(value).split(","))
        except ValueError:
            self.fail(
                f"{value!r} is no list of numbers such as {'3,6,3' if self._kind is int else '0.1,0.25,0.4'}",
                param,
                context,
            )


COUNTS, RATES = Numbers(int), Numbers(float)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


@click.group()
def design() -> None:
    """Trial designs: tables, operating characteristics, the next decision."""


def refusing(function: Callable[P, R]) -> Callable[P, R]:
    """What no design can have is reported in one line, with exit code 1."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        from helmont.design import DesignError

        try:
            return function(*args, **kwargs)
        except DesignError as fault:
            click.echo(str(fault), err=True)
            raise SystemExit(1) from None

    return called


def declared(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the argument DESIGN and the option ``--set``; the function is given the design."""

    @click.argument("design")
    @click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting, as in YAML; may be repeated."
    )
    @wraps(function)
    @refusing
    def called(design: str, settings: tuple[str, ...], **options: Any) -> None:
        function(_design(design, settings), **options)

    return called


def _design(named: str, settings: tuple[str, ...]) -> Declared:
    from helmont.design import Declared, DesignError

    content: dict[str, Any] = {"design": named}
    if (path := Path(named)).is_file():
        found = yaml.safe_load(path.read_text())
        if not isinstance(found, dict):
            raise DesignError(named, found, "a file of settings, of which 'design' names the kind")
        content = found
    for each in settings:
        name, equals, value = each.partition("=")
        if not equals:
            raise DesignError("--set", each, "NAME=VALUE")
        content[name] = yaml.safe_load(value)
    return Declared.from_dict(content)


def _answer(design: Declared, method: str, *arguments: Any, **options: Any) -> Any:
    """What a method of the design answers; not every design has every one."""
    from helmont.design import DESIGNS, DesignError

    if not hasattr(design, method):
        others = [name for name, kind in sorted(DESIGNS.items()) if hasattr(kind, method)]
        raise DesignError("design", design.kind, f"one that has '{method}': {', '.join(others)}")
    return getattr(design, method)(*arguments, **options)


def _print(result: Result, whole: bool) -> None:
    """A result as a table and, below it, what is one number; or as JSON."""
    if whole:
        click.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False))
        return
    frame = result.frame()
    if frame.height > 1 or frame.width > len(fields(result)):
        _table(frame)
    for name, value in result.to_dict().items():
        if isinstance(value, (int, float, str)) and name not in frame.columns[: frame.width if frame.height > 1 else 0]:
            click.echo(f"{name.replace('_', ' ')}: {_text(value)}")


def _table(frame: pl.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*(_HEADINGS.get(name, name.replace("_", " ")) for name in frame.columns))
    for row in frame.iter_rows():
        table.add_row(*map(_text, row))
    Console(highlight=False).print(table)


_HEADINGS = {"de_escalate": "de-escalate"}


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@design.command("list")
def list_kinds() -> None:
    """Every kind of design with its settings and what they are by default."""
    from helmont.design import DESIGNS

    for name, kind in sorted(DESIGNS.items()):
        settings = (
            each.name if each.default is MISSING else f"{each.name}={each.default!r}"
            for each in fields(kind)
            if each.init
        )
        click.echo(f"{name}({', '.join(settings)})\n    {(kind.__doc__ or '').strip().splitlines()[0]}")


@design.command()
@declared
@as_json
def table(design: Declared, as_json: bool) -> None:
    """The decision table of a dose-finding design, or the bounds of a group sequential one, and the digest."""
    found = _answer(design, "decision_table" if hasattr(design, "decision_table") else "bounds")
    _print(found, as_json)
    if not as_json:
        click.echo(design.digest)


@design.command()
@declared
@click.option("--truth", type=RATES, required=True, help="The true rate of every dose, or the true effects.")
@as_json
def exact(design: Declared, truth: tuple[float, ...], as_json: bool) -> None:
    """Operating characteristics by enumeration: what the design does on average if the truth were known."""
    _print(_answer(design, "exact", truth), as_json)


@design.command()
@declared
@click.option("--truth", type=RATES, required=True, help="The true rate of every dose, or the true effect.")
@click.option(
    "--trials", type=click.IntRange(1), default=10_000, show_default=True, help="How many trials are simulated."
)
@click.option(
    "--seed", type=click.IntRange(0), default=6, show_default=True, help="The same seed gives the same trials."
)
@as_json
def simulate(design: Declared, truth: tuple[float, ...], trials: int, seed: int, as_json: bool) -> None:
    """Operating characteristics by simulation, with Monte Carlo errors; long ones show their progress and take all cores."""
    from inspect import signature

    method = getattr(design, "simulate", None)
    known = signature(method).parameters if method else {}
    options: dict[str, Any] = {"processes": None} if "processes" in known else {}
    at = truth if hasattr(design, "doses") or "truth" not in known or len(truth) > 1 else truth[0]
    with bar() as shown:
        task = shown.add_task("trials", total=trials)
        if "progress" in known:
            options["progress"] = lambda done, total: shown.update(task, completed=done, total=total)
        found = _answer(design, "simulate", at, trials, seed, **options)
        shown.update(task, completed=trials)
    _print(found, as_json)


@design.command("next")
@declared
@click.option("--patients", "n", type=COUNTS, required=True, help="Patients at every dose.")
@click.option("--toxicities", "dlt", type=COUNTS, required=True, help="Dose-limiting toxicities at every dose.")
@click.option("--current", type=click.IntRange(1), required=True, help="The dose of the last cohort, from 1.")
@as_json
def next_dose(design: Declared, n: tuple[int, ...], dlt: tuple[int, ...], current: int, as_json: bool) -> None:
    """The dose for the next cohort, why, and what else could be done."""
    _print(_answer(design, "next", n, dlt, current), as_json)


@design.command()
@declared
@click.option("--patients", "n", type=COUNTS, required=True, help="Patients at every dose.")
@click.option("--toxicities", "dlt", type=COUNTS, required=True, help="Dose-limiting toxicities at every dose.")
@as_json
def select(design: Declared, n: tuple[int, ...], dlt: tuple[int, ...], as_json: bool) -> None:
    """The dose that a finished trial selects."""
    _print(_answer(design, "select", n, dlt), as_json)


@design.command()
@declared
@click.option("--cohorts", type=click.IntRange(1), default=2, show_default=True, help="How far ahead.")
@as_json
def pathways(design: Declared, cohorts: int, as_json: bool) -> None:
    """Every way through the first cohorts."""
    _print(_answer(design, "pathways", cohorts), as_json)


@design.command()
@click.argument("topics", nargs=-1)
@as_json
def conform(topics: tuple[str, ...], as_json: bool) -> None:
    """Run every method against its reference numbers; exit code 1 when one differs by more than it may.

    TOPICS narrow it to some groups of methods.
    """
    from helmont.design import conformity

    known = conformity.topics()
    if unknown := set(topics) - set(known):
        raise click.UsageError(f"no such topic: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    compared: list[conformity.Comparison] = []
    with bar() as shown:
        task = shown.add_task("topics", total=len(topics or known))
        for topic in topics or known:
            compared += conformity.comparisons(topic)
            shown.advance(task)
    summaries = conformity.summarised(compared)
    if as_json:
        click.echo(json.dumps([each.to_dict() for each in compared], indent=2, ensure_ascii=False))
    else:
        from rich.console import Console
        from rich.table import Table

        lines = Table("method", "source", "cases", "numbers", "largest difference", "")
        for each in summaries:
            largest = ", ".join(
                "none" if not value else f"{value:.1e} {_UNIT[name]}" for name, value in each.largest.items()
            )
            lines.add_row(
                each.method, each.source, str(each.cases), str(each.values), largest, "✗" if each.failed else "✓"
            )
        Console(highlight=False).print(lines)
        for each in summaries:
            for failed in each.failed:
                click.echo(f"{each.method}: {failed} differs by more than it may", err=True)
    if any(each.failed for each in summaries):
        raise SystemExit(1)


_UNIT = {"equal": "", "absolute": "", "relative": " relative", "standard errors": " standard errors"}
