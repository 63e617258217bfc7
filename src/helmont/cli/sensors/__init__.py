"""Wearables and sensors at the terminal: endpoints of files, the archive, where values come from, simulated devices."""

from __future__ import annotations

import click

from helmont.cli.sensors.compacting import compact
from helmont.cli.sensors.endpoints import endpoints
from helmont.cli.sensors.explain import explain
from helmont.cli.sensors.recomputing import recompute
from helmont.cli.sensors.simulating.command import simulate


@click.group()
def sensors() -> None:
    """Wearables and sensors: endpoints of files, the archive, where values of the record come from, simulated devices."""


for command in (endpoints, compact, recompute, explain, simulate):
    sensors.add_command(command)
