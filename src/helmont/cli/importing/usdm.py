"""``helmont study import usdm FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from helmont.cli.importing.reporting import import_options, run_import


@click.command()
@import_options
def usdm(file: Path, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Read the study definition of a USDM 4.0 document (JSON).

    Biomedical concepts become draft forms. What has no place in a Helmont study is listed with its JSON pointer, line and reason.
    """
    from helmont.standards.usdm import read_usdm

    run_import(read_usdm, file, folder, dry_run=dry_run, as_json=as_json)
