"""Clinical data between Helmont and ODM: what a SubjectData holds, in the study's own ids and item values.

One shape serves both directions and both kinds of file. In a snapshot a subject is there once, with all that is known; in a
transactional file once per ledger entry, with what that entry changed and a stamp on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from helmont.study.model import Form, Item

Change = Literal["", "Insert", "Update", "Remove", "Upsert", "Context"]
UNSCHEDULED, LOG = "UNSCHEDULED", "LOG"


@dataclass(frozen=True, slots=True)
class Stamp:
    """An AuditRecord: who, where (a site's number), when (UTC, ISO 8601), why, and the entry of the ledger that says so."""

    user: str
    location: str
    time: str
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """A Signature: the signer, where, when, and the meaning that it was given with."""

    user: str
    location: str
    time: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Remark:
    """An Annotation: a text, and flags by their type (``administrative.TYPES``)."""

    text: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    sponsor: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a query: ``kind`` is raised, answered, asked_again, closed, cancelled or corrected."""

    kind: str
    by: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """A query of an item: its status, the check that raised it (empty for a person's own) and what was said."""

    key: str
    status: str
    rule: str
    messages: tuple[Message, ...]


@dataclass(slots=True)
class ItemRecord:
    """An item's value (canonical, ARCHITECTURE.md "Item values"; None when it is empty or was emptied)."""

    item: str
    type: str
    value: Any
    change: Change = ""
    stamp: Stamp | None = None
    remarks: Sequence[Remark] = ()
    queries: Sequence[QueryRecord] = ()
    line: int = 0


@dataclass(slots=True)
class GroupRecord:
    """Items of one group; ``row`` is from 1 in a repeating group, else 0."""

    group: str
    row: int = 0
    items: list[ItemRecord] = field(default_factory=list)


@dataclass(slots=True)
class FormRecord:
    """A form, or one line of a log. ``status`` is that of ``edc.workflows.FORM``; empty when this says nothing of it."""

    form: str
    line_number: str = ""
    status: str = ""
    note: str = ""
    change: Change = ""
    stamp: Stamp | None = None
    seal: Seal | None = None
    remarks: Sequence[Remark] = ()
    groups: list[GroupRecord] = field(default_factory=list)
    line: int = 0


@dataclass(slots=True)
class EventRecord:
    """An encounter (``number`` for an unscheduled one) or the logs. ``visit`` holds date, ended, status and reason."""

    event: str
    number: str = ""
    visit: Mapping[str, str] = field(default_factory=dict)
    stamp: Stamp | None = None
    forms: list[FormRecord] = field(default_factory=list)
    line: int = 0


@dataclass(slots=True)
class SubjectRecord:
    """A participant: ``standing`` holds status and the day of screening; ``definition`` is the version of the study."""

    subject: str
    site: str = ""
    definition: str = ""
    standing: Mapping[str, str] = field(default_factory=dict)
    change: Change = ""
    stamp: Stamp | None = None
    events: list[EventRecord] = field(default_factory=list)
    line: int = 0


@dataclass(frozen=True, slots=True)
class User:
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Location:
    """A site: its number, name, country (ISO 3166) and time zone."""

    number: str
    name: str
    country: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a signature means, as the signer read it."""

    name: str
    statement: str


@dataclass(frozen=True, slots=True)
class Administration:
    """AdminData: everybody and every place that the clinical data name."""

    users: Sequence[User] = ()
    locations: Sequence[Location] = ()
    meanings: Sequence[Meaning] = ()


def grouped(form: Form, keys: Mapping[str, ItemRecord]) -> list[GroupRecord]:
    """Item records by item key (``ITEM``, ``GROUP[2].ITEM``) as groups in the order of the form."""
    return [group for group in _groups(form, keys) if group.items]


def _groups(form: Form, keys: Mapping[str, ItemRecord]) -> Iterator[GroupRecord]:
    for group in form.groups:
        if group.repeats is None:
            yield GroupRecord(group.id, 0, [keys[item.id] for item in group.items if item.id in keys])
            continue
        rows = sorted({int(key[len(group.id) + 1 : key.index("]")]) for key in keys if key.startswith(f"{group.id}[")})
        for row in rows:
            start = f"{group.id}[{row}]."
            yield GroupRecord(group.id, row, [keys[start + item.id] for item in group.items if start + item.id in keys])


def item_types(form: Form) -> dict[str, Item]:
    """The items of a form by their ids."""
    return {item.id: item for item in form.items()}
