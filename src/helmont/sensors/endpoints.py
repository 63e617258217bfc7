"""A participant's digital endpoints, computed from what came and kept as results; only what may have changed is computed again.

Rules. Every definition that the study ever published is computed, so that results by an earlier version stay, and two versions
can be compared. A day or night is the participant's own, by their clock; a visit window is that of the study's ``record``. A
result is there while its time goes on; it is final once that is over, and then says on what it rests.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import transaction

from helmont.core import sql
from helmont.core.ledger.store import log_size
from helmont.core.transactions import format_time
from helmont.participants.models import Participant
from helmont.sensors import days as made_days
from helmont.sensors import hours
from helmont.sensors.days import DAY, Came, Made, Partials
from helmont.sensors.models import Computed, Day, EndpointResult
from helmont.sensors.personal import personal_of, written
from helmont.sensors.queries.bases import Basis, basis_of
from helmont.sensors.streams import StreamOf, sensors_in, streams_of
from helmont.sensors.windows import VisitWindow, visit_windows, zones_of
from helmont.signals.endpoints.computing import Result, compute, taken_over
from helmont.signals.endpoints.days import Period, Zones, days, nights
from helmont.signals.endpoints.definition import EndpointDefinition, Window
from helmont.signals.levels import HOUR
from helmont.signals.recording import MICROSECOND, SECOND
from helmont.studies.models import Definition

if TYPE_CHECKING:
    from helmont.signals.endpoints.personal import Personal
    from helmont.signals.endpoints.reading import Sensors


@dataclass
class Work:
    """What computing gave: days to keep and to drop, results to keep and to drop.

    ``revision`` is the number of entries that the study's log had when it began: what it rests on is among them.
    """

    participant: str
    revision: int
    definitions: str
    made: list[Day] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    results: list[EndpointResult] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Wanted:
    """One endpoint over one time, under the key of its result, with the values of the record that it uses."""

    key: str
    definition: EndpointDefinition
    period: Period
    personal: dict[str, list[dict[str, Any]]]


def published(study: str) -> list[Sensors]:
    """What the published versions of the study say of devices, in the order of their publication."""
    rows = Definition.objects.filter(study=study).order_by("revision").values_list("version", flat=True)
    return [sensors for version in rows if (sensors := sensors_in(study, version)) is not None]


def definitions_of(study: str) -> dict[str, EndpointDefinition]:
    """Every endpoint that any published version of the study declares, by ``id@version``."""
    return {definition.key: definition for sensors in published(study) for definition in sensors.endpoints}


def bring_up_to_date(participant: str, now: datetime | None = None) -> int:
    """Compute what may have changed for a participant, and keep it; returns how many results that were.

    Raises ``SignalError`` for samples that are damaged.
    """
    work = work_on(participant, now or datetime.now(UTC), begin(participant))
    keep(work)
    return len(work.results)


def begin(participant: str) -> int:
    """Bring the participant's hours up to date; returns how many entries the log had, all of which are in them."""
    size = log_size(participant.partition("/")[0])
    for stream in streams_of(participant):
        hours.catch_up(stream)
    return size


def work_on(participant: str, now: datetime, size: int) -> Work:
    """Compute from what ``begin`` brought up to date; nothing is written but files. It may run in another process.

    ``now`` says which times are over. Raises ``SignalError`` for samples that are damaged.
    """
    begun = time.process_time()
    person = Participant.objects.get(key=participant)
    streams = streams_of(participant)
    came = made_days.came(participant, streams)
    rows, stale, gone = made_days.changed(participant, came.dates)
    work = Work(participant, size, "", gone=gone)
    for date in stale:
        made = made_days.make(participant, date, came.dates[date], streams)
        _file(participant, made)
        work.made.append(made.row)
        rows[date] = made.row
    for date in gone:
        del rows[date]
    zones = zones_of(person)
    definitions = definitions_of(person.study)
    personal = personal_of(participant, definitions.values())
    wanted = list(_wanted(person, came, zones, definitions, personal))
    work.definitions = _digest(wanted, zones)
    before = Computed.objects.filter(participant=participant).first()
    known = {row.key: row for row in EndpointResult.objects.filter(participant=participant)}
    touched = [(made_days.start_of(date), made_days.start_of(date) + DAY) for date in (*stale, *gone)]
    everything = before is None or before.definitions != work.definitions
    moment = int(now.timestamp() * SECOND)
    again = [each for each in wanted if everything or _is_due(each, known.get(each.key), touched, moment)]
    partials = Partials(participant, rows, streams)
    work.results = list(_results(again, partials, zones, personal, streams, moment, now))
    keys = {each.key for each in wanted}
    work.obsolete = [key for key in known if key not in keys]
    work.seconds = time.process_time() - begun
    return work


def _is_due(each: Wanted, row: EndpointResult | None, touched: Sequence[tuple[int, int]], now: int) -> bool:
    if row is None or (not row.final and each.period.end <= now) or row.personal != each.personal:
        return True
    return any(start < each.period.end and end > each.period.start for start, end in touched)


def _wanted(
    person: Participant, came: Came, zones: Zones, definitions: Mapping[str, EndpointDefinition], personal: Personal
) -> Iterator[Wanted]:
    """Every endpoint over every day, night and visit window of which something came."""
    if not came.hours:
        return

    def one(definition: EndpointDefinition, period: Period) -> Wanted:
        values = written(taken_over(definition, period, zones, personal))
        return Wanted(_key(person.key, definition, period.label), definition, period, values)

    begin, end = came.hours[0] * HOUR, (came.hours[-1] + 1) * HOUR
    periods = {Window.DAY: days(zones, begin, end), Window.NIGHT: nights(zones, begin, end)}
    for definition in definitions.values():
        for period in periods.get(definition.window, ()):
            if came.within(period.start, period.end):
                yield one(definition, period)
    for window in windows_of(person):
        if came.within(window.start, window.end):
            period = Period(window.name, window.start, window.end)
            for definition in (definitions[key] for key in window.endpoints):
                if definition.window is Window.VISIT:
                    yield one(definition, period)


def windows_of(person: Participant) -> Iterable[VisitWindow]:
    """The visit windows of all versions of the study, those with the same name and endpoints once."""
    found = {
        (window.name, window.endpoints): window
        for sensors in published(person.study)
        for window in visit_windows(person, sensors)
    }
    return found.values()


def _key(participant: str, definition: EndpointDefinition, label: str) -> str:
    return f"{participant}#{definition.key}#{definition.window}#{label}"


def _digest(wanted: Iterable[Wanted], zones: Zones) -> str:
    """Changes with definitions, time zones and visit windows, not with days that are added."""
    visits = sorted(
        f"{each.key} {each.period.start} {each.period.end}" for each in wanted if each.definition.window is Window.VISIT
    )
    definitions = sorted({each.definition.digest for each in wanted})
    return sha256(json.dumps([definitions, visits, zones.first, zones.changes]).encode()).hexdigest()


def _results(
    wanted: Sequence[Wanted],
    partials: Partials,
    zones: Zones,
    personal: Personal,
    streams: Sequence[StreamOf],
    moment: int,
    now: datetime,
) -> Iterator[EndpointResult]:
    """Results, computed time by time, so that each time is put together once."""
    of_time: dict[tuple[int, int], list[Wanted]] = {}
    for each in wanted:
        of_time.setdefault((each.period.start, each.period.end), []).append(each)
    for (start, end), there in sorted(of_time.items()):
        partial = partials.of(start, end)
        bases: dict[str, Basis] = {}
        for each in there if partial is not None else ():
            result = compute(each.definition, partial, each.period, zones, personal)  # type: ignore[arg-type]  # see above
            final = end <= moment
            basis = None
            if final:
                if (channel := result.channel or "") not in bases:
                    bases[channel] = basis_of(partials.participant, streams, channel, start, end, partials.rows)
                basis = replace(bases[channel], personal=each.personal)
            yield _row(partials.participant, each, result, final, basis, zones, now)


def _row(
    participant: str, wanted: Wanted, result: Result, final: bool, basis: Basis | None, zones: Zones, now: datetime
) -> EndpointResult:
    return EndpointResult(
        key=wanted.key,
        study=participant.partition("/")[0],
        participant=participant,
        endpoint=result.endpoint,
        version=result.version,
        digest=result.digest,
        window=str(result.window),
        label=result.label,
        start=result.start // MICROSECOND,
        end=result.end // MICROSECOND,
        unit=result.unit,
        value=result.value,
        evaluable=result.evaluable,
        reason=str(result.reason or ""),
        wear=result.wear,
        channel=result.channel or "",
        details=dict(result.details),
        personal=wanted.personal,
        final=final,
        basis=basis.digest(result.digest, zones) if basis else "",
        batches=len(basis.batches) if basis else 0,
        computed=format_time(now),
    )


def _file(participant: str, made: Made) -> None:
    path = made_days.path_of(participant, made.row.date, made.row.revision)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(made.data)
    draft.replace(path)


_FIXED = ("key", "participant", "study")


def keep(work: Work) -> None:
    """Write what was computed, in one transaction; files of days that were made anew go."""
    old = {row.date: row.revision for row in Day.objects.filter(participant=work.participant)}
    columns = [f.name for f in EndpointResult._meta.concrete_fields if f.name not in _FIXED]
    with sql.turn(), transaction.atomic():
        Day.objects.bulk_create(
            work.made,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["revision", "nonwear", "calibrations"],
        )
        Day.objects.filter(participant=work.participant, date__in=work.gone).delete()
        EndpointResult.objects.filter(key__in=work.obsolete).delete()
        EndpointResult.objects.bulk_create(
            work.results, batch_size=100, update_conflicts=True, unique_fields=["key"], update_fields=columns
        )
        state = Computed(
            participant=work.participant,
            study=work.participant.partition("/")[0],
            revision=work.revision,
            definitions=work.definitions,
            seconds=work.seconds,
            computed=format_time(datetime.now(UTC)),
        )
        Computed.objects.bulk_create(
            [state],
            update_conflicts=True,
            unique_fields=["participant"],
            update_fields=["revision", "definitions", "seconds", "computed"],
        )
    now = {row.date: row.revision for row in work.made}
    for date in {*now, *work.gone}:
        if date in old and old[date] != now.get(date):
            made_days.path_of(work.participant, date, old[date]).unlink(missing_ok=True)
