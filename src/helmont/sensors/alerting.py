"""Each minute: what devices send, or do not, against the alerts of ``sensors.yaml``; and writing to those who must look.

What is found is derived: an alert begins where its rule was first met, and goes on until it is not. Whether somebody has seen it,
and who was written to, are records. Samples of the last ``BACK`` are looked at: what comes later than that alerts nobody.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmont.core.actions import Job, Outcome
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.notices import Waiting, write
from helmont.core.permissions import Scope, service
from helmont.core.transactions import format_time
from helmont.core.writer import perform_all
from helmont.participants.models import Participant
from helmont.sensors.actions.alerts import RecordDeviceNotice
from helmont.sensors.alert_models import DeviceAlert
from helmont.sensors.models import DeviceAssignment, Hour, SampleCorrection, Stream
from helmont.sensors.projections import MILLION
from helmont.sensors.queries.alerts import notices, seen
from helmont.signals.errors import SignalError
from helmont.signals.recording import MICROSECOND, SECOND
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.sensing import sensors_of

if TYPE_CHECKING:
    from helmont.signals.endpoints.alerts import AlertRule

log = logging.getLogger(__name__)
HOUR = 3_600 * MILLION
BACK = 48 * HOUR
PART = 6 * HOUR
"""What is read at once, from whole multiples of it on: the same samples are then read at the same level of detail each time."""
RESPONSIBLE = {
    "silent": ("site_coordinator", "site_nurse"),
    "battery": ("site_coordinator", "site_nurse"),
    "range": ("investigator", "sub_investigator"),
}
"""For whom an alert of a kind is that names no roles."""
SOURCE = {"channel": "schedule"}


@dataclass(frozen=True)
class Finding:
    """A rule that a participant's device meets: moments in microseconds since 1970, ``until`` None while it goes on."""

    participant: str
    rule: AlertRule
    since: int
    until: int | None = None
    value: float | None = None
    device: str = ""


@scheduled("device alerts", every=60)
def look_at_all() -> int:
    """Every study that has devices with participants; returns how many people were written to."""
    studies = DeviceAssignment.objects.order_by("study").values_list("study", flat=True).distinct()
    return sum(look(study, datetime.now(UTC)) for study in studies)


def look(study: str, now: datetime) -> int:
    """Bring the alerts of a study up to date, and write to whoever must look at new ones."""
    rules = rules_of(study)
    if rules or DeviceAlert.objects.filter(study=study, until=None).exists():
        update(study, now, rules)
    return notify(study, rules, now)


def rules_of(study: str) -> dict[str, AlertRule]:
    """The rules of the study's latest version."""
    version = Study.objects.filter(key=study).values_list("definition", flat=True).first()
    sensors = sensors_of(compiled(study, version).study) if version else None
    return {rule.id: rule for rule in sensors.alerts} if sensors else {}


def update(study: str, now: datetime, rules: Mapping[str, AlertRule]) -> None:
    """Find what holds now, keep it, and end what does not hold any more."""
    moment = int(now.timestamp() * MILLION)
    people = {row.key: row for row in Participant.objects.filter(study=study)}
    known: dict[tuple[str, str, str], list[DeviceAlert]] = defaultdict(list)
    for row in DeviceAlert.objects.filter(study=study, since__gte=moment - 2 * BACK).order_by("since"):
        known[row.participant, row.rule, row.device].append(row)
    for row in DeviceAlert.objects.filter(study=study, until=None, since__lt=moment - 2 * BACK):
        known[row.participant, row.rule, row.device].append(row)
    going_on: set[str] = set()
    findings = list(_findings(study, rules, moment))  # before anything is locked: samples are read for it
    with transaction.atomic():
        for finding in findings:
            person = people.get(finding.participant)
            if person is None or person.status == "removed":
                continue
            before = known[finding.participant, finding.rule.id, finding.device]
            row = next((each for each in before if _meet(each, finding)), None) or _new(finding, person, now)
            row.until, row.value = finding.until, finding.value
            row.save()
            going_on.add(row.key)
        for row in (row for rows in known.values() for row in rows):
            if row.until is None and row.key not in going_on:
                row.until = moment
                row.save()


def _meet(row: DeviceAlert, finding: Finding) -> bool:
    """Whether what was found is the alert that is known: late samples may have moved its beginning."""
    ends = finding.until if finding.until is not None else 1 << 62
    return row.since <= ends and (row.until is None or row.until >= finding.since)


def _new(finding: Finding, person: Participant, now: datetime) -> DeviceAlert:
    rule = finding.rule
    place = f"{rule.id}-{finding.device}" if finding.device else rule.id
    return DeviceAlert(
        key=f"{person.key}/device-alerts/{place}/{finding.since}",
        study=person.study,
        country=person.country,
        site=person.site,
        participant=person.key,
        rule=rule.id,
        kind=rule.kind.value,
        channel=rule.channel or "",
        device=finding.device,
        since=finding.since,
        found=format_time(now),
    )


def _findings(study: str, rules: Mapping[str, AlertRule], now: int) -> Iterator[Finding]:
    current = [
        row
        for row in DeviceAssignment.objects.filter(study=study)
        if _moment(row.starts) <= now and (not row.ends or _moment(row.ends) > now)
    ]
    for rule in rules.values():
        if rule.kind == "silent":
            yield from _silent(rule, current, now)
        elif rule.kind == "battery":
            yield from _battery(rule, current, now)
        else:
            yield from _out_of_range(study, rule, now)


def _silent(rule: AlertRule, current: Iterable[DeviceAssignment], now: int) -> Iterator[Finding]:
    """Devices that are worn now and of which nothing was received for the rule's hours."""
    rows = Stream.objects.filter(assignment__in=[row.key for row in current])
    last: dict[str, int] = {}
    for stream in rows.filter(channel=rule.channel) if rule.channel else rows:
        last[stream.assignment] = max(last.get(stream.assignment, 0), _moment(stream.received))
    for row in current:
        since = max(last.get(row.key, 0), _moment(row.starts)) + round(rule.hours * HOUR)
        if since <= now:
            yield Finding(row.participant, rule, since, device=row.device)


def _battery(rule: AlertRule, current: Iterable[DeviceAssignment], now: int) -> Iterator[Finding]:
    """Devices that are worn now and whose battery was below at the end of the latest hour of which something came."""
    assert rule.below is not None  # a rule of this kind has it
    by_stream = {f"{row.key}#{rule.channel}": row for row in current}
    hours: dict[str, list[tuple[int, float]]] = defaultdict(list)
    rows = Hour.objects.filter(stream__in=list(by_stream), hour__gte=(now - 14 * 24 * HOUR) // HOUR).order_by("hour")
    for stream, hour, last in rows.values_list("stream", "hour", "last"):
        hours[stream].append((hour * HOUR, last[0]))
    for stream, each in hours.items():
        since = None
        for begin, last in each:
            since = None if last >= rule.below else begin if since is None else since
        if since is not None:
            row = by_stream[stream]
            yield Finding(row.participant, rule, since, value=each[-1][1], device=row.device)


def _out_of_range(study: str, rule: AlertRule, now: int) -> Iterator[Finding]:
    """Participants whose signal was out of range, of those whose hours say that it may have been."""
    first = (now - BACK) // HOUR
    rows = Hour.objects.filter(study=study, stream__endswith=f"#{rule.channel}", hour__gte=first)
    candidates: dict[str, set[int]] = defaultdict(set)
    for stream, hour, low, high in rows.values_list("stream", "hour", "low", "high"):
        if (rule.below is not None and min(low) < rule.below) or (rule.above is not None and max(high) > rule.above):
            candidates[stream.rpartition("#")[0]].add(hour * HOUR // PART * PART)
    for participant, parts in _by_wearer(candidates).items():
        try:
            yield from _episodes(participant, rule, sorted(parts), now)
        except SignalError:  # damaged samples of one participant keep nobody else's alerts waiting
            log.exception("the samples of %s cannot be looked at", participant)


def _by_wearer(parts: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """From assignments to participants, those too of whom a correction says that they wore it."""
    found: dict[str, set[int]] = defaultdict(set)
    for key, participant in DeviceAssignment.objects.filter(key__in=list(parts)).values_list("key", "participant"):
        found[participant] |= parts[key]
    others = SampleCorrection.objects.filter(assignment__in=list(parts), kind="wearer", withdrawn=False)
    for key, participant in others.exclude(participant="").values_list("assignment", "participant"):
        found[participant] |= parts[key]
    return found


def _episodes(participant: str, rule: AlertRule, parts: Iterable[int], now: int) -> Iterator[Finding]:
    """Episodes of one participant; an episode goes on while it reaches to the last sample that came."""
    import numpy as np

    from helmont.core.errors import NotFound
    from helmont.sensors.queries.traces import channels_of, trace
    from helmont.signals.endpoints.alerts import episodes

    assert rule.channel is not None  # a rule of this kind has it
    # A part before and after each: an episode may have begun, or end, there.
    wanted = sorted({each for part in parts for each in (part - PART, part, part + PART) if each <= now})
    try:
        found = [trace(participant, rule.channel, at * MICROSECOND, (at + PART) * MICROSECOND) for at in wanted]
    except NotFound:  # nothing of it is theirs
        return
    if not found:
        return
    last = max((each.last for each in channels_of(participant) if each.name == rule.channel), default=0)
    step = round(max(each.seconds for each in found) * SECOND)
    times = np.concatenate([each.times for each in found])
    values = np.concatenate([each.mean for each in found])
    for episode in episodes(rule, times, values, step):
        since, ends = episode.start // MICROSECOND, episode.end // MICROSECOND
        yield Finding(participant, rule, since, None if ends >= last else ends, episode.value)


def notify(study: str, rules: Mapping[str, AlertRule], now: datetime) -> int:
    """One message to each person about all alerts that go on, that nobody has acknowledged and that are new to them."""
    alerts = list(DeviceAlert.objects.filter(study=study).order_by("key"))
    acknowledged, told = seen([alert.key for alert in alerts]), notices(study)
    private = _privileges(study)
    waiting = (
        Waiting(
            alert,
            Scope(study, alert.country, alert.site),
            (rules[alert.rule].roles if alert.rule in rules else ()) or RESPONSIBLE[alert.kind],
            [private[alert.channel]] if alert.channel in private else [],
            told.get(alert.key, {}),
        )
        for alert in alerts
        if alert.key not in acknowledged
    )
    return write(study, waiting, now.date(), partial(_message, study), partial(_record, study))


def _privileges(study: str) -> Mapping[str, str]:
    version = Study.objects.filter(key=study).values_list("definition", flat=True).first()
    sensors = sensors_of(compiled(study, version).study) if version else None
    return sensors.privileges if sensors else {}


def _message(study: str, alerts: int) -> tuple[str, str]:
    """Subject and body."""
    subject = ngettext(
        "%(study)s: %(n)s alert of a device waits for you", "%(study)s: %(n)s alerts of devices wait for you", alerts
    ) % {"study": study, "n": alerts}
    body = _(
        "Devices in %(study)s call for somebody to look at them. Please sign in and say what follows:"
        "\n\n%(link)s\n\nThis message names neither participants nor values.\n"
    ) % {"study": study, "link": f"{settings.HELMONT_ADDRESS}/studies/{study}/devices/alerts"}
    return subject, body


def _record(study: str, handle: str, alerts: list[DeviceAlert]) -> None:
    helmont = service("helmont", "system", study)
    jobs = [Job(RecordDeviceNotice(alert.key, (handle,)), helmont, SOURCE) for alert in alerts]
    for outcome in perform_all(jobs):
        if not isinstance(outcome, Outcome):
            raise outcome


def _moment(text: str) -> int:
    """A moment of the record in microseconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp() * MILLION)
