"""Ledger entries as a person reads them: labels of the study instead of paths, words instead of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from helmont.core.ledger.models import Entry
from helmont.core.ledger.redaction import REDACTED_TEXT, REDACTED_VALUE
from helmont.core.people.models import Person
from helmont.core.permissions import Actor, Scope
from helmont.core.roles import ROLES
from helmont.edc.keys import split_form_key
from helmont.edc.queries.audit import AuditChange, AuditEntry, Mask, readable
from helmont.participants.models import Participant
from helmont.participants.queries import in_places
from helmont.studies.models import Study
from helmont.study.compiling import CompiledStudy
from helmont.web.addresses import entry_address, form_address, participant_address
from helmont.web.audit.words import action_title, channel_title, field_title, record_title, value_title
from helmont.web.templatetags.house import day, word

PAGE = 50
# Columns that repeat what the record's name says, or that only the machine reads.
SILENT = {
    "study",
    "country",
    "site",
    "participant",
    "container",
    "encounter",
    "form",
    "line",
    "oid",
    "definition",
    "signature",
}
MARKS = {
    "edc.sign_forms": "signed",
    "edc.verify_items": "verified",
    "edc.save_form": "changed",
    "edc.raise_query": "open",
    "edc.answer_query": "answered",
    "edc.close_query": "closed",
}


@dataclass(frozen=True)
class ShownChange:
    """One line of a change: where, what it was and what it is. ``old`` and ``new`` are "" for nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownEntry:
    sequence: int
    proof: str
    time: str
    offset: str
    who: str
    role: str
    done: str
    what: str
    url: str
    mark: str
    reason: str
    channel: str
    redacted: bool
    changes: tuple[tuple[str, tuple[ShownChange, ...]], ...]


class Reader:
    """Turns entries of one study into what a page shows, in one language."""

    def __init__(self, study: CompiledStudy, language: str) -> None:
        self.study, self.language = study, language

    def entries(self, log: str, found: Sequence[AuditEntry]) -> list[ShownEntry]:
        names = dict(Person.objects.filter(handle__in={entry.actor for entry in found}).values_list("handle", "name"))
        return [self._entry(log, entry, names) for entry in found]

    def _entry(self, log: str, entry: AuditEntry, names: Mapping[str, str]) -> ShownEntry:
        source = entry.source
        channel = channel_title(str(source.get("channel", "")))
        if entered := source.get("date"):
            channel = f"{channel}, {day(entered)}"
        role = str(ROLES[entry.role].title) if entry.role in ROLES else entry.role
        return ShownEntry(
            sequence=entry.sequence,
            proof=entry_address(log, entry.sequence),
            time=entry.time,
            offset=entry.offset,
            who=names.get(entry.actor, entry.actor),
            role=role,
            done=action_title(entry.action),
            what=record_title(self.study, entry.record, self.language),
            url=_address(entry.record),
            mark=MARKS.get(entry.action, ""),
            reason=entry.reason,
            channel=channel,
            redacted=entry.redacted,
            changes=tuple(self._grouped(entry)),
        )

    def _grouped(self, entry: AuditEntry) -> Iterable[tuple[str, tuple[ShownChange, ...]]]:
        """Changes by record, in the entry's order; the name of the entry's own record is not said twice."""
        groups: dict[str, list[ShownChange]] = {}
        for change in entry.changes:
            record = f"{change.record_type}:{change.record}"
            if (shown := self._change(change)) is not None:
                groups.setdefault(record, []).append(shown)
        for record, changes in groups.items():
            title = "" if record == entry.record else record_title(self.study, record, self.language)
            yield title, tuple(changes)

    def _change(self, change: AuditChange) -> ShownChange | None:
        name, _slash, key = change.path.partition("/")
        if change.record_type == "form" and change.item:
            label = self._item_label(change.record, change.item)
            if name == "lapsed":
                return None  # it says again that a verified value changed, and which entry did it
            if name == "verified":
                verified, yes = _("verified"), _("yes")
                return ShownChange(f"{label}: {verified}", yes if change.old else "", yes if change.new else _("no"))
            if name == "held":
                old, new = (str(word(mark["state"])) if mark else "" for mark in (change.old, change.new))
                return ShownChange(f"{label}: {_('lock')}", old, new)
            return ShownChange(label, self._value(change, change.old), self._value(change, change.new))
        if name in SILENT:
            return None
        if change.record_type == "identity" and key:
            # The ledger holds a hash of the ciphertext, which tells a reader nothing.
            old, new = (_("encrypted") if value else "" for value in (change.old, change.new))
            return ShownChange(f"{field_title('identity', name)} {key}", old, new)
        if change.record_type in {"signature", "signed_record"}:
            return self._signature(change, name, key)
        if change.record_type == "query" and name == "item":
            return None
        label = field_title(change.record_type, name)
        old, new = (_plain(name, value) for value in (change.old, change.new))
        return (
            ShownChange(f"{label} {key}" if key and name not in {"text", "title", "messages"} else label, old, new)
            if old or new
            else None
        )

    def _signature(self, change: AuditChange, name: str, key: str) -> ShownChange | None:
        """What was signed is said by title; nonces and proofs are for machines."""
        if name in {"nonce", "proof"}:
            return None
        label, old, new = field_title(change.record_type, name), change.old, change.new
        if name == "record":
            old, new = (record_title(self.study, value, self.language) if value else None for value in (old, new))
        elif name == "signed":  # record by record, the hash of what was shown
            return ShownChange(f"{label}: {record_title(self.study, key, self.language)}", old or "", new or "")
        return ShownChange(label, _plain(name, old), _plain(name, new)) if old or new is not None else None

    def _item_label(self, record: str, item: str) -> str:
        form = self.study.forms.get(_form_of(record))
        return form.label(item, self.language) if form is not None and item in form.item_keys() else item

    def _value(self, change: AuditChange, value: Any) -> str:
        form = self.study.forms.get(_form_of(change.record))
        if value in (None, REDACTED_VALUE) or form is None or change.item not in form.item_keys():
            return _plain("", value)
        shown = form.display(change.item, value, self.language)
        return day(shown) if form.item(change.item).type == "date" else shown


def _form_of(record: str) -> str:
    try:
        return split_form_key(record)[3]
    except ValueError:
        return ""


def _plain(name: str, value: Any) -> str:
    """The value of a column as text: a message by what it says, a mark by who made it."""
    if value is None:
        return ""
    if value in (REDACTED_VALUE, REDACTED_TEXT):
        return _("[redacted]")
    if isinstance(value, dict):
        return str(value.get("text") or value.get("kind") or value.get("by") or ", ".join(map(str, value.values())))
    text = value_title(name, value)
    return text if len(text) <= 300 else f"{text[:300]}…"


def _address(record: str) -> str:
    kind, _colon, key = record.partition(":")
    if kind == "form":
        return form_address(key)
    parts = key.split("/")
    return (
        participant_address("/".join(parts[:2]))
        if kind in {"participant", "encounter", "query", "comment", "identity"} and len(parts) > 1
        else ""
    )


def study_audit(
    actor: Actor,
    study: Study,
    today: date,
    *,
    person: str = "",
    action: str = "",
    since: str = "",
    until: str = "",
    before: int | None = None,
) -> tuple[list[AuditEntry], int | None]:
    """Entries of the whole study, newest first, limited to the person's places and masked for each participant.

    Returns the sequence to go on ``before`` as well, None at the end.
    """
    entries = Entry.objects.filter(log=study.key).order_by("-sequence")
    if not actor.may("audit.view", Scope(study.key), today):
        condition = in_places(actor, "audit.view", study.key, today) or Q(pk__in=())
        entries = entries.filter(participant__in=Participant.objects.filter(condition).order_by().values("key"))
    entries = entries.filter(actor=person) if person else entries
    entries = entries.filter(action=action) if action else entries
    entries = entries.filter(time__gte=since) if since else entries
    entries = entries.filter(time__lt=f"{until}T99") if until else entries
    entries = entries.filter(sequence__lt=before) if before is not None else entries
    found = list(entries[: PAGE + 1])
    people = Participant.objects.in_bulk({entry.participant for entry in found if entry.participant})
    masks = {key: Mask(actor, row, today) for key, row in people.items()}
    shown = [readable(entry, masks.get(entry.participant)) for entry in found[:PAGE]]
    return shown, found[PAGE - 1].sequence if len(found) > PAGE else None
