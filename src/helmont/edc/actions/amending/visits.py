"""Encounters that a version calls otherwise: the visit and all of its forms go on under the new name.

Keys are names, so everything is written under its new key; what was there before stays as an empty shell that says where
it went. A signature names the form that was signed and ends; marks, locks, queries and comments go along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Read
from helmont.core.signatures.actions import break_signatures, signatures_read
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Amended, Moved
from helmont.edc.actions.amending.rules import Touched
from helmont.edc.context import place_in_time
from helmont.edc.rechecking import looks_at
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
    # What is ``previous`` may differ, and a name may have been another visit's. Otherwise rules find under the new name
    # what they found under the old one: those that say the name are written otherwise, which runs them.
    order = [gone.get(key, key) for key in _in_time(visits)]
    touched.everything = order != _in_time(tx.require("encounter", key) for key in order)
    known = not routes.old.encounters.keys().isdisjoint(routes.visits.values())
    there = tx.find("form", "participant", participant["key"])
    keys = {row["key"] for row in there}
    for row in (row for row in there if row["container"] in gone):
        key = f"{gone[row['container']]}/{row['form']}"
        if key not in keys:
            _assume_new(tx, key)
        _move(tx, actor, row, key, participant, routes)
        form = routes.new.forms.get(row["form"])
        if known or form is None:
            touched.items[key] = list(row["data"])
            touched.new.add(key)
        elif looks_at(form, "visit"):
            touched.looking.add(key)
        done.renamed[row["key"]] = key
        done.moved += [Moved(row["key"], item, key, item, value, value) for item, value in row["data"].items()]
        done.carried_marks |= {(row["key"], item) for item in row["verified"]}
    return set(gone)


def renamed_reads(rows: Iterable[Row], routes: Routes) -> Iterator[Read]:
    """What is read of a participant's forms to rename their visits."""
    for row in rows if routes.visits else ():
        if row["encounter"] in routes.visits:
            yield from (Find(kind, "form", row["key"]) for kind in REMARKS)
            yield signatures_read(f"form:{row['key']}")


def _assume_new(tx: Transaction, key: str) -> None:
    """All forms of the participant were read, and this is none of them; so there is nothing about it either."""
    tx.rows.assume_absent("form", key)
    for kind in REMARKS:
        tx.rows.assume_found(kind, "form", key, [])


def _in_time(visits: Iterable[Row]) -> list[str]:
    return [row["key"] for row in sorted(visits, key=place_in_time)]


def _rename(tx: Transaction, row: Row, name: str, routes: Routes) -> str:
    key = f"{row['participant']}/{name}"
    if not any(each["oid"] == name for each in tx.find("encounter", "participant", row["participant"])):
        tx.rows.assume_absent("encounter", key)
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
