"""Whose samples a page is about, which time of them it shows, and how values and moments of them read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import formats

from helmont.core.errors import Fault, Invalid
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for
from helmont.sensors.queries.devices import VIEW, Worn, now, worn_by
from helmont.sensors.queries.privileges import hidden_channels
from helmont.sensors.queries.traces import WornChannel, channels_of
from helmont.signals.channels import Channel, Kind
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study import sensing
from helmont.web.access import actor, study_or_404, today
from helmont.web.dates import day_text

MILLION = 1_000_000
LONGEST = 400 * 86_400 * MILLION
"""Microseconds of the longest time that is shown at once."""
SHORTEST = MILLION // 10
LATEST = 4_102_444_800 * MILLION
_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Looking:
    """A participant whose samples the person may see, without the channels that are hidden from the person."""

    study: Study
    participant: Participant
    hidden: frozenset[str]
    worn: tuple[Worn, ...]

    @property
    def key(self) -> str:
        return str(self.participant.key)

    @cached_property
    def channels(self) -> list[WornChannel]:
        """The channels of which something came, those that are hidden left out."""
        return in_order(each for each in channels_of(self.key) if each.name not in self.hidden)

    @cached_property
    def declared(self) -> dict[str, Channel]:
        """What the participant's version of the study says of channels."""
        return sensing.channels_of(compiled(self.study.key, self.participant.definition).study)

    @property
    def zone(self) -> str:
        """The participant's time zone, as it was when the latest device was given out."""
        return self.worn[0].assignment.timezone if self.worn else "UTC"

    @property
    def extent(self) -> tuple[int, int] | None:
        """The first and the last sample that may be shown, in microseconds; None before there is any."""
        if not self.channels:
            return None
        return min(each.first for each in self.channels), max(each.last for each in self.channels)


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...


Channelled = TypeVar("Channelled", bound=_Named)


def in_order(channels: Iterable[Channelled]) -> list[Channelled]:
    """Channels as pages show them: movement first, the battery last."""
    return sorted(channels, key=lambda each: (_ORDER[each.kind], each.name))


def looking(request: HttpRequest, study: str, number: str) -> Looking:
    """The participant of the address. Raises ``NotFound`` for one whose samples are not the person's to see."""
    found = study_or_404(request, study)
    person, day = actor(request), today(request)
    row = participant_for(person, study, number, day, VIEW)
    return Looking(found, row, hidden_channels(person, row, day), tuple(worn_by(row)))


def span_of(request: HttpRequest, extent: tuple[int, int] | None) -> tuple[int, int]:
    """``from`` and ``to`` of the address, microseconds since 1970; without them the day up to the last sample.

    Raises ``Invalid`` for a time that is none, or longer than ``LONGEST``.
    """
    given = request.GET.get("from", ""), request.GET.get("to", "")
    if given == ("", ""):
        upto = (extent[1] if extent else int(now().timestamp() * MILLION)) + MILLION
        return upto - 86_400 * MILLION, upto
    if not all(text.isascii() and text.isdecimal() and len(text) < 17 for text in given):
        raise Invalid([Fault("from", "-".join(given)[:60], "whole microseconds since 1970")])
    start, end = map(int, given)
    if not (SHORTEST <= end - start <= LONGEST and end <= LATEST):
        raise Invalid([Fault("from", f"{start} to {end}", "a tenth of a second to 400 days, until 2099")])
    return start, end


def number_text(value: float | None, decimals: int | None = None) -> str:
    """A value in the page's language; without ``decimals`` three figures or so."""
    if value is None:
        return "–"
    size = abs(value)
    if decimals is None:
        decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2 if size >= 0.1 else 3
    if not round(value, decimals):
        value = 0.0  # never minus nothing
    text = str(formats.number_format(value, decimals, use_l10n=True, force_grouping=True))
    return text.replace("-", "−")


def decimals_of(channel: Channel | None) -> int:
    """How many decimals a sample of the channel has; at most three are worth reading."""
    step = channel.resolution if channel else 0.01
    return next((places for places in range(3) if round(step, places) >= step * 0.999), 3)


def clock(microseconds: int, zone: str) -> datetime:
    """A moment of a sample on a clock in a zone."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return moment.astimezone(ZoneInfo(zone))


def moment_in(microseconds: int, zone: str, fine: bool = False) -> str:
    """``12 Jan 2026, 10:42:05 CET``, with milliseconds where they matter."""
    local = clock(microseconds, zone)
    time = f"{local:%H:%M:%S}" + (f".{local.microsecond // 1000:03}" if fine else "")
    return f"{day_text(local)}, {time} {local.tzname()}"


def midnight(day: str, zone: str) -> int:
    """When a day begins by the clock in a zone, in microseconds since 1970; ``day`` is an ISO date."""
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone))
    return int(at.timestamp()) * MILLION
