"""Deciding about a value without a place: keep it as it is, place it elsewhere, or set it aside. It is never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.amendments.workflows import KEPT
from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.actions.entry import SaveForm


@dataclass(frozen=True)
class KeptAction(Action):
    """Base of what is done to one kept value, named by its key; the permission has to hold at the participant's site."""

    kept: str

    @property
    def log(self) -> str:
        return self.kept.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        yield Get("kept_value", self.kept)

    def scope(self, tx: Transaction) -> Scope:
        participant = tx.require("participant", tx.require("kept_value", self.kept)["participant"])
        return Scope(self.log, participant["country"], participant["site"])

    def row(self, tx: Transaction, actor: Actor) -> Row:
        """The kept value; raises ``NotFound`` when it is under a privilege that the actor lacks here."""
        row = tx.require("kept_value", self.kept)
        if row["privilege"] and row["privilege"] in actor.hidden(self.scope(tx), tx.today):
            raise NotFound(self.kept)
        return row


@dataclass(frozen=True)
class DecideKept(KeptAction):
    """Keep a value where it was as part of the record (``keep``), or take it out of sight for a reason (``set_aside``)."""

    name: ClassVar[str] = "amendments.decide_kept"
    permission: ClassVar[str] = "form.enter"
    decision: str = "keep"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, str]:
        if self.decision not in ("keep", "set_aside"):
            raise Invalid([Fault("decision", _("There is no such decision."), "keep, set_aside")])
        row = self.row(tx, actor)
        status = KEPT.target(row, self.decision, self.reason)
        tx.put("kept_value", self.kept, status=status, reason=self.reason)
        return {"key": self.kept, "status": status}


@dataclass(frozen=True)
class PlaceKept(KeptAction):
    """Give a value a place after all: save it (or what it amounts to, ``value``) as an answer of a form of the participant."""

    name: ClassVar[str] = "amendments.place_kept"
    permission: ClassVar[str] = "form.enter"
    form: str = ""
    item: str = ""
    value: Any = None
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = self.row(tx, actor)
        if not row["item"]:
            raise Refused(_("A whole form is kept as it is, or set aside."))
        if not self.form.startswith(f"{row['participant']}/"):
            raise Invalid([Fault("form", _("The value belongs to another participant."), row["participant"])])
        status = KEPT.target(row, "place")
        value = row["value"].get("value") if self.value is None else self.value
        if isinstance(value, dict) and value.get("redacted"):
            raise Refused(_("The value was redacted; there is nothing left of it to place."))
        saved = SaveForm(self.form, {self.item: value}, reason=self.reason).perform(tx, actor)
        tx.put("kept_value", self.kept, status=status, placed=f"{self.form} {self.item}", reason=self.reason)
        tx.subject = f"kept_value:{self.kept}"
        return {"key": self.kept, "status": status, "saved": saved}
