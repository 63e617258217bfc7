"""``helmont study import odm FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from helmont.cli.importing.reporting import import_options, run_import


@click.command()
@import_options
def odm(file: Path, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Read the study definition of a CDISC ODM file, 1.3.2 or 2.0 (XML).

    Forms, items, code lists, units, ranges and events are taken over; what has no place in a Helmont study is listed with its
    line and reason. Clinical data are read by helmont import.
    """
    from helmont.standards.odm.reading import read_odm

    run_import(read_odm, file, folder, dry_run=dry_run, as_json=as_json)
