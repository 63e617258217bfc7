"""Wearables and sensors at the terminal: endpoints of a device's file, the archive of samples, and where values come from."""

from __future__ import annotations

import click

from helmont.cli.sensors.compacting import compact
from helmont.cli.sensors.endpoints import endpoints
from helmont.cli.sensors.explain import explain


@click.group()
def sensors() -> None:
    """Wearables and sensors: endpoints of a device's file, the archive of samples, where values of the record come from."""


for command in (endpoints, compact, explain):
    sensors.add_command(command)
