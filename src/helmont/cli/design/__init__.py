"""Trial designs at the terminal: their tables, characteristics and next decisions, and how they agree with references.

A design is a file (YAML or JSON) that holds its settings, or the name of a kind; ``--set`` gives or changes settings::

    helmont design table Boin --set doses=5 --set target=0.3
    helmont design exact dose-finding.yaml --truth 0.05,0.15,0.3,0.45,0.6
"""

from __future__ import annotations

import click

from helmont.cli.design.appending import appendix, check
from helmont.cli.design.averaging import exact, simulate
from helmont.cli.design.conforming import conform
from helmont.cli.design.deciding import list_kinds, next_dose, pathways, select, table
from helmont.cli.design.looking import look


@click.group()
def design() -> None:
    """Trial designs: tables, operating characteristics, the next decision, the appendix of a protocol."""


for command in (list_kinds, table, exact, simulate, next_dose, select, pathways, look, conform, appendix, check):
    design.add_command(command)
