"""What happened at the sites, as a plain sequence of events that a replay can turn into actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from helmont.study.values import Value

UNSCHEDULED = "UNSCHEDULED"
Status = Literal["screen_failed", "randomised", "completed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the trial: its number, the country (ISO 3166-1 alpha-2) and a made-up, place-neutral name."""

    number: str
    country: str
    name: str


@dataclass(frozen=True, slots=True)
class ScreenParticipant:
    """A participant enters screening at ``site`` (a site number)."""

    participant_id: str
    site: str
    date: date


@dataclass(frozen=True, slots=True)
class StartEncounter:
    """A visit takes place: an encounter of the protocol, or ``UNSCHEDULED`` with its number (``"1.1"``)."""

    participant_id: str
    encounter: str
    date: date
    unscheduled_number: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MissEncounter:
    """A planned encounter was passed over; dated on the next encounter that did take place."""

    participant_id: str
    encounter: str
    date: date
    reason: str


@dataclass(frozen=True, slots=True)
class EnterForm:
    """A form is filled in once, whole.

    ``values`` are by item key (``ITEM`` or ``GROUP[n].ITEM``) and canonical as in ARCHITECTURE.md, 'Item values'.

    A visit form has an ``encounter`` and no ``line``; a line of a log has a ``line`` and no encounter. Lines keep
    the number the published record has, so they are unique and not always entered in order.
    ``date`` is the first day on which everything that was entered had happened.
    """

    participant_id: str
    encounter: str | None
    unscheduled_number: str | None
    form: str
    line: int | None
    values: dict[str, Value]
    date: date


@dataclass(frozen=True, slots=True)
class ChangeParticipantStatus:
    """The participant's standing in the trial changes."""

    participant_id: str
    status: Status
    date: date


Event = ScreenParticipant | StartEncounter | MissEncounter | EnterForm | ChangeParticipantStatus
