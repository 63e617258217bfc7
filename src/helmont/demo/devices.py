"""The demonstration's devices: participants of a made-up study wear them, up to this moment and on.

Its participants, visits and samples are made up (``studies/activity01``); they go through the same actions as anybody's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from rich.console import Console

from helmont.cli.progress import bar
from helmont.cli.sensors.simulating.bodies import arrow, samples_of
from helmont.cli.sensors.simulating.furnishing import Fleet, furnish, keep
from helmont.cli.sensors.simulating.patterns import Pattern, pattern
from helmont.core.permissions import Actor, service
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.sensors.endpoints import bring_up_to_date
from helmont.sensors.entering import enter
from helmont.sensors.receiving import Sent, find_sender, receive_now
from helmont.signals.channels import Kind
from helmont.signals.levels import HOUR
from helmont.signals.recording import SECOND
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study

STUDY, SITE = "ACTIVITY01", "801"
DAYS = 9
BATCH = 6 * HOUR
SOURCE = {"channel": "import"}
VISITS = (("SCREENING_1", DAYS + 1), ("BASELINE", 1))
"""Visits that have begun, and how many days ago."""
PEOPLE = (("61", "F", "9"), ("54", "M", "4"), ("70", "F", "15"))
"""Age, sex, and years since diabetes was found."""
AWAY = timedelta(hours=60)
"""For so long the last one's device has not been online: it stopped before the week that is entered was over."""


def secrets_file() -> Path:
    """What the devices that are online send with: ``helmont sensors simulate --secrets`` takes it."""
    return Path(settings.HOME, "demo-devices.json")


def package_folder() -> Path:
    """The study package, which lies beside the source."""
    return Path(__file__).resolve().parents[3] / "studies" / "activity01"


def load_devices(console: Console, days: float = DAYS) -> None:
    """Publish the study, screen participants, give them devices, take in what these sent for ``days``, compute what it says."""
    actor = service("demonstration", "import_service")
    now = datetime.now(UTC).replace(microsecond=0)
    perform(PublishDefinition(load_study(package_folder())), actor, source=SOURCE)
    perform(OpenSite(STUDY, SITE, "Ziekenhuis De Dijle, Leuven", "BE", "Europe/Brussels"), actor, source=SOURCE)
    keys = [_screen(number, said, now, actor) for number, said in enumerate(PEOPLE, 1)]
    secrets_file().unlink(missing_ok=True)
    begin = int((now - timedelta(days=days)).timestamp()) * SECOND
    fleet = furnish(STUDY, len(keys), begin, secrets_file(), site=SITE)
    online, away = fleet.devices[:-1], fleet.devices[-1:]
    until = {device.secret: now for device in online} | {device.secret: now - AWAY for device in away}
    _take_in(fleet, begin, until, console)
    secrets_file().unlink()
    keep(replace(fleet, devices=online), secrets_file())
    catch_up("sensor streams")
    with bar() as progress:
        for key in progress.track(keys, description="Computing endpoints"):
            bring_up_to_date(key, now)
            enter(key, now, SOURCE)


def _screen(number: int, said: tuple[str, str, str], now: datetime, actor: Actor) -> str:
    """A participant, with the visits that have begun and who they are; their key."""
    key = f"{STUDY}/{SITE}-{number:03}"
    first = str((now - timedelta(days=VISITS[0][1])).date())
    perform(ScreenParticipant(STUDY, SITE, f"{SITE}-{number:03}", first), actor, source=SOURCE)
    for encounter, ago in VISITS:
        date = str((now - timedelta(days=ago)).date())
        perform(BeginEncounter(STUDY, key.partition("/")[2], encounter, date), actor, source=SOURCE)
    values = dict(zip(("AGE", "SEX", "YEARS"), said, strict=True))
    perform(SaveForm(f"{key}/{VISITS[0][0]}/DM", values, complete=True), actor, source=SOURCE)
    return key


def _take_in(fleet: Fleet, begin: int, until: dict[str, datetime], console: Console) -> None:
    """What the devices sent from ``begin`` (nanoseconds) until the moment of each, by its secret."""
    started, rows = time.monotonic(), 0
    patterns = [
        {each.name: pattern(1 + number, each, 24.0) for each in fleet.channels if each.kind is not Kind.BATTERY}
        for number in range(2)
    ]
    with bar() as progress:
        task = progress.add_task("Taking in what devices sent", total=len(fleet.devices))
        for number, device in enumerate(fleet.devices):
            sender, end = find_sender(device.secret), int(until[device.secret].timestamp()) * SECOND
            for sent, count in _batches(patterns[number % 2], begin, end, number * 3 * HOUR):
                receive_now(sender, sent, "http")
                rows += count
            progress.advance(task)
    console.print(f"{rows:,} samples of {len(fleet.devices)} devices taken in in {time.monotonic() - started:.0f} s")


def _batches(patterns: dict[str, Pattern], begin: int, end: int, shift: int) -> Iterator[tuple[Sent, int]]:
    """What one device sent, some hours at a time; a few hours are missing, as they are in life."""
    for name, each in patterns.items():
        for number, start in enumerate(range(begin, end, BATCH)):
            if number % 17 == 11:
                continue
            samples = samples_of(each, begin, shift, start, min(start + BATCH, end))
            if len(samples.counts):
                body = arrow(samples)
                yield (
                    Sent(name, f"{name}-{number}", body.content_type, body.encoding, body.content),
                    len(samples.counts),
                )
