"""``helmont export usdm STUDY --to FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from helmont.cli.exporting.definitions import definition
from helmont.cli.setup import home_option, with_django


@click.command()
@click.argument("study")
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@home_option
@with_django
def usdm(study: str, file: Path) -> None:
    """Write the definition of STUDY as a USDM 4.0 document (JSON).

    STUDY is the id of a published study, whose current version is written, or the folder of a package. The document reads
    back as an equal study: what USDM has no place for travels in extension attributes.
    """
    from helmont.standards.usdm import write_usdm

    data = write_usdm(definition(study))
    file.write_bytes(data)
    click.echo(f"{file}: {len(data)} bytes")
