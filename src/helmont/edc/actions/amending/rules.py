"""The rules of another version, run on the forms of a participant that has come under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Get
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Amended
from helmont.edc.actions.amending.remarks import close
from helmont.edc.context import build_context
from helmont.edc.dependents import Change
from helmont.edc.keys import split_form_key
from helmont.edc.rechecking import recheck_dependents, refresh, run_again
from helmont.edc.workflows import EDITABLE, EVALUATED
from helmont.study.compiled_forms import CompiledForm
from helmont.study.outcomes import RANGE, REQUIRED, SKIPPED
from helmont.study.reruns import WHOLE, Names, names_of
from helmont.study.routes import Routes

OWN_CHECKS = frozenset({REQUIRED, RANGE, SKIPPED})


@dataclass
class Touched:
    """What an amendment wrote: the item keys that changed by form key, which forms are new, and which got a query of a rule;
    and which forms run all their rules, though nothing in them changed (``looking``: at a visit that has another name).

    ``everything`` when visits follow each other otherwise than before, so that any rule may say something new.
    """

    items: dict[str, list[str]] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    queried: set[str] = field(default_factory=set)
    looking: set[str] = field(default_factory=set)
    everything: bool = False

    def by_form(self) -> Mapping[str, Names]:
        """The names of what changed anywhere, by form id."""
        found: dict[str, set[str]] = {}
        for key, items in self.items.items():
            names = found.setdefault(split_form_key(key)[3], set())
            names.update(names_of(items))
            if key in self.new:
                names.add(WHOLE)
        return {form: frozenset(names) for form, names in found.items()}

    def update(self, other: Touched) -> None:
        self.items |= other.items
        self.new |= other.new
        self.queried |= other.queried
        self.looking |= other.looking
        self.everything |= other.everything


def run_rules(tx: Transaction, actor: Actor, participant: Row, routes: Routes, touched: Touched, done: Amended) -> None:
    """Run what may say something new: of the forms that were written, of those whose rules changed, of what looks at them."""
    new = routes.new
    there = [row for row in tx.find("form", "participant", participant["key"]) if row["form"] in new.forms]
    everything = touched.everything or routes.thorough
    written = touched.items.keys() | touched.looking
    rows = [row for row in there if everything or row["key"] in written or routes.reruns(row["form"])]
    tx.rows.prefetch(Find("query", "form", row["key"]) for row in rows)
    tx.rows.prefetch(Get("encounter", row["container"]) for row in rows if row["encounter"])
    settled = {row["key"] for row in rows if row["status"] in EVALUATED and row["lock"] in EDITABLE}
    elsewhere = touched.by_form()
    calculated = []
    for row in rows:
        form = new.forms[row["form"]]
        _close_what_is_no_rule(tx, actor, row, form)
        if row["status"] in EVALUATED:
            _note_asked(tx, participant, row, form, routes, done)
        if row["key"] not in settled:
            continue
        checks = None
        if not everything and row["key"] not in touched.new | touched.queried | touched.looking:
            checks = routes.rules.of(form.id, names_of(touched.items.get(row["key"], ())), elsewhere)
        if checks is None:
            if changed := refresh(tx, actor, new, row):
                calculated.append(Change(row["key"], changed))
        elif checks:
            run_again(tx, actor, new, row, checks)
    left = {row["form"] for row in there if row["key"] not in settled}
    moved = [Change(key, items) for key, items in touched.items.items() if items]
    reading = {form for form in elsewhere if any(each.form in left for each in new.dependents(form))}
    looked_at = [change for change in moved if split_form_key(change.key)[3] in reading]
    recheck_dependents(tx, actor, new, looked_at, settled)
    recheck_dependents(tx, actor, new, calculated)


def _close_what_is_no_rule(tx: Transaction, actor: Actor, row: Row, form: CompiledForm) -> None:
    if queries := tx.find("query", "form", row["key"]):
        rules = OWN_CHECKS | {check.check.id for check in form.checks}
        for query in queries:
            if query["rule"] not in rules:
                close(tx, actor, query)


def _note_asked(tx: Transaction, participant: Row, row: Row, form: CompiledForm, routes: Routes, done: Amended) -> None:
    if not (asked := routes.asked(form.id)):
        return
    keys = [key for key in asked if key not in row["data"] and _in_use(key, row["data"], form)]
    if any(form.place(key)[0].skip for key in keys):
        encounter = tx.get("encounter", row["container"]) if row["encounter"] else None
        skipped = form.evaluate(row["data"], build_context(tx, form, participant, encounter, row["key"])).skipped
        keys = [key for key in keys if key not in skipped]
    if keys:
        done.asked[row["key"]] = keys


def _in_use(key: str, data: Mapping[str, Any], form: CompiledForm) -> bool:
    """Whether the row of a repeating group is one that is filled in, or has to be; true outside groups."""
    compiled, row = form.place(key)
    group = compiled.repeating
    if group is None or group.repeats is None:
        return True
    return row <= group.repeats.min or any(other.startswith(f"{group.id}[{row}].") for other in data)


def _form_of(key: str) -> str:
    """The form id in a form's key."""
    return split_form_key(key)[3]
