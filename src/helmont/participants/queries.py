"""Reading participants and encounters, limited to what the person may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor, Scope
from helmont.participants.models import Encounter, Participant
from helmont.study.compiling import CompiledStudy


def in_places(actor: Actor, permission: str, study: str, today: date) -> Q | None:
    """The condition that limits rows with ``study``, ``country`` and ``site`` columns to the person's places.

    None when the person holds the permission nowhere in the study.
    """
    places = actor.places(permission, study, today)
    if not places:
        return None
    condition = Q(study=study)
    if any(not place.site and not place.country for place in places):
        return condition
    limit = Q()
    for place in places:
        limit |= Q(site=place.site) if place.site else Q(country=place.country)
    return condition & limit


def participants_for(
    actor: Actor, study: str, today: date, permission: str = "participant.view"
) -> QuerySet[Participant]:
    """The participants of the study whom the person may see; raises ``NotFound`` when that is nobody's business of theirs."""
    condition = in_places(actor, permission, study, today)
    if condition is None:
        raise NotFound(study)
    found: QuerySet[Participant] = Participant.objects.filter(condition).order_by("number")
    return found


def participant_for(
    actor: Actor, study: str, number: str, today: date, permission: str = "participant.view"
) -> Participant:
    """One participant; raises ``NotFound`` when there is none, or none for this person."""
    participant: Participant | None = Participant.objects.filter(key=f"{study}/{number}").first()
    if participant is None or not actor.may(permission, scope_of(participant), today):
        raise NotFound(f"{study}/{number}")
    return participant


def scope_of(participant: Participant) -> Scope:
    return Scope(participant.study, participant.country, participant.site)


def recorded_encounters(participant: Participant) -> list[Encounter]:
    """The encounters of a participant that took place or were missed. The participant is one that the person may see."""
    return list(Encounter.objects.filter(participant=participant).order_by("key"))


@dataclass(frozen=True)
class PlannedEncounter:
    """An encounter of one participant as planned and as it went. Dates are ISO; ``standing`` is one of
    planned, due, overdue, begun, missed, not_reached (the participant has left the study before it)."""

    key: str
    oid: str
    number: float
    label: str
    standing: str
    date: str = ""
    target: str = ""
    earliest: str = ""
    latest: str = ""
    out_of_window: bool = False
    optional: bool = False
    reason: str = ""


def encounters_of(
    participant: Participant, study: CompiledStudy, rows: Sequence[Encounter], language: str, today: date
) -> list[PlannedEncounter]:
    """The participant's encounters in order, planned and unscheduled, each with its window and standing."""
    begun = {row.oid: row for row in rows if row.oid != "UNSCHEDULED"}
    dates = {oid: row.date for oid, row in begun.items() if row.date}
    result = []
    for ordinal, encounter in enumerate(study.study.protocol.encounters, start=1):
        row = begun.get(encounter.id)
        window = _window(study, encounter.id, encounter.anchor, dates)
        target, earliest, latest = (day.isoformat() if day else "" for day in window)
        standing = row.status if row else _standing(participant, earliest, latest, today, encounter.optional)
        result.append(
            PlannedEncounter(
                key=f"{participant.key}/{encounter.id}",
                oid=encounter.id,
                number=float(encounter.number if encounter.number is not None else ordinal),
                label=encounter.label.get(language)[0],
                standing=standing,
                date=row.date if row else "",
                target=target,
                earliest=earliest,
                latest=latest,
                out_of_window=bool(row and row.date and earliest and not earliest <= row.date <= latest),
                optional=encounter.optional,
                reason=row.reason if row else "",
            )
        )
    unscheduled = study.study.protocol.unscheduled
    name = unscheduled.label.get(language)[0] if unscheduled else "Unscheduled"
    for row in rows:
        if row.oid == "UNSCHEDULED":
            result.append(_as_recorded(row, f"{name} {row.number}"))
        elif row.oid not in study.encounters:  # the participant's version no longer plans it
            result.append(_as_recorded(row, row.oid))
    return sorted(result, key=lambda encounter: encounter.number)


def _as_recorded(row: Encounter, label: str) -> PlannedEncounter:
    """An encounter that is not in the protocol's plan, as it took place or was missed."""
    return PlannedEncounter(
        key=row.key,
        oid=row.key.rsplit("/", 1)[-1],
        number=float(row.number),
        label=label,
        standing=row.status,
        date=row.date,
        optional=True,
        reason=row.reason,
    )


def _window(
    study: CompiledStudy, encounter: str, anchor: str | None, dates: Mapping[str, str]
) -> tuple[date | None, date | None, date | None]:
    if anchor is None or anchor not in dates:
        return None, None, None
    return study.window(encounter, date.fromisoformat(dates[anchor])) or (None, None, None)


def _standing(participant: Participant, earliest: str, latest: str, today: date, optional: bool) -> str:
    if participant.status in {"screen_failed", "completed", "withdrawn", "removed"}:
        return "not_reached"
    if optional or not latest:
        return "planned"
    if latest < today.isoformat():
        return "overdue"
    return "due" if earliest <= (today + timedelta(days=7)).isoformat() else "planned"
