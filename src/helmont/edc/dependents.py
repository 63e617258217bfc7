"""Which other forms of a participant have rules that look at a form that was just saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helmont.core.records import Row
from helmont.core.rows import Find, Get
from helmont.core.transactions import Transaction
from helmont.edc.keys import LOG
from helmont.edc.workflows import EDITABLE, EVALUATED
from helmont.study.compiling import CompiledStudy

Checks = frozenset[str] | None
"""Ids of the checks to run again; None stands for every rule, since a skip or a calculation may change."""


def dependent_forms(tx: Transaction, study: CompiledStudy, saved: Row) -> Iterator[tuple[Row, Checks]]:
    """The open forms with values whose rules read ``saved``, and which of their checks do; without ``saved`` itself."""
    reading: dict[str, Checks] = {}
    for dependency in study.dependents(saved["form"]):
        for key in _keys(tx, study, saved, dependency.reference, dependency.form):
            known = reading.get(key, frozenset())
            reading[key] = None if known is None or dependency.items else known | frozenset(dependency.checks)
    reading.pop(saved["key"], None)
    tx.rows.prefetch(Get("form", key) for key in reading)
    rows = [row for key in reading if (row := tx.get("form", key)) is not None]
    able = [row for row in rows if row["status"] in EVALUATED and row["lock"] in EDITABLE]
    tx.rows.prefetch(Find("query", "form", row["key"]) for row in able)
    for row in able:
        yield row, reading[row["key"]]


def _keys(tx: Transaction, study: CompiledStudy, saved: Row, reference: str, form: str) -> Iterable[str]:
    """Keys under which ``form`` may read ``saved`` by ``reference``: where the reference can point to it at all."""
    root, *path = reference.split(".")
    if root == "at" and saved["encounter"] != path[0]:
        return
    if root == "here":
        yield f"{saved['container']}/{form}"
    elif study.forms[form].form.kind == "log":
        for line in tx.find("form", "container", f"{saved['participant']}/{LOG}/{form}"):
            yield line["key"]
    else:
        encounters = tx.find("encounter", "participant", saved["participant"])
        own = next((e for e in encounters if e["key"] == saved["container"]), None)
        for encounter in encounters:
            if root != "previous" or own is None or _after(encounter, own):
                yield f"{encounter['key']}/{form}"


def _after(encounter: Row, own: Row) -> bool:
    return (encounter["date"], float(encounter["number"])) > (own["date"], float(own["number"]))
