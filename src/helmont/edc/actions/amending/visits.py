"""Encounters that a version calls otherwise: the visit and all of its forms go on under the new name.

Keys are names, so everything is written under its new key; what was there before stays as an empty shell that says where
it went. A signature names the form that was signed and ends; marks, locks, queries and comments go along.
"""

from __future__ import annotations

from collections.abc import Iterable

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find
from helmont.core.signatures.actions import break_signatures
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Amended, Moved
from helmont.edc.actions.amending.rules import Touched
from helmont.edc.context import place_in_time
from helmont.study.routes import Routes

REMARKS = ("query", "comment", "source_copy")
EMPTY: dict[str, object] = {"data": {}, "verified": {}, "lapsed": {}, "held": {}}


def rename_visits(
    tx: Transaction, actor: Actor, participant: Row, routes: Routes, touched: Touched, done: Amended
) -> set[str]:
    """Bring the participant's visits under their new names; the keys under which they were."""
    if not routes.visits:
        return set()
    gone: dict[str, str] = {}
    visits = tx.find("encounter", "participant", participant["key"])
    for row in visits:
        if (name := routes.visits.get(row["oid"])) and row["key"].endswith(f"/{row['oid']}"):
            gone[row["key"]] = _rename(tx, row, name, routes)
    # The rules of the forms that move run anyway, and so do those that look at them by name; what is ``previous`` may differ.
    order = [gone.get(key, key) for key in _in_time(visits)]
    touched.everything = order != _in_time(tx.require("encounter", key) for key in order)
    rows = [row for row in tx.find("form", "participant", participant["key"]) if row["container"] in gone]
    tx.rows.prefetch(Find(kind, "form", row["key"]) for kind in REMARKS for row in rows)
    for row in rows:
        key = f"{gone[row['container']]}/{row['form']}"
        _move(tx, actor, row, key, participant, routes)
        touched.items[key] = list(row["data"])
        touched.new.add(key)
        done.renamed[row["key"]] = key
        done.moved += [Moved(row["key"], item, key, item, value, value) for item, value in row["data"].items()]
        done.carried_marks |= {(row["key"], item) for item in row["verified"]}
    return set(gone)


def _in_time(visits: Iterable[Row]) -> list[str]:
    return [row["key"] for row in sorted(visits, key=place_in_time)]


def _rename(tx: Transaction, row: Row, name: str, routes: Routes) -> str:
    key = f"{row['participant']}/{name}"
    tx.put("encounter", key, **_fields(row, "oid", "number"), oid=name, number=routes.new.number(name))
    tx.put("encounter", row["key"], status="renamed", date="", ended="", reason=name)
    return key


def _move(tx: Transaction, actor: Actor, row: Row, key: str, participant: Row, routes: Routes) -> None:
    container, form = key.rsplit("/", 1)
    version = participant["definition"] if form in routes.new.forms else row["definition"]
    fields = _fields(row, "container", "encounter", "signed", "definition")
    tx.put(
        "form", key, container=container, encounter=container.rsplit("/", 1)[1], definition=version, signed="", **fields
    )
    signed = {}
    if row["signed"] == "valid":
        break_signatures(tx, f"form:{row['key']}", actor)
        signed = {"signed": "broken"}
    tx.put("form", row["key"], **EMPTY, **signed, status="removed", note=container.rsplit("/", 1)[1])
    for kind in REMARKS:
        for remark in tx.find(kind, "form", row["key"]):
            tx.put(kind, remark["key"], form=key)


def _fields(row: Row, *but: str) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in ("key", "revision", *but)}


def in_one_step(moved: Iterable[Moved]) -> list[Moved]:
    """Values that went on from where they had been brought, as having gone there at once."""
    found: dict[tuple[str, str], Moved] = {}
    for one in moved:
        if first := found.pop((one.form, one.item), None):
            one = Moved(first.form, first.item, one.to_form, one.to_item, first.was, one.now)
        found[one.to_form, one.to_item] = one
    return list(found.values())
