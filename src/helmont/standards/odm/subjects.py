"""The clinical data of an ODM file as records, one subject at a time, in constant memory.

OIDs are looked up in the file's own metadata where it has any, and otherwise turned into ids by the same rule that reading the
metadata uses; what the study does not have is a finding with its line, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from helmont.standards.odm.administrative import FORMS
from helmont.standards.odm.encoding import decode
from helmont.standards.odm.names import (
    LOG_EVENT,
    PARTICIPANT_EVENT,
    PARTICIPANT_FORM,
    UNSCHEDULED_EVENT,
    VISIT_FORM,
    bare,
    id_of,
)
from helmont.standards.odm.reading import Oids
from helmont.standards.odm.records import (
    LOG,
    UNSCHEDULED,
    Change,
    EventRecord,
    FormRecord,
    GroupRecord,
    ItemRecord,
    Location,
    Remark,
    Stamp,
    SubjectRecord,
)
from helmont.standards.odm.vocabulary import Strangers
from helmont.standards.odm.xml import Element, child, children, content, line_of, local, version_of, walk
from helmont.study.faults import Fault, one_of
from helmont.study.model import Form, Group, Item, Study

_CHANGES: Mapping[str, Change] = {
    "Insert": "Insert", "Update": "Update", "Remove": "Remove", "Upsert": "Upsert", "Context": "Context",
}  # fmt: skip
_QUERY, _CHECK = "query", "check"


@dataclass
class ClinicalFile:
    """An ODM file read against a study. After ``subjects`` has run, ``faults`` and ``locations`` are complete."""

    path: Path
    study: Study
    oids: Oids = field(default_factory=Oids)
    faults: list[Fault] = field(default_factory=list)
    locations: dict[str, Location] = field(default_factory=dict)
    queries: int = 0

    def __post_init__(self) -> None:
        self._forms = {form.id: form for form in self.study.forms}
        self._groups = {(form.id, group.id): group for form in self.study.forms for group in form.groups}
        self._items = {
            (form.id, item.id): (group, item)
            for form in self.study.forms
            for group in form.groups
            for item in group.items
        }
        self._encounters = {encounter.id for encounter in self.study.protocol.encounters}
        self._units: dict[str, str] = {}

    def subjects(self) -> Iterator[SubjectRecord]:
        """Every SubjectData, in the order of the file. Raises ``StudyFaults`` where the file breaks off."""
        self.faults.clear()
        strangers: Strangers | None = None
        for event, element in walk(self.path, {"SubjectData", "AdminData", "Study"}, self.path.name):
            if strangers is None:
                strangers = Strangers(version_of(element) or "1.3.2", self.path.name)
            if event == "start":
                continue
            if local(element) != "Study":
                self.faults += strangers.within(element)
            if local(element) == "SubjectData":
                yield self._subject(element)
            elif local(element) == "AdminData":
                self._administration(element)
            else:
                self._units = {
                    unit.get("OID", ""): next((str(one.get("Name")) for one in children(unit, "Alias")), "")
                    for unit in element.iter("{*}MeasurementUnit")
                }
            self._let_go(element)

    @staticmethod
    def _let_go(element: Element) -> None:
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]

    def fault(self, element: Element, place: str, message: str, accepted: str = "") -> None:
        self.faults.append(Fault(self.path.name, line_of(element), place, message, accepted))

    def _administration(self, element: Element) -> None:
        names = {one.get("OID", ""): one.get("Name", "") for one in children(element, "Location")}
        addresses: dict[str, Element] = {}
        for one in children(element, "User"):
            reference, address = child(one, "LocationRef"), child(one, "Address")
            if reference is not None and address is not None and child(one, "Organization") is not None:
                addresses[reference.get("LocationOID", "")] = address
        organisations = {one.get("OID", ""): child(one, "Address") for one in children(element, "Organization")}
        for one in children(element, "Location"):
            address = organisations.get(one.get("OrganizationOID", ""))
            if address is not None:
                addresses[one.get("OID", "")] = address
        for oid, name in names.items():
            where = addresses.get(oid)
            country, timezone = (
                content(child(where, tag)) if where is not None else "" for tag in ("Country", "OtherText")
            )
            self.locations[bare(oid)] = Location(bare(oid), name, country, timezone)

    # Subjects and events

    def _subject(self, element: Element) -> SubjectRecord:
        site = child(element, "SiteRef")
        record = SubjectRecord(
            element.get("SubjectKey", "").strip(),
            bare(site.get("LocationOID", "")) if site is not None else "",
            change=_CHANGES.get(element.get("TransactionType", ""), ""),
            stamp=_stamp(element),
            line=line_of(element),
        )
        for event in children(element, "StudyEventData"):
            if event.get("StudyEventOID") == PARTICIPANT_EVENT:
                record.standing = self._administrative(event, PARTICIPANT_FORM)
            elif made := self._event(event):
                record.events.append(made)
        return record

    def _event(self, element: Element) -> EventRecord | None:
        oid, repeat = element.get("StudyEventOID", ""), element.get("StudyEventRepeatKey", "")
        name = LOG if oid == LOG_EVENT else self.oids.events.get(oid) or id_of(oid)
        number = ""
        if oid == UNSCHEDULED_EVENT or (name not in self._encounters and name != LOG and _is_number(repeat)):
            name, number = UNSCHEDULED, repeat
        record = EventRecord(name, number, self._administrative(element, VISIT_FORM), line=line_of(element))
        record.stamp = self._visit_stamp(element)
        for form in children(element, "FormData", "ItemGroupData"):
            if (form.get("FormOID") or form.get("ItemGroupOID", "")) not in FORMS and (made := self._form(form)):
                record.forms.append(made)
        logs = all(self._forms[one.form].kind == "log" for one in record.forms)
        if record.forms and logs:
            record.event, record.number = LOG, ""
        if record.event not in (*self._encounters, UNSCHEDULED, LOG):
            self.fault(element, oid, f"the protocol has no encounter {name}", one_of(sorted(self._encounters), name))
            return None
        return record

    def _administrative(self, event: Element, oid: str) -> dict[str, str]:
        """The values of a form of the exchange by the last part of their OIDs."""
        found: dict[str, str] = {}
        for form in children(event, "FormData", "ItemGroupData"):
            if oid in (form.get("FormOID"), form.get("ItemGroupOID")):
                for item in form.iter("{*}ItemData"):
                    found[item.get("ItemOID", "").rsplit(".", 1)[-1]] = next(iter(_texts_of(item)), "")
        return found

    @staticmethod
    def _visit_stamp(event: Element) -> Stamp | None:
        stamps = (_stamp(item) for item in event.iter("{*}ItemData") if item.get("ItemOID", "").startswith("IT.visit."))
        return next((stamp for stamp in stamps if stamp), None) or _stamp(event)

    # Forms and items

    def _form(self, element: Element) -> FormRecord | None:
        oid = str(element.get("FormOID") or element.get("ItemGroupOID") or "")
        form = self._forms.get(self.oids.forms.get(oid) or id_of(oid))
        if form is None:
            self.fault(element, oid, f"the study has no form {id_of(oid)}", one_of(sorted(self._forms), id_of(oid)))
            return None
        line = element.get("FormRepeatKey") or element.get("ItemGroupRepeatKey") or ""
        remarks = _remarks(element)
        standing = next((one for one in remarks if "status" in one.flags), Remark())
        record = FormRecord(
            form.id,
            line or ("1" if form.kind == "log" else ""),
            standing.flags.get("status", ""),
            standing.text,
            _CHANGES.get(element.get("TransactionType", ""), ""),
            _stamp(element),
            remarks=[one for one in remarks if one is not standing],
            line=line_of(element),
        )
        if form.kind != "log":
            record.line_number = ""
        for place, group in enumerate(self._item_groups(element), 1):
            record.groups.append(self._group(form, oid, group, place))
        return record

    @staticmethod
    def _item_groups(form: Element) -> list[Element]:
        """The groups of a form; in 2.0 its own items are one, and so are those of nested groups."""
        found = [one for one in form.iter("{*}ItemGroupData") if one is form or any(True for _ in one.iter())]
        return [one for one in found if any(local(child).startswith("ItemData") for child in one)]

    def _group(self, form: Form, form_oid: str, element: Element, place: int) -> GroupRecord:
        oid = element.get("ItemGroupOID", "")
        group_id = self.oids.groups.get((form_oid, oid)) or id_of(oid, form.id)
        repeat = element.get("ItemGroupRepeatKey", "")
        record = GroupRecord(group_id, int(repeat) if repeat.isdigit() and len(repeat) < 6 else place)
        items = [one for one in element if local(one).startswith("ItemData")]
        units = {one.get("ItemOID", ""): next(iter(_texts_of(one)), "") for one in items}
        for one in items:
            item_oid = one.get("ItemOID", "")
            if item_oid.endswith(".unit"):
                continue
            name = self.oids.items.get((form_oid, oid, item_oid)) or id_of(item_oid, form.id)
            found = self._items.get((form.id, name))
            if found is None:
                known = [item.id for item in form.items()]
                self.fault(one, item_oid, f"the form {form.id} has no item {name}", one_of(known, name))
                continue
            record.items.append(self._item(one, found[1], units.get(f"{item_oid}.unit", "")))
        return record

    def _item(self, element: Element, item: Item, unit: str) -> ItemRecord:
        remarks, texts = _remarks(element), _texts_of(element)
        reference = child(element, "MeasurementUnitRef")
        oid: str = element.get("MeasurementUnitOID", "") or (
            reference.get("MeasurementUnitOID", "") if reference is not None else ""
        )
        change = _CHANGES.get(element.get("TransactionType", ""), "")
        value = None if change in ("Remove", "Context") else decode(
            item, texts, unit or self._units.get(oid) or bare(oid), remarks, several=bool(child(element, "Value") is not None)
        )  # fmt: skip
        self.queries += sum(_QUERY in one.flags for one in remarks) + sum(1 for _ in children(element, "Query"))
        kept = [one for one in remarks if "comment" in one.flags]
        return ItemRecord(item.id, item.type, value, change, _stamp(element), kept, line=line_of(element))

    def key_of(self, form: str, group: GroupRecord, item: str) -> str:
        """The item key in the form's data: by the group that the study has the item in."""
        owner: Group = self._items[form, item][0]
        return f"{owner.id}[{max(group.row, 1)}].{item}" if owner.repeats else item


def _texts_of(item: Element) -> list[str]:
    """The value of an ItemData of any kind: its attribute, its Value elements (2.0) or its content (typed, 1.3.2)."""
    if item.get("IsNull") == "Yes":
        return []
    values = list(children(item, "Value"))
    if values:
        ordered = sorted(values, key=lambda one: int(n) if (n := one.get("SeqNum", "")).isdigit() else 0)
        return ["".join(str(part) for part in one.itertext()) for one in ordered]
    if "Value" in item.attrib:
        return [str(item.get("Value"))]
    return [content(item)] if local(item) != "ItemData" else []


def _stamp(element: Element) -> Stamp | None:
    record = child(element, "AuditRecord")
    if record is None:
        return None
    user, place = child(record, "UserRef"), child(record, "LocationRef")
    return Stamp(
        bare(user.get("UserOID", "")) if user is not None else "",
        bare(place.get("LocationOID", "")) if place is not None else "",
        content(child(record, "DateTimeStamp")),
        content(child(record, "ReasonForChange")),
        content(child(record, "SourceID")),
    )


def _remarks(element: Element) -> list[Remark]:
    return [
        Remark(
            content(child(one, "Comment")),
            {content(child(flag, "FlagType")): content(child(flag, "FlagValue")) for flag in children(one, "Flag")},
        )
        for one in children(element, "Annotation")
    ]


def _is_number(text: str) -> bool:
    whole, _, part = text.partition(".")
    return whole.isdigit() and text.isascii() and len(whole) <= 4 and (part.isdigit() or "." not in text)
