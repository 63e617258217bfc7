"""The present state of a study, participant by participant, as far as a person may take it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from helmont.core.signatures.models import Signature
from helmont.edc.models import Comment, Form, Query
from helmont.exchange.odm.parts import VISIT_FIELDS, event_of, item_record, query_record
from helmont.exchange.odm.visible import Visible
from helmont.participants.models import Encounter, Participant
from helmont.standards.odm.records import (
    EventRecord,
    FormRecord,
    ItemRecord,
    QueryRecord,
    Remark,
    Seal,
    SubjectRecord,
    grouped,
)

CHUNK = 20  # participants read together

Aside = dict[str, dict[str, list[Any]]]
"""Form to item to the queries and comments that are about it."""


def state(visible: Visible) -> Iterator[SubjectRecord]:
    """Every participant once, with visits, forms, values, marks, signatures, queries and comments."""
    participants = visible.participants()
    while chunk := list(islice(participants, CHUNK)):
        yield from _together(visible, chunk)


def _together(visible: Visible, participants: Sequence[Participant]) -> Iterator[SubjectRecord]:
    keys = [participant.key for participant in participants]
    encounters: dict[str, list[Encounter]] = defaultdict(list)
    for encounter in Encounter.objects.filter(participant__in=keys).order_by("date", "key"):
        encounters[encounter.participant_id].append(encounter)
    forms: dict[str, list[Form]] = defaultdict(list)
    signatures: set[str] = set()
    for form in Form.objects.filter(participant__in=keys).order_by("key"):
        forms[form.participant_id].append(form)
        if form.signed == "valid":
            signatures.add(form.signature)
    seals = {one.key: one for one in Signature.objects.filter(key__in=signatures)}
    asides = _asides(keys)
    for participant in participants:
        yield _subject(visible, participant, encounters[participant.key], forms[participant.key], seals, asides)


def _asides(keys: Sequence[str]) -> Aside:
    """Queries and comments by form and item."""
    found: Aside = defaultdict(lambda: defaultdict(list))
    for query in Query.objects.filter(participant__in=keys).order_by("opened", "key"):
        record = query_record(query.key, query.status, query.rule, query.text, query.messages)
        found[query.form][query.item].append(record)
    for comment in Comment.objects.filter(participant__in=keys).order_by("written", "key"):
        flags = {"comment": "remark" if comment.item else "form"}
        found[comment.form][comment.item].append(Remark(comment.text, flags))
    return found


def _subject(
    visible: Visible, participant: Participant, encounters: Sequence[Encounter], forms: Sequence[Form],
    seals: dict[str, Signature], asides: Aside,
) -> SubjectRecord:  # fmt: skip
    events: dict[str, EventRecord] = {}
    for encounter in encounters:
        event = events[encounter.key.rsplit("/", 1)[1]] = event_of(encounter.key.rsplit("/", 1)[1])
        event.visit = {name: text for name in VISIT_FIELDS if (text := getattr(encounter, name))}
    for form in sorted(forms, key=lambda one: (one.encounter, one.form, int(one.line or 0))):
        event = events.setdefault(form.encounter, event_of(form.encounter))
        event.forms.append(_form(visible, participant, form, seals, asides))
    standing = {"status": participant.status, "screened": participant.screened}
    return SubjectRecord(
        participant.number, participant.site, participant.definition, standing, events=list(events.values())
    )


def _form(
    visible: Visible, participant: Participant, row: Form, seals: dict[str, Signature], asides: Aside
) -> FormRecord:
    definition = visible.form(participant, row.form)
    records: dict[str, ItemRecord] = {}
    for key, value in row.data.items():
        if not visible.hides(participant, row.form, key):
            record = records[key] = item_record(definition, key, value)
            if mark := row.verified.get(key):
                record.remarks = [Remark(f"{mark['by']} {mark['at']}", {"verified": "yes"})]
    said_here = asides.get(row.key, {})
    for key, said in said_here.items():
        if key and not visible.hides(participant, row.form, key):
            record = records.setdefault(key, item_record(definition, key, None))
            record.queries = [one for one in said if isinstance(one, QueryRecord)]
            record.remarks = [*record.remarks, *(one for one in said if isinstance(one, Remark))]
            if row.data.get(key) is None:
                record.change = "Context"
    remarks = [one for one in said_here.get("", ()) if isinstance(one, Remark)]
    remarks += [Remark(f"{mark['by']} {mark['at']}", {"reviewed": kind}) for kind, mark in sorted(row.reviewed.items())]
    if row.lock in ("frozen", "locked"):
        remarks.append(Remark("", {"lock": row.lock}))
    seal = seals.get(row.signature) if row.signed == "valid" else None
    return FormRecord(
        row.form, row.line, row.status, row.note, remarks=remarks,
        seal=Seal(seal.person, row.site, seal.time, seal.meaning) if seal else None,
        groups=grouped(definition.form, records) if definition else [],
    )  # fmt: skip
