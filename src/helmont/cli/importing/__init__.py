"""``helmont study import FORMAT FILE``: study definitions of other systems. Each format is a module of its own."""

from __future__ import annotations

import click

from helmont.cli.importing.odm import odm
from helmont.cli.importing.redcap import redcap
from helmont.cli.importing.usdm import usdm
from helmont.cli.importing.xlsform import xlsform


@click.group("import")
def import_group() -> None:
    """Read a study definition in another format: first a report of what would be made, then the package.

    Without --to, or with --dry-run, nothing is written. Exit code 1 when the file is refused.
    """


for command in (odm, redcap, usdm, xlsform):
    import_group.add_command(command)
