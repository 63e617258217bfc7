"""Digital endpoints of one file of a device, without a database."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helmont.cli.progress import bar

if TYPE_CHECKING:
    from helmont.signals.endpoints import EndpointDefinition, Zones
    from helmont.signals.endpoints.analysing import Analysis
    from helmont.signals.recording import Recording


PLACEMENTS = {"wrist": ("wrist",), "waist": ("waist",), "lower_back": ("waist", "lower_back")}
"""What is sought in an acceleration from there."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--timezone", default="UTC", show_default=True, metavar="ZONE", help="Where it was worn: Europe/Brussels."
)
@click.option(
    "--worn-at", type=click.Choice(list(PLACEMENTS)), default="wrist", show_default=True, help="Place on the body."
)
@click.option("--leg", type=float, metavar="METRES", help="Length of a leg, for gait speed at the lower back.")
@click.option("--json", "as_json", is_flag=True, help="Print results, definitions and findings as JSON.")
def endpoints(file: Path, timezone: str, worn_at: str, leg: float | None, as_json: bool) -> None:
    """Compute every digital endpoint that FILE permits: by day, by night and over the whole recording.

    FILE is what a device, or its maker's service, wrote; its content tells which format it is. Days are those of the time zone.
    Exit code 1 when the file cannot be read, with the place at fault.
    """
    from helmont.signals.endpoints import Zones
    from helmont.signals.errors import SignalError

    try:
        zones = Zones(timezone)
    except SignalError as fault:
        raise click.BadParameter(f"{fault.found} is not {fault.accepted}", param_hint="--timezone") from None
    try:
        recording, found = _computed(file, zones, PLACEMENTS[worn_at], leg)
    except SignalError as fault:
        click.echo(str(fault), err=True)
        raise SystemExit(1) from None
    if as_json:
        click.echo(json.dumps(_plain(file, zones, recording, found), indent=2, ensure_ascii=False))
        return
    from helmont.cli.sensors.printing import printed

    printed(recording, found, zones)


def _computed(file: Path, zones: Zones, placements: tuple[str, ...], leg: float | None) -> tuple[Recording, Analysis]:
    from helmont.signals.endpoints import newest
    from helmont.signals.endpoints.analysing import analyse
    from helmont.signals.files import read

    with bar() as progress:
        reading = progress.add_task("reading", total=1)
        recording = read(file, timezone=zones.first)
        progress.advance(reading)
        computing = progress.add_task("days", total=None)

        def told(done: int, of: int) -> None:
            progress.update(computing, completed=done, total=of)

        threads = os.cpu_count() or 1
        definitions = [_with_leg(each, leg) for each in newest()]
        return recording, analyse(
            recording.signals, zones, definitions, threads=threads, placements=placements, told=told
        )


def _with_leg(definition: EndpointDefinition, leg: float | None) -> EndpointDefinition:
    """A definition of gait speed with the length of the wearer's leg (metres) as a setting; another as it is."""
    if leg is None or definition.method != "gait_speed":
        return definition
    return replace(definition, settings={**definition.settings, "leg_length": leg})


SHOWN_OF_DEVICE = ("maker", "model", "firmware")
"""The serial number identifies a person's device, and is left out."""


def _plain(file: Path, zones: Zones, recording: Recording, found: Analysis) -> dict[str, Any]:
    """Everything as plain data."""
    from helmont import __version__

    return {
        "file": file.name,
        "helmont": __version__,
        "timezone": zones.first,
        "start": zones.local(found.start).isoformat(),
        "end": zones.local(found.end).isoformat(),
        "device": {name: recording.device[name] for name in SHOWN_OF_DEVICE if name in recording.device},
        "channels": [
            {"name": name, "kind": one.channel.kind, "unit": one.channel.unit, "samples": len(one)}
            for name, one in recording.signals.items()
        ],
        "findings": [{"place": one.place, "message": one.message} for one in recording.findings],
        "calibrations": {
            name: {
                "done": one.done,
                "reason": one.reason,
                "gain": one.calibration.gain,
                "offset": one.calibration.offset,
                "slope": one.calibration.slope,
            }
            for name, one in found.calibrations.items()
        },
        "refused": [{"channel": name, "reason": str(fault)} for name, fault in found.refused.items()],
        "definitions": {
            one.key: {
                "title": one.title("en"),
                "digest": one.digest,
                "method": one.method,
                "settings": dict(one.settings),
                "unit": one.unit,
                "reference": one.reference,
                "window": one.window,
                "minimum": {"hours": one.minimum.hours, "share": one.minimum.share, "periods": one.minimum.periods},
            }
            for one in found.definitions
        },
        "results": [one.to_dict() for one in found.results],
        "absent": [one.key for one in found.absent],
    }
