"""The alerts of devices that a person may see, who has seen them, and who was written to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from helmont.core.permissions import Actor
from helmont.participants.queries import participants_for
from helmont.sensors.alert_models import DeviceAlert, DeviceAlertNotice, DeviceAlertSeen
from helmont.sensors.queries.devices import VIEW
from helmont.sensors.queries.privileges import hidden_channels


def visible_alerts(actor: Actor, study: str, today: date) -> list[DeviceAlert]:
    """The latest first, without those of channels that are hidden from the person.

    Raises ``NotFound`` for somebody to whom samples are nobody's business.
    """
    people = {row.key: row for row in participants_for(actor, study, today, VIEW)}
    alerts = [
        row for row in DeviceAlert.objects.filter(study=study).order_by("-since", "key") if row.participant in people
    ]
    about = {alert.participant for alert in alerts if alert.channel}
    hidden = {key: hidden_channels(actor, people[key], today) for key in about}
    return [alert for alert in alerts if alert.channel not in hidden.get(alert.participant, ())]


def seen(keys: Collection[str]) -> dict[str, DeviceAlertSeen]:
    """By alert, who acknowledged it."""
    return {row.key: row for row in DeviceAlertSeen.objects.filter(key__in=list(keys))}


def notices(study: str) -> dict[str, dict[str, str]]:
    """By alert, who was written to about it, and when."""
    return dict(DeviceAlertNotice.objects.filter(study=study).values_list("key", "told"))


def waiting(actor: Actor, study: str, today: date) -> int:
    """How many alerts the person may see wait for somebody to acknowledge them."""
    keys = {alert.key for alert in visible_alerts(actor, study, today)}
    return len(keys - seen(keys).keys())
