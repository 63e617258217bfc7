"""The command line. Each group is a module; Django is set up only when a command needs it."""

from __future__ import annotations

import click

from helmont import __version__
from helmont.cli.coding import coding
from helmont.cli.data import compare, import_data
from helmont.cli.demo import demo
from helmont.cli.design import design
from helmont.cli.exporting import export
from helmont.cli.labs import labs
from helmont.cli.ledger import ledger
from helmont.cli.people import people
from helmont.cli.publishing import publish
from helmont.cli.sensors import sensors
from helmont.cli.serve import migrate, serve
from helmont.cli.study import study


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="helmont")
def main() -> None:
    """Helmont: a clinical trial from protocol to publication, audited and provable.

    All state lives under HELMONT_HOME (default ./var). Exit codes: 0 done, 1 faults were found or the request was
    refused, 2 the command was not understood.
    """


for command in (
    demo,
    serve,
    migrate,
    study,
    export,
    ledger,
    people,
    coding,
    import_data,
    compare,
    labs,
    publish,
    design,
    sensors,
):
    main.add_command(command)
