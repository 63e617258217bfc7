"""Pseudonymised copies of source documents: offered by the site, compared from afar, withdrawn after a while.

ICH E6(R3) 3.11.4 and EMA's guidance on decentralised elements allow verification from afar where identities stay at the site:
the copy carries the participant's number only, who looked at it is recorded, and it does not stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.core.vault.traces import traces
from helmont.edc.actions.base import FormAction, refuse_locked
from helmont.edc.sources import readable_text, remove_copy, stored_copy

DAYS = 90
"""How long a copy is there at most, in days."""


@dataclass(frozen=True)
class OfferSource(FormAction):
    """A site offers a pseudonymised copy of the source of one form. ``file`` is what ``edc.sources.store_copy`` returned.

    Refused when the copy's text or its name gives away what the vault knows of the participant. ``declared`` says that it was
    pseudonymised; ``looked`` that a person looked through it, without which nothing that is not plain text is taken.
    """

    name: ClassVar[str] = "edc.offer_source"
    permission: ClassVar[str] = "source.offer"
    file: Mapping[str, Any]
    declared: bool = False
    looked: bool = False
    days: int = 30

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("form", self.key)
        refuse_locked(tx, row)
        faults = []
        if not self.declared:
            faults.append(Fault("declared", _("Say that the copy is pseudonymised."), ""))
        if not 1 <= self.days <= DAYS:
            faults.append(Fault("days", _("A copy is there for a while only."), _("1 to %d days") % DAYS))
        text = readable_text(stored_copy(self.file["file"]), self.file["type"])
        if text is None and not self.looked:
            faults.append(
                Fault("looked", _("Helmont cannot read this kind of file: look through it yourself and say so."), "")
            )
        found = traces(row["participant"], f"{self.file['name']}\n{text or ''}")
        if found:
            faults.append(
                Fault("file", _("The copy gives away who this is: %s.") % ", ".join(found), _("a pseudonymised copy"))
            )
        if faults:
            raise Invalid(faults)
        made = tx.create(
            "source_copy",
            tx.new_key(f"{self.participant_key}/sources"),
            study=self.log,
            country=row["country"],
            site=row["site"],
            participant=row["participant"],
            form=self.key,
            file={name: str(value) for name, value in self.file.items()},
            checked="text" if text is not None else "person",
            status="offered",
            by=actor.handle,
            at=tx.timestamp,
            until=(tx.today + timedelta(days=self.days)).isoformat(),
        )
        return {"key": made["key"], "until": made["until"]}


@dataclass(frozen=True)
class SourceAction(Action):
    """Base of what is done with one copy; the permission has to hold at the participant's site."""

    copy: str

    @property
    def log(self) -> str:
        return self.copy.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        yield Get("source_copy", self.copy)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("source_copy", self.copy)
        return Scope(self.log, row["country"], row["site"])

    def offered(self, tx: Transaction) -> Row:
        row = tx.require("source_copy", self.copy)
        if row["status"] != "offered":
            raise Refused(_("This copy was withdrawn."), status=row["status"])
        return row


@dataclass(frozen=True)
class LookAtSource(SourceAction):
    """Somebody opens the copy to compare it; the look is in the ledger before the copy is shown."""

    name: ClassVar[str] = "edc.look_at_source"
    permission: ClassVar[str] = "form.verify"

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = self.offered(tx)
        if row["until"] < tx.today.isoformat():
            raise Refused(_("This copy was withdrawn."), status="withdrawn")
        form = OfferSource(row["form"], row["file"])
        if form.hidden_items(tx, actor, form.definition(tx)[1]):
            raise NotFound(self.copy)  # the document may show what the form keeps from this person
        looked = row["looked"] | {actor.handle: tx.timestamp}
        tx.put("source_copy", self.copy, looked=looked)
        return {"key": self.copy, "file": dict(row["file"])}


@dataclass(frozen=True)
class WithdrawSource(SourceAction):
    """The site takes the copy back, or its time is over; the file is removed, that it was there stays in the record."""

    name: ClassVar[str] = "edc.withdraw_source"
    permission: ClassVar[str] = "source.withdraw"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = self.offered(tx)
        if not self.reason.strip():
            raise ReasonRequired(["reason"])
        tx.put("source_copy", self.copy, status="withdrawn", ended=tx.timestamp, reason=self.reason.strip())
        digest = row["file"]["file"]
        tx.defer(lambda: remove_copy(digest, besides=self.copy))
        return {"key": self.copy, "status": "withdrawn"}
