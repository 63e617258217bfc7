"""Alerts of devices: somebody has seen one and says what follows; people were written to about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Conflict, NotFound
from helmont.core.people.alerts import AlertAction
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.participants.models import Participant
from helmont.sensors.alert_models import DeviceAlert
from helmont.sensors.queries.privileges import hidden_channels


@dataclass(frozen=True)
class AcknowledgeDeviceAlert(AlertAction):
    """Somebody has seen the alert and says what follows. The first who does is the one who is named."""

    name: ClassVar[str] = "sensors.acknowledge_alert"
    permission: ClassVar[str] = "device.acknowledge"
    note: str

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        alert = DeviceAlert.objects.filter(key=self.key).first()
        person = Participant.objects.filter(key=self.participant).first()
        if alert is None or person is None or alert.channel in hidden_channels(actor, person, tx.today):
            raise NotFound(self.key)
        if tx.get("device_alert_seen", self.key):
            raise Conflict(_("Somebody has acknowledged this alert before."))
        return self.see(tx, actor, "device_alert_seen", self.note, alert=alert.rule)


@dataclass(frozen=True)
class RecordDeviceNotice(AlertAction):
    """``told`` were written to about the alert ``STUDY/<number>/device-alerts/<rule>/<since>``; those told before stay named."""

    name: ClassVar[str] = "sensors.record_notice"
    permission: ClassVar[str] = "device.notify"
    told: tuple[str, ...]

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        earlier = tx.get("device_alert_notice", self.key)
        before = earlier["told"] if earlier else {}
        return self.tell(tx, "device_alert_notice", self.told, before, alert=self.key.split("/")[-2])
