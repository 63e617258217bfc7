"""The audit trail of a study as records: one for each entry of its ledger that is about a participant.

What a redaction took away stays away, and an entry of which the person may see nothing is left out altogether.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helmont.core.ledger import store
from helmont.core.ledger.store import StoredEntry
from helmont.core.signatures.models import Signature
from helmont.edc.keys import split_form_key
from helmont.edc.models import Query
from helmont.edc.queries.audit import body_of
from helmont.exchange.odm.parts import VISIT_FIELDS, event_of, item_record, query_record
from helmont.exchange.odm.visible import Visible
from helmont.participants.models import Participant
from helmont.standards.odm.records import (
    Change,
    EventRecord,
    FormRecord,
    ItemRecord,
    Remark,
    Seal,
    Stamp,
    SubjectRecord,
    grouped,
)

Set = Mapping[str, list[Any]]


def trail(visible: Visible, start: int = 0, stop: int | None = None) -> Iterator[SubjectRecord]:
    """The entries ``start`` to ``stop`` (not included) of the study's log, in their order."""
    people = {participant.key: participant for participant in visible.participants()}
    for entry in store.read_entries(visible.study, start, stop):
        participant = people.get(entry.participant)
        if participant is not None:
            record = record_of(visible, participant, entry)
            if record is not None:
                yield record


def record_of(visible: Visible, participant: Participant, entry: StoredEntry) -> SubjectRecord | None:
    """What one entry says of the participant, as far as the person may see it; None when that is nothing."""
    return _Entry(visible, participant, entry).record()


class _Entry:
    def __init__(self, visible: Visible, participant: Participant, entry: StoredEntry) -> None:
        self.visible, self.participant = visible, participant
        self.body = body_of(entry)
        reason = self.body.get("reason", "")
        self.stamp = Stamp(entry.actor, participant.site, entry.time, reason, str(entry.sequence))
        self.events: dict[str, EventRecord] = {}
        self.forms: dict[str, FormRecord] = {}
        self.items: dict[str, dict[str, ItemRecord]] = {}

    def record(self) -> SubjectRecord | None:
        found = SubjectRecord(self.participant.number, self.participant.site, self.participant.definition)
        for change in self.body.get("changes", ()):
            kind, _, key = change["record"].partition(":")
            changes = change["set"]
            if kind == "participant":
                found.standing = _texts(changes, ("status", "screened"))
                found.change = "Insert" if "number" in changes else "Update"
                found.stamp = self.stamp
            elif kind == "encounter":
                event = self.event(key.rsplit("/", 1)[1])
                event.visit, event.stamp = _texts(changes, VISIT_FIELDS), self.stamp
            elif kind == "form":
                self.form_change(key, changes)
            elif kind == "query":
                self.query_change(key, changes)
            elif kind == "comment" and "text" in changes:
                self.comment(changes)
        for key, form in self.forms.items():
            definition = self.visible.form(self.participant, form.form)
            form.groups = grouped(definition.form, self.items.get(key, {})) if definition else []
        found.events = list(self.events.values())
        return found if found.events or found.standing else None

    def event(self, encounter: str) -> EventRecord:
        return self.events.setdefault(encounter, event_of(encounter))

    def form(self, key: str) -> FormRecord:
        if key not in self.forms:
            _study, _number, encounter, form, line = split_form_key(key)
            made = self.forms[key] = FormRecord(form, line)
            self.event(encounter).forms.append(made)
        return self.forms[key]

    def item(self, key: str, item_key: str) -> ItemRecord | None:
        """The record of an item in this entry; None when the person may not see it."""
        form = split_form_key(key)[3]
        if not item_key or self.visible.hides(self.participant, form, item_key):
            return None
        items = self.items.setdefault(key, {})
        if item_key not in items:
            made = item_record(self.visible.form(self.participant, form), item_key, None)
            made.change, made.stamp = "Context", self.stamp
            items[item_key] = made
        self.form(key)
        return items[item_key]

    def form_change(self, key: str, changes: Set) -> None:
        seen = False
        for path, (old, new) in changes.items():
            name, _, item_key = path.partition("/")
            if name in ("data", "verified"):
                record = self.item(key, item_key)
                if record is None:
                    continue
                seen = True
                if name == "data":
                    record.value, record.change = new, _kind(old, new)
                else:
                    record.remarks = [*record.remarks, Remark("", {"verified": "yes" if new else "no"})]
        rest = {path: pair for path, pair in changes.items() if path.partition("/")[0] not in ("data", "verified")}
        if rest or seen:
            self.form_standing(self.form(key), rest)

    def form_standing(self, form: FormRecord, changes: Set) -> None:
        """What the entry says of the form as a whole."""
        form.stamp = self.stamp
        if "status" in changes:
            old, new = changes["status"]
            form.status, form.note = new or "", str(changes.get("note", [None, ""])[1] or "")
            form.change = "Remove" if new == "removed" else "Insert" if old is None else "Upsert"
        remarks = [
            Remark("", {"reviewed": path.partition("/")[2]})
            for path, (_, new) in changes.items()
            if path.startswith("reviewed/") and new
        ]
        if "lock" in changes:
            remarks.append(Remark("", {"lock": changes["lock"][1] or "open"}))
        form.remarks = [*form.remarks, *remarks]
        if changes.get("signed", [None, ""])[1] == "valid" and (key := changes.get("signature", [None, ""])[1]):
            meaning, time = _signature(self.visible, key)
            form.seal = Seal(self.stamp.user, self.stamp.location, time, meaning) if meaning else None

    def query_change(self, key: str, changes: Set) -> None:
        """A query's new messages, beside the item that it is about."""
        form, item, rule, text = _query(self.visible, key)
        record = self.item(form, item) if form else None
        if record is not None:
            said = {
                path.partition("/")[2]: new
                for path, (_, new) in changes.items()
                if path.startswith("messages/") and new
            }
            status = changes.get("status", [None, "open"])[1] or "open"
            record.queries = [*record.queries, query_record(key, status, rule, text if "001" in said else {}, said)]

    def comment(self, changes: Set) -> None:
        form, item = (str(changes.get(name, [None, ""])[1] or "") for name in ("form", "item"))
        text = str(changes["text"][1] or "")
        if not item:
            self.form(form).remarks = [*self.form(form).remarks, Remark(text, {"comment": "form"})]
        elif record := self.item(form, item):
            record.remarks = [*record.remarks, Remark(text, {"comment": "remark"})]


def _kind(old: Any, new: Any) -> Change:
    return "Remove" if new is None else "Insert" if old is None else "Update"


def _texts(changes: Set, names: tuple[str, ...]) -> dict[str, str]:
    """What these became; "" for what was emptied."""
    return {name: str(changes[name][1] or "") for name in names if name in changes and any(changes[name])}


def _query(visible: Visible, key: str) -> tuple[str, str, str, Mapping[str, str]]:
    """Form, item, check and question of a query, which never change."""

    def look() -> tuple[str, str, str, Mapping[str, str]]:
        found = Query.objects.filter(key=key).values_list("form", "item", "rule", "text").first()
        return found or ("", "", "", {})

    return visible.remembered(("query", key), look)


def _signature(visible: Visible, key: str) -> tuple[str, str]:
    """Meaning and time of a signature."""

    def look() -> tuple[str, str]:
        found = Signature.objects.filter(key=key).values_list("meaning", "time").first()
        return found or ("", "")

    return visible.remembered(("signature", key), look)
