"""Values that can be redacted: where they stand in an entry, in words, and which entries would lose their body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helmont.amendments.models import KeptValue
from helmont.core.errors import NotFound
from helmont.core.ledger import redaction
from helmont.core.ledger.models import Entry
from helmont.core.ledger.redaction import REASONS, REDACTED_TEXT, REDACTED_VALUE, Eraser, find_entries
from helmont.core.ledger.store import StoredEntry
from helmont.core.records import record_type
from helmont.core.rows import fetch
from helmont.double_entry.models import Transcription, form_of
from helmont.edc.keys import split_form_key
from helmont.edc.models import Query
from helmont.edc.queries.audit import AuditChange, AuditEntry, Mask, readable
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.web.access import actor, require_everywhere, today
from helmont.web.audit.words import field_title, record_title

# Where people type freely. A value elsewhere is a status, a date or a name that the system itself relies on.
FREE_TEXT = {
    "form": {"data", "note"},
    "comment": {"text"},
    "encounter": {"reason"},
    "query": {"messages"},
    "coding": {"verbatim", "note"},
    "kept_value": {"value", "why", "reason"},
    "transcription": {"data", "aside", "differences", "decided", "absent", "withdrawn"},
}
# A message says more than what was typed: only these parts of it can go. ``value`` is what the item held at that time.
MESSAGE_PARTS = ("text", "value")
# The same of what two people read differently on paper, and of what was decided about it.
READ_PARTS = {"differences": ("first", "second"), "decided": ("value", "reason")}
RECORDS = ("form", "query", "comment", "encounter", "participant", "identity", "kept_value", "transcription")
NOT_TYPED = {"kept_value": {"why/id"}}


@dataclass(frozen=True)
class Place:
    """One path of one record, in words, and the values that an entry gives it."""

    record: str
    path: str
    title: str
    label: str
    old: str = ""
    new: str = ""


class Officer:
    """The person in charge of privacy, reading one study. Raises ``NotFound`` for everybody else."""

    def __init__(self, request: HttpRequest, study: Study) -> None:
        self.study, self.person, self.day = study, actor(request), today(request)
        if not self.person.places("ledger.redact", study.key, self.day):
            raise NotFound(study.key)
        require_everywhere(request, "ledger.redact", study.key)
        self.language = get_language() or "en"
        self._masks: dict[str, Mask] = {}

    def definition(self, participant: str) -> CompiledStudy:
        """The study as it is for this participant; the latest one for none."""
        row = Participant.objects.filter(key=participant).first()
        return compiled(self.study.key, row.definition if row else self.study.definition)

    def mask(self, participant: str) -> Mask:
        """What of this participant stays hidden from the officer; raises ``NotFound`` when all of it does."""
        if participant not in self._masks:
            number = participant.split("/", 1)[1]
            row = participant_for(self.person, self.study.key, number, self.day, "audit.view")
            self._masks[participant] = Mask(self.person, row, self.day)
        return self._masks[participant]

    def entry(self, sequence: int) -> tuple[Entry, AuditEntry]:
        """An entry about a participant, as stored and as the officer may read it."""
        entry: Entry | None = Entry.objects.filter(log=self.study.key, sequence=sequence).first()
        if entry is None or not entry.participant:
            raise NotFound(f"{self.study.key} entry {sequence}")
        return entry, readable(entry, self.mask(entry.participant))

    def places(self, entry: Entry, seen: AuditEntry) -> list[Place]:
        """What of this entry can be redacted, texts before dates, numbers and codes."""
        study = self.definition(entry.participant)
        changes = sorted(filter(_free, seen.changes), key=lambda change: _coded(study, change))
        found = [self._place(study, change, path) for change in changes for path in _paths(change)]
        if seen.reason not in ("", REDACTED_TEXT) and entry.record.partition(":")[0] in RECORDS:
            title, label = self.words(study, entry.record, REASONS)
            found.append(Place(entry.record, REASONS, title, label, new=seen.reason))
        return found

    def _place(self, study: CompiledStudy, change: AuditChange, path: str) -> Place:
        record = f"{change.record_type}:{change.record}"
        title, label = self.words(study, record, path)
        part = redaction.Place.of(path).part
        old, new = (self.value(study, record, path, _part(value, part)) for value in (change.old, change.new))
        return Place(record, path, title, label, old, new)

    def quoted(self, target: Target) -> list[Place]:
        """What still says what the item held and is to be redacted as well: messages of queries, and a value that an
        amendment left without a place; of such a value the form that it was in."""
        kind, _colon, form = target.record.partition(":")
        item = target.path.partition("/")[2]
        study = self.definition(target.participant)
        if kind == "kept_value":
            row = KeptValue.objects.get(key=form)
            return [self._former(study, row)] if row.item else []
        if kind != "form" or not item:
            return []
        copied = [
            place
            for row in Transcription.objects.filter(form=form).order_by("key")
            for place in self._copied(study, row, item)
        ]
        found = copied + [
            self._kept(study, row) for row in KeptValue.objects.filter(form=form, item=item).order_by("key")
        ]
        found = [place for place in found if place.new != _("[redacted]")]
        for query in Query.objects.filter(form=form, item=item).order_by("key"):
            for number, said in sorted(query.messages.items()):
                record, path = f"query:{query.key}", f"messages/{number}/value"
                value = _part(said, "value")
                if value not in (None, "") and not _gone(value):
                    title, label = self.words(study, record, path)
                    found.append(Place(record, path, title, label, new=self.value(study, record, path, value)))
        return found

    def _copied(self, study: CompiledStudy, row: Transcription, item: str) -> Iterator[Place]:
        """Where an entry from paper says what the item held."""
        record = f"transcription:{row.key}"
        for field in ("data", "aside", *READ_PARTS):
            held = getattr(row, field).get(item)
            for part in READ_PARTS.get(field, ("",)):
                value = _part(held, part)
                if value not in (None, "") and not _gone(value):
                    path = f"{field}/{item}/{part}" if part else f"{field}/{item}"
                    title, label = self.words(study, record, path)
                    yield Place(record, path, title, label, new=self.value(study, record, path, value))

    def _kept(self, study: CompiledStudy, row: KeptValue) -> Place:
        record, path = f"kept_value:{row.key}", "value/value"
        title, label = self.words(study, record, path)
        return Place(record, path, title, label, new=self.value(study, record, path, row.value.get("value")))

    def _former(self, study: CompiledStudy, row: KeptValue) -> Place:
        record, path = f"form:{row.form}", f"data/{row.item}"
        title, label = self.words(study, record, path)
        return Place(record, path, title, label, new=_("what it held before the amendment"))

    def words(self, study: CompiledStudy, record: str, path: str) -> tuple[str, str]:
        """The record and the path in it, as people call them."""
        title = record_title(study, record, self.language)
        kind, _colon, key = record.partition(":")
        field, member, part = (place := redaction.Place.of(path)).field, place.member, place.part
        if path == REASONS:
            return title, _("Reasons that were given for changes")
        if kind == "transcription" and member:
            form = study.forms.get(_form_id(kind, key))
            label = form.label(member, self.language) if form is not None and member in form.item_keys() else member
            return title, f"{label}: {field_title(kind, field)}"
        if part:
            label = _("Message %s") % int(member) if member.isdecimal() else member
            return title, f"{label}: {_('what the item held') if part == 'value' else _('text')}"
        if kind == "kept_value" and field == "value":
            return title, self._was(key)[0]
        form = study.forms.get(_form_id(kind, key))
        if form is not None and field == "data":
            return title, form.label(member, self.language) if member in form.item_keys() else member
        return title, field_title(kind, field)

    def value(self, study: CompiledStudy, record: str, path: str, value: Any) -> str:
        """A value of the ledger as people read it; "" for nothing."""
        if value is None or value in (REDACTED_VALUE, REDACTED_TEXT):
            return "" if value is None else _("[redacted]")
        kind, _colon, key = record.partition(":")
        if kind == "kept_value" and path == "value/value":
            _label, was, item = self._was(key)
            return was.display(item, value, self.language) if was is not None else str(value)
        form = study.forms.get(_form_id(kind, key))
        place = redaction.Place.of(path)
        member = "" if place.part == "reason" else place.member
        if form is not None and member and member in form.item_keys():
            return form.display(member, value, self.language)
        return str(value)

    def _was(self, key: str) -> tuple[str, CompiledForm | None, str]:
        """Label, form and item key of a value without a place, under the version that it comes from."""
        row = KeptValue.objects.filter(key=key).first()
        if row is None:
            return key, None, ""
        form = compiled(self.study.key, row.version).forms.get(split_form_key(row.form)[3])
        if form is None or row.item not in form:
            return row.item, None, row.item
        return form.label(row.item, self.language), form, row.item

    def target(self, record: str, path: str) -> Target:
        """What an address asks to redact; raises ``NotFound`` when it is nothing that the officer may read and redact."""
        kind, _colon, key = record.partition(":")
        participant = "/".join(key.split("/")[:2])
        place = redaction.Place.of(path)
        free = (path == REASONS and kind in RECORDS) or place.field in FREE_TEXT.get(kind, ())
        parts = _parts(kind, place.field) if path != REASONS else ("",)
        free = free and place.part in parts
        if not free or path in NOT_TYPED.get(kind, ()) or not key.startswith(f"{self.study.key}/"):
            raise NotFound(record)
        mask = self.mask(participant)
        form = form_of(key) if kind == "transcription" else key
        if mask.hides_record(record) or (kind in ("form", "transcription") and mask.hides(form, place.member)):
            raise NotFound(record)
        rows = fetch(record_type(kind), "key", [key])
        if not rows:
            raise NotFound(record)
        [row] = rows
        current = None if path == REASONS else place.value(row) or None
        return Target(record, path, participant, None if _gone(current) else current)


@dataclass(frozen=True)
class Target:
    """What is to be redacted; ``current`` is the value that the record holds now, None when there is none."""

    record: str
    path: str
    participant: str
    current: Any

    def affected(self, *, keep_current: bool) -> Iterator[StoredEntry]:
        """The entries that ``Redact`` will blank, in order."""
        eraser = Eraser(self.record, self.path, self.current if keep_current else None)
        for entry in find_entries(self.record.partition(":")[2].split("/", 1)[0], self.record):
            if eraser.clean(entry.content) is not None:
                yield entry


def _gone(value: Any) -> bool:
    return value in (REDACTED_VALUE, REDACTED_TEXT)


def _free(change: AuditChange) -> bool:
    """Whether the change holds something that somebody typed and that is still there."""
    typed = change.path not in NOT_TYPED.get(change.record_type, ())
    return typed and change.path.partition("/")[0] in FREE_TEXT.get(change.record_type, ()) and bool(_paths(change))


def _paths(change: AuditChange) -> list[str]:
    """The paths of what the change says and can lose: its own, or those of a message's parts."""
    parts = _parts(change.record_type, change.path.partition("/")[0])
    values = {part: [_part(value, part) for value in (change.old, change.new)] for part in parts}
    return [
        f"{change.path}/{part}" if part else change.path
        for part in parts
        if any(value not in (None, "") and not _gone(value) for value in values[part])
    ]


def _parts(kind: str, field: str) -> tuple[str, ...]:
    """The parts of a value that can go; the empty one stands for the whole."""
    return MESSAGE_PARTS if kind == "query" else READ_PARTS.get(field, ("",))


def _form_id(kind: str, key: str) -> str:
    """The form whose items a record goes by; "" for a record that goes by none."""
    if kind == "transcription":
        key = form_of(key)
    return split_form_key(key)[3] if kind in ("form", "transcription") else ""


def _part(value: Any, part: str) -> Any:
    return (value.get(part) if isinstance(value, dict) else None) if part else value


def _coded(study: CompiledStudy, change: AuditChange) -> bool:
    """Whether the value is anything but text that somebody wrote."""
    if not change.item:
        return False
    form = study.forms.get(_form_id(change.record_type, change.record))
    if form is None or change.item not in form.item_keys():
        return False
    item = form.item(change.item)
    return item.type != "text" or bool(item.codelist)
