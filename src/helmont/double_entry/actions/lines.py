"""A line of a log that one person copied, and of which it is in doubt that the paper has it.

Who copied it first may withdraw it while nobody else has begun; who copies second may say that the paper has no such line,
and a third decides. What the first one and the third say about it may quote what was read, so it lies in the
first entry, which the second person does not see, and not among the reasons of the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.double_entry.models import ABSENT, ADJUDICATE, DONE, DRAFT, ENTER, WANTED, WITHDRAWN, transcription_key
from helmont.double_entry.turns import begun_line, entries_of, refuse, refuse_accepted
from helmont.edc.actions.base import FormAction


@dataclass(frozen=True)
class WithdrawLine(FormAction):
    """Take back a line before anybody else has begun to copy it. Its number is never used again."""

    name: ClassVar[str] = "double_entry.withdraw_line"
    permission: ClassVar[str] = ENTER
    why: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        refuse_accepted(tx, self.key, form)
        self.editable(tx, None)
        entries = entries_of(tx, actor, self)
        first = begun_line(entries, self)
        if first["status"] not in (DRAFT, DONE):
            refuse(entries.state)
        if first["by"] != actor.handle:
            raise Refused(_("Somebody else entered this line; if the paper has none, say so."))
        if entries.second is not None:
            raise Refused(_("Somebody has begun the second entry of this line; it can no longer be withdrawn."))
        if not self.why.strip():
            raise ReasonRequired
        tx.put("transcription", first["key"], status=WITHDRAWN, withdrawn=self.why.strip())
        return {"key": self.key, "status": WITHDRAWN, "revision": tx.sequence}


@dataclass(frozen=True)
class DenyLine(FormAction):
    """Say, instead of making the second entry, that the paper has no such line. A third person decides."""

    name: ClassVar[str] = "double_entry.deny_line"
    permission: ClassVar[str] = ENTER
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        refuse_accepted(tx, self.key, form)
        self.editable(tx, None)
        entries = entries_of(tx, actor, self)
        begun_line(entries, self)
        if entries.state != "second":
            if entries.state == "first":
                raise Refused(_("You entered this line yourself; withdraw it."))
            refuse(entries.state)
        if not self.reason.strip():
            raise ReasonRequired
        second = entries.second
        tx.put(
            "transcription",
            transcription_key(self.key, 2),
            study=self.log,
            participant=self.participant_key,
            form=self.key,
            number=2,
            status=ABSENT,
            by=actor.handle,
            at=tx.timestamp,
            data=second["data"] if second is not None and second["by"] == actor.handle else {},
            absent=self.reason.strip(),
        )
        return {"key": self.key, "status": ABSENT, "revision": tx.sequence}


@dataclass(frozen=True)
class RuleOnLine(FormAction):
    """A third person decides whether the paper has a line: if it ``stands``, the second entry is wanted again; if not, it
    is withdrawn. (To decide its values as well, ``Adjudicate`` takes them.)"""

    name: ClassVar[str] = "double_entry.rule_on_line"
    permission: ClassVar[str] = ADJUDICATE
    stands: bool = True
    why: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        self.definition(tx)
        self.editable(tx, None)
        entries = entries_of(tx, actor, self)
        first, second = begun_line(entries, self), entries.second
        if second is None or second["status"] != ABSENT:
            raise NotFound(self.key)
        if actor.handle in (first["by"], second["by"]):
            raise NotPermitted(_("You made one of the entries; somebody else decides."), permission=ADJUDICATE)
        if not self.why.strip():
            raise ReasonRequired
        line = "stands" if self.stands else WITHDRAWN
        ruling = {actor.handle: {"line": line, "reason": self.why.strip(), "at": tx.timestamp}}
        rulings = {**first["rulings"], **ruling}
        if self.stands:
            tx.put("transcription", first["key"], rulings=rulings)
            tx.put("transcription", second["key"], status=WANTED, absent="")
        else:
            tx.put("transcription", first["key"], status=WITHDRAWN, rulings=rulings)
            tx.put("transcription", second["key"], status=WITHDRAWN)
        return {"key": self.key, "status": line, "revision": tx.sequence}
