"""From what the rules found to queries: opened once, closed with a trace when the value was corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.edc.items import in_language
from helmont.edc.workflows import OPEN_QUERY
from helmont.study.compiled_forms import CompiledForm
from helmont.study.outcomes import Finding, Outcome

CORRECTED = "corrected"


def all_findings(form: CompiledForm, outcome: Outcome) -> list[Finding]:
    """Everything that deserves a query on a complete form."""
    missing = (form.required_finding(key) for key in outcome.missing)
    return [*missing, *outcome.range_findings, *(f for f in outcome.check_findings if f.severity == "query")]


def message(kind: str, by: str, at: str, text: str = "", value: Any = None, basis: str = "") -> dict[str, Any]:
    """One message of a query; ``value`` is what the item held when it was written, ``basis`` what was accepted."""
    said = {"kind": kind, "by": by, "at": at, "text": text, "value": value}
    return said | {"basis": basis} if basis else said


def add_message(messages: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    return {**messages, f"{len(messages) + 1:03}": entry}


def settle_queries(
    tx: Transaction,
    actor: Actor,
    form: Row,
    findings: Sequence[Finding] = (),
    basis_of: Callable[[Finding], str] | None = None,
    *,
    rules: frozenset[str] | None = None,
) -> list[dict[str, Any]]:
    """Make the automatic queries of a form agree with its findings; returns those that are open now.

    With ``rules`` only queries of those checks are looked at: the ones that were run.

    A finding with an open query changes nothing. A finding whose query a person has closed stays closed while it rests
    on the very same values (``basis_of``): they were accepted. A query whose finding is gone is closed by the value
    that corrected it.
    """
    queries = [q for q in tx.find("query", "form", form["key"]) if q["rule"] and (rules is None or q["rule"] in rules)]
    if not queries and not findings:
        return []
    found = {(finding.check_id, finding.item_key): finding for finding in findings}
    open_now: list[dict[str, Any]] = []
    for query in queries:
        finding = found.get((query["rule"], query["item"]))
        if query["status"] in OPEN_QUERY:
            if finding is None:
                closing = message(CORRECTED, actor.handle, tx.timestamp, value=form["data"].get(query["item"]))
                tx.put("query", query["key"], status="closed", messages=add_message(query["messages"], closing))
            else:
                open_now.append(_shown(query, finding, actor.language))
        if finding is not None and (query["status"] in OPEN_QUERY or _accepted(query, finding, basis_of)):
            found.pop((query["rule"], query["item"]), None)
    for finding in found.values():
        key = tx.new_key(f"{form['participant']}/queries")
        raised = message("raised", "helmont", tx.timestamp, value=form["data"].get(finding.item_key))
        query = tx.create(
            "query",
            key,
            study=form["study"],
            country=form["country"],
            site=form["site"],
            participant=form["participant"],
            form=form["key"],
            item=finding.item_key,
            rule=finding.check_id,
            status="open",
            opened=tx.timestamp,
            text=dict(finding.message),
            messages={"001": raised},
        )
        open_now.append(_shown(query, finding, actor.language))
    return open_now


def _accepted(query: Row, finding: Finding, basis_of: Callable[[Finding], str] | None) -> bool:
    """Whether a person closed this query for the values that are there now."""
    last = query["messages"][max(query["messages"])]
    return last["kind"] in {"closed", "cancelled"} and basis_of is not None and last.get("basis") == basis_of(finding)


def _shown(query: Row, finding: Finding, language: str) -> dict[str, Any]:
    return {
        "key": query["key"],
        "item": query["item"],
        "status": query["status"],
        "text": in_language(finding.message, language),
    }
