"""What the ledger says about privacy itself: redactions, and looks at identities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helmont.core.errors import NotFound
from helmont.core.ledger.models import Entry
from helmont.core.ledger.redaction import Redact
from helmont.core.people.models import Person
from helmont.core.roles import ROLES
from helmont.core.vault.actions import EraseIdentity, ReadIdentity, SetIdentity
from helmont.edc.queries.audit import body_of
from helmont.web.privacy.forms import label_of
from helmont.web.privacy.places import Officer

PAGE = 50
LOOKS = {ReadIdentity.name: "seen", SetIdentity.name: "changed", EraseIdentity.name: "erased"}


@dataclass(frozen=True)
class Redaction:
    """One redaction; ``sequences`` are the entries that lost their body."""

    sequence: int
    time: str
    who: str
    role: str
    title: str
    label: str
    reason: str
    sequences: tuple[int, ...]


@dataclass(frozen=True)
class Look:
    """Somebody saw, changed or erased (``kind``) an identity. ``fields`` are the names of what they saw or changed."""

    sequence: int
    time: str
    who: str
    role: str
    number: str
    kind: str
    fields: tuple[str, ...]
    reason: str


def redactions(officer: Officer) -> list[Redaction]:
    """Every redaction of the study, newest first, without those of values that the officer may not know of."""
    entries = list(Entry.objects.filter(log=officer.study.key, action=Redact.name).order_by("-sequence"))
    names, shown = _names(entries), []
    for entry in entries:
        content = body_of(entry)
        kind, _colon, key = entry.record.partition(":")
        path = str(content.get("path", ""))
        if entry.participant and _hidden(officer, entry, kind, key, path):
            continue
        title, label = officer.words(officer.definition(entry.participant), entry.record, path)
        who = names.get(entry.actor, entry.actor)
        sequences = tuple(content.get("redacts", ()))
        reason = str(content.get("reason", ""))
        shown.append(Redaction(entry.sequence, entry.time, who, _role(content), title, label, reason, sequences))
    return shown


def _hidden(officer: Officer, entry: Entry, kind: str, key: str, path: str) -> bool:
    try:
        mask = officer.mask(entry.participant)
    except NotFound:
        return True
    return mask.hides_record(entry.record) or (kind == "form" and mask.hides(key, path.partition("/")[2]))


def looks(officer: Officer, before: int | None = None) -> tuple[list[Look], int | None]:
    """Who saw, changed or erased which identity, newest first, and the sequence to go on ``before`` (None at the end)."""
    found = Entry.objects.filter(log=officer.study.key, action__in=LOOKS).order_by("-sequence")
    entries = list((found.filter(sequence__lt=before) if before is not None else found)[: PAGE + 1])
    names = _names(entries)
    shown = []
    for entry in entries[:PAGE]:
        content = body_of(entry)
        fields = content.get("read") or sorted(_written(content))
        shown.append(
            Look(
                sequence=entry.sequence,
                time=entry.time,
                who=names.get(entry.actor, entry.actor),
                role=_role(content),
                number=entry.participant.partition("/")[2],
                kind=LOOKS[entry.action],
                fields=tuple(label_of(name) for name in fields),
                reason=str(content.get("reason", "")),
            )
        )
    return shown, entries[PAGE - 1].sequence if len(entries) > PAGE else None


def _written(content: Mapping[str, Any]) -> set[str]:
    paths = (path for change in content.get("changes", ()) for path in change["set"])
    return {path.partition("/")[2] for path in paths if path.startswith("fields/")}


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    handles = {entry.actor for entry in entries}
    return dict(Person.objects.filter(handle__in=handles).values_list("handle", "name"))


def _role(content: Mapping[str, Any]) -> str:
    role = str(content.get("role", ""))
    return str(ROLES[role].title) if role in ROLES else role
