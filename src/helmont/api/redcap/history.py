"""The log of the project: the ledger in REDCap's words, with what the person may not see left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import Call, handles
from helmont.core.ledger.models import Entry
from helmont.core.permissions import Scope
from helmont.edc.queries.audit import AuditEntry, Mask, readable
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for

MOST = 10_000
COLUMNS = ("timestamp", "username", "action", "details", "record")
KINDS = (
    "",
    "export",
    "manage",
    "user",
    "record",
    "record_add",
    "record_edit",
    "record_delete",
    "lock_record",
    "page_view",
)
LOCKS = frozenset({"edc.lock_form", "edc.freeze_form"})


@handles("log")
def export_log(call: Call) -> HttpResponse:
    """The newest ``MOST`` entries that fit, newest first."""
    rows = []
    for kind, row in _entries(call):
        if call.get("logtype") in ("", kind, kind.split("_")[0] if kind.startswith("record") else kind):
            rows.append(row)
            if len(rows) == MOST:
                break
    return call.table(rows, *COLUMNS)


def _entries(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    call.may("audit.view")
    study = call.study.key
    visible = {row.key: row for row in participants_for(call.actor, study, call.today, "audit.view")}
    masks: dict[str, Mask] = {}
    everything = call.actor.may("audit.view", Scope(study), call.today)
    entries = Entry.objects.filter(log=study).order_by("-sequence")
    for name, column in (("user", "actor"),):
        if value := call.get(name):
            entries = entries.filter(**{column: value})
    if record := call.get("record"):
        entries = entries.filter(participant=f"{study}/{record}")
    if begin := call.get("beginTime"):
        entries = entries.filter(time__gte=begin.replace(" ", "T"))
    if end := call.get("endTime"):
        entries = entries.filter(time__lte=end.replace(" ", "T") + "~")
    for entry in entries.iterator(chunk_size=500):
        participant: Participant | None = visible.get(entry.participant)
        if entry.participant and participant is None:
            continue
        if not entry.participant and not everything:
            continue
        if participant is not None and participant.key not in masks:
            masks[participant.key] = Mask(call.actor, participant, call.today)
        shown = readable(entry, masks[participant.key] if participant else None)
        kind, action = _words(shown, participant)
        number = participant.number if participant else ""
        yield (
            kind,
            {
                "timestamp": shown.time[:16].replace("T", " "),
                "username": shown.actor,
                "action": action,
                "details": _details(shown),
                "record": number,
            },
        )


def _words(entry: AuditEntry, participant: Participant | None) -> tuple[str, str]:
    number = participant.number if participant else ""
    if entry.action in LOCKS:
        return "lock_record", f"Lock/Unlock Record {number}"
    if participant is None:
        user = entry.action.startswith("people.")
        return ("user", "Manage user") if user else ("manage", "Manage/Design ")
    kinds = {(change.path, change.old is None) for change in entry.changes if change.record_type == "participant"}
    if ("number", True) in kinds:
        return "record_add", f"Create record {number}"
    if any(change.path == "status" and change.new == "removed" for change in entry.changes):
        return "record_delete", f"Delete record {number}"
    return "record_edit", f"Update record {number}"


def _details(entry: AuditEntry) -> str:
    if entry.action == "projects.create":
        return f"Create project {entry.record.partition(':')[2]}"
    values = [
        f"{change.item.lower()} = '{_text(change.new)}'" for change in entry.changes if change.path.startswith("data/")
    ]
    return ", ".join(values) or f"{entry.action} {entry.record}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
