"""Where simulated devices come from: given to participants by the ordinary actions, their secrets kept in a file."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helmont.cli.sensors.simulating.sending import SimulatedDevice
from helmont.signals.channels import Channel, Kind
from helmont.signals.recording import SECOND
from helmont.signals.wire.moments import moment, written

if TYPE_CHECKING:
    from helmont.core.actions import Action
    from helmont.core.permissions import Actor

MODEL = "Simulated device"
ACTOR = "simulator"
NUMBERS = (
    "{site}-{n:04}",
    "{site}-{n:03}",
    "{site}-{n}",
    "{site}{n:04}",
    "{site}{n:03}",
    "{n:04}",
    "{n:03}",
    "SIM-{n:04}",
)
"""How participants are numbered where the study allows it."""
AT_ONCE = 256


@dataclass(frozen=True)
class Fleet:
    """The devices of a study, and the channels that it takes; ``starts`` is when the participants got them (nanoseconds)."""

    study: str
    starts: int
    channels: tuple[Channel, ...]
    devices: tuple[SimulatedDevice, ...]


class FleetError(Exception):
    """Devices cannot be made, or their file cannot be read; the message says why and what would do."""


def keep(fleet: Fleet, path: Path) -> None:
    """Write the file, which only its owner can read. Raises ``FleetError`` when there is one already."""
    said = {
        "study": fleet.study,
        "starts": written(fleet.starts),
        "channels": [{**asdict(each), "range": _finite(each.range)} for each in fleet.channels],
        "devices": [asdict(each) for each in fleet.devices],
    }
    with _created(path) as file:
        json.dump(said, file, indent=1)


def _created(path: Path) -> Any:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
    except FileExistsError:
        raise FleetError(f"{path} is there already; without --study it is used as it is") from None
    except OSError as error:
        raise FleetError(f"{path}: {error.strerror}") from None


def load(path: Path) -> Fleet:
    """Read what ``keep`` wrote. Raises ``FleetError``."""
    try:
        said = json.loads(path.read_text())
        channels = (
            Channel(**{**each, "kind": Kind(each["kind"]), "range": _known(each["range"])}) for each in said["channels"]
        )
        devices = (SimulatedDevice(**each) for each in said["devices"])
        return Fleet(said["study"], moment(said["starts"], "starts"), tuple(channels), tuple(devices))
    except (OSError, ValueError, TypeError, KeyError) as error:  # what it holds may be wrong in any way
        raise FleetError(f"{path} is not a file of simulated devices: {error}") from None


def _finite(limits: tuple[float, float]) -> list[float | None]:
    return [None if abs(limit) == float("inf") else limit for limit in limits]


def _known(limits: list[float | None]) -> tuple[float, float]:
    low, high = limits
    return -float("inf") if low is None else low, float("inf") if high is None else high


def furnish(study: str, number: int, starts: int, path: Path, *, site: str = "", enrol: str | None = None) -> Fleet:
    """Give simulated devices to so many participants of ``study`` and keep their secrets at ``path``.

    Participants that exist already, at ``site`` where it is given; with ``enrol`` new ones are screened there, numbered by that
    format ("" to find one that the study allows). Raises ``FleetError`` and ``Refused``; the file is made before anything else,
    so that no secret is lost.
    """
    from helmont.core.permissions import service
    from helmont.sensors.actions.devices import AssignDevice, RegisterDevice, device_key
    from helmont.sensors.models import Device
    from helmont.sensors.secrets import new_secret

    channels = _channels(study)
    if others := sorted(set(Device.objects.filter(study=study).exclude(model=MODEL).values_list("label", flat=True))):
        raise FleetError(
            f"{study} has devices that are not simulated ({others[0]}); made-up samples do not belong there"
        )
    if path.exists():
        raise FleetError(f"{path} is there already; without --study it is used as it is")
    people = _screened(study, number, site, enrol) if enrol is not None else _existing(study, number, site)
    first = Device.objects.filter(study=study).count() + 1
    labels = [f"SIM-{first + each:04}" for each in range(number)]
    known = [new_secret() for _ in labels]
    manager = service(ACTOR, "data_manager", study)
    devices = [
        SimulatedDevice(f"{device_key(study, label)}/1", person, secret)
        for label, (person, _zone), (secret, _digest) in zip(labels, people, known, strict=True)
    ]
    fleet = Fleet(study, starts, channels, tuple(devices))
    keep(fleet, path)
    _all([RegisterDevice(study, label, MODEL) for label in labels], manager)
    _all(
        [
            AssignDevice(person, label, written(starts), zone, digest=digest)
            for label, (person, zone), (_secret, digest) in zip(labels, people, known, strict=True)
        ],
        manager,
    )
    return fleet


def _channels(study: str) -> tuple[Channel, ...]:
    from helmont.core.errors import NotFound
    from helmont.studies.models import Study
    from helmont.studies.queries import compiled
    from helmont.study.sensing import channels_of

    row = Study.objects.filter(key=study).first()
    if row is None:
        raise NotFound(f"study:{study}")
    found = tuple(channels_of(compiled(study, row.definition).study).values())
    if not found:
        raise FleetError(f"{study} takes samples of no device: its definition has no sensors.yaml")
    return found


def _existing(study: str, number: int, site: str) -> list[tuple[str, str]]:
    """Participants' keys with the time zones of their sites."""
    from helmont.participants.models import Participant
    from helmont.studies.models import Site

    rows = Participant.objects.filter(study=study).exclude(status__in=("removed", "withdrawn", "screen_failed"))
    if site:
        rows = rows.filter(site=site)
    zones = dict(Site.objects.filter(study=study).values_list("number", "timezone"))
    found = [(row.key, zones[row.site]) for row in rows.order_by("key")[:number]]
    if len(found) < number:
        where = f" at site {site}" if site else ""
        raise FleetError(f"{study} has {len(found)} participants{where}, not {number}; --enrol screens new ones")
    return found


def _screened(study: str, number: int, site: str, form: str) -> list[tuple[str, str]]:
    """New participants' keys with the time zone of their site."""
    from datetime import UTC, datetime

    from helmont.core.permissions import service
    from helmont.participants.actions import ScreenParticipant, participant_key
    from helmont.participants.models import Participant
    from helmont.studies.models import Site

    sites = Site.objects.filter(study=study, status="active").order_by("number")
    row = (sites.filter(number=site) if site else sites).first()
    if row is None:
        raise FleetError(f"{study} has no open site {site}".rstrip())
    taken = set(Participant.objects.filter(study=study).values_list("number", flat=True))
    every = (_numbered(study, row.definition, row.number, form).format(site=row.number, n=n) for n in range(1, 10_000))
    numbers = list(islice((each for each in every if each not in taken), number))
    today = str(datetime.now(UTC).date())
    screenings = [ScreenParticipant(study, row.number, each, today) for each in numbers]
    _all(screenings, service(ACTOR, "import_service", study))
    return [(participant_key(study, each), row.timezone) for each in numbers]


def _numbered(study: str, version: str, site: str, form: str) -> str:
    """A format for participants' numbers that the study allows."""
    import re

    from helmont.studies.models import Study
    from helmont.studies.queries import compiled

    version = version or Study.objects.values_list("definition", flat=True).get(key=study)
    rule = compiled(study, version).study.participant_id
    for each in (form,) if form else NUMBERS:
        if rule is None or re.fullmatch(rule.pattern, each.format(site=site, n=1)):
            return each
    assert rule is not None  # one without a rule was allowed
    raise FleetError(
        f"participants of {study} are numbered as {rule.hint or rule.pattern}; say how: --numbers '{{site}}-{{n:04}}'"
    )


def _all(actions: Sequence[Action], actor: Actor) -> None:
    """Carry them out, some to a commit. Raises the first refusal."""
    from helmont.core.actions import Job
    from helmont.core.writer import perform_all

    for first in range(0, len(actions), AT_ONCE):
        for outcome in perform_all(
            [Job(action, actor, {"channel": "command"}) for action in actions[first : first + AT_ONCE]]
        ):
            if isinstance(outcome, Exception):
                raise outcome


def begun(now: int, hours: float, speed: float) -> int:
    """When made-up time begins so that it never runs ahead of the true one, in whole seconds: real time begins now."""
    whole = round(hours * 3600 * SECOND)
    return (now - round(whole * (1 - (1 / speed if speed else 0.0)))) // SECOND * SECOND
