"""An amendment gives a coded value another place: its coding goes along, and says the same there."""

from __future__ import annotations

from helmont.coding.declared import coded_items
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Amended
from helmont.edc.items import base_item
from helmont.edc.keys import split_form_key
from helmont.studies.queries import compiled_for
from helmont.study.model import Coding
from helmont.study.routes import Routes


def move_codings(tx: Transaction, participant: Row, _routes: Routes, done: Amended) -> None:
    """Each coding of a value that moved stands beside it where it is coded with the same dictionary; the old one is withdrawn.

    A value that is written differently now is coded again by whoever follows the forms: the coding tells what it was.
    """
    study = compiled_for(tx, participant["definition"])

    def coding_of(form: str, item: str) -> Coding | None:
        definition = study.forms.get(split_form_key(form)[3])
        return coded_items(definition).get(base_item(item)) if definition else None

    places = {
        (one.form, one.item): (one.to_form, one.to_item, coding.dictionary)
        for one in done.moved
        if (one.form, one.item) != (one.to_form, one.to_item) and (coding := coding_of(one.to_form, one.to_item))
    }
    if not places:
        return
    for row in tx.find("coding", "participant", participant["key"]):
        to = places.get((row["form"], row["item"]))
        if to is None or row["status"] == "withdrawn" or row["name"] != to[2]:
            continue
        fields = {name: value for name, value in row.items() if name not in ("key", "revision", "form", "item")}
        tx.put("coding", f"{to[0]}/{to[1]}", form=to[0], item=to[1], **fields)
        tx.put("coding", row["key"], status="withdrawn")
