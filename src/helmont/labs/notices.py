"""Writing to those who must look at laboratory alerts: once each for the values that an alert rests on.

A message says that something waits and where; it names no participant, no test and no result, since mail is read on
other machines than ours. That a person was written to is recorded after the message was handed to the mail server: a
process that dies in between writes twice rather than never.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmont.core.actions import Job, Outcome
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.models import Assignment, Person
from helmont.core.people.queries import load_actor
from helmont.core.permissions import Actor, Scope, service
from helmont.core.writer import perform_all
from helmont.labs.actions.notices import RecordNotice
from helmont.labs.definition import lab_definition
from helmont.labs.models import Alert
from helmont.labs.queries.readings import acknowledgements, notices_of
from helmont.participants.models import Participant

RESPONSIBLE = ("investigator", "sub_investigator")
"""For whom an alert is that names no roles."""
SOURCE = {"channel": "schedule"}


@scheduled("laboratory alerts", every=60)
def notify_all() -> int:
    """Every study with alerts that nobody has seen yet; returns how many messages were sent."""
    return sum(notify(study) for study in Alert.objects.order_by("study").values_list("study", flat=True).distinct())


def notify(study: str) -> int:
    """One message to each person about all alerts that are new to them."""
    alerts = list(Alert.objects.filter(study=study).order_by("key"))
    seen = acknowledgements(alerts)
    waiting = [alert for alert in alerts if alert.key not in seen]
    told = notices_of(study)
    new: dict[str, list[Alert]] = defaultdict(list)
    people = _people(study)
    roles = _roles(waiting)
    today = datetime.now(UTC).date()
    for alert in waiting:
        for handle, (_person, actor) in people.items():
            if handle not in told.get((alert.key, alert.basis), ()) and _is_for(alert, actor, roles[alert.key], today):
                new[handle].append(alert)
    for handle, mine in new.items():
        person = people[handle][0]
        with translation.override(person.language):
            _message(study, len(mine), person.email).send()
        _record(study, handle, mine)
    return len(new)


def _record(study: str, handle: str, alerts: list[Alert]) -> None:
    helmont = service("helmont", "system", study)
    actions = (RecordNotice(alert.key, alert.rule, alert.basis, (handle,)) for alert in alerts)
    for outcome in perform_all([Job(action, helmont, SOURCE) for action in actions]):
        if not isinstance(outcome, Outcome):
            raise outcome


def _people(study: str) -> dict[str, tuple[Person, Actor]]:
    """Those of the study whom a message can reach."""
    handles = Assignment.objects.filter(study=study).values_list("person", flat=True)
    found = Person.objects.filter(handle__in=list(handles), active=True).exclude(email="").order_by("handle")
    return {person.handle: (person, load_actor(person.handle)) for person in found}


def _roles(alerts: list[Alert]) -> dict[str, tuple[str, ...]]:
    """By alert, the roles that the rule of the participant's version of the study names."""
    versions = dict(
        Participant.objects.filter(key__in={alert.participant for alert in alerts}).values_list("key", "definition")
    )
    found = {}
    for alert in alerts:
        definition = lab_definition(alert.study, versions[alert.participant])
        rules = {rule.id: rule.roles for rule in definition.labs.alerts} if definition else {}
        found[alert.key] = rules.get(alert.rule, ()) or RESPONSIBLE
    return found


def _is_for(alert: Alert, actor: Actor, roles: tuple[str, ...], today: date) -> bool:
    """Whether the person has one of the roles at the alert's site, and may see every result behind it."""
    scope = Scope(alert.study, alert.country, alert.site)
    named = any(grant.role in roles and grant.covers(scope, today.isoformat()) for grant in actor.grants)
    return named and not set(alert.privileges.split()) & actor.hidden(scope, today)


def _message(study: str, alerts: int, address: str) -> EmailMessage:
    subject = ngettext(
        "%(study)s: %(n)s laboratory alert waits for you", "%(study)s: %(n)s laboratory alerts wait for you", alerts
    ) % {"study": study, "n": alerts}
    body = _(
        "Laboratory results in %(study)s call for somebody to look at them. Please sign in and say what follows:"
        "\n\n%(link)s\n\nThis message names neither participants nor results.\n"
    ) % {"study": study, "link": f"{settings.HELMONT_ADDRESS}/studies/{study}/labs/alerts"}
    return EmailMessage(subject, body, to=[address])
