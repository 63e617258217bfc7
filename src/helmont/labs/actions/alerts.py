"""Seeing an alert: who did, when, and what they say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Conflict, NotFound
from helmont.core.people.alerts import AlertAction
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.labs.models import Alert


@dataclass(frozen=True)
class AcknowledgeAlert(AlertAction):
    """Somebody has seen an alert and says what follows. ``basis`` is that of the alert as they saw it."""

    name: ClassVar[str] = "labs.acknowledge_alert"
    permission: ClassVar[str] = "labs.acknowledge"
    basis: str
    note: str

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        alert = Alert.objects.filter(key=self.key).first()
        if alert is None or set(alert.privileges.split()) & actor.hidden(self.scope(tx), tx.today):
            raise NotFound(self.key)
        if alert.basis != self.basis:
            raise Conflict(_("The results behind this alert have changed since you saw it; look again."))
        return self.see(tx, actor, "lab_acknowledgement", self.note, alert=alert.rule, basis=alert.basis)
