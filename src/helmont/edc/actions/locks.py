"""Freezing, locking and opening a participant, a site or the study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotPermitted, ReasonRequired, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.actions.review import UNLOCK, LockForm, may_unlock
from helmont.edc.checklist import examine
from helmont.edc.locks import HELD, PLACES, hold_of, lock_key
from helmont.edc.models import Form, Query
from helmont.edc.workflows import OPEN_QUERY

__all__ = ["UNLOCK", "LockStudy", "SetLock"]


@dataclass(frozen=True)
class SetLock(Action):
    """Put a lock on a participant, a site or the study: ``state`` is frozen, locked or open. It takes a reason.

    What is locked has no drafts and no open queries. The study itself is locked by ``LockStudy``; opening anything that is
    locked takes a role above the one that locks.
    """

    name: ClassVar[str] = "edc.set_lock"
    permission: ClassVar[str] = "form.freeze"
    study: str
    level: str
    place: str = ""
    state: str = "frozen"
    reason: str = ""

    @property
    def log(self) -> str:
        return self.study

    @property
    def key(self) -> str:
        return lock_key(self.study, self.level, self.place)

    def reads(self) -> Iterable[Read]:
        yield Get("lock", self.key)

    def scope(self, tx: Transaction) -> Scope:
        match self.level:
            case "site":
                row = tx.require("site", f"{self.study}/sites/{self.place}")
                return Scope(self.study, row["country"], row["number"])
            case "participant":
                row = tx.require("participant", f"{self.study}/{self.place}")
                return Scope(self.study, row["country"], row["site"])
            case _:
                tx.require("study", self.study)
                return Scope(self.study)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        if self.level not in PLACES or bool(self.place) == (self.level == "study"):
            raise Invalid([Fault("level", _("There is no such place to lock."), ", ".join(PLACES))])
        if self.state not in (*HELD, "open"):
            raise Invalid([Fault("state", _("There is no state “%s”.") % self.state, "frozen, locked, open")])
        if not self.reason.strip():
            raise ReasonRequired(["reason"])
        hold = hold_of(tx.get("lock", self.key))
        if (hold.state if hold else "open") == self.state:
            raise Refused(_("It is so already."), state=self.state)
        if hold and hold.state == "locked":
            may_unlock(self.scope(tx), tx, actor)
        if self.state == "locked":
            if self.level == "study":
                raise Refused(_("The study is locked from its checklist."))
            if not actor.may(LockForm.permission, self.scope(tx), tx.today):
                raise NotPermitted(self.name, permission=LockForm.permission)
            refuse_unsettled(self.study, self.level, self.place)
        return put_lock(tx, actor, self, self.state)


def put_lock(tx: Transaction, actor: Actor, lock: SetLock | LockStudy, state: str, **more: Any) -> dict[str, Any]:
    """Write the lock's row."""
    level, place = ("study", "") if isinstance(lock, LockStudy) else (lock.level, lock.place)
    key = lock_key(lock.study, level, place)
    fields = {"checklist": {}, "waived": {}} | more
    row = tx.put(
        "lock",
        key,
        study=lock.study,
        level=level,
        place=place,
        state=state,
        by=actor.handle,
        at=tx.timestamp,
        reason=lock.reason.strip(),
        **fields,
    )
    return {"key": key, "state": row["state"], "revision": tx.sequence}


def refuse_unsettled(study: str, level: str, place: str) -> None:
    """Raise ``Refused`` while drafts or open queries are left at a site or of a participant."""
    where = {"site": place} if level == "site" else {"participant": f"{study}/{place}"}
    drafts = Form.objects.filter(study=study, status="draft", **where).count()
    asked = Query.objects.filter(study=study, status__in=OPEN_QUERY, **where).count()
    if drafts or asked:
        raise Refused(
            _("Not everything is settled here: %(drafts)s drafts, %(queries)s open queries.")
            % {"drafts": drafts, "queries": asked},
            drafts=drafts,
            queries=asked,
        )


@dataclass(frozen=True)
class LockStudy(Action):
    """Lock the study's database. It is frozen first, and its checklist is counted again here.

    ``waive`` gives, by the name of a line, why what it still counts does not matter; a line that is not waived has to
    count nothing. The counts and the waivers stay with the lock.
    """

    name: ClassVar[str] = "edc.lock_study"
    permission: ClassVar[str] = "study.lock"
    study: str
    reason: str
    waive: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        tx.require("study", self.study)
        hold = hold_of(tx.get("lock", lock_key(self.study, "study")))
        if hold is None or hold.state != "frozen":
            state = hold.state if hold else "open"
            raise Refused(
                _("A study is frozen first, so that nothing changes while it is looked through."), state=state
            )
        if not self.reason.strip():
            raise ReasonRequired(["reason"])
        lines = examine(self.study, tx.today)
        waive = {name: text.strip() for name, text in self.waive.items() if text.strip()}
        if unknown := sorted(waive.keys() - {line.name for line in lines}):
            known = ", ".join(line.name for line in lines)
            raise Invalid([Fault(name, _("The checklist has no such line."), known) for name in unknown])
        left = [line for line in lines if line.count and line.mandatory and line.name not in waive]
        if left:
            raise Invalid(
                [
                    Fault(line.name, f"{line.title}: {line.count}", _("nothing left, or a reason why not"))
                    for line in left
                ],
                _("The checklist is not done: %s.") % ", ".join(f"{line.title} ({line.count})" for line in left),
            )
        waived = {line.name: waive[line.name] for line in lines if line.count and line.name in waive}
        counted = {line.name: str(line.count) for line in lines}
        return put_lock(tx, actor, self, "locked", checklist=counted, waived=waived)
