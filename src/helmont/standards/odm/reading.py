"""An ODM file's metadata as a study definition.

The definitions become the document of a study package (``helmont.study.publishing``), each part with its line in the file, and are
read and checked by the same rules as a package: what is wrong is found with file and line. What ODM says and Helmont does
not hold is named as a warning; nothing is left out silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from lxml import etree

from helmont.standards.importing import Imported, finish, refused
from helmont.standards.odm.administrative import is_administrative
from helmont.standards.odm.definitions import BOOLEAN, Definitions, Lined, overlaid
from helmont.standards.odm.names import LOG_EVENT, PARTICIPANT_EVENT, Version, bare, id_of, unique
from helmont.standards.odm.xml import Element, child, children, content, line_of, local, texts, version_of, walk
from helmont.study.faults import Fault, StudyFaults
from helmont.study.loading import read_study
from helmont.study.model import Study
from helmont.study.nodes import Node
from helmont.study.reading import LANGUAGE

MOST = 200_000_000  # bytes of metadata that are read at once
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_NOT_TAKEN = {
    "Include": "definitions of another file are not taken over",
    "ArchiveLayout": "page layouts are not taken over",
    "Presentation": "presentations are not taken over",
    "ImputationMethod": "imputation methods are not taken over",
    "WorkflowDef": "workflows are not taken over; the order of events is",
    "ValueListDef": "value lists are not taken over",
    "WhereClauseDef": "where clauses are not taken over",
    "StudyTimings": "timing constraints are not taken over; say windows in protocol.yaml",
    "StudyStructure": "arms and epochs are not taken over",
    "StudyObjectives": "objectives are not taken over",
    "StudyEstimands": "estimands are not taken over",
    "InclusionExclusionCriteria": "eligibility criteria are not taken over",
    "ReferenceData": "reference data are not taken over",
    "Association": "associations are not taken over",
    "Origin": "origins are not taken over",
    "Coding": "codings are not taken over",
}


@dataclass
class Document:
    """A definition as a document in the making: ``root`` in the shape of a study package, and what each part came from."""

    root: Lined
    events: list[tuple[Element, Lined]] = field(default_factory=list)
    forms: list[tuple[Element, Lined]] = field(default_factory=list)
    groups: list[tuple[Element, str, Lined]] = field(default_factory=list)
    items: list[tuple[Element, str, Lined, list[dict[str, Any]]]] = field(default_factory=list)
    codelists: list[tuple[Element, Lined]] = field(default_factory=list)
    terms: list[tuple[Element, str, Lined]] = field(default_factory=list)

    def compared(self, wanted: Mapping[str, Any], protocol: Element) -> Iterator[tuple[Element, Any, Any]]:
        """Each element with what it says natively and what it should say, for the writer's aliases."""
        yield protocol, _flat(self.root), _flat(wanted)
        encounters = {one["id"]: one for one in wanted.get("protocol", {}).get("encounters", ())}
        for element, keys in self.events:
            if keys["id"] in encounters:
                yield element, keys, encounters[keys["id"]]
        forms = {one["id"]: one for one in wanted["forms"]}
        for element, keys in self.forms:
            yield element, _without(keys, "groups"), _without(forms[keys["id"]], "groups")
        groups = {(form, one["id"]): one for form, whole in forms.items() for one in whole["groups"]}
        for element, form, keys in self.groups:
            yield element, _without(keys, "items"), _without(groups[form, keys["id"]], "items")
        items = {(place[0], one["id"]): one for place, group in groups.items() for one in group["items"]}
        for element, form, keys, checks in self.items:
            yield element, keys, {**items[form, keys["id"]], **_checks_of(wanted, form, keys["id"], checks)}
        codelists = {one["id"]: one for one in wanted.get("codelists", ())}
        for element, keys in self.codelists:
            yield element, _without(keys, "terms"), _without(codelists[keys["id"]], "terms")
        for element, codelist, keys in self.terms:
            yield element, keys, next(one for one in codelists[codelist]["terms"] if one["code"] == keys["code"])


def _without(keys: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if key not in names}


def _flat(study: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the study and of its protocol, those of the latter as ``protocol.key``; checks as their ids."""
    keys = _without(study, "forms", "codelists", "checks", "protocol")
    checks = [one["id"] for one in study.get("checks", ()) if "id" in one]
    protocol = {f"protocol.{key}": value for key, value in study.get("protocol", {}).items() if key != "encounters"}
    order = [one["id"] for one in study.get("protocol", {}).get("encounters", ())]
    return {**keys, **protocol, **({"checks": checks} if checks else {}), "protocol.encounters": order}


def _checks_of(wanted: Mapping[str, Any], form: str, item: str, native: list[dict[str, Any]]) -> dict[str, Any]:
    """The ids of an item's checks, and any key in which they differ from what their range checks say."""
    mine = [one for one in wanted.get("checks", ()) if (one["form"], one["item"]) == (form, item)]
    if not mine:
        return {}
    read = [*native, *({} for _ in range(len(mine) - len(native)))]
    differing = [
        {key: value for key, value in one.items() if key != "form" and said.get(key) != value}
        for one, said in zip(mine, read, strict=False)
    ]
    return {"checks": differing}


@dataclass(frozen=True)
class Metadata:
    """What a file defines. ``study`` is None when a fault is an error; ``oids`` maps its data's OIDs to the study's ids."""

    study: Study | None
    faults: list[Fault]
    version: Version | None = None
    oids: Oids | None = None


@dataclass
class Oids:
    """Events, forms, groups and items of a file by their OIDs, as ids of the study; empty where an OID stays unknown."""

    events: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    groups: dict[tuple[str, str], str] = field(default_factory=dict)
    items: dict[tuple[str, str, str], str] = field(default_factory=dict)


def read_metadata(source: Path | IO[bytes], file: str = "") -> Metadata:
    """The study that an ODM file (1.3.2 or 2.0) defines, with everything that is wrong or was not taken over.

    Never raises for what is in the file. Clinical data are passed over.
    """
    name = file or (source.name if isinstance(source, Path) else "odm.xml")
    faults: list[Fault] = []
    try:
        version, study, others = _find_study(source, name, faults)
    except StudyFaults as error:
        return Metadata(None, [*error.faults])
    if study is None:
        faults.append(Fault(name, 0, "", "the file defines no study", "ODM with a Study that has a MetaDataVersion"))
        return Metadata(None, faults, version)
    metadata = list(children(study, "MetaDataVersion"))[-1]
    for other in [*others, *list(children(study, "MetaDataVersion"))[:-1]]:
        place = other.get("OID", "")
        faults.append(Fault(name, line_of(other), place, f"this {local(other)} is not taken over", "", "note"))
    definitions = Definitions.of(study, metadata, version or "1.3.2", name, _source_language(metadata))
    document = study_document(definitions, study)
    _name_what_is_left(metadata, definitions)
    faults += definitions.faults
    made, found = read_study(_node(document.root, name, line_of(study)), faults)
    oids = Oids(
        {element.get("OID", ""): keys["id"] for element, keys in document.events},
        {element.get("OID", ""): keys["id"] for element, keys in document.forms},
        definitions.groups,
        definitions.items,
    )
    usable = not any(fault.severity == "error" for fault in found)
    return Metadata(made if usable else None, found, version, oids)


def read_odm(data: bytes, file: str) -> Imported:
    """The metadata of an ODM file, for ``helmont study import``."""
    found = read_metadata(BytesIO(data), file)
    return finish(found.study, found.faults, file) if found.study else refused(found.faults)


def _find_study(
    source: Path | IO[bytes], name: str, faults: list[Fault]
) -> tuple[Version | None, Element | None, list[Element]]:
    """The first study that has metadata; clinical data are let go of as they are read."""
    version: Version | None = None
    found: Element | None = None
    others: list[Element] = []
    first = True
    for event, element in walk(source, {"Study", "SubjectData", "ItemGroupData"}, name):
        if first:
            version, first = version_of(element), False
            if local(element) == "MetaDataVersion":
                return version or "2.0", _fragment(source, element, name, faults), []
            if version is None or local(element) != "ODM":
                raise StudyFaults([Fault(name, line_of(element), local(element), "this is not ODM", "ODM 1.3.2 or 2.0")])
        elif event == "end" and local(element) == "Study":
            if found is None and child(element, "MetaDataVersion") is not None:
                found = element
            else:
                others.append(element)
        elif event == "end":
            element.clear()
    return version, found, others


def _fragment(source: Path | IO[bytes], root: Element, name: str, faults: list[Fault]) -> Element:
    """A MetaDataVersion that stands alone, as the examples of ODM 2.0 do, in a study made for it."""
    if not isinstance(source, Path):
        source.seek(0)
    whole = [one for event, one in walk(source, {"MetaDataVersion"}, name) if event == "end"][-1]
    faults.append(Fault(name, line_of(root), "", "a MetaDataVersion without a study", "ODM with a Study", "warning"))
    study = etree.Element("Study", OID=whole.get("OID", "STUDY"))
    study.append(whole)
    return study


def _source_language(metadata: Element) -> str:
    """The language that most texts are in."""
    counts: dict[str, int] = {}
    for one in metadata.iter("{*}TranslatedText"):
        language = _language(one.get("{http://www.w3.org/XML/1998/namespace}lang"))
        if language:
            counts[language] = counts.get(language, 0) + 1
    return max(counts, key=lambda code: counts[code]) if counts else "en"


def _language(written: str | None) -> str | None:
    text = (written or "").strip()
    return text if LANGUAGE.fullmatch(text) else text.lower() if LANGUAGE.fullmatch(text.lower()) else None


def study_document(definitions: Definitions, study: Element, *, natively: bool = False) -> Document:
    """Everything the definitions say, put together; ``natively`` leaves our own aliases aside."""
    lay = (lambda _element, keys: keys) if natively else overlaid
    document = Document(_study_keys(definitions, study))
    root = document.root
    root["protocol"] = {}
    _read_forms(definitions, document, lay)
    checks = _read_items(definitions, document, lay)
    _read_codelists(definitions, document, lay)
    _read_events(definitions, document, lay)
    root["forms"] = [keys for _, keys in document.forms]
    root["codelists"] = [keys for _, keys in document.codelists] + _booleans(definitions, document)
    root["checks"] = checks
    protocol = child(definitions.metadata, "Protocol")
    if not natively and protocol is not None:
        _lay_over_study(protocol, root)
    _complete_texts(definitions, root)
    return document


def _study_keys(definitions: Definitions, study: Element) -> Lined:
    names = child(study, "GlobalVariables")
    title = definitions.texts(child(study, "Description"))
    if names is not None:
        named = content(child(names, "StudyDescription")) or content(child(names, "StudyName"))
        title = {definitions.language: " ".join(named.split())} if named else {}
    named = study.get("StudyName", "") or study.get("OID", "study")
    found: dict[str, None] = {definitions.language: None}
    for one in definitions.metadata.iter("{*}TranslatedText"):
        language = _language(one.get("{http://www.w3.org/XML/1998/namespace}lang"))
        if language:
            found[language] = None
    version = _UNSAFE.sub("-", bare(definitions.metadata.get("OID", "1"))).strip("-")[:40] or "1"
    return Lined.at(
        study, id=id_of(study.get("OID", "STUDY")), version=version, languages=list(found),
        title=title or {definitions.language: named},
    )  # fmt: skip


def _read_forms(definitions: Definitions, document: Document, lay: Any) -> None:
    ids: set[str] = set()
    for element in definitions.forms():
        if is_administrative(element.get("OID", "")):
            continue
        keys = lay(element, definitions.form(element))
        keys["id"] = unique(keys["id"], ids)
        ids.add(keys["id"])
        document.forms.append((element, keys))


def _read_items(definitions: Definitions, document: Document, lay: Any) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = []
    for form, form_keys in document.forms:
        oid, form_id = form.get("OID", ""), form_keys["id"]
        form_keys["groups"], ids = [], set[str]()
        for element, references in definitions.groups_of(form):
            keys = lay(element, definitions.group(element, form, form_id))
            keys["id"] = unique(f"{form_id[:35]}_MAIN" if element is form else keys["id"], ids)
            ids.add(keys["id"])
            definitions.groups[oid, element.get("OID", "")] = keys["id"]
            keys["items"] = []
            unit_items = {one.get("UnitsItemOID") for one in references} - {None}
            for reference in references:
                if reference.get("ItemOID") not in unit_items:
                    place = (oid, element.get("OID", ""), form_id)
                    _read_item(definitions, document, lay, place, reference, keys["items"], checks, ids)
            if keys["items"]:
                form_keys["groups"].append(keys)
                if element is not form:
                    document.groups.append((element, form_id, keys))
        if not form_keys["groups"]:
            definitions.note(form, oid, "a form without items is not taken over")
    document.forms = [(form, keys) for form, keys in document.forms if keys["groups"]]
    return checks


def _read_item(
    definitions: Definitions, document: Document, lay: Any, place: tuple[str, str, str], reference: Element,
    items: list[Lined], checks: list[dict[str, Any]], ids: set[str],
) -> None:  # fmt: skip
    form, group, form_id = place
    element = definitions.find(reference.get("ItemOID"), "ItemDef", reference)
    if element is None:
        return
    native, found = definitions.item(reference, element, form_id)
    keys = lay(element, native)
    known = keys.pop("checks", [])
    keys["id"] = unique(keys["id"], ids)
    ids.add(keys["id"])
    definitions.items[form, group, element.get("OID", "")] = keys["id"]
    items.append(keys)
    document.items.append((element, form_id, keys, found))
    read = [*found, *({} for _ in range(len(known) - len(found)))]
    for number, check in enumerate(read, 1):
        own = known[number - 1] if number <= len(known) and isinstance(known[number - 1], dict) else {}
        made = Lined(id=f"{form_id}_{keys['id']}"[:36] + f"_{number}", form=form_id, **check)
        made.update(own)
        made["item"] = keys["id"]
        made.line = line_of(element)
        checks.append(made)


def _read_codelists(definitions: Definitions, document: Document, lay: Any) -> None:
    ids: set[str] = set()
    used = {keys.get("codelist") for _, _, keys, _ in document.items}
    for element in children(definitions.metadata, "CodeList"):
        native = definitions.codelist(element)
        if is_administrative(element.get("OID", "")) or element.get("OID", "").startswith("CL.unit."):
            continue
        keys = lay(element, native)
        terms = list(definitions.terms(element))
        if not terms:
            if keys["id"] in used:
                definitions.warn(element, keys["id"], "a code list without terms is not taken over")
            continue
        keys["id"] = unique(keys["id"], ids)
        ids.add(keys["id"])
        keys["terms"] = [lay(one, term) for one, term in terms]
        document.terms += [(one, keys["id"], term) for one, term in terms]
        document.codelists.append((element, keys))


def _booleans(definitions: Definitions, document: Document) -> list[dict[str, Any]]:
    """The code list of boolean items, when there are any."""
    if not any(keys.get("codelist") == BOOLEAN for _, _, keys, _ in document.items):
        return []
    words = {"true": "Yes", "false": "No"}
    return [{"id": BOOLEAN, "terms": [{"code": code, "label": {definitions.language: word}} for code, word in words.items()]}]


def _read_events(definitions: Definitions, document: Document, lay: Any) -> None:
    """Encounters, and activities by form: ODM says which forms an event has, not what is done there for what reason."""
    protocol = document.root["protocol"]
    forms = {element.get("OID", ""): keys for element, keys in document.forms}
    elements = {one.get("OID", ""): one for one in children(definitions.metadata, "StudyEventDef")}
    schedule: dict[str, list[str]] = {}
    logs = {keys["id"]: None for keys in forms.values() if keys.get("kind") == "log"}
    for oid in definitions.event_order():
        element = elements[oid]
        listed = [forms[one] for one in definitions.forms_at(element) if one in forms]
        visit_forms = [keys["id"] for keys in listed if keys["id"] not in logs]
        if oid in (LOG_EVENT, PARTICIPANT_EVENT):
            continue
        if element.get("Type") == "Unscheduled":
            label = definitions.event(element)["label"]
            there = protocol.setdefault("unscheduled", {"label": label})
            there["forms"] = list(dict.fromkeys([*there.get("forms", []), *visit_forms]))
            if not there["forms"]:
                del there["forms"]
            continue
        if element.get("Type") == "Common" and not visit_forms:
            continue
        keys = lay(element, definitions.event(element))
        keys["id"] = unique(keys["id"], {other["id"] for _, other in document.events})
        if element.get("Repeating") == "Yes":
            definitions.warn(element, oid, "a repeating event is taken as one encounter; others are unscheduled")
        if any(one["id"] in logs for one in listed):
            names = ", ".join(one["id"] for one in listed if one["id"] in logs)
            definitions.warn(element, oid, f"{names}: a repeating form becomes a log, outside encounters")
        document.events.append((element, keys))
        for form in visit_forms:
            schedule.setdefault(form, []).append(keys["id"])
    protocol["encounters"] = [keys for _, keys in document.events]
    titles = {keys["id"]: keys["title"] for keys in forms.values()}
    protocol["activities"] = [{"id": form, "label": titles[form], "forms": [form]} for form in schedule]
    protocol["schedule"] = schedule
    protocol["logs"] = list(logs)
    for key in [key for key, value in protocol.items() if not value]:
        del protocol[key]


def _lay_over_study(protocol: Element, root: Lined) -> None:
    """The Alias of Protocol: keys of the study, of its protocol (``protocol.arms``), and the order of its checks."""
    keys = overlaid(protocol, Lined(_flat(root)))
    order = {name: place for place, name in enumerate(keys.pop("checks", []))}
    root["checks"] = sorted(root["checks"], key=lambda one: order.get(one["id"], len(order)))
    encounters = {name: place for place, name in enumerate(keys.pop("protocol.encounters", []))}
    planned = sorted(root["protocol"].get("encounters", []), key=lambda one: encounters.get(one["id"], len(encounters)))
    root["protocol"] = {name.removeprefix("protocol."): value for name, value in keys.items() if name.startswith("protocol.")}
    if planned:
        root["protocol"]["encounters"] = planned
    kept = {name: root[name] for name in ("forms", "codelists", "checks", "protocol")}
    root.clear()
    root.update({name: value for name, value in keys.items() if not name.startswith("protocol.")}, **kept)


def _complete_texts(definitions: Definitions, root: Lined) -> None:
    """Give every text its source language, and drop languages whose name is none."""
    languages = root["languages"]

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("label", "title", "message", "hint", "text") and isinstance(inner, dict):
                    known = {(_language(code) or ""): text for code, text in inner.items()}
                    known = {code: text for code, text in known.items() if code in languages}
                    if languages[0] not in known:
                        known = {languages[0]: next(iter(inner.values()), "-"), **known}
                    value[key] = {code: known[code] for code in languages if code in known}
                else:
                    visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    visit({key: value for key, value in root.items() if key != "title"})
    if languages[0] not in root.get("title", {}):
        root["title"] = {languages[0]: next(iter(root.get("title", {}).values()), root["id"]), **root.get("title", {})}


def _name_what_is_left(metadata: Element, definitions: Definitions) -> None:
    """A warning for each kind of element that was passed over, at the first of its kind."""
    counts: dict[str, tuple[Element, int]] = {}
    for element in metadata.iter():
        if local(element) in _NOT_TAKEN:
            first, count = counts.get(local(element), (element, 0))
            counts[local(element)] = (first, count + 1)
    for name, (first, count) in counts.items():
        definitions.note(first, name, f"{_NOT_TAKEN[name]} ({count})")


def _node(value: Any, file: str, line: int) -> Node:
    """The document as the tree that packages are read from; each definition keeps its line."""
    line = value.line or line if isinstance(value, Lined) else line
    match value:
        case Mapping():
            return Node(file, line, entries={str(key): _node(inner, file, line) for key, inner in value.items()})
        case list() | tuple():
            return Node(file, line, children=[_node(inner, file, line) for inner in value])
        case None:
            return Node(file, line)
        case bool():
            return Node(file, line, text="true" if value else "false")
        case _:
            return Node(file, line, text=str(value))


__all__ = ["Document", "Metadata", "Oids", "read_metadata", "study_document", "texts"]
