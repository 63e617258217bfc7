"""Wearables and sensors at the terminal: endpoints of a device's file."""

from __future__ import annotations

import click

from helmont.cli.sensors.endpoints import endpoints


@click.group()
def sensors() -> None:
    """Wearables and sensors: endpoints of a device's file."""


for command in (endpoints,):
    sensors.add_command(command)
