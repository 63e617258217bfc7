"""Data as ODM, by study, version, subject or form, and one form as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from helmont.api.rws.call import Call, form_named, version_number, version_of
from helmont.api.rws.subjects import subject, subjects
from helmont.api.rws.xml import clinical, document, text
from helmont.core.errors import NotFound
from helmont.core.ledger.models import Entry
from helmont.edc.keys import LOG
from helmont.edc.models import Comment, Form
from helmont.edc.queries.audit import Mask
from helmont.edc.queries.forms import forms_of
from helmont.participants.models import Encounter, Participant
from helmont.standards.odm.encoding import encode, joined
from helmont.standards.odm.names import LOG_EVENT, UNSCHEDULED_EVENT, event_oid, form_oid, group_oid, item_oid
from helmont.standards.odm.xml import Element, add
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm


def dataset(call: Call, named: str, form: str = "", version: str = "", key: str = "") -> bytes:
    """Everything that the person may see of a study, a version, a subject or a form of it."""
    study = call.study(named)
    wanted = version_of(study, version).study.version if version else ""
    found = [subject(call, study, key)] if key else subjects(call, study, "form.view")
    oid = form_named(form) if form else ""
    if oid:
        _known(study, oid)
    root = document()
    for participant in found:
        if not wanted or participant.definition == wanted:
            rows = [row for row in _forms(call, study, participant) if oid in ("", row.form)]
            if rows:
                _write_subject(root, study, participant, rows)
    return text(root)


def _known(study: Study, form: str) -> CompiledForm:
    found = compiled(study.key, study.definition).forms.get(form)
    if found is None:
        raise NotFound(f"form {form[:60]}")
    return found


def _forms(call: Call, study: Study, participant: Participant) -> list[Form]:
    """The forms that hold something, changed since ``start`` where that is given."""
    rows = [row for row in forms_of(call.actor, participant, call.today) if row.status in ("draft", "complete")]
    if since := call.since:
        newer = set(Entry.objects.filter(log=study.key, time__gte=since).values_list("sequence", flat=True))
        rows = [row for row in rows if row.revision in newer]
    return rows


def _write_subject(root: Element, study: Study, participant: Participant, rows: list[Form]) -> None:
    data = clinical(root, study.key, version_number(study.key, participant.definition))
    element = add(data, "SubjectData", SubjectKey=participant.number)
    add(element, "SiteRef", LocationOID=participant.site)
    events: dict[str, Element] = {}
    forms = compiled(study.key, participant.definition).forms
    for row in rows:
        if row.encounter not in events:
            events[row.encounter] = open_event(element, row.encounter)
        write_form(events[row.encounter], forms[row.form], row.line, row.data)


def open_event(parent: Element, encounter: str) -> Element:
    oid, repeat = event_oid(encounter) if encounter else LOG_EVENT, "1"
    if encounter.startswith("UNSCHEDULED"):
        oid, repeat = UNSCHEDULED_EVENT, encounter.rpartition("_")[2]
    return add(parent, "StudyEventData", StudyEventOID=oid, StudyEventRepeatKey=repeat)


def write_form(event: Element, form: CompiledForm, line: str, data: dict[str, Any]) -> Element:
    """A form with the values in ``data``; groups and rows in the order of the definition."""
    element = add(event, "FormData", FormOID=form_oid(form.id), FormRepeatKey=line or "1")
    for group in form.form.groups:
        kinds = {item.id: item.type for item in group.items}
        for row in range(1, group.repeats.max + 1) if group.repeats else range(1):
            keys = {item: f"{group.id}[{row}].{item}" if row else item for item in kinds}
            held = [(item, data[key]) for item, key in keys.items() if key in data]
            if not held:
                continue
            place = {"ItemGroupOID": group_oid(form.id, group.id), "ItemGroupRepeatKey": str(row or 1)}
            inside = add(element, "ItemGroupData", **place)
            for item, value in held:
                _write_item(inside, form, item, value, kinds[item])
    return element


def _write_item(parent: Element, form: CompiledForm, item: str, value: Any, kind: str) -> None:
    encoded = encode(value, kind)
    if not encoded.texts:
        element = add(parent, "ItemData", ItemOID=item_oid(form.id, item))
        element.set("IsNull" if encoded.remark else "Value", "Yes" if encoded.remark else str(value or ""))
        return
    element = add(parent, "ItemData", ItemOID=item_oid(form.id, item), Value=joined(encoded.texts))
    if encoded.unit:
        add(element, "MeasurementUnitRef", MeasurementUnitOID=f"MU.{encoded.unit}")


def form_csv(call: Call, named: str, form: str) -> str:
    """One form, a line for each time that it was filled in and each row of its repeating groups."""
    study = call.study(named)
    definition = _known(study, form_named(form))
    items = [item.id for item in definition.form.items()]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["projectid", "Subject", "Site", "Folder", "RecordPosition", *items])
    for participant in subjects(call, study, "form.view"):
        for row in _forms(call, study, participant):
            if row.form == definition.id:
                for position, values in _rows(definition, row):
                    head = [study.key, participant.number, participant.site, row.encounter or LOG, position]
                    writer.writerow([*head, *(values.get(item, "") for item in items)])
    return target.getvalue()


def _rows(form: CompiledForm, row: Form) -> Iterator[tuple[str, dict[str, str]]]:
    kinds = {item.id: item.type for item in form.form.items()}
    plain: dict[str, str] = {}
    repeated: dict[str, dict[str, str]] = {}
    for key, value in row.data.items():
        item = key.rpartition(".")[2]
        if item in kinds:
            shown = joined(encoded) if (encoded := encode(value, kinds[item]).texts) else ""
            place = key[key.index("[") + 1 : key.index("]")] if "[" in key else ""
            (repeated.setdefault(place, {}) if place else plain)[item] = shown
    if not repeated:
        yield row.line or "0", plain
    for place in sorted(repeated, key=int):
        yield place, {**plain, **repeated[place]}


def enterable(call: Call) -> bytes:
    """The items of a subject that are open for entry and empty: of visits that began, or of the first one."""
    study = call.study_in_query
    participant = subject(call, study, call.query.get("SubjectKey", ""))
    version = compiled(study.key, participant.definition)
    begun = set(Encounter.objects.filter(participant=participant, status="begun").values_list("oid", flat=True))
    held = {(row.encounter, row.form): row for row in forms_of(call.actor, participant, call.today) if not row.line}
    root = document()
    data = clinical(root, study.key, version_number(study.key, participant.definition))
    element = add(data, "SubjectData", SubjectKey=participant.number, TransactionType="Update")
    add(element, "SiteRef", LocationOID=participant.site)
    mask = Mask(call.actor, participant, call.today)
    planned = [encounter.id for encounter in version.study.protocol.encounters]
    for encounter in [oid for oid in planned if oid in begun] or planned[:1]:
        event = open_event(element, encounter)
        event.set("TransactionType", "Update")
        for name in version.expected_forms(encounter):
            row, form = held.get((encounter, name)), version.forms[name]
            if row is not None and (row.lock or row.status == "not_done"):
                continue
            empty = {
                key: "" for key in _empty(form, row) if not mask.hides(f"{participant.key}/{encounter}/{name}", key)
            }
            if empty:
                write_form(event, form, "", empty).set("TransactionType", "Update")
    return text(root)


def _empty(form: CompiledForm, row: Form | None) -> Iterator[str]:
    for group in form.form.groups:
        rows = range(1, max(group.repeats.min, 1) + 1) if group.repeats else range(1)
        for number in rows:
            for item in group.items:
                key = f"{group.id}[{number}].{item.id}" if number else item.id
                if item.type not in ("calculated", "file") and not (row and row.data.get(key)):
                    yield key


def comments_csv(call: Call) -> str:
    """The comments that the person may see."""
    study = call.study_in_query
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["STUDYID", "USUBJID", "Form", "Item", "COVAL", "Author", "CODTC"])
    for participant in subjects(call, study, "form.view"):
        mask = Mask(call.actor, participant, call.today)
        for one in Comment.objects.filter(participant=participant).order_by("written"):
            if not mask.hides(one.form, one.item):
                writer.writerow([study.key, participant.number, one.form, one.item, one.text, one.author, one.written])
    return target.getvalue()
