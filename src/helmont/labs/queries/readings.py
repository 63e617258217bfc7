"""Results, alerts and regradings as a person may see them: at their places, and without what needs a privilege they lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from helmont.core.errors import NotFound
from helmont.core.people.models import Person
from helmont.core.permissions import PRIVILEGES, Actor
from helmont.labs.models import Acknowledgement, Alert, LabImport, Notice, Reading, ReferenceRange, Regrade
from helmont.participants.models import Participant
from helmont.participants.queries import in_places, scope_of


def visible_readings(actor: Actor, study: str, today: date) -> QuerySet[Reading]:
    """The results that the person may see; raises ``NotFound`` when they may see forms nowhere in the study."""
    condition = _places(actor, study, today)
    found: QuerySet[Reading] = Reading.objects.filter(condition)
    for privilege in PRIVILEGES:
        places = in_places(actor, f"{privilege}.read", study, today)
        private = Q(privilege=privilege)
        found = found.exclude(private if places is None else private & ~places)
    return found


def visible_alerts(actor: Actor, study: str, today: date) -> QuerySet[Alert]:
    """The alerts that the person may see: those whose results they may see all of."""
    found: QuerySet[Alert] = Alert.objects.filter(_places(actor, study, today))
    for privilege in PRIVILEGES:
        places = in_places(actor, f"{privilege}.read", study, today)
        private = Q(privileges__contains=privilege)
        found = found.exclude(private if places is None else private & ~places)
    return found


def readings_of(actor: Actor, participant: Participant, today: date) -> list[Reading]:
    """A participant's results that the person may see, by analyte and time; empty when they may not see forms there."""
    scope = scope_of(participant)
    if not actor.may("form.view", scope, today):
        return []
    found = Reading.objects.filter(participant=participant.key).exclude(privilege__in=actor.hidden(scope, today))
    return list(found.order_by("analyte", "collected", "time", "key"))


def _places(actor: Actor, study: str, today: date) -> Q:
    condition = in_places(actor, "form.view", study, today)
    if condition is None:
        raise NotFound(study)
    return condition


def acknowledgements(alerts: Iterable[Alert]) -> Mapping[str, Acknowledgement]:
    """The acknowledgement of each alert that still holds: one of the values that the alert rests on now."""
    by_key = {alert.key: alert.basis for alert in alerts}
    found = Acknowledgement.objects.filter(key__in=by_key)
    return {one.key: one for one in found if one.basis == by_key[one.key]}


def open_alerts(actor: Actor, study: str, today: date) -> int:
    """How many alerts the person may see wait for somebody to look."""
    alerts = list(visible_alerts(actor, study, today))
    return len(alerts) - len(acknowledgements(alerts))


@dataclass(frozen=True)
class Regraded:
    """One result that a regrading changed; ``flag`` and ``grade`` are before and after, None where they stayed."""

    participant: str
    place: str
    item: str
    flag: tuple[str, str] | None
    grade: tuple[int | None, int | None] | None


def regraded(actor: Actor, regrade: Regrade, today: date) -> list[Regraded]:
    """The changed results that are the person's to see."""
    condition = in_places(actor, "form.view", regrade.study, today)
    if condition is None:
        return []
    mine = set(Participant.objects.filter(condition).values_list("number", flat=True))
    found = []
    for key, change in sorted(regrade.changes.items()):
        number, place, form_item = key.split("/", 2)
        if number in mine:
            flag, grade = change.get("flag"), change.get("grade")
            item = form_item.partition("#")[2]
            found.append(Regraded(number, place, item, tuple(flag) if flag else None, tuple(grade) if grade else None))
    return found


def ranges_of(study: str) -> QuerySet[ReferenceRange]:
    """Every range of the study in the order of laboratory, test, period, sex and age."""
    return ReferenceRange.objects.filter(study=study).order_by(
        "laboratory", "analyte", "withdrawn", "effective_from", "sex", "key"
    )


def imports_of(study: str) -> list[LabImport]:
    """The imports of the study, newest first."""
    return list(LabImport.objects.filter(study=study).order_by("-time")[:200])


def notices_of(study: str) -> dict[tuple[str, str], dict[str, str]]:
    """Key and basis of an alert -> who was written to about it, and when."""
    return {(row.key, row.basis): row.told for row in Notice.objects.filter(study=study)}


def names_of(handles: Iterable[str]) -> dict[str, str]:
    """Handle -> name of people."""
    return dict(Person.objects.filter(handle__in=set(handles)).values_list("handle", "name"))
