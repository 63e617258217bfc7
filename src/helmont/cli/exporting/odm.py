"""``helmont export odm STUDY --to FILE``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.core.permissions import Actor


@click.command()
@click.argument("study")
@click.option("--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to make.")
@click.option(
    "--odm", "version", default="1.3.2", type=click.Choice(["1.3.2", "2.0"]), show_default=True, help="Version of ODM."
)
@click.option(
    "--audit/--snapshot",
    default=True,
    show_default=True,
    help="Every change with its audit record, or the present state.",
)
@click.option(
    "--as", "person", default="", help="The person for whom it is made; without one, what any blinded person may see."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@home_option
@with_django
def odm(study: str, target: Path, version: str, audit: bool, person: str, as_json: bool) -> None:
    """Export STUDY as CDISC ODM: definition, participants, visits, forms, values, queries, signatures.

    The file holds what --as PERSON may see. Without it the installation itself exports: every site, and neither allocations
    nor what participants told the site in confidence.
    """
    from helmont.cli.progress import bar
    from helmont.exchange.odm.exporting import export_odm

    prepare_database()
    actor = exporter(person)
    today = datetime.now(ZoneInfo(actor.timezone)).date()
    with replacing(target) as file, bar() as progress:
        task = progress.add_task(f"Exporting {study}", total=None)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        made = export_odm(actor, study, file, today, version=version, audit=audit, progress=show)  # type: ignore[arg-type]  # click chose it
    if as_json:
        click.echo(json.dumps({"file": str(target), **asdict(made)}, indent=2))
    else:
        without = f", without {made.hidden}" if made.hidden else ""
        click.echo(
            f"{target}: {made.format} {made.contents} of {made.participants:,} participants at entry {made.as_of:,}"
            f" ({made.size / 1e6:.1f} MB{without})\nsha256 {made.sha256}"
        )


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``target`` once it is complete; a failure leaves what was there."""
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(target)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def exporter(person: str) -> Actor:
    """The person an export is made for; without a name the installation itself, which is blinded."""
    from helmont.core.people.queries import load_actor
    from helmont.core.permissions import service

    return load_actor(person) if person else service("command-line", "export_service")
