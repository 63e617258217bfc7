"""Clinical data that a client posts as ODM: each subject is one change, tried before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from helmont.api.redcap.wire import read_tree
from helmont.api.rws.call import CHANNEL, Call
from helmont.api.rws.xml import response
from helmont.core.actions import Action, Job, authorise
from helmont.core.errors import Fault, Invalid, NotFound, Refused
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.core.writer import submit
from helmont.edc.actions.entry import SaveForm
from helmont.edc.keys import LOG, form_key
from helmont.edc.models import Form
from helmont.edc.queries.forms import hidden_items
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import participant_for
from helmont.projects.actions import Steps
from helmont.standards.odm.names import LOG_EVENT, UNSCHEDULED_EVENT, bare, item_oid
from helmont.standards.odm.xml import Element, child, children, local
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy

MAX_SUBJECTS = 1000


class PostRefused(Refused):
    """Nothing of the document was carried out; ``place`` is where in it the reason lies."""

    code, status = "post_refused", 400

    def __init__(self, message: str, place: str, inbound: str) -> None:
        super().__init__(message)
        self.place, self.inbound = place, inbound


@dataclass
class Touched:
    """What a document is about, counted."""

    subjects: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    fields: int = 0
    lines: int = 0

    def __str__(self) -> str:
        counts = (len(self.subjects), len(self.folders), len(self.forms), self.fields, self.lines)
        names = ("Subjects", "Folders", "Forms", "Fields", "LogLines")
        return "Rave objects touched: " + "; ".join(f"{name}={n}" for name, n in zip(names, counts, strict=True))


def post(call: Call, body: bytes) -> bytes:
    """Carry out what the document says; raises ``PostRefused`` and leaves everything as it was."""
    try:
        root = read_tree(body.decode("utf-8-sig"), "body", declared=True)
    except UnicodeDecodeError:
        raise PostRefused("The document is not UTF-8.", "/ODM", "Not Supplied") from None
    except Invalid as refusal:
        raise PostRefused(str(refusal.message), "/ODM", "Not Supplied") from None
    inbound, touched = root.get("FileOID", ""), Touched()
    plans: list[tuple[str, Steps]] = []
    for place, data, subject in _subjects(root):
        try:
            steps = _plan(call, call.study(data.get("StudyOID", "")), subject, touched)
            if steps:
                plans.append((place, Steps(tuple(steps), call.reason)))
        except Refused as refusal:
            raise PostRefused(str(refusal.message), place, inbound) from None
    if len(plans) > MAX_SUBJECTS:
        raise PostRefused(f"There are more than {MAX_SUBJECTS} subjects; post them in parts.", "/ODM", inbound)
    for place, plan in plans:
        _try(call, plan, place, inbound)
    for place, future in [(place, submit(Job(plan, call.actor, {"channel": CHANNEL}))) for place, plan in plans]:
        if error := future.exception():
            raise PostRefused(f"{error} (those before it were carried out)", place, inbound)
    return response(True, inbound, SuccessStatistics=str(touched), NewRecords="")


def _try(call: Call, plan: Steps, place: str, inbound: str) -> None:
    tx = Transaction(Rows(), plan.log, datetime.now(UTC), call.actor.timezone)
    try:
        authorise(plan, tx, call.actor)
        plan.perform(tx, call.actor)
    except Refused as refusal:
        raise PostRefused(str(refusal.message), place, inbound) from None


def _subjects(root: Element) -> Iterator[tuple[str, Element, Element]]:
    """(path, ClinicalData, SubjectData) of every subject in the document."""
    if local(root) != "ODM":
        raise PostRefused("The document is not ODM.", "/", "Not Supplied")
    for number, data in enumerate(children(root, "ClinicalData"), start=1):
        for place, subject in enumerate(children(data, "SubjectData"), start=1):
            yield f"/ODM/ClinicalData[{number}]/SubjectData[{place}]", data, subject


def _plan(call: Call, study: Study, subject: Element, touched: Touched) -> list[Action]:
    number, today = subject.get("SubjectKey", ""), call.today.isoformat()
    there = Participant.objects.filter(key=f"{study.key}/{number}").first()
    steps: list[Action] = []
    site = child(subject, "SiteRef")
    if there is None:
        if subject.get("TransactionType", "") not in ("Insert", "Upsert"):
            raise Invalid([Fault("SubjectKey", f"there is no subject “{number[:60]}”", "TransactionType Insert")])
        location = bare(site.get("LocationOID", "")) if site is not None else ""
        steps.append(ScreenParticipant(study.key, location, number, today))
    else:
        participant_for(call.actor, study.key, number, call.today)
        if subject.get("TransactionType") == "Insert":
            raise Invalid([Fault("SubjectKey", "Subject already exists.", "TransactionType Update or Upsert")])
    definition = compiled(study.key, there.definition if there else study.definition)
    begun = (
        set(Encounter.objects.filter(participant=there, status="begun").values_list("oid", flat=True))
        if there
        else set()
    )
    touched.subjects.add(number)
    for event in children(subject, "StudyEventData"):
        encounter = _encounter(definition, event)
        touched.folders.add(f"{number} {encounter}")
        for form in children(event, "FormData"):
            save = _save(call, study, there, number, encounter, definition, form, touched)
            if save is None:
                continue
            if encounter != LOG and encounter not in begun:
                begun.add(encounter)
                steps.append(BeginEncounter(study.key, number, encounter, today))
            steps.append(save)
    return steps


def _encounter(definition: CompiledStudy, event: Element) -> str:
    oid = event.get("StudyEventOID", "")
    if oid in (LOG_EVENT, LOG):
        return LOG
    if oid == UNSCHEDULED_EVENT:
        return f"UNSCHEDULED_{event.get('StudyEventRepeatKey', '')}"
    name = bare(oid) if oid.startswith("SE.") else oid
    if name not in definition.encounters:
        raise NotFound(f"StudyEventOID {oid[:60]}")
    return name


def _save(
    call: Call,
    study: Study,
    there: Participant | None,
    number: str,
    encounter: str,
    definition: CompiledStudy,
    element: Element,
    touched: Touched,
) -> SaveForm | None:
    oid = element.get("FormOID", "")
    form = definition.forms.get(bare(oid) if oid.startswith("F.") else oid)
    if form is None:
        raise NotFound(f"FormOID {oid[:60]}")
    line = element.get("FormRepeatKey", "1") if encounter == LOG else ""
    key = form_key(study.key, number, encounter, form.id, line)
    row = Form.objects.filter(key=key).first() if there else None
    held: dict[str, Any] = row.data if row else {}
    values = {name: value for name, value in _values(form, element) if value is not None or name in held}
    if not values:
        return None
    touched.forms.add(key)
    touched.fields += len(values)
    touched.lines += encounter == LOG
    after = {**held, **values}
    hidden = hidden_items(call.actor, there, form, call.today) if there else frozenset()
    required = [one.item.id for one in form.items.values() if one.item.required and not one.repeating]
    complete = all(after.get(item) for item in required if item not in hidden)
    return SaveForm(key, values, complete=complete, reason=call.reason)


def _values(form: CompiledForm, element: Element) -> Iterator[tuple[str, Any]]:
    """Item key -> value of a form's data; None empties."""
    oids = {item_oid(form.id, item): item for item in form.items}
    for group in children(element, "ItemGroupData"):
        row = group.get("ItemGroupRepeatKey", "1")
        for data in children(group, "ItemData"):
            oid = data.get("ItemOID", "")
            item = form.items.get(oids.get(oid, bare(oid).removeprefix(f"{form.id}.")))
            if item is None:
                raise NotFound(f"ItemOID {oid[:60]}")
            key = f"{item.repeating.id}[{row}].{item.item.id}" if item.repeating else item.item.id
            yield key, _value(data, item.item.type, bool(item.item.units))


def _value(data: Element, kind: str, units: bool) -> Any:
    text = data.get("Value", "").strip()
    if not text or data.get("IsNull") == "Yes":
        return None
    if kind == "multiselect":
        return text.split("|")
    unit = child(data, "MeasurementUnitRef")
    if units and unit is not None:
        return {"value": text, "unit": unit.get("MeasurementUnitOID", "").removeprefix("MU.")}
    return text
