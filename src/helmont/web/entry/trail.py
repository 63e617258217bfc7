"""What the ledger says of a form: when it was last saved and completed, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from helmont.core.people.models import Person
from helmont.core.permissions import Actor
from helmont.core.roles import ROLES
from helmont.edc.queries.audit import AuditChange, AuditEntry, form_history, item_history
from helmont.edc.queries.forms import FormView
from helmont.web.dates import moment_text
from helmont.web.entry import words
from helmont.web.entry.measured import Measured, measured


@dataclass(frozen=True)
class Trail:
    """``changed``: item keys whose value is not the one of the first completion, with who changed it last and when."""

    saved_by: str = ""
    saved_at: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One change of an item, for the drawer. ``kind`` colours its mark: changed, verified, complete."""

    sequence: int
    name: str
    role: str
    when: str
    iso: str
    kind: str
    old: str
    new: str
    reason: str
    channel: str
    measured: Measured | None = None


def names_of(handles: Iterable[str]) -> dict[str, str]:
    """Names by handle; a service of the installation keeps its handle."""
    return dict(Person.objects.filter(handle__in=set(handles)).values_list("handle", "name"))


def trail_of(actor: Actor, view: FormView, today: date) -> Trail:
    """The form's trail for this person."""
    if view.row is None:
        return Trail()
    record = f"form:{view.key}"
    completed = False
    saved: AuditEntry | None = None
    changed: dict[str, AuditEntry] = {}
    for entry in form_history(actor, view.participant, view.key, today):
        own = [change for change in entry.changes if f"{change.record_type}:{change.record}" == record]
        data = [change for change in own if change.path.startswith("data/")]
        if data or any(change.path == "status" for change in own):
            saved = entry
        if completed:
            changed |= {change.item: entry for change in data}
        completed = completed or any(change.path == "status" and change.new == "complete" for change in own)
    if saved is None:
        return Trail()
    names = names_of({saved.actor, *(entry.actor for entry in changed.values())})

    def by(entry: AuditEntry) -> str:
        return f"{names.get(entry.actor, entry.actor)}, {moment_text(entry.time, actor.timezone)}"

    return Trail(
        names.get(saved.actor, saved.actor),
        moment_text(saved.time, actor.timezone),
        {key: by(entry) for key, entry in changed.items()},
    )


def steps_of(actor: Actor, view: FormView, item: str, today: date, language: str) -> list[Step]:
    """Every change of an item and its verification, newest first."""
    history = item_history(actor, view.participant, view.key, item, today)
    names = names_of(entry.actor for entry, _change in history)
    steps = [_step(view, names, actor.timezone, language, *pair) for pair in reversed(history)]
    found = measured(actor, view, item, today, language)
    return [replace(step, measured=found.get(step.sequence)) for step in steps] if found else steps


def _step(
    view: FormView, names: Mapping[str, str], zone: str, language: str, entry: AuditEntry, change: AuditChange
) -> Step:
    is_value = change.path.startswith("data/")

    def shown(value: object) -> str:
        if not is_value or value is None:
            return ""
        if isinstance(value, str) and view.definition.item(change.item).type in ("date", "datetime"):
            return words.described_date(value)
        return view.definition.display(change.item, value, language)  # type: ignore[arg-type]  # a stored value

    return Step(
        sequence=entry.sequence,
        name=names.get(entry.actor, entry.actor),
        role=str(ROLES[entry.role].title) if entry.role in ROLES else entry.role,
        when=moment_text(entry.time, zone),
        iso=entry.time,
        kind="changed" if is_value and change.old is not None else "complete" if is_value else "verified",
        old=shown(change.old),
        new=shown(change.new) if is_value else ("yes" if change.new else ""),
        reason=entry.reason,
        channel=str(entry.source.get("channel", "")),
    )
