"""``helmont sensors simulate``."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helmont.cli.progress import bar
from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.cli.sensors.simulating.furnishing import Fleet
    from helmont.cli.sensors.simulating.running import Run
    from helmont.cli.sensors.simulating.tally import Tally
    from helmont.cli.sensors.simulating.verifying import Verification

SHARE = click.FloatRange(0, 1)
FEW = 10
"""Participants who get a device when nobody says how many."""
VARIANTS = 3
"""Days that are made up of each channel; participants go through one of them, each at another time."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--url", default="", help="Where Helmont answers: http://127.0.0.1:8000."),
            click.option(
                "--mqtt", default="", help="The broker that it listens to; with --url every other device uses it."
            ),
            click.option(
                "--participants",
                type=click.IntRange(1, 10_000),
                help="Devices that send; default: 10, or all of the file.",
            ),
            click.option(
                "--hours",
                default=24.0,
                show_default=True,
                type=click.FloatRange(min=0.01, max=24 * 400),
                help="Made-up time.",
            ),
            click.option(
                "--speed", default=0.0, show_default=True, help="1 real time, 60 an hour a minute, 0 nobody waits."
            ),
            click.option(
                "--batch-minutes",
                default=1.0,
                show_default=True,
                type=click.FloatRange(min=0.05, max=12 * 60),
                help="Time that a batch holds.",
            ),
            click.option(
                "--rate", type=float, help="Samples a second of channels that have no rate; default: their kind's."
            ),
            click.option(
                "--channels", default="", help="Kinds or names, with commas between; default: all that can be made up."
            ),
            click.option(
                "--format",
                "formats",
                default="arrow",
                show_default=True,
                help="arrow, parquet, json, ndjson, radar or mixed.",
            ),
            click.option(
                "--seed",
                default=1,
                show_default=True,
                type=click.IntRange(0),
                help="What is made up, and what goes wrong.",
            ),
            click.option("--duplicates", default=0.02, show_default=True, type=SHARE, help="Batches sent again."),
            click.option(
                "--reorder", default=0.05, show_default=True, type=SHARE, help="Batches sent after the next one."
            ),
            click.option(
                "--delay", default=0.05, show_default=True, type=SHARE, help="Batches held back for up to 45 minutes."
            ),
            click.option(
                "--drift",
                default=20.0,
                show_default=True,
                help="Clocks go wrong by this many parts in a million at most.",
            ),
            click.option(
                "--truncate", default=0.01, show_default=True, type=SHARE, help="Batches that arrive cut off first."
            ),
            click.option(
                "--restart", default=0.01, show_default=True, type=SHARE, help="Batches after which a device restarts."
            ),
            click.option(
                "--at-once", default=32, show_default=True, type=click.IntRange(1, 1000), help="Batches on their way."
            ),
            click.option(
                "--begin", default="", help="The first moment of made-up time; default: it ends, or begins, now."
            ),
            click.option("--study", default="", help="Give devices to participants of this study; writes --secrets."),
            click.option("--enrol", is_flag=True, help="Screen new participants for them."),
            click.option("--site", default="", help="Participants of this site."),
            click.option("--numbers", default="", help="How new participants are numbered: {site}-{n:04}."),
            click.option("--yes", is_flag=True, help="Don't ask whether made-up samples may enter the study's record."),
            click.option(
                "--secrets", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File of devices."
            ),
            click.option(
                "--verify", "verified", is_flag=True, help="Read everything back from this installation at the end."
            ),
            click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
        )
    ):
        command = option(command)
    return command


@click.command()
@_options
@home_option
def simulate(secrets: Path, study: str, verified: bool, as_json: bool, **asked: Any) -> None:
    """Send made-up samples to a running Helmont, as so many devices would.

    With --study on the machine of the installation, devices are given to participants and their secrets written to the file
    --secrets; without it the devices of that file send again. Batches are sent twice, late, out of order and cut off, clocks
    drift and devices restart, as often as the options say; the same --seed and --begin send the same. Ctrl+C ends it early.
    Exit code 1 when a whole batch was refused or not answered, or when --verify finds that one is not kept as it was sent.
    """
    from helmont.cli.sensors.simulating import furnishing
    from helmont.cli.sensors.simulating.reporting import printed, report
    from helmont.signals.errors import SignalError

    if not asked["url"] and not asked["mqtt"]:
        raise click.UsageError("Say where to send: --url, --mqtt or both.")
    try:
        begin = _begin(asked)
        fleet = _furnished(study, secrets, begin, asked) if study else furnishing.load(secrets)
        run = _run(fleet, begin, asked)
        tally = _sent(run)
    except SignalError as fault:
        raise click.ClickException(str(fault)) from None
    except furnishing.FleetError as error:
        raise click.ClickException(str(error)) from None
    found = _verified(fleet, tally) if verified else None
    said = {"participants": len(run.devices), "study": fleet.study, "seed": run.seed, "name": run.name}
    if as_json:
        click.echo(json.dumps(report(tally, found, said), indent=2))
    else:
        printed(tally, found)
    if not report(tally, found, said)["clean"]:
        raise SystemExit(1)


def _begin(asked: dict[str, Any]) -> int:
    from helmont.cli.sensors.simulating.furnishing import begun
    from helmont.signals.wire.moments import moment

    if asked["speed"] and asked["speed"] < 1:
        raise click.BadParameter("0, or 1 and more", param_hint="--speed")
    return (
        moment(asked["begin"], "--begin") if asked["begin"] else begun(time.time_ns(), asked["hours"], asked["speed"])
    )


@with_django
def _furnished(study: str, secrets: Path, begin: int, asked: dict[str, Any]) -> Fleet:
    """Devices with participants, once somebody has agreed."""
    from helmont.cli.sensors.simulating.furnishing import furnish
    from helmont.signals.synthetic_day import DAY

    prepare_database()
    if not asked["yes"]:
        click.confirm(f"Made-up samples enter the record of {study} and stay there. Go on?", abort=True)
    enrol = asked["numbers"] if asked["enrol"] else None
    return furnish(study, asked["participants"] or FEW, begin - DAY, secrets, site=asked["site"], enrol=enrol)


def _run(fleet: Fleet, begin: int, asked: dict[str, Any]) -> Run:
    """What is asked for, with patterns of the channels. Raises ``SignalError``."""
    from helmont.cli.sensors.simulating.bodies import FORMATS
    from helmont.cli.sensors.simulating.patterns import KINDS, pattern
    from helmont.cli.sensors.simulating.plan import MINUTE, Faults, Timing
    from helmont.cli.sensors.simulating.running import Run
    from helmont.signals.errors import SignalError
    from helmont.signals.recording import SECOND
    from helmont.signals.wire.moments import written

    length = round(asked["batch_minutes"] * MINUTE)
    if begin - length - SECOND < fleet.starts:
        raise SignalError(
            "--begin", written(begin), f"after {written(fleet.starts)}, when participants got the devices"
        )
    many = asked["participants"] or len(fleet.devices)
    if len(fleet.devices) < many:
        raise SignalError("--participants", many, f"at most the {len(fleet.devices)} devices of the file")
    formats = tuple(FORMATS) if asked["formats"] == "mixed" else (asked["formats"],)
    if not set(formats) <= set(FORMATS):
        raise SignalError("--format", asked["formats"], ", ".join((*FORMATS, "mixed")))
    wanted = [name.strip() for name in asked["channels"].split(",") if name.strip()]
    names = {each for channel in fleet.channels for each in (channel.name, channel.kind.value)}
    if unknown := [name for name in wanted if name not in names]:
        raise SignalError("--channels", unknown[0], ", ".join(channel.name for channel in fleet.channels))
    channels = [each for each in fleet.channels if {each.name, each.kind.value} & set(wanted) or not wanted]
    channels = [each for each in channels if wanted or each.kind in KINDS]
    if not channels:
        raise SignalError("--channels", "none of the study's can be made up", ", ".join(KINDS))
    variants = range(min(VARIANTS, many))
    patterns = {
        each.name: [pattern(asked["seed"] + one, each, asked["hours"] + 1, asked["rate"]) for one in variants]
        for each in channels
    }
    shares = {name: asked[name] for name in ("duplicates", "reorder", "delay", "drift", "truncate", "restart")}
    return Run(
        asked["seed"],
        fleet.devices[:many],
        patterns,
        Timing(begin, begin + round(asked["hours"] * 3600 * SECOND), length),
        Faults(**shares),
        asked["url"],
        asked["mqtt"],
        asked["speed"],
        asked["at_once"],
        formats,
    )


def _sent(run: Run) -> Tally:
    """Send everything, with a bar; the first Ctrl+C, or SIGTERM, ends it in good order."""
    from dataclasses import replace

    from helmont.cli.sensors.simulating.running import Running
    from helmont.cli.sensors.simulating.sending import Away

    batches = round(sum(_batches(run, number) for number in range(len(run.devices))))

    async def go(progress: Callable[[Tally], None]) -> Tally:
        running = Running(replace(run, told=progress))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, running.end)
        return await running.go()

    with bar() as progress:
        task = progress.add_task("batches", total=batches)
        try:
            return asyncio.run(go(lambda tally: progress.update(task, completed=len(tally.acknowledged))))
        except Away as nobody:
            raise click.ClickException(f"nobody answers at {nobody}") from None


def _batches(run: Run, device: int) -> float:
    """About how many a device sends: one for each time, but no more than there are readings."""
    span = run.timing.end - run.timing.begin
    taken = [each[device % len(each)] for each in run.patterns.values()]
    readings = [len(each.counts) / each.period * span for each in taken]
    return sum(min(many, -(-span // run.timing.length)) for many in readings)


@with_django
def _verified(fleet: Fleet, tally: Tally) -> Verification:
    from helmont.cli.sensors.simulating.verifying import verify

    with bar() as progress:
        task = progress.add_task("read back", total=len(tally.acknowledged))
        return verify(fleet.study, fleet.channels, tally.acknowledged, lambda done: progress.advance(task, done))
