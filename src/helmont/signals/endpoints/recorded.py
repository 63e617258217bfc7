"""Which results become items of a participant's record, and over which days around an encounter they are computed.

::

    record:
      - form: ACTIVITY
        encounters: [WEEK_2, WEEK_4]                # without it: every encounter that has the form
        days: [-7, -1]                              # days relative to the encounter's date, both included
        items: {MVPA: mvpa_visit@1}                 # items of the form, and endpoints over a visit window
        daily: {group: DAYS, date: DAYDT, items: {DAYMVPA: mvpa@1}}    # a row of a group for each of the days
        after: {days: 3}                            # so long it is waited for samples that come late; without it 24 hours

A day is one of the participant's own: from midnight to midnight by the clock where the participant is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from helmont.signals.endpoints.definition import EndpointDefinition, Window
from helmont.signals.endpoints.settings import Taker, at_least, listed, text, whole
from helmont.signals.errors import SignalError

FARTHEST = 366
"""Days that a window may lie from its encounter."""
HOURS = 24.0
"""How long after a window samples are waited for when nothing else is said: whoever sends once a day has sent by then."""


@dataclass(frozen=True, slots=True)
class Daily:
    """A row of the repeating ``group`` for each day: its date in ``date``, and ``items`` -> endpoints of a day or night."""

    group: str
    date: str
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The items of one form that come from devices.

    ``items`` maps items to endpoints (``id@version``) over the visit window from day ``first`` to day ``last`` (0 is the
    encounter's own day); ``encounters`` are those where it holds, none for every one that has the form. ``after`` are the hours
    for which samples of the window are waited for once it is over.
    """

    form: str
    first: int
    last: int
    encounters: tuple[str, ...] = ()
    items: Mapping[str, str] = field(default_factory=dict)
    daily: Daily | None = None
    after: float = HOURS

    @property
    def days(self) -> int:
        """How many days the window has."""
        return self.last - self.first + 1

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints over the visit window, each once."""
        return tuple(dict.fromkeys(self.items.values()))

    @property
    def all_endpoints(self) -> tuple[str, ...]:
        """The endpoints over the visit window and over its days and nights, each once."""
        return tuple(dict.fromkeys([*self.items.values(), *(self.daily.items.values() if self.daily else ())]))


def recorded_of(data: object, place: str, definitions: Sequence[EndpointDefinition]) -> Recorded:
    """One entry of ``record``; ``definitions`` are the endpoints that the study declares.

    Raises ``SignalError`` at the place of what is not an endpoint of the study, not one over such a window, or no window.
    """
    known = {each.key: each for each in definitions}
    taker = Taker(data, place)
    form = taker.take("form", text)
    encounters = taker.take("encounters", listed(text), tuple[str, ...]())
    first, last = taker.take("days", _days)
    items = taker.take("items", _items(known, (Window.VISIT,)), dict[str, str]())
    daily = taker.optional("daily", lambda value, where: _daily(value, where, known))
    after = taker.take("after", _after, HOURS)
    taker.done()
    if not items and daily is None:
        raise SignalError(taker.at("items"), "none", "items and their endpoints, or daily")
    entry = Recorded(form, first, last, encounters, items, daily, after)
    for item, key in items.items():
        least = known[key].minimum.periods
        if known[key].each is not None and least > entry.days + (known[key].each is Window.NIGHT):
            found = f"{entry.days} days, too few for {item}"
            raise SignalError(taker.at("days"), found, f"at least the {least} days or nights that {key} asks for")
    return entry


def _days(value: object, place: str) -> tuple[int, int]:
    found = listed(whole)(value, place)
    if len(found) != 2 or not -FARTHEST <= found[0] <= found[1] <= FARTHEST:
        accepted = f"the first day and the last one, such as [-7, -1], from {-FARTHEST} to {FARTHEST}"
        raise SignalError(place, list(found), accepted)
    return found[0], found[1]


def _after(value: object, place: str) -> float:
    """Hours, from ``{hours: 36}`` or ``{days: 3}``."""
    taker = Taker(value, place)
    hours, days = taker.optional("hours", at_least(0)), taker.optional("days", at_least(0))
    taker.done()
    found = hours if days is None else days * 24
    if found is None or None not in (hours, days) or found > FARTHEST * 24:
        raise SignalError(place, str(value)[:80], f"hours or days, such as {{days: 3}}, at most {FARTHEST} days")
    return found


def _daily(value: object, place: str, known: Mapping[str, EndpointDefinition]) -> Daily:
    taker = Taker(value, place)
    group, date = taker.take("group", text), taker.take("date", text)
    items = taker.take("items", _items(known, (Window.DAY, Window.NIGHT)))
    taker.done()
    if not items:
        raise SignalError(taker.at("items"), "none", "items of the group and their endpoints")
    return Daily(group, date, items)


def _items(
    known: Mapping[str, EndpointDefinition], windows: Sequence[Window]
) -> Callable[[object, str], dict[str, str]]:
    """Reads items and the endpoints that fill them, each over one of the ``windows``."""
    fitting = [each.key for each in known.values() if each.window in windows]

    def endpoint(value: object, place: str) -> str:
        key = text(value, place)
        if key not in known:
            raise SignalError(place, repr(key), ", ".join(fitting) or "an endpoint declared under endpoints")
        if key not in fitting:
            raise SignalError(place, f"{key}, over a {known[key].window}", f"an endpoint over a {' or '.join(windows)}")
        return key

    def read(value: object, place: str) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise SignalError(place, repr(value)[:80], "items and their endpoints, such as {MVPA: mvpa_visit@1}")
        return {str(item): endpoint(entry, f"{place}.{item}") for item, entry in value.items()}

    return read
