"""A study definition as ODM metadata.

Everything ODM can say is said in its own elements; the rest goes into an Alias of the context ``helmont`` on the same element,
as the difference between the study and what ``definitions`` reads back.
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from lxml import etree

from helmont import __version__
from helmont.standards.odm import administrative
from helmont.standards.odm.definitions import Definitions
from helmont.standards.odm.document import study_document
from helmont.standards.odm.items import write_item
from helmont.standards.odm.names import (
    CONTEXT,
    LOG_EVENT,
    NAMESPACES,
    PARTICIPANT_EVENT,
    PARTICIPANT_FORM,
    UNSCHEDULED_EVENT,
    VISIT_FORM,
    Version,
    codelist_oid,
    event_oid,
    form_oid,
    group_oid,
    item_oid,
    namespaces,
    unit_oid,
    version_oid,
)
from helmont.standards.odm.xml import Element, add, add_texts, child
from helmont.study.model import Codelist, Form, Group, Study
from helmont.study.publishing import to_document
from helmont.study.units import UNITS


def write_metadata(
    study: Study,
    version: Version = "1.3.2",
    *,
    study_oid: str = "",
    created: datetime | None = None,
    file_oid: str = "",
) -> bytes:
    """The whole definition as an ODM file of ``version``; ``study_oid`` names the study otherwise than by its id."""
    root = odm_root(version, "Metadata", file_oid or f"{study.id}.{version_oid(study.version)}", created=created)
    root.append(study_element(study, version, study_oid))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def odm_root(
    version: Version, granularity: str, file_oid: str, *, created: datetime | None = None, file_type: str = "Snapshot",
    as_of: str | None = None, prior: str | None = None, description: str | None = None,
) -> Element:  # fmt: skip
    """The ODM element, without content. ``as_of`` is the moment whose state the file holds (UTC, ISO 8601)."""
    moment = (created or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    root = etree.Element(f"{{{NAMESPACES[version]}}}ODM", nsmap=namespaces(version))
    attributes = {
        "FileType": file_type, "Granularity": granularity, "FileOID": file_oid, "CreationDateTime": moment,
        "AsOfDateTime": as_of, "PriorFileOID": prior, "ODMVersion": version, "SourceSystem": "Helmont",
        "SourceSystemVersion": __version__, "Description": description if version == "1.3.2" else None,
    }  # fmt: skip
    for name, value in attributes.items():
        if value is not None:
            root.set(name, value)
    return root


def study_element(study: Study, version: Version = "1.3.2", study_oid: str = "") -> Element:
    """The ``Study`` element with its one MetaDataVersion."""
    element = etree.Element(f"{{{NAMESPACES[version]}}}Study", nsmap=namespaces(version))
    element.set("OID", study_oid or study.id)
    if version == "1.3.2":
        names = add(element, "GlobalVariables")
        add(names, "StudyName", study.id)
        add(names, "StudyDescription", str(study.title))
        add(names, "ProtocolName", study.id)
        _units(element, study)
    else:
        element.set("StudyName", study.id)
        element.set("ProtocolName", study.id)
        add_texts(element, "Description", study.title.by_language, version)
    metadata = add(element, "MetaDataVersion", OID=version_oid(study.version), Name=f"{study.id} {study.version}")
    _protocol(metadata, study, version)
    _events(metadata, study, version)
    _forms(metadata, study, version)
    for form in study.forms:
        for group in form.groups:
            for item in group.items:
                write_item(metadata, study, form, item, version)
    administrative.write_items(metadata, study.languages[0], version)
    for codelist in study.codelists:
        _codelist(metadata, codelist, version)
    administrative.write_codelists(metadata, study, version)
    _expressions(metadata, study, version)
    _aliases(element, metadata, study, version)
    return element


def _units(element: Element, study: Study) -> None:
    items = [item for form in study.forms for item in form.items()]
    codes = dict.fromkeys(code for item in items for code in (item.unit, *item.units, item.standard_unit) if code)
    basics = add(element, "BasicDefinitions") if codes else element
    for code in codes:
        unit = add(basics, "MeasurementUnit", OID=unit_oid(code), Name=UNITS[code].label or code)
        add_texts(unit, "Symbol", {study.languages[0]: UNITS[code].label or code}, "1.3.2")
        add(unit, "Alias", Context="UCUM", Name=code)


def _protocol(metadata: Element, study: Study, version: Version) -> None:
    protocol = add(metadata, "Protocol")
    if version == "1.3.2":
        add_texts(protocol, "Description", study.title.by_language, version)
        parent, name = protocol, "StudyEventRef"
    else:
        add(protocol, "StudyEventGroupRef", StudyEventGroupOID="SEG.PLANNED", OrderNumber="1", Mandatory="Yes")
        parent, name = (
            add(metadata, "StudyEventGroupDef", OID="SEG.PLANNED", Name="Planned encounters"),
            "StudyEventRef",
        )
    planned = [(event_oid(one.id), "No" if one.optional else "Yes") for one in study.protocol.encounters]
    others = [(oid, "No") for oid in _other_events(study)]
    for number, (oid, mandatory) in enumerate([*planned, *others], 1):
        add(parent, name, StudyEventOID=oid, OrderNumber=str(number), Mandatory=mandatory)


def _other_events(study: Study) -> list[str]:
    """Events that are no encounters of the protocol: the logs, unscheduled ones and the participant as such."""
    logs = [LOG_EVENT] if any(form.kind == "log" for form in study.forms) else []
    return [*logs, UNSCHEDULED_EVENT, PARTICIPANT_EVENT]


def _events(metadata: Element, study: Study, version: Version) -> None:
    protocol = study.protocol
    for encounter in protocol.encounters:
        activities = (each for each in protocol.activities if encounter.id in protocol.schedule.get(each.id, ()))
        forms = dict.fromkeys(form for activity in activities for form in activity.forms)
        oid, name = event_oid(encounter.id), str(encounter.label)
        event = add(metadata, "StudyEventDef", OID=oid, Name=name, Repeating="No", Type="Scheduled")
        add_texts(event, "Description", encounter.label.by_language, version)
        _form_refs(event, [VISIT_FORM, *map(form_oid, forms)], version)
    for oid in _other_events(study):
        name, repeating, kind, forms_there = _other_event(study, oid)
        event = add(metadata, "StudyEventDef", OID=oid, Name=name, Repeating=repeating, Type=kind)
        _form_refs(event, forms_there, version)


def _other_event(study: Study, oid: str) -> tuple[str, str, str, list[str]]:
    unscheduled = study.protocol.unscheduled
    if oid == LOG_EVENT:
        return "Logs", "No", "Common", [form_oid(form.id) for form in study.forms if form.kind == "log"]
    if oid == PARTICIPANT_EVENT:
        return "Participant", "No", "Common", [PARTICIPANT_FORM]
    forms = [form_oid(form) for form in (unscheduled.forms if unscheduled else ())]
    return str(unscheduled.label) if unscheduled else "Unscheduled", "Yes", "Unscheduled", [VISIT_FORM, *forms]


def _form_refs(event: Element, forms: list[str], version: Version) -> None:
    name, attribute = ("FormRef", "FormOID") if version == "1.3.2" else ("ItemGroupRef", "ItemGroupOID")
    for number, oid in enumerate(forms, 1):
        add(event, name, **{attribute: oid, "OrderNumber": str(number), "Mandatory": "No"})


def _forms(metadata: Element, study: Study, version: Version) -> None:
    for form in study.forms:
        repeats = form.kind == "log"
        if version == "1.3.2":
            element = add(
                metadata, "FormDef", OID=form_oid(form.id), Name=str(form.title), Repeating="Yes" if repeats else "No"
            )
        else:
            repeating = "Simple" if repeats else "No"
            element = add(
                metadata, "ItemGroupDef", OID=form_oid(form.id), Name=str(form.title), Repeating=repeating, Type="Form"
            )
        add_texts(element, "Description", form.title.by_language, version)
        for number, group in enumerate(form.groups, 1):
            oid = group_oid(form.id, group.id)
            add(element, "ItemGroupRef", ItemGroupOID=oid, OrderNumber=str(number), Mandatory="No")
    administrative.write_forms(metadata, version)
    for form in study.forms:
        for group in form.groups:
            _group(metadata, form, group, version)
    administrative.write_groups(metadata, version)


def _group(metadata: Element, form: Form, group: Group, version: Version) -> None:
    domains = {item.sdtm.domain for item in group.items if item.sdtm}
    element = add(
        metadata, "ItemGroupDef", OID=group_oid(form.id, group.id), Name=str(group.title or group.id),
        Repeating=("Yes" if version == "1.3.2" else "Simple") if group.repeats else "No",
        Domain=domains.pop() if len(domains) == 1 else None, Type="Section" if version == "2.0" else None,
        RepeatingLimit=str(group.repeats.max) if group.repeats and version == "2.0" else None,
    )  # fmt: skip
    add_texts(element, "Description", group.title.by_language if group.title else {}, version)
    number = 0
    for item in group.items:
        number += 1
        oid, has_unit = item_oid(form.id, item.id), version == "2.0" and (item.unit or item.units)
        add(
            element, "ItemRef", ItemOID=oid, OrderNumber=str(number), Mandatory="Yes" if item.required else "No",
            MethodOID=f"MT.{form.id}.{item.id}" if item.calculation else None,
            CollectionExceptionConditionOID=f"CO.{form.id}.{item.id}" if item.skip else None,
            UnitsItemOID=f"{oid}.unit" if has_unit else None,
            Repeat="Yes" if version == "2.0" and item.type == "multiselect" else None,
        )  # fmt: skip
        if has_unit:
            number += 1
            add(
                element,
                "ItemRef",
                ItemOID=f"{oid}.unit",
                OrderNumber=str(number),
                Mandatory="No",
                PreSpecifiedValue=item.unit,
            )


def _codelist(metadata: Element, codelist: Codelist, version: Version) -> None:
    element = add(
        metadata, "CodeList", OID=codelist_oid(codelist.id), Name=str(codelist.title or codelist.id), DataType="text"
    )
    add_texts(element, "Description", codelist.title.by_language if codelist.title else {}, version)
    for number, term in enumerate(codelist.terms, 1):
        one = add(element, "CodeListItem", CodedValue=term.code, OrderNumber=str(number))
        add_texts(one, "Decode", term.label.by_language, version)
        if term.sdtm is not None:
            add(one, "Alias", Context="SDTM", Name=term.sdtm)


def _expressions(metadata: Element, study: Study, version: Version) -> None:
    """Skips as ConditionDef and calculations as MethodDef, in CEL."""
    items = [(form, item) for form in study.forms for item in form.items()]
    for form, item in items:
        if item.skip:
            name = f"{form.id}.{item.id} is not asked"
            _expression(
                add(metadata, "ConditionDef", OID=f"CO.{form.id}.{item.id}", Name=name), name, item.skip, version
            )
    for form, item in items:
        if item.calculation:
            name = f"{form.id}.{item.id}"
            method = add(metadata, "MethodDef", OID=f"MT.{form.id}.{item.id}", Name=name, Type="Computation")
            _expression(method, name, item.calculation, version)


def _expression(element: Element, description: str, cel: str, version: Version) -> None:
    add_texts(element, "Description", {"en": description}, version)
    if version == "2.0":
        add(element, "MethodSignature")
        add(add(element, "FormalExpression", Context="CEL"), "Code", cel)
    else:
        add(element, "FormalExpression", cel, Context="CEL")


def _aliases(element: Element, metadata: Element, study: Study, version: Version) -> None:
    """Read the definitions back and note, element by element, in what the study differs from them."""
    document = to_document(study)
    document.pop("format")
    definitions = Definitions.of(element, metadata, version, language=study.languages[0])
    found = study_document(definitions, element, natively=True)
    protocol = child(metadata, "Protocol")
    assert protocol is not None  # written above
    for source, native, wanted in found.compared(document, protocol):
        rest = {key: wanted.get(key) for key in {**wanted, **native} if wanted.get(key) != native.get(key)}
        if rest:
            name = orjson.dumps(rest, option=orjson.OPT_SORT_KEYS).decode()
            add(source, "Alias", Context=CONTEXT, Name=name)
