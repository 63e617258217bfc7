"""What a design decides: its table, the next dose, the selected one, the ways ahead."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

import click

from helmont.cli.design.asking import COUNTS, answer, as_json, declared
from helmont.cli.design.printing import shown

if TYPE_CHECKING:
    from helmont.design import Declared


@click.command("list")
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


@click.command()
@declared
@as_json
def table(design: Declared, as_json: bool) -> None:
    """The decision table of a dose-finding design, or the bounds of a group sequential one, and the digest."""
    found = answer(design, "decision_table" if hasattr(design, "decision_table") else "bounds")
    shown(found, as_json)
    if not as_json:
        click.echo(design.digest)


@click.command("next")
@declared
@click.option("--patients", "n", type=COUNTS, required=True, help="Patients at every dose.")
@click.option("--toxicities", "dlt", type=COUNTS, required=True, help="Dose-limiting toxicities at every dose.")
@click.option("--current", type=click.IntRange(1), required=True, help="The dose of the last cohort, from 1.")
@as_json
def next_dose(design: Declared, n: tuple[int, ...], dlt: tuple[int, ...], current: int, as_json: bool) -> None:
    """The dose for the next cohort, why, and what else could be done."""
    shown(answer(design, "next", n, dlt, current), as_json)


@click.command()
@declared
@click.option("--patients", "n", type=COUNTS, required=True, help="Patients at every dose.")
@click.option("--toxicities", "dlt", type=COUNTS, required=True, help="Dose-limiting toxicities at every dose.")
@as_json
def select(design: Declared, n: tuple[int, ...], dlt: tuple[int, ...], as_json: bool) -> None:
    """The dose that a finished trial selects."""
    shown(answer(design, "select", n, dlt), as_json)


@click.command()
@declared
@click.option("--cohorts", type=click.IntRange(1), default=2, show_default=True, help="How far ahead.")
@as_json
def pathways(design: Declared, cohorts: int, as_json: bool) -> None:
    """Every way through the first cohorts."""
    shown(answer(design, "pathways", cohorts), as_json)
