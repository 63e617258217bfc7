"""Entering data: saving a form, calling it not done, removing a line of a log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Conflict, Fault, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.signatures.actions import break_signatures
from helmont.core.transactions import Transaction
from helmont.edc.actions.base import FormAction, base_item
from helmont.edc.context import build_context
from helmont.edc.dependents import dependent_forms
from helmont.edc.findings import all_findings, in_language, settle_queries
from helmont.edc.keys import LOG
from helmont.edc.workflows import FORM
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy


@dataclass(frozen=True)
class SaveForm(FormAction):
    """Save values of a form, as a draft or complete.

    ``values`` holds only what the editor changed, by item key; None or "" empties an item. ``seen`` holds, for the same keys,
    the values that the editor saw before changing them: where somebody else has saved another value since, the
    save is refused with both (``Conflict``); changes of different items merge. A log's line is named in the key; a
    form that does not exist yet is made.
    """

    name: ClassVar[str] = "edc.save_form"
    permission: ClassVar[str] = "form.enter"
    values: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] | None = None
    complete: bool = False
    reason: str = ""

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Find("query", "form", self.key)
        if self.parts[2] != LOG:
            yield Get("encounter", "/".join(self.parts[:3]))

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        study, form = self.definition(tx)
        participant = tx.require("participant", self.participant_key)
        encounter = self._encounter(tx, form)
        row = tx.get("form", self.key)
        self.editable(row)
        if row is not None and row["status"] == "removed":
            raise Refused(_("This line was removed; restore it first."))
        hidden = self.hidden_items(tx, actor, form)
        if self.values and hidden and (closed := [key for key in self.values if base_item(key) in hidden]):
            raise Invalid([Fault(key, _("This form has no such item."), "") for key in closed])
        parsed, faults = form.parse(self.values, tx.today)
        if faults:
            raise Invalid([Fault(f.item_key, f.fault.message, f.fault.accepted) for f in faults])
        before: dict[str, Any] = row["data"] if row else {}
        self._refuse_conflict(tx, before, parsed, row)
        data = {key: value for key, value in {**before, **parsed}.items() if value is not None}
        context = build_context(tx, study, form, participant, encounter, self.key)
        outcome = form.evaluate(data, context)
        for key, value in outcome.calculated.items():
            if value is None:
                data.pop(key, None)
            else:
                data[key] = value
        if refused := outcome.refused:
            raise Invalid([Fault(f.item_key, in_language(f.message, actor.language)) for f in refused])
        if not data and row is None and not self.complete:
            return {"key": self.key, "status": "blank", "revision": 0, "values": {}, "queries": []}
        changed = [key for key in {**before, **data} if before.get(key) != data.get(key)]
        entered = [key for key in changed if key not in outcome.calculated]
        was_complete = row is not None and row["status"] == "complete"
        if was_complete and entered and not self.reason.strip():
            raise ReasonRequired(entered)
        move = "complete" if self.complete or was_complete else "save"
        fields = self._changed_marks(tx, actor, row, changed)
        saved = tx.put(
            "form",
            self.key,
            study=self.log,
            country=participant["country"],
            site=participant["site"],
            participant=participant["key"],
            container=self.key.rsplit("/", 1)[0],
            encounter="" if self.parts[2] == LOG else self.parts[2],
            form=form.id,
            line=self.parts[4],
            definition=participant["definition"],
            status=FORM.target(row or {"status": ""}, move),
            data=data,
            note="",
            **fields,
        )
        findings = all_findings(form, outcome) if saved["status"] == "complete" else []
        queries = settle_queries(tx, actor, saved, findings)
        if changed:
            self._recheck_dependents(tx, actor, study, saved)
        shown = {key: value for key, value in outcome.calculated.items() if base_item(key) not in hidden}
        return {
            "key": self.key,
            "status": saved["status"],
            "revision": tx.sequence,
            "calculated": shown,
            "queries": queries,
        }

    def _encounter(self, tx: Transaction, form: CompiledForm) -> Row | None:
        is_log = self.parts[2] == LOG
        if is_log != (form.form.kind == "log"):
            raise NotFound(self.key)
        if is_log:
            if not self.parts[4].isdigit():
                raise NotFound(self.key)
            return None
        encounter = tx.get("encounter", "/".join(self.parts[:3]))
        if encounter is None or encounter["status"] != "begun":
            raise Refused(_("This visit has not begun: give its date first."), encounter=self.parts[2])
        return encounter

    def _refuse_conflict(
        self, tx: Transaction, before: Mapping[str, Any], parsed: Mapping[str, Any], row: Row | None
    ) -> None:
        if self.seen is None or row is None:
            return
        theirs = {
            key: before.get(key)
            for key in parsed
            if key in self.seen and before.get(key) != (self.seen[key] or None) and before.get(key) != parsed[key]
        }
        if theirs:
            raise Conflict(
                _("Somebody else changed the same items in the meantime; nothing of yours is lost."),
                items={key: {"yours": parsed[key], "theirs": value} for key, value in theirs.items()},
                revision=row["revision"],
            )

    def _changed_marks(self, tx: Transaction, actor: Actor, row: Row | None, changed: list[str]) -> dict[str, Any]:
        """Marks that no longer hold once values changed: verification of the item, review and signature of the form."""
        if row is None or not changed:
            return {}
        fields: dict[str, Any] = {}
        if any(key in row["verified"] for key in changed):
            fields["verified"] = {key: mark for key, mark in row["verified"].items() if key not in changed}
        if row["reviewed"]:
            fields["reviewed"] = {}
        if row["signed"] == "valid":
            break_signatures(tx, f"form:{self.key}", actor)
            fields["signed"] = "broken"
        return fields

    def _recheck_dependents(self, tx: Transaction, actor: Actor, study: CompiledStudy, saved: Row) -> None:
        """Settle the queries of the forms whose rules look at this one."""
        participant = tx.require("participant", self.participant_key)
        for row in dependent_forms(tx, study, saved):
            other = study.forms[row["form"]]
            encounter = tx.get("encounter", row["container"]) if row["encounter"] else None
            context = build_context(tx, study, other, participant, encounter, row["key"])
            settle_queries(tx, actor, row, all_findings(other, other.evaluate(row["data"], context)))


@dataclass(frozen=True)
class MarkNotDone(FormAction):
    """The form of this encounter was not done, for a reason; only while it holds no data."""

    name: ClassVar[str] = "edc.mark_not_done"
    permission: ClassVar[str] = "form.enter"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        study, form = self.definition(tx)
        if self.parts[2] == LOG:
            raise Refused(_("A line of a log is removed, not called not done."))
        participant = tx.require("participant", self.participant_key)
        row = tx.get("form", self.key)
        self.editable(row)
        if row and row["data"]:
            raise Refused(_("Data were entered on this form; it cannot be called not done."))
        status = FORM.target(row or {"status": ""}, "not_done", self.reason)
        tx.put(
            "form",
            self.key,
            study=self.log,
            country=participant["country"],
            site=participant["site"],
            participant=participant["key"],
            container=self.key.rsplit("/", 1)[0],
            encounter=self.parts[2],
            form=form.id,
            definition=participant["definition"],
            status=status,
            note=self.reason,
        )
        return {"key": self.key, "status": status, "revision": tx.sequence}


@dataclass(frozen=True)
class RemoveLine(FormAction):
    """Strike a line of a log (entered by mistake), or restore it. Its values stay in the record."""

    name: ClassVar[str] = "edc.remove_line"
    permission: ClassVar[str] = "form.enter"
    restore: bool = False
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("form", self.key)
        self.editable(row)
        if not row["line"]:
            raise Refused(_("Only lines of a log can be removed."))
        status = FORM.target(row, "restore" if self.restore else "remove", self.reason)
        fields = {}
        if row["signed"] == "valid":
            break_signatures(tx, f"form:{self.key}", actor)
            fields["signed"] = "broken"
        saved = tx.put("form", self.key, status=status, **fields)
        settle_queries(tx, actor, saved, [])
        return {"key": self.key, "status": status, "revision": tx.sequence}
