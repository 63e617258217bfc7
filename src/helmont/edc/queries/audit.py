"""The audit trail as people read it: who changed what, when, in which role and why; hidden values stay hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.db.models import QuerySet

from helmont.core.ledger.models import Entry, Redaction
from helmont.core.ledger.store import StoredEntry
from helmont.core.permissions import Actor
from helmont.core.records import record_type, record_types
from helmont.edc.items import base_item, item_of
from helmont.edc.keys import split_form_key
from helmont.edc.models import Comment, Query
from helmont.edc.queries.privacy import guarded
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for, scope_of

PAGE = 200


@dataclass(frozen=True)
class AuditChange:
    """One value that changed. ``path`` is the ledger's (``data/SYSBP``); ``item`` the item key when it is one."""

    record_type: str
    record: str
    path: str
    item: str
    old: Any
    new: Any


@dataclass(frozen=True)
class AuditEntry:
    """One ledger entry for a reader. ``redacted`` entries have lost their body but keep their place in the tree."""

    sequence: int
    time: str
    offset: str
    actor: str
    role: str
    action: str
    record: str
    reason: str
    source: dict[str, Any]
    changes: tuple[AuditChange, ...]
    signature: str = ""
    redacted: bool = False


# What other rooms keep about a participant under a privilege: takes the participant and the privileges that the reader
# lacks, and names the records (``type:key``) that are hidden.
HIDDEN_RECORDS: list[Callable[[Participant, frozenset[str]], Iterable[str]]] = []


class Mask:
    """Removes from entries of one participant what the reader lacks the privilege to see."""

    def __init__(self, actor: Actor, participant: Participant, today: date) -> None:
        self._actor, self._today = actor, today
        hidden = actor.hidden(scope_of(participant), today)
        self._hidden: dict[str, set[str]] = {}
        for (form, item), held in guarded(participant.study).items():
            if held & hidden:
                self._hidden.setdefault(form, set()).add(item)
        self._records: set[str] = {record for find in HIDDEN_RECORDS for record in find(participant, hidden)}
        if self._hidden:
            for kind, model in (("query", Query), ("comment", Comment)):
                for key, form, item in model.objects.filter(participant=participant).values_list("key", "form", "item"):
                    if self.hides(form, item):
                        self._records.add(f"{kind}:{key}")

    def hides(self, form_key: str, item_key: str) -> bool:
        try:
            form = split_form_key(form_key)[3]
        except ValueError:
            return False
        return base_item(item_key) in self._hidden.get(form, ())

    def hides_record(self, record: str) -> bool:
        """Whether the record is about an item that the reader may not see, or is not for the reader yet."""
        if record in self._records:
            return True
        kind, _colon, key = record.partition(":")
        withheld = record_types()[kind].withheld if kind in record_types() else None
        return withheld is not None and withheld(self._actor, key, self._today)

    def hides_value(self, kind: str, key: str, item: str) -> bool:
        """Whether the reader may not see this item in a record that goes by the items of a form."""
        items_of = record_types()[kind].items_of
        return items_of is not None and self.hides(items_of(key), item)

    def entry(self, entry: Entry) -> AuditEntry:
        """The entry without the hidden values; a hidden change is left out altogether."""
        return readable(entry, self)


def body_of(entry: Entry | StoredEntry) -> dict[str, Any]:
    """What an entry says; for a redacted one what is left of it, as the entry that redacted it restates."""
    if entry.body:
        content: dict[str, Any] = orjson.loads(entry.body)
        return content
    redaction = Redaction.objects.filter(log=entry.log, sequence=entry.sequence).first()
    if redaction is None:
        return {}
    by = body_of(Entry.objects.get(log=entry.log, sequence=redaction.redacted_by))
    return next((part["body"] for part in by.get("residue", ()) if part["sequence"] == entry.sequence), {})


def readable(entry: Entry, mask: Mask | None = None) -> AuditEntry:
    """A stored entry as an ``AuditEntry``; ``mask`` drops what its reader may not see."""
    body = body_of(entry)
    changes = []
    for change in body.get("changes", ()):
        kind, _, key = change["record"].partition(":")
        if mask and mask.hides_record(change["record"]):
            continue
        for path, (old, new) in sorted(change["set"].items()):
            item = item_of(path)
            if mask and item and mask.hides_value(kind, key, item):
                continue
            changes.append(AuditChange(kind, key, path, item, old, new))
    return AuditEntry(
        sequence=entry.sequence,
        time=entry.time,
        offset=body.get("offset", ""),
        actor=entry.actor,
        role=body.get("role", ""),
        action=entry.action,
        record=entry.record,
        reason=body.get("reason", ""),
        source=body.get("source", {}),
        changes=tuple(changes),
        signature=body.get("signature", ""),
        redacted=not entry.body,
    )


def participant_audit(
    actor: Actor,
    study: str,
    number: str,
    today: date,
    *,
    actor_filter: str = "",
    action: str = "",
    record: str = "",
    item: str = "",
    since: str = "",
    until: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[list[AuditEntry], int | None]:
    """Entries about one participant, newest first, and the sequence to continue ``before`` (None at the end)."""
    participant = participant_for(actor, study, number, today, "audit.view")
    entries: QuerySet[Entry] = Entry.objects.filter(log=study, participant=participant.key).order_by("-sequence")
    if actor_filter:
        entries = entries.filter(actor=actor_filter)
    if action:
        entries = entries.filter(action=action)
    if record:
        entries = entries.filter(record__contains=record)
    if since:
        entries = entries.filter(time__gte=since)
    if until:
        entries = entries.filter(time__lt=f"{until}T99")
    if item:
        entries = entries.filter(body__contains=f'data/{item}"')
    if before is not None:
        entries = entries.filter(sequence__lt=before)
    found = list(entries[: limit + 1])
    mask = Mask(actor, participant, today)
    shown = [mask.entry(entry) for entry in found[:limit]]
    if item:  # not even that there was a change of a hidden item
        shown = [entry for entry in shown if any(change.item == item for change in entry.changes)]
    return shown, found[limit - 1].sequence if len(found) > limit else None


def item_history(
    actor: Actor, participant: Participant, form_key: str, item: str, today: date
) -> list[tuple[AuditEntry, AuditChange]]:
    """Every change of one item and its marks, oldest first, each with the entry it lies in."""
    mask = Mask(actor, participant, today)
    if mask.hides(form_key, item):
        return []
    return list(_changes_of(_entries_of(form_key), mask, {f"data/{item}", f"verified/{item}"}))


def form_history(actor: Actor, participant: Participant, form_key: str, today: date) -> list[AuditEntry]:
    """Every entry about a form, oldest first."""
    mask = Mask(actor, participant, today)
    return [mask.entry(entry) for entry in _entries_of(form_key)]


def _entries_of(form_key: str) -> Iterable[Entry]:
    participant = "/".join(form_key.split("/")[:2])
    # The form's own entries, and those of other records that changed it (a signature over several forms).
    return Entry.objects.filter(
        log=form_key.split("/", 1)[0], participant=participant, body__contains=f'"form:{form_key}"'
    ).order_by("sequence")


def _changes_of(entries: Iterable[Entry], mask: Mask, paths: set[str]) -> Iterator[tuple[AuditEntry, AuditChange]]:
    for stored in entries:
        entry = mask.entry(stored)
        for change in entry.changes:
            if change.path in paths:
                yield entry, change


def describe_record(record: str) -> tuple[str, str]:
    """Title of the record's type, and its key, for a record named ``type:key``."""
    name, _, key = record.partition(":")
    return (str(record_type(name).title), key) if key else ("", record)
