"""Alerts of devices: somebody has seen one and says what follows; people were written to about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid, NotFound
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.participants.models import Participant
from helmont.sensors.alert_models import DeviceAlert
from helmont.sensors.queries.privileges import hidden_channels


@dataclass(frozen=True)
class AlertAction(Action):
    """What is said of the alert ``key``, ``STUDY/<number>/device-alerts/<rule>/<since>``: allowed at the participant's site."""

    key: str

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    @property
    def participant(self) -> str:
        return "/".join(self.key.split("/")[:2])

    @property
    def rule(self) -> str:
        return self.key.split("/")[-2]

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self.participant)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant)
        return Scope(self.log, row["country"], row["site"])


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
        if not self.note.strip():
            raise Invalid([Fault("note", _("Say what you make of it."), _("what follows, or why nothing does"))])
        tx.put(
            "device_alert_seen",
            self.key,
            study=self.log,
            country=alert.country,
            site=alert.site,
            participant=self.participant,
            alert=alert.rule,
            time=tx.timestamp,
            by=actor.handle,
            note=self.note.strip(),
        )
        return {"key": self.key}


@dataclass(frozen=True)
class RecordDeviceNotice(AlertAction):
    """``told`` were written to about the alert; those told before stay named."""

    name: ClassVar[str] = "sensors.record_notice"
    permission: ClassVar[str] = "device.notify"
    told: tuple[str, ...]

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        earlier = tx.get("device_alert_notice", self.key)
        told = dict.fromkeys(self.told, tx.timestamp) | (earlier["told"] if earlier else {})
        fields = {"study": self.log, "participant": self.participant, "alert": self.rule}
        tx.put("device_alert_notice", self.key, **fields, told=told)
        return {"key": self.key}
