"""``helmont study import redcap FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from helmont.cli.importing.reporting import import_options, run_import


@click.command()
@import_options
def redcap(file: Path, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Read the data dictionary (CSV) of a REDCap project, alone or in a ZIP with its events and designations (CSV).

    Fields that identify a participant are left out; branching logic and calculations become CEL where they mean the same.
    Everything else is listed with its line and reason.
    """
    from helmont.standards.redcap import read_redcap

    run_import(read_redcap, file, folder, dry_run=dry_run, as_json=as_json)
