"""A trial whose participants wear devices: what the devices measured becomes items of the form WORN at week 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from helmont.core.actions import Action, Job, Outcome
from helmont.core.permissions import Actor, Grant, service
from helmont.core.writer import perform, perform_all
from helmont.edc.models import Form
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.participants.models import Participant
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.endpoints import bring_up_to_date
from helmont.sensors.entering import enter
from helmont.sensors.models import EndpointEntry
from helmont.sensors.secrets import new_secret
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study
from helmont.study.model import Form as FormOf
from helmont.study.model import Item, Study
from tests.sensors.sending import follow, send

PACKAGE = Path(__file__).parents[1] / "packages" / "worn"
TRIAL = "WORN1"
HIM, HER = f"{TRIAL}/701-001", f"{TRIAL}/702-001"
WEEK_2 = f"{HIM}/WEEK_2"
WORN = f"{WEEK_2}/WORN"
GIVEN = "2026-03-16T08:00:00Z"
AFTER = datetime(2026, 3, 31, tzinfo=UTC)
"""When the window of week 2 is over."""
IMPORT = service("import", "import_service")


def person(handle: str, role: str, site: str = "") -> Actor:
    return Actor(handle, (Grant(role, TRIAL, site=site),), "Europe/Brussels")


CLEO = person("cleo.coordinator", "site_coordinator", "701")
INES = person("ines.investigator", "investigator", "701")
MONA = person("mona.monitor", "monitor")
DANA = person("dana.manager", "data_manager")
MAX = person("max.manager", "study_manager")


@cache
def definition() -> Study:
    return load_study(PACKAGE)


def with_item(version: str, name: str, **changes: Any) -> Study:
    """Another version of the study, in which an item is different."""
    study = definition()

    def asking(item: Item) -> Item:
        return replace(item, **changes) if item.id == name else item

    def of(form: FormOf) -> FormOf:
        groups = (replace(group, items=tuple(map(asking, group.items))) for group in form.groups)
        return replace(form, groups=tuple(groups))

    return replace(study, version=version, forms=tuple(map(of, study.forms)))


def do(action: Action, by: Actor = DANA) -> Any:
    return perform(action, by).result


def begin_trial(study: Study | None = None) -> None:
    """Two sites with a participant each, who came to baseline; week 2 of one of them is the day after clocks changed."""
    actions: list[Action] = [
        PublishDefinition(study or definition()),
        OpenSite(TRIAL, "701", "Ghent", "BE", "Europe/Brussels"),
        OpenSite(TRIAL, "702", "Leiden", "NL", "Europe/Amsterdam"),
        ScreenParticipant(TRIAL, "701", "701-001", "2026-03-10"),
        ScreenParticipant(TRIAL, "702", "702-001", "2026-03-10"),
        BeginEncounter(TRIAL, "701-001", "BASELINE", "2026-03-16"),
        BeginEncounter(TRIAL, "702-001", "BASELINE", "2026-03-16"),
        BeginEncounter(TRIAL, "701-001", "WEEK_2", "2026-03-30"),
    ]
    for outcome in perform_all([Job(action, IMPORT) for action in actions]):
        assert isinstance(outcome, Outcome), outcome


def wear(
    participant: str = HIM,
    label: str = "W-001",
    zone: str = "Europe/Brussels",
    starts: str = GIVEN,
    placement: str = "",
) -> str:
    """A new device with the participant; the secret that it sends with."""
    secret, digest = new_secret()
    do(RegisterDevice(TRIAL, label, "Polar H10"))
    do(AssignDevice(participant, label, starts, zone, placement=placement, digest=digest))
    return secret


def row(participant: str = HIM) -> Participant:
    return Participant.objects.get(key=participant)


def beats(secret: str, batch: str, day: str, values: Sequence[int], first: int = 10 * 60) -> None:
    """A heart rate for each minute of a local day (Brussels), from minute ``first`` on."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Brussels"))
    times = [(midnight + timedelta(minutes=first + number)).isoformat() for number in range(len(values))]
    send(secret, "heart", batch, {"times": times, "values": list(values), "unit": "/min"})


def computed(now: datetime = AFTER, participant: str = HIM) -> None:
    """The results, as the server would have them by then."""
    follow()
    bring_up_to_date(participant, now)


def entered(now: datetime = AFTER, participant: str = HIM) -> int:
    """Results computed and entered; how many forms changed."""
    computed(now, participant)
    return enter(participant, now)


def data(form: str = WORN) -> dict[str, Any]:
    found: Form | None = Form.objects.filter(key=form).first()
    return dict(found.data) if found else {}


def entry(item: str = "HRMEAN", form: str = WORN) -> EndpointEntry:
    return EndpointEntry.objects.get(key=f"{form}/results/{item}")
