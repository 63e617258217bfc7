"""What others do to a form the site entered: verification against the source, review, freezing and locking, signing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.signatures.actions import apply_signature
from helmont.core.signatures.evidence import Evidence
from helmont.core.transactions import Transaction
from helmont.edc.actions.base import LOCKED, FormAction, refuse_locked, refuse_locked_study, stamp
from helmont.edc.dependents import Change
from helmont.edc.items import base_item
from helmont.edc.locks import form_hold, refuse_held
from helmont.edc.rechecking import recheck_dependents, refresh
from helmont.edc.verification import items_required
from helmont.edc.workflows import EVALUATED, LOCK, OPEN_QUERY

UNLOCK = "form.unlock"


@dataclass(frozen=True)
class VerifyItems(FormAction):
    """Mark items as verified against the source, or take the mark away. No ``items`` means every value that the
    verification plan requires. With ``seen``, the revision that was looked at, only if the form is still that."""

    name: ClassVar[str] = "edc.verify_items"
    permission: ClassVar[str] = "form.verify"
    items: tuple[str, ...] = ()
    verified: bool = True
    seen: int | None = None

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        row = tx.require("form", self.key)
        refuse_locked(tx, row, self.items)
        if row["status"] != "complete":
            raise Refused(_("Only a complete form is verified."), status=row["status"])
        if self.seen is not None and row["revision"] != self.seen:
            raise Conflict(_("The form changed in the meantime; look at it again."), revision=row["revision"])
        hidden = self.hidden_items(tx, actor, form)
        items = self.items or tuple(
            key
            for key in items_required(tx, form, row)
            if base_item(key) not in hidden and row["held"].get(key, {}).get("state") != "locked"
        )
        unknown = [item for item in items if item not in row["data"] or base_item(item) in hidden]
        if unknown:
            raise Invalid([Fault(item, _("There is no value here to verify."), "") for item in unknown])
        marks, lapsed = dict(row["verified"]), dict(row["lapsed"])
        for item in items:
            if not self.verified:
                marks.pop(item, None)
            elif item not in marks:
                marks[item] = stamp(tx, actor)
                lapsed.pop(item, None)
        tx.put("form", self.key, verified=marks, lapsed=lapsed)
        shown = sorted(item for item in marks if base_item(item) not in hidden)
        return {"key": self.key, "verified": shown, "revision": tx.sequence}


def review_of(actor: Actor, scope: Scope, on: date) -> str:
    """The kind of review this person gives at ``scope``: a medical reviewer the medical one, others that of the data."""
    return "medical" if actor.role_for(ReviewForm.permission, scope, on) == "medical_reviewer" else "data"


@dataclass(frozen=True)
class ReviewForm(FormAction):
    """Say that a complete form was reviewed (``kind``: data or medical), or take that back. A later change ends it."""

    name: ClassVar[str] = "edc.review_form"
    permission: ClassVar[str] = "form.review"
    kind: str = "data"
    reviewed: bool = True

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        if self.kind not in ("data", "medical"):
            raise Invalid([Fault("kind", _("There is no review “%s”.") % self.kind, "data, medical")])
        row = tx.require("form", self.key)
        refuse_locked(tx, row)
        if row["status"] not in ("complete", "not_done"):
            raise Refused(_("Only a complete form is reviewed."), status=row["status"])
        marks = {kind: mark for kind, mark in row["reviewed"].items() if kind != self.kind}
        if self.reviewed:
            marks[self.kind] = stamp(tx, actor)
        tx.put("form", self.key, reviewed=marks)
        return {"key": self.key, "reviewed": sorted(marks), "revision": tx.sequence}


@dataclass(frozen=True)
class FreezeForm(FormAction):
    """Freeze or unfreeze a form: a frozen one is not edited until it is opened again, and then catches up.

    Queries on a frozen form go on: answering one does not change a value, and correcting it takes opening the form.
    """

    name: ClassVar[str] = "edc.freeze_form"
    permission: ClassVar[str] = "form.freeze"
    move: ClassVar[tuple[str, str]] = ("freeze", "unfreeze")
    undo: bool = False
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("form", self.key)
        refuse_held(tx, tx.require("participant", self.participant_key), states=LOCKED)
        lock = LOCK.target(row, self.move[self.undo], self.reason)
        if not self.undo:
            if row["status"] == "draft":
                raise Refused(_("A draft cannot be frozen or locked; the site completes it first."))
            if any(query["status"] in OPEN_QUERY for query in tx.find("query", "form", self.key)):
                raise Refused(_("There are open queries on this form; settle them first."))
        mark = {} if self.undo else stamp(tx, actor) | ({"reason": self.reason.strip()} if self.reason.strip() else {})
        opened = tx.put("form", self.key, lock=lock, locked=mark)
        if self.undo and opened["status"] in EVALUATED:
            study, _form = self.definition(tx)
            if changed := refresh(tx, actor, study, opened):
                recheck_dependents(tx, actor, study, [Change(self.key, changed)])
        return {"key": self.key, "lock": lock, "revision": tx.sequence}


@dataclass(frozen=True)
class LockForm(FreezeForm):
    """Lock or unlock a form; a lock also stops queries, verification and review. It may still be signed.

    Unlocking takes a role above the one that locks.
    """

    name: ClassVar[str] = "edc.lock_form"
    permission: ClassVar[str] = "form.lock"
    move: ClassVar[tuple[str, str]] = ("lock", "unlock")

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        if self.undo:
            may_unlock(self.scope(tx), tx, actor)
        return super().perform(tx, actor)


def may_unlock(scope: Scope, tx: Transaction, actor: Actor) -> None:
    """Raise ``NotPermitted`` unless the actor may open what is locked."""
    if not actor.may(UNLOCK, scope, tx.today):
        raise NotPermitted(_("Only somebody who may unlock can open it."), permission=UNLOCK)


@dataclass(frozen=True)
class HoldItems(FormAction):
    """Freeze, lock or open single items of a form; ``state`` is frozen, locked or open. Opening takes a reason."""

    name: ClassVar[str] = "edc.hold_items"
    permission: ClassVar[str] = "form.freeze"
    items: tuple[str, ...] = ()
    state: str = "frozen"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        study, form = self.definition(tx)
        row = tx.require("form", self.key)
        participant = tx.require("participant", self.participant_key)
        refuse_held(tx, participant, row, states=LOCKED)
        hidden = self.hidden_items(tx, actor, form)
        if self.state not in ("frozen", "locked", "open"):
            raise Invalid([Fault("state", _("There is no state “%s”.") % self.state, "frozen, locked, open")])
        known = form.item_keys()
        if unknown := [item for item in self.items if item not in known or base_item(item) in hidden]:
            raise Invalid([Fault(item, _("This form has no such item."), "") for item in unknown])
        if any(row["held"].get(item, {}).get("state") == "locked" for item in self.items):
            may_unlock(self.scope(tx), tx, actor)
        if self.state == "locked" and not actor.may(LockForm.permission, self.scope(tx), tx.today):
            raise NotPermitted(self.name, permission=LockForm.permission)
        held = {item: mark for item, mark in row["held"].items() if item not in self.items}
        if self.state == "open":
            if not self.reason.strip():
                raise ReasonRequired(["reason"])
        else:
            self._refuse_unsettled(tx, row)
            mark = stamp(tx, actor) | {"state": self.state, "reason": self.reason.strip()}
            held |= dict.fromkeys(self.items, mark)
        opened = tx.put("form", self.key, held=held)
        catches_up = self.state == "open" and opened["status"] in EVALUATED and not form_hold(opened)
        if catches_up and (changed := refresh(tx, actor, study, opened)):
            recheck_dependents(tx, actor, study, [Change(self.key, changed)])
        return {"key": self.key, "held": sorted(held), "revision": tx.sequence}

    def _refuse_unsettled(self, tx: Transaction, row: Row) -> None:
        if row["status"] == "draft":
            raise Refused(_("A draft cannot be frozen or locked; the site completes it first."))
        asked = {query["item"] for query in tx.find("query", "form", self.key) if query["status"] in OPEN_QUERY}
        if open_on := asked & set(self.items):
            raise Refused(_("There are open queries on %s; settle them first.") % ", ".join(sorted(open_on)))


@dataclass(frozen=True)
class SignForms(Action):
    """The investigator signs forms of one participant: all or none. What was shown at the ceremony is what is signed."""

    name: ClassVar[str] = "edc.sign_forms"
    permission: ClassVar[str] = "form.sign"
    evidence: Evidence
    keys: tuple[str, ...]

    @property
    def log(self) -> str:
        return self.keys[0].split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        for key in self.keys:
            yield Get("form", key)

    def scope(self, tx: Transaction) -> Scope:
        participants = {"/".join(key.split("/")[:2]) for key in self.keys}
        if len(participants) != 1:
            raise NotFound
        participant = tx.require("participant", participants.pop())
        return Scope(self.log, participant["country"], participant["site"])

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        refuse_locked_study(tx)
        rows: list[Row] = [tx.require("form", key) for key in self.keys]
        for row in rows:
            if row["status"] not in ("complete", "not_done", "removed"):
                raise Refused(_("%s is not complete.") % row["form"], form=row["key"])
        role = actor.role_for(self.permission, self.scope(tx), tx.today) or ""
        signature = apply_signature(tx, actor, self.evidence, [f"form:{key}" for key in self.keys], role=role)
        tx.subject = f"form:{self.keys[0]}"
        for key in self.keys:
            tx.put("form", key, signature=signature, signed="valid")
        return {"signature": signature, "signed": list(self.keys)}
