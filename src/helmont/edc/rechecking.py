"""Running the rules of forms again because something around them changed.

A frozen or locked form keeps still: neither its values nor its queries change. What happened around it meanwhile is
caught up with when it is opened again (``refresh``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.signatures.actions import break_signatures
from helmont.core.transactions import Transaction
from helmont.edc.basis import basis
from helmont.edc.context import build_context
from helmont.edc.dependents import Change, dependent_forms
from helmont.edc.findings import all_findings, settle_queries
from helmont.edc.locks import without_held
from helmont.edc.workflows import EDITABLE, EVALUATED
from helmont.studies.queries import compiled_for
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.outcomes import Outcome

# Calculations may follow from each other through this many forms; a circle of them ends here too.
LONGEST_CHAIN = 10


def with_calculated(data: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The values with what was calculated from them; an item calculated to nothing is empty."""
    values = {key: value for key, value in data.items() if key not in outcome.calculated}
    return values | {key: value for key, value in outcome.calculated.items() if value is not None}


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The item keys whose value differs."""
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]


def lapsed_marks(tx: Transaction, actor: Actor, row: Row, changed: Sequence[str]) -> dict[str, Any]:
    """The marks that end because the form changes: verification of the ``changed`` items, review and signature."""
    fields: dict[str, Any] = {}
    if any(key in row["verified"] or key in row["lapsed"] for key in changed):
        fields["verified"] = {key: mark for key, mark in row["verified"].items() if key not in changed}
        fields["lapsed"] = row["lapsed"] | dict(_lapsed(tx, actor, row, changed))
    if row["reviewed"]:
        fields["reviewed"] = {}
    if row["signed"] == "valid":
        break_signatures(tx, f"form:{row['key']}", actor)
        fields["signed"] = "broken"
    return fields


def _lapsed(tx: Transaction, actor: Actor, row: Row, changed: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each changed item that was verified once: the mark it had, the entry that ended it, and the latest change."""
    for key in changed:
        known, mark = row["lapsed"].get(key), row["verified"].get(key)
        if mark:
            known = {"verified_by": mark["by"], "verified_at": mark["at"], "sequence": tx.sequence}
        if known:
            yield key, known | {"by": actor.handle, "at": tx.timestamp}


def refresh(tx: Transaction, actor: Actor, study: CompiledStudy, row: Row) -> list[str]:
    """Run the rules of one form again: store what they calculate now, settle its queries. The item keys that changed."""
    form = study.forms[row["form"]]
    participant = tx.require("participant", row["participant"])
    encounter = tx.get("encounter", row["container"]) if row["encounter"] else None
    context = build_context(tx, form, participant, encounter, row["key"])
    outcome = form.evaluate(row["data"], context)
    data = without_held(row, with_calculated(row["data"], outcome))
    changed = changed_keys(row["data"], data)
    if changed:
        row = tx.put("form", row["key"], data=data, **lapsed_marks(tx, actor, row, changed))
    settle_queries(
        tx,
        actor,
        row,
        all_findings(form, outcome) if row["status"] == "complete" else [],
        lambda f: basis(study, form, f.check_id, f.item_key, data, context),
    )
    return changed


def run_again(tx: Transaction, actor: Actor, study: CompiledStudy, row: Row, checks: frozenset[str]) -> None:
    """Run some checks of a complete form again and settle their queries; no value of the form depends on them."""
    if row["status"] != "complete":
        return
    form = study.forms[row["form"]]
    participant = tx.require("participant", row["participant"])
    encounter = tx.get("encounter", row["container"]) if row["encounter"] else None
    context = build_context(tx, form, participant, encounter, row["key"])
    settle_queries(
        tx,
        actor,
        row,
        [finding for finding in form.run(checks, row["data"], context) if finding.severity == "query"],
        lambda f: basis(study, form, f.check_id, f.item_key, row["data"], context),
        rules=checks,
    )


def recheck_dependents(
    tx: Transaction,
    actor: Actor,
    study: CompiledStudy,
    changes: Iterable[Change],
    settled: Collection[str] = (),
) -> None:
    """Refresh the forms whose rules look at what changed; and those that look at them, and so on.

    ``settled`` are keys of forms that have been refreshed since these changes; later ones concern them again.
    """
    waiting = list(changes)
    for _ in range(LONGEST_CHAIN):
        further: dict[str, list[str]] = {}
        for change in waiting:
            for row, checks in dependent_forms(tx, study, change, settled):
                if checks is not None:
                    run_again(tx, actor, study, row, checks)
                elif changed := refresh(tx, actor, study, row):
                    further.setdefault(row["key"], []).extend(changed)
        if not further:
            return
        waiting, settled = [Change(key, items) for key, items in further.items()], ()


def encounter_moved(tx: Transaction, actor: Actor, encounter: Row) -> None:
    """The date of a visit was corrected: rules that look at it, or at what was previous, may now say otherwise."""
    study = compiled_for(tx, tx.require("participant", encounter["participant"])["definition"])
    _refresh_all(
        tx,
        actor,
        study,
        (
            row
            for row in tx.find("form", "participant", encounter["participant"])
            if row["form"] in study.forms
            and (
                (row["container"] == encounter["key"] and looks_at(study.forms[row["form"]], "visit"))
                or looks_at(study.forms[row["form"]], "previous")
            )
        ),
    )


def participant_changed(tx: Transaction, actor: Actor, participant: Row) -> None:
    """The participant's status changed: rules that look at it may now say otherwise."""
    study = compiled_for(tx, participant["definition"])
    if any(looks_at(form, "participant") for form in study.forms.values()):
        rows = tx.find("form", "participant", participant["key"])
        known = (row for row in rows if row["form"] in study.forms)
        _refresh_all(tx, actor, study, (row for row in known if looks_at(study.forms[row["form"]], "participant")))


def _refresh_all(tx: Transaction, actor: Actor, study: CompiledStudy, rows: Iterable[Row]) -> None:
    able = [row for row in rows if row["status"] in EVALUATED and row["lock"] in EDITABLE]
    changed = [(row["key"], refresh(tx, actor, study, row)) for row in able]
    recheck_dependents(tx, actor, study, [Change(key, items) for key, items in changed if items])


@lru_cache(maxsize=4096)
def looks_at(form: CompiledForm, root: str) -> bool:
    """Whether any rule of the form reads a name under ``root``: visit, previous or participant."""
    rules = [check.rule for check in form.checks]
    rules += [rule for item in form.items.values() for rule in (item.skip, item.calculation) if rule]
    return any(name.split(".")[0] == root for rule in rules for name in rule.names)
