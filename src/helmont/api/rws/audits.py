"""The audit trail in pages, as rwslib's ODM adapter reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helmont.api.rws.call import Call, version_number
from helmont.api.rws.datasets import open_event
from helmont.api.rws.xml import MDSOL, clinical, document, mark, text
from helmont.core.ledger.models import Entry
from helmont.edc.items import base_item
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.models import Comment, Query
from helmont.edc.queries.audit import AuditChange, AuditEntry, Mask, readable
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for
from helmont.standards.odm.encoding import encode, joined
from helmont.standards.odm.names import form_oid, group_oid, item_oid
from helmont.standards.odm.xml import Element, add
from helmont.studies.models import Study
from helmont.studies.queries import compiled

PLACES = 10_000
"""Source ids leave this much room for the changes of one entry: entry 12, change 3 is 120003."""
MOST = 10_000
QUERIES = {"open": "QueryOpen", "answered": "QueryAnswer", "closed": "QueryClose", "cancelled": "QueryCancel"}
LOCKS = {"frozen": "Freeze", "locked": "Lock", "open": "UnLock", "": "UnLock"}


def audit_records(call: Call) -> tuple[bytes, int | None]:
    """One page of changes from ``startid`` on, oldest first, and the id to go on with (None at the end)."""
    study = call.study_in_query
    start, size = call.number("startid", 1, 2**60), call.number("per_page", 100, MOST)
    visible = {one.key: one for one in participants_for(call.actor, study.key, call.today, "audit.view")}
    masks: dict[str, Mask] = {}
    root, written = document(kind="Transactional"), 0
    entries = Entry.objects.filter(log=study.key, sequence__gte=start // PLACES).exclude(participant="")
    for entry in entries.order_by("sequence").iterator(chunk_size=500):
        participant = visible.get(entry.participant)
        if participant is None:
            continue
        if participant.key not in masks:
            masks[participant.key] = Mask(call.actor, participant, call.today)
        shown = readable(entry, masks[participant.key])
        for place, (category, change) in enumerate(_audited(shown)):
            number = entry.sequence * PLACES + place
            if number < start:
                continue
            if written == max(size, 1):
                return text(root), number
            _write(root, study, participant, shown, category, change, number)
            written += 1
    return text(root), None


def _audited(entry: AuditEntry) -> Iterator[tuple[str, AuditChange]]:
    """What of an entry is an audit record, under the name that clients know it by."""
    for change in entry.changes:
        match change.record_type, change.path.partition("/")[0]:
            case "participant", "number":
                yield "SubjectCreated", change
            case "participant", "status" if change.old is not None:
                yield "SubjectStatusChange", change
            case "form", "data":
                yield ("Entered" if change.new is not None else "EnteredEmpty"), change
            case "form", "verified":
                yield ("Verify" if change.new else "UnVerify"), change
            case "form", "lock":
                yield LOCKS.get(change.new or "", "Lock"), change
            case "form", "signed" if change.new == "valid":
                yield "Signed", change
            case "query", "status":
                yield QUERIES.get(change.new, "QueryOpen"), change
            case "comment", "text":
                yield "CommentAdd", change


def _write(
    root: Element,
    study: Study,
    participant: Participant,
    entry: AuditEntry,
    category: str,
    change: AuditChange,
    number: int,
) -> None:
    data = clinical(root, study.key, version_number(study.key, participant.definition))
    mark(data, AuditSubCategoryName=category)
    element = add(data, "SubjectData", SubjectKey=participant.number, TransactionType="Upsert")
    mark(element, SubjectName=participant.number)
    if category.startswith("SubjectStatus"):
        mark(element, Status=str(change.new))
    add(element, "SiteRef", LocationOID=participant.site)
    last = element
    form_key = change.record if change.record_type == "form" else _form_of(change)
    if form_key:
        _, _, encounter, form, line = split_form_key(form_key)
        event = open_event(element, "" if encounter == LOG else encounter)
        last = add(event, "FormData", FormOID=form_oid(form), FormRepeatKey=line or "1", TransactionType="Upsert")
        if change.item:
            last = _item(last, study, participant, form, change)
    if change.record_type == "query":
        query = add(last, "Query", QueryRepeatKey=change.record.rpartition("/")[2].partition("-")[0])
        query.tag = f"{MDSOL}Query"
        query.set("Status", str(change.new))
    _record(last, participant, entry, number)


def _form_of(change: AuditChange) -> str:
    """The form that a query or comment is about."""
    model: Any = {"query": Query, "comment": Comment}.get(change.record_type)
    return str(model.objects.filter(key=change.record).values_list("form", flat=True).first() or "") if model else ""


def _item(parent: Element, study: Study, participant: Participant, form: str, change: AuditChange) -> Element:
    definition = compiled(study.key, participant.definition).forms.get(form)
    item = base_item(change.item)
    found = definition.items.get(item) if definition else None
    group = next((g.id for g in definition.form.groups if any(i.id == item for i in g.items)), "") if definition else ""
    row = change.item[change.item.index("[") + 1 : change.item.index("]")] if "[" in change.item else "1"
    inside = add(parent, "ItemGroupData", ItemGroupOID=group_oid(form, group), ItemGroupRepeatKey=row)
    element = add(inside, "ItemData", ItemOID=item_oid(form, item), TransactionType="Upsert")
    if change.path.startswith("data/"):
        encoded = encode(change.new, found.item.type if found else "text")
        element.set("Value", joined(encoded.texts) if encoded.texts else "")
    else:
        mark(element, Verify="Yes" if change.new else "No")
    return element


def _record(parent: Element, participant: Participant, entry: AuditEntry, number: int) -> None:
    record = add(parent, "AuditRecord")
    add(record, "UserRef", UserOID=entry.actor)
    add(record, "LocationRef", LocationOID=participant.site)
    add(record, "DateTimeStamp", entry.time[:19])
    if entry.reason:
        add(record, "ReasonForChange", entry.reason)
    add(record, "SourceID", str(number))
