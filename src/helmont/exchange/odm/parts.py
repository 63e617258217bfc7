"""Rows and ledger values as the records that ODM is written from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helmont.edc.items import base_item
from helmont.standards.odm.records import LOG, UNSCHEDULED, EventRecord, ItemRecord, Message, QueryRecord
from helmont.study.compiled_forms import CompiledForm

VISIT_FIELDS = ("date", "ended", "status", "reason")


def event_of(encounter: str) -> EventRecord:
    """An empty event: ``UNSCHEDULED_3.1`` is the unscheduled one with the number 3.1."""
    name, _, number = encounter.partition(f"{UNSCHEDULED}_")
    return EventRecord(UNSCHEDULED, number) if not name and number else EventRecord(encounter or LOG)


def item_record(form: CompiledForm | None, key: str, value: Any) -> ItemRecord:
    """An item's value as a record; its type is that of the form's present definition."""
    item = form.items.get(base_item(key)) if form else None
    return ItemRecord(base_item(key), item.item.type if item else "text", value)


def query_record(key: str, status: str, rule: str, text: Mapping[str, str], messages: Mapping[str, Any]) -> QueryRecord:
    """A query with its conversation; the question of an automatic one is in the study's first language."""
    question = next(iter(text.values()), "")
    said = [
        Message(
            one.get("kind", ""),
            one.get("by", ""),
            one.get("at", ""),
            one.get("text") or (question if place == 0 else ""),
        )
        for place, one in enumerate(messages[number] for number in sorted(messages))
        if isinstance(one, Mapping)
    ]
    return QueryRecord(key, status, rule, tuple(said) or (Message("raised", "", "", question),))
