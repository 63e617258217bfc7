"""Writing to those who must look at laboratory alerts: once each for the values that an alert rests on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmont.core.actions import Job, Outcome
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.notices import Waiting, write
from helmont.core.permissions import Scope, service
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
    unseen = [alert for alert in alerts if alert.key not in seen]
    told, roles = notices_of(study), _roles(unseen)
    waiting = (
        Waiting(
            alert,
            Scope(alert.study, alert.country, alert.site),
            roles[alert.key],
            alert.privileges.split(),
            told.get((alert.key, alert.basis), ()),
        )
        for alert in unseen
    )
    return write(study, waiting, datetime.now(UTC).date(), partial(_message, study), partial(_record, study))


def _record(study: str, handle: str, alerts: list[Alert]) -> None:
    helmont = service("helmont", "system", study)
    actions = (RecordNotice(alert.key, alert.rule, alert.basis, (handle,)) for alert in alerts)
    for outcome in perform_all([Job(action, helmont, SOURCE) for action in actions]):
        if not isinstance(outcome, Outcome):
            raise outcome


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


def _message(study: str, alerts: int) -> tuple[str, str]:
    """Subject and body."""
    subject = ngettext(
        "%(study)s: %(n)s laboratory alert waits for you", "%(study)s: %(n)s laboratory alerts wait for you", alerts
    ) % {"study": study, "n": alerts}
    body = _(
        "Laboratory results in %(study)s call for somebody to look at them. Please sign in and say what follows:"
        "\n\n%(link)s\n\nThis message names neither participants nor results.\n"
    ) % {"study": study, "link": f"{settings.HELMONT_ADDRESS}/studies/{study}/labs/alerts"}
    return subject, body
