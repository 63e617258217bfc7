"""What ODM's definitions say, as the keys of a study package.

``Definitions`` reads one MetaDataVersion. Each of its methods gives the *native* content of an element: what ODM itself
expresses. What a study says beyond that is laid over it (``overlay``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.standards.odm.checks import Checks, range_checks
from helmont.standards.odm.names import CONTEXT, Version, bare, id_of
from helmont.standards.odm.overlay import Lined, oid_of
from helmont.standards.odm.units import ucum, unit_of
from helmont.standards.odm.xml import Element, child, children, content, line_of, local, texts
from helmont.study.faults import Fault
from helmont.study.units import UNITS

TYPES = {
    "text": "text", "string": "text", "integer": "integer", "float": "decimal", "double": "decimal", "decimal": "decimal",
    "date": "date", "partialDate": "date", "incompleteDate": "date", "time": "time", "partialTime": "time",
    "incompleteTime": "time", "datetime": "datetime", "partialDatetime": "datetime", "incompleteDatetime": "datetime",
    "boolean": "codelist",
}  # fmt: skip
"""ODM data type to item type; what is not here is kept as text."""
PARTIAL = {"partialDate": "month", "incompleteDate": "year", "partialDatetime": "month", "incompleteDatetime": "year"}
BOOLEAN = "BOOLEAN"
_SDTM = re.compile(r"(?:([A-Z][A-Z0-9]{1,7})\.)?([A-Z][A-Z0-9]{1,7})(?: where (.+))?")
_WHERE = re.compile(r"([A-Z][A-Z0-9]{1,7})=(\S+)(?: and |$)")


@dataclass
class Definitions:
    """One MetaDataVersion and its units. ``language`` is that of texts which name none."""

    version: Version
    metadata: Element
    units: Mapping[str, str | None] = field(default_factory=dict)
    file: str = ""
    language: str = "en"
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_oid = {oid: one for one in self.metadata if isinstance(one.tag, str) and (oid := one.get("OID"))}
        self.items: dict[tuple[str, str, str], str] = {}  # form's, group's and item's OID -> item id
        self.groups: dict[tuple[str, str], str] = {}  # form's and group's OID -> group id

    @classmethod
    def of(
        cls, study: Element, metadata: Element, version: Version, file: str = "", language: str = "en"
    ) -> Definitions:
        """The definitions of ``metadata`` with the units of its study."""
        basics = child(study, "BasicDefinitions")
        units = {
            one.get("OID", ""): unit_of(one)
            for one in (children(basics, "MeasurementUnit") if basics is not None else ())
        }
        return cls(version, metadata, units, file, language)

    def warn(self, element: Element, place: str, message: str, accepted: str = "") -> None:
        self.faults.append(Fault(self.file, line_of(element), place, message, accepted, "warning"))

    def note(self, element: Element, place: str, message: str) -> None:
        """Something that is not taken over."""
        self.faults.append(Fault(self.file, line_of(element), place, message, "", "note"))

    def find(self, oid: str | None, kind: str, user: Element) -> Element | None:
        """The definition that ``user`` names; a warning when there is none."""
        found = self._by_oid.get(oid or "")
        if found is not None and local(found) == kind:
            return found
        self.warn(user, oid or "", f"no {kind} has this OID", "the OID of one in this MetaDataVersion")
        return None

    def texts(self, element: Element | None) -> dict[str, str]:
        return texts(element, self.language)

    # Forms

    def forms(self) -> Iterator[Element]:
        if self.version == "1.3.2":
            yield from children(self.metadata, "FormDef")
            return
        events = children(self.metadata, "StudyEventDef")
        used = {ref.get("ItemGroupOID") for event in events for ref in children(event, "ItemGroupRef")}
        groups = list(children(self.metadata, "ItemGroupDef"))
        named = [one for one in groups if one.get("Type") == "Form" or one.get("OID") in used]
        yield from named or [one for one in groups if one.get("Type") in (None, "Section", "Concept")]

    def form(self, element: Element) -> Lined:
        """A form without its groups."""
        name = element.get("Name", "")
        title = self.texts(child(element, "Description")) or {self.language: name or oid_of(element)}
        repeating = element.get("Repeating", "No") != "No"
        return Lined.at(element, id=id_of(element.get("OID", name)), title=title, kind="log" if repeating else None)

    def groups_of(self, form: Element) -> Iterator[tuple[Element, list[Element]]]:
        """The item groups of a form and the references to their items, nested groups one after the other."""
        own = list(children(form, "ItemRef"))
        if own:
            yield form, own
        yield from self._nested(form, {form.get("OID", "")})

    def _nested(self, parent: Element, seen: set[str]) -> Iterator[tuple[Element, list[Element]]]:
        for reference in children(parent, "ItemGroupRef"):
            group = self.find(reference.get("ItemGroupOID"), "ItemGroupDef", reference)
            oid = reference.get("ItemGroupOID", "")
            if group is None or oid in seen:
                continue
            seen.add(oid)
            if references := list(children(group, "ItemRef")):
                yield group, references
            yield from self._nested(group, seen)

    def group(self, element: Element, form: Element, form_id: str) -> Lined:
        """An item group without its items."""
        name = id_of(element.get("OID", ""), form_id)
        title = None if element is form else self.texts(child(element, "Description"))
        repeats = element is not form and element.get("Repeating", "No") not in ("No", "")
        most = element.get("RepeatingLimit", "")
        limit = {"max": int(most) if most.isdigit() and len(most) < 5 else 20}
        return Lined.at(element, id=name, title=title, repeats=limit if repeats else None)

    # Items

    def item(self, reference: Element, element: Element, form_id: str) -> tuple[Lined, Checks]:
        """An item as its definition and the reference to it say, and the checks of its ranges that are none."""
        kind, codelist = self._type(element)
        label = (
            self.texts(child(element, "Question"))
            or self.texts(child(element, "Prompt"))
            or self.texts(child(element, "Description"))
            or {self.language: element.get("Name") or oid_of(element)}
        )
        length, decimals = element.get("Length", ""), element.get("SignificantDigits", "")
        units = self._units(reference, element) if kind in ("integer", "decimal") else []
        item_id = id_of(element.get("OID", element.get("Name", "")), form_id)
        calculation = self.expression(reference.get("MethodOID"), "MethodDef", reference)
        keys = Lined.at(
            element,
            id=item_id,
            label=label,
            type="calculated" if calculation else kind,
            hint=self.texts(child(element, "CRFCompletionInstructions")),
            unit=units[0] if len(units) == 1 else None,
            units=units if len(units) > 1 else None,
            required=reference.get("Mandatory") == "Yes",
            length=int(length) if kind == "text" and length.isdigit() and 0 < int(length[:6]) <= 10_000 else None,
            decimals=int(decimals)
            if (kind == "decimal" or calculation) and decimals.isdigit() and len(decimals) < 3
            else None,
            partial=PARTIAL.get(element.get("DataType", "")),
            codelist=codelist,
            skip=self.expression(reference.get("CollectionExceptionConditionOID"), "ConditionDef", reference),
            calculation=calculation,
            sdtm=self._sdtm(element),
        )
        if calculation:
            keys.setdefault("decimals", 2)
            keys.pop("required", None)
        checks = range_checks(self, element, keys)
        return keys, checks

    def _type(self, element: Element) -> tuple[str, str | None]:
        written = element.get("DataType", "text")
        reference = child(element, "CodeListRef")
        if reference is not None:
            codelist = self.find(reference.get("CodeListOID"), "CodeList", reference)
            if codelist is not None and any(True for _ in children(codelist, "CodeListItem", "EnumeratedItem")):
                return "codelist", id_of(codelist.get("OID", ""))
            if codelist is not None:
                self.warn(
                    codelist, element.get("OID", ""), "an external code list is not taken over; its items are text"
                )
        if written not in TYPES and not any(one.get("Context") == CONTEXT for one in children(element, "Alias")):
            self.warn(element, element.get("OID", ""), f"the data type {written} is taken as text", ", ".join(TYPES))
        kind = TYPES.get(written, "text")
        return (kind, BOOLEAN) if kind == "codelist" else (kind, None)

    def _units(self, reference: Element, element: Element) -> list[str]:
        found: dict[str, None] = {}
        written: list[tuple[str, str | None]] = []
        for one in children(element, "MeasurementUnitRef"):
            oid = one.get("MeasurementUnitOID", "")
            written.append((oid, self.units[oid] if oid in self.units else ucum(oid)))
        unit_item = self._by_oid.get(reference.get("UnitsItemOID", ""))
        if unit_item is not None:
            written += [(code, ucum(code)) for code in self._codes(unit_item, reference)]
        for text, code in written:
            if code is None:
                message = f"{bare(text)} is no unit that Helmont knows; the item has no unit"
                self.warn(element, element.get("OID", ""), message, "a UCUM code such as kg or mm[Hg]")
                return []
            found[code] = None
        if len({UNITS[code].dimension for code in found}) > 1:
            self.warn(
                element, element.get("OID", ""), f"{', '.join(found)} measure different things; the item has no unit"
            )
            return []
        return list(found)

    def _codes(self, unit_item: Element, user: Element) -> list[str]:
        """The units that a unit item offers (2.0): of its code list, or written on the reference to it."""
        parent = user.getparent()
        for other in children(parent, "ItemRef") if parent is not None else ():
            if other.get("ItemOID") == unit_item.get("OID") and other.get("PreSpecifiedValue"):
                return [other.get("PreSpecifiedValue", "")]
        reference = child(unit_item, "CodeListRef")
        codelist = self.find(reference.get("CodeListOID"), "CodeList", reference) if reference is not None else None
        terms = children(codelist, "CodeListItem") if codelist is not None else ()
        return [term.get("CodedValue", "") for term in terms]

    def expression(self, oid: str | None, kind: str, user: Element) -> str | None:
        """The CEL of a ConditionDef or MethodDef; None, with a warning, for one in another language."""
        if not oid:
            return None
        definition = self.find(oid, kind, user)
        if definition is None:
            return None
        for one in children(definition, "FormalExpression"):
            if one.get("Context", "").upper() == "CEL":
                return content(one)
        self.note(definition, oid, f"this {kind} has no expression in CEL and is not taken over")
        return None

    def _sdtm(self, element: Element) -> dict[str, Any] | None:
        for alias in children(element, "Alias"):
            found = _SDTM.fullmatch(alias.get("Name", "").strip())
            if alias.get("Context", "").upper() == "SDTM" and found and found[1]:
                where = dict(_WHERE.findall(found[3] or ""))
                return {"domain": found[1], "variable": found[2], **({"where": where} if where else {})}
        return None

    # Code lists

    def codelist(self, element: Element) -> Lined:
        """A code list without its terms."""
        return Lined.at(element, id=id_of(element.get("OID", "")), title=self.texts(child(element, "Description")))

    def terms(self, element: Element) -> Iterator[tuple[Element, Lined]]:
        for one in children(element, "CodeListItem", "EnumeratedItem"):
            code = one.get("CodedValue", "").strip()
            label = self.texts(child(one, "Decode")) or {self.language: code or "-"}
            sdtm = next((a.get("Name") for a in children(one, "Alias") if a.get("Context", "").upper() == "SDTM"), None)
            yield one, Lined.at(one, code=code, label=label, sdtm=sdtm)

    # Events

    def event(self, element: Element) -> Lined:
        """An encounter: without timing, which ODM 1.3.2 cannot say, it may happen at any time."""
        label = self.texts(child(element, "Description")) or {self.language: element.get("Name") or oid_of(element)}
        return Lined.at(element, id=id_of(element.get("OID", "")), label=label, optional=True)

    def forms_at(self, element: Element) -> list[str]:
        """OIDs of the forms of an event, in their order."""
        references = list(children(element, "FormRef", "ItemGroupRef"))
        order = {id(one): (int(n) if (n := one.get("OrderNumber", "")).isdigit() else 0) for one in references}
        ordered = sorted(references, key=lambda one: order[id(one)])
        return [str(one.get("FormOID") or one.get("ItemGroupOID", "")) for one in ordered]

    def event_order(self) -> list[str]:
        """OIDs of the planned events, in order: Protocol's (1.3.2), the groups' (2.0), else as they are defined."""
        refs = [one for one in self.metadata.iter() if isinstance(one.tag, str) and local(one) == "StudyEventRef"]
        named = list(dict.fromkeys(one.get("StudyEventOID", "") for one in refs))
        defined = [one.get("OID", "") for one in children(self.metadata, "StudyEventDef")]
        return [oid for oid in named if oid in defined] + [oid for oid in defined if oid not in named]
