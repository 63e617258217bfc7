"""The appendix of a protocol, and whether every number in one is found again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helmont.cli.design.asking import TRUTH, Rows, as_json, declared, designed, refusing

if TYPE_CHECKING:
    from helmont.design import Declared


@click.command()
@declared
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="DESIGN",
    help="Another design in the same appendix, such as the endpoint that a group sequential trial is sized for.",
)
@click.option(
    "--truth",
    "truths",
    type=TRUTH,
    multiple=True,
    help="A scenario: numbers with commas between, rows (toxicity;efficacy, or of two agents) with semicolons; may be repeated.",
)
@click.option(
    "--trials",
    type=click.IntRange(1),
    help="Simulated where no enumeration is possible: 10,000, of slow designs 1,000.",
)
@click.option("--seed", type=click.IntRange(0), default=6, show_default=True, help="Of every simulation.")
@click.option("--patients", type=click.IntRange(1), default=40, show_default=True, help="Of an example of allocations.")
@click.option("--title", default="", help="The title on the first page.")
@click.option("--protocol", default="", help="The protocol and its version, in the head of every page.")
@click.option("--date", "dated", type=click.DateTime(["%Y-%m-%d"]), help="The date of the appendix; none by default.")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF.")
def appendix(
    design: Declared,
    others: tuple[str, ...],
    truths: tuple[Rows, ...],
    trials: int | None,
    seed: int,
    patients: int,
    title: str,
    protocol: str,
    dated: datetime | None,
    path: Path,
) -> None:
    """Write the appendix of a protocol as PDF: the design, its decisions and characteristics, every number with its source.

    The same design, truths and seed give the same file. The numbers are attached to it as JSON.
    """
    from helmont.reports.designs import appendix as made

    designs = (design, *map(designed, others))
    moment = None if dated is None else dated.replace(tzinfo=UTC)
    pdf = made(designs, truths, seed, trials, patients=patients, title=title, protocol=protocol, moment=moment)
    path.write_bytes(pdf)
    for each in designs:
        click.echo(f"{each.kind} {each.digest}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@refusing
def check(file: Path, as_json: bool) -> None:
    """Find every number of an appendix again (FILE is its PDF or its JSON); exit code 1 when one differs."""
    from helmont.reports.designs import Difference, pages_differ, read, rederive

    contents = read(file)
    found = rederive(contents)
    if not found and pages_differ(file, contents):
        found += (Difference("pages", "other pages", "the pages that its attachment makes"),)
    if as_json:
        content = [{"where": each.where, "stated": each.stated, "found": each.found} for each in found]
        click.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(f"{each.where}: {each.stated!r} is stated, {each.found!r} is found", err=True)
        if not found:
            for section in contents["designs"]:
                click.echo(f"{section['design']['design']} {section['digest']}: every number is found again")
    if found:
        raise SystemExit(1)
