"""``helmont study import xlsform FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from helmont.cli.importing.reporting import import_options, run_import


@click.command()
@import_options
def xlsform(file: Path, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Read an XLSForm workbook (.xlsx, as ODK and KoboToolbox use).

    The survey becomes one form; XPath becomes CEL where it means the same. Everything else is listed with its row, column
    and reason.
    """
    from helmont.standards.xlsform import read_xlsform

    run_import(read_xlsform, file, folder, dry_run=dry_run, as_json=as_json)
