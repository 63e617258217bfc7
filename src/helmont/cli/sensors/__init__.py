"""Wearables and sensors at the terminal: endpoints of a device's file, and the archive of samples."""

from __future__ import annotations

import click

from helmont.cli.sensors.compacting import compact
from helmont.cli.sensors.endpoints import endpoints


@click.group()
def sensors() -> None:
    """Wearables and sensors: endpoints of a device's file, and the archive of samples."""


for command in (endpoints, compact):
    sensors.add_command(command)
