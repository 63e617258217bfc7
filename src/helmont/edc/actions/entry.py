"""Entering data: saving a form, calling it not done, removing a line of a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Conflict, Fault, Invalid, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read, Rows
from helmont.core.transactions import Transaction
from helmont.edc.actions.base import FormAction
from helmont.edc.actions.lines import spoken_for
from helmont.edc.basis import basis
from helmont.edc.context import build_context, context_reads
from helmont.edc.dependents import Change, dependent_reads
from helmont.edc.faults import in_words
from helmont.edc.findings import all_findings, settle_queries
from helmont.edc.items import base_item, in_language
from helmont.edc.keys import LOG
from helmont.edc.locks import item_holds, lock_reads
from helmont.edc.rechecking import changed_keys, lapsed_marks, recheck_dependents, with_calculated
from helmont.edc.workflows import FORM
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.outcomes import Context, Finding, Outcome

# What other rooms filled in: takes the study, a form's key and item keys, and names those of them that hold what a device
# measured, which nobody changes without a reason.
FILLED: list[Callable[[Transaction, CompiledStudy, str, Sequence[str]], Iterable[str]]] = []


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
    twice: ClassVar[bool] = False  # whether the values come from two entries that were compared
    values: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] | None = None
    complete: bool = False
    reason: str = ""

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Find("query", "form", self.key)
        if self.parts[2] != LOG:
            yield Get("encounter", "/".join(self.parts[:3]))

    def further_reads(self, rows: Rows) -> Iterator[Iterable[Read]]:
        participant = rows.get("participant", self.participant_key)
        if participant is None:
            return
        study = compiled(self.log, participant["definition"])
        form = study.forms.get(self.parts[3])
        if form is not None:
            change = Change(self.key, [*self.values, *form.calculated_ids])
            dependents = dependent_reads(rows, study, change)
            locks = lock_reads(self.log, participant["site"])
            yield [*locks, *context_reads(form, self.participant_key, self.key), *next(dependents, ())]
            yield from dependents

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        study, form = self.definition(tx)
        participant = tx.require("participant", self.participant_key)
        encounter = self.begun_encounter(tx, form)
        row = tx.get("form", self.key)
        self.editable(tx, row)
        if row is not None and row["status"] == "removed":
            raise Refused(_("This line was removed; restore it first."))
        if form.form.entry == "double" and (row is None or (row["status"] == "draft" and not row["line"])):
            self._refuse_single_entry(tx, actor)
        elif row is None and self.parts[4] and not self.twice:
            self._refuse_begun_line(tx)
        hidden = self.hidden_items(tx, actor, form)
        parsed = self.parsed(tx, form, hidden)
        before: dict[str, Any] = row["data"] if row else {}
        self._refuse_conflict(tx, before, parsed, row)
        entered_data = {key: value for key, value in {**before, **parsed}.items() if value is not None}
        context, outcome = self.evaluated(tx, form, encounter, entered_data)
        data = with_calculated(entered_data, outcome)
        self.refuse_findings(outcome.refused, hidden, actor.language)
        if not data and row is None and not self.complete:
            return {"key": self.key, "status": "blank", "revision": 0, "values": {}, "queries": []}
        changed = changed_keys(before, data)
        for hold in item_holds(row, changed):
            raise hold.refusal()
        entered = [key for key in changed if key not in outcome.calculated]
        was_complete = row is not None and row["status"] == "complete"
        if entered and not self.reason.strip():
            if was_complete:
                raise ReasonRequired(entered)
            if measured := [key for find in FILLED for key in find(tx, study, self.key, entered)]:
                raise ReasonRequired(measured, _("A device measured this value: say why it changes."))
        status = FORM.target(row or {"status": ""}, "complete" if self.complete or was_complete else "save")
        lapses = row is not None and (bool(changed) or status != row["status"])
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
            status=status,
            data=data,
            note="",
            **(lapsed_marks(tx, actor, row, changed) if row is not None and lapses else {}),
        )
        findings = all_findings(form, outcome) if saved["status"] == "complete" else []
        queries = settle_queries(
            tx, actor, saved, findings, lambda f: basis(study, form, f.check_id, f.item_key, data, context)
        )
        if changed:
            recheck_dependents(tx, actor, study, [Change(self.key, changed)])
        shown = {key: value for key, value in outcome.calculated.items() if base_item(key) not in hidden}
        return {
            "key": self.key,
            "status": saved["status"],
            "revision": tx.sequence,
            "calculated": shown,
            "queries": [query for query in queries if base_item(query["item"]) not in hidden],
        }

    def _refuse_single_entry(self, tx: Transaction, actor: Actor) -> None:
        """Raise ``Refused`` unless two entries were compared; what comes from another system is not copied from paper."""
        if self.twice:
            return
        if not actor.may("import.run", self.scope(tx), tx.today):
            raise Refused(_("This form is copied from paper by two people, each on this form's own page."))
        self._refuse_begun_line(tx)

    def _refuse_begun_line(self, tx: Transaction) -> None:
        """Raise ``Refused`` when the number belongs to a line that two people are copying from paper."""
        form, line = self.parts[3:]
        if line and (form, int(line)) in spoken_for(tx, self.participant_key, form):
            raise Refused(_("Line %s was begun from paper by somebody; another line needs another number.") % line)

    def parsed(self, tx: Transaction, form: CompiledForm, hidden: frozenset[str]) -> dict[str, Any]:
        """The values in canonical form; raises ``Invalid`` for every one that does not fit, or that nobody here may enter."""
        if self.values and hidden and (closed := [key for key in self.values if base_item(key) in hidden]):
            raise Invalid([Fault(key, _("This form has no such item."), "") for key in closed])
        parsed, faults = form.parse(self.values, tx.today)
        if faults:
            raise Invalid([Fault(f.item_key, *in_words(f.fault)) for f in faults])
        return parsed

    def evaluated(
        self, tx: Transaction, form: CompiledForm, encounter: Row | None, data: Mapping[str, Any]
    ) -> tuple[Context, Outcome]:
        """What the form's rules look at, and what they say of these values."""
        participant = tx.require("participant", self.participant_key)
        context = build_context(tx, form, participant, encounter, self.key, data)
        return context, form.evaluate(data, context)

    def refuse_findings(self, findings: Sequence[Finding], hidden: frozenset[str], language: str) -> None:
        """Raise ``Invalid`` for checks that a save may not pass; of a hidden item only that there is one."""
        faults = [
            Fault(f.item_key, in_language(f.message, language)) for f in findings if base_item(f.item_key) not in hidden
        ]
        if findings and not faults:
            faults = [Fault(self.parts[3], _("This does not agree with a value that you may not see."))]
        if faults:
            raise Invalid(faults)

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


@dataclass(frozen=True)
class MarkNotDone(FormAction):
    """The form of this encounter was not done, for a reason; only while it holds no data."""

    name: ClassVar[str] = "edc.mark_not_done"
    permission: ClassVar[str] = "form.enter"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        if self.parts[2] == LOG:
            raise Refused(_("A line of a log is removed, not called not done."))
        participant = tx.require("participant", self.participant_key)
        self.begun_encounter(tx, form)
        row = tx.get("form", self.key)
        self.editable(tx, row)
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
        self.editable(tx, row, row["held"])
        if not row["line"]:
            raise Refused(_("Only lines of a log can be removed."))
        status = FORM.target(row, "restore" if self.restore else "remove", self.reason)
        saved = tx.put("form", self.key, status=status, **lapsed_marks(tx, actor, row, ()))
        settle_queries(tx, actor, saved)
        recheck_dependents(tx, actor, self.definition(tx)[0], [Change(self.key)])
        return {"key": self.key, "status": status, "revision": tx.sequence}
