"""Seeing an alert: who did, when, and what they say of it."""

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
from helmont.labs.models import Alert


@dataclass(frozen=True)
class AcknowledgeAlert(Action):
    """Somebody has seen an alert and says what follows. ``basis`` is that of the alert as they saw it."""

    name: ClassVar[str] = "labs.acknowledge_alert"
    permission: ClassVar[str] = "labs.acknowledge"
    key: str
    basis: str
    note: str

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    @property
    def _participant(self) -> str:
        return "/".join(self.key.split("/")[:2])

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self._participant)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self._participant)
        return Scope(self.log, row["country"], row["site"])

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        alert = Alert.objects.filter(key=self.key).first()
        if alert is None or set(alert.privileges.split()) & actor.hidden(self.scope(tx), tx.today):
            raise NotFound(self.key)
        if alert.basis != self.basis:
            raise Conflict(_("The results behind this alert have changed since you saw it; look again."))
        if not self.note.strip():
            raise Invalid([Fault("note", _("Say what you make of it."), _("what follows, or why nothing does"))])
        tx.put(
            "lab_acknowledgement",
            self.key,
            study=self.log,
            country=alert.country,
            site=alert.site,
            participant=self._participant,
            alert=alert.rule,
            basis=alert.basis,
            time=tx.timestamp,
            by=actor.handle,
            note=self.note.strip(),
        )
        return {"key": self.key}
