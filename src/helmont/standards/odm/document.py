"""The document of a study package in the making, out of ODM's definitions.

``study_document`` puts together what ``definitions`` reads; ``Document.compared`` tells the writer in what a study differs from
what its own metadata say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.standards.odm.administrative import is_administrative
from helmont.standards.odm.definitions import BOOLEAN, Definitions
from helmont.standards.odm.languages import complete_texts, language_code
from helmont.standards.odm.names import LOG_EVENT, PARTICIPANT_EVENT, XML_LANG, bare, id_of, unique
from helmont.standards.odm.overlay import Lined, overlaid
from helmont.standards.odm.xml import Element, child, children, content, line_of

_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
Lay = Callable[[Element, Lined], Lined]


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


def study_document(definitions: Definitions, study: Element, *, natively: bool = False) -> Document:
    """Everything the definitions say, put together; ``natively`` leaves our own aliases aside."""
    lay: Lay = _as_it_is if natively else overlaid
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
    complete_texts(root)
    return document


def _as_it_is(_element: Element, native: Lined) -> Lined:
    return native


def _study_keys(definitions: Definitions, study: Element) -> Lined:
    names = child(study, "GlobalVariables")
    title = definitions.texts(child(study, "Description"))
    if names is not None:
        named = content(child(names, "StudyDescription")) or content(child(names, "StudyName"))
        title = {definitions.language: " ".join(named.split())} if named else {}
    named = study.get("StudyName", "") or study.get("OID", "study")
    found: dict[str, None] = {definitions.language: None}
    for one in definitions.metadata.iter("{*}TranslatedText"):
        language = language_code(one.get(XML_LANG))
        if language:
            found[language] = None
    version = _UNSAFE.sub("-", bare(definitions.metadata.get("OID", "1"))).strip("-")[:40] or "1"
    return Lined.at(
        study, id=id_of(study.get("OID", "STUDY")), version=version, languages=list(found),
        title=title or {definitions.language: named},
    )  # fmt: skip


def _read_forms(definitions: Definitions, document: Document, lay: Lay) -> None:
    ids: set[str] = set()
    for element in definitions.forms():
        if is_administrative(element.get("OID", "")):
            continue
        keys = lay(element, definitions.form(element))
        keys["id"] = unique(keys["id"], ids)
        ids.add(keys["id"])
        document.forms.append((element, keys))


def _read_items(definitions: Definitions, document: Document, lay: Lay) -> list[dict[str, Any]]:
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
    definitions: Definitions, document: Document, lay: Lay, place: tuple[str, str, str], reference: Element,
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


def _read_codelists(definitions: Definitions, document: Document, lay: Lay) -> None:
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
    return [
        {
            "id": BOOLEAN,
            "terms": [{"code": code, "label": {definitions.language: word}} for code, word in words.items()],
        }
    ]


def _read_events(definitions: Definitions, document: Document, lay: Lay) -> None:
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
    root["protocol"] = {
        name.removeprefix("protocol."): value for name, value in keys.items() if name.startswith("protocol.")
    }
    if planned:
        root["protocol"]["encounters"] = planned
    kept = {name: root[name] for name in ("forms", "codelists", "checks", "protocol")}
    root.clear()
    root.update({name: value for name, value in keys.items() if not name.startswith("protocol.")}, **kept)
