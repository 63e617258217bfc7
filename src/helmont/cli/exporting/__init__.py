"""``helmont export FORMAT STUDY --to FILE``: what Helmont holds, in the formats of others. Each format is a module of its own."""

from __future__ import annotations

import click

from helmont.cli.exporting.odm import odm
from helmont.cli.exporting.usdm import usdm


@click.group("export")
def export() -> None:
    """Write a study in another format."""


for command in (odm, usdm):
    export.add_command(command)
