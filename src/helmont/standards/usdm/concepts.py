"""Draft forms out of biomedical concepts, one form for each activity that has any and a group for each concept.

A concept says what is collected, not how it is asked: what becomes of it is a draft for a person to finish. Forms that an
export of ours kept in a surrogate are taken as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from helmont.standards.importing import Ids, as_id
from helmont.standards.usdm.document import Thing
from helmont.standards.usdm.texts import Texts
from helmont.study.model import Codelist, Form, Group, Item, ItemType, Sdtm, Term
from helmont.study.units import UNITS

_SDTM = re.compile(r"(?P<domain>[A-Z]{2})(?P<rest>[A-Z0-9]{2,6})")
_TYPES: dict[str, ItemType] = {
    "float": "decimal",
    "decimal": "decimal",
    "double": "decimal",
    "integer": "integer",
    "string": "text",
    "text": "text",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
}
_CONSTANT = ("TESTCD", "TEST", "DECOD", "CAT", "SCAT")
_UNITS = {
    "Kilogram": "kg",
    "Gram": "g",
    "Pound": "[lb_av]",
    "Centimeter": "cm",
    "Meter": "m",
    "Inch": "[in_i]",
    "Degree Celsius": "Cel",
    "Degree Fahrenheit": "[degF]",
    "Gram per Deciliter": "g/dL",
    "Milligram per Deciliter": "mg/dL",
    "Millimole per Liter": "mmol/L",
    "Micromole per Liter": "umol/L",
    "Unit per Liter": "U/L",
    "International Unit per Liter": "[IU]/L",
    "Millimeter of Mercury": "mm[Hg]",
    "Kilogram per Square Meter": "kg/m2",
    "Billion per Liter": "10*9/L",
    "Milliequivalent per Liter": "meq/L",
}


@dataclass
class ConceptReader:
    """Reads the concepts of one design; ``forms`` and ``codelists`` are what became of them."""

    texts: Texts
    forms: list[Form] = field(default_factory=list)
    codelists: list[Codelist] = field(default_factory=list)
    _forms: Ids = field(default_factory=Ids)
    _lists: Ids = field(default_factory=lambda: Ids("NY"))
    _by_terms: dict[tuple[str, ...], str] = field(default_factory=dict)

    def drafts(self, activities: list[Thing], kept: dict[str, str]) -> dict[str, tuple[str, ...]]:
        """The forms of each activity; ``kept`` are forms of ours by the id of their surrogate, which are not drafted."""
        for name in kept.values():
            self._forms.make(name)
        found: dict[str, tuple[str, ...]] = {}
        for activity in activities:
            own = [kept[each.id] for each in activity.references("bcSurrogateIds") if each.id in kept]
            concepts = activity.references("biomedicalConceptIds")
            for surrogate in activity.references("bcSurrogateIds"):
                if surrogate.id not in kept:
                    message = (
                        f"{surrogate.text('label', 'name')} is a concept nobody has defined yet; no form was drafted"
                    )
                    surrogate.say(message, "a form of your own")
            form = self._form(activity, concepts) if concepts else None
            found[activity.id] = (*own, *([form.id] if form else []))
        return found

    def _form(self, activity: Thing, concepts: list[Thing]) -> Form | None:
        items, groups = Ids("VISIT", "PARTICIPANT", "TODAY", "HERE", "AT", "PREVIOUS", "LOG"), []
        for concept in concepts:
            made = tuple(item for each in self._properties(concept) if (item := self._item(concept, each, items)))
            if made:
                title = self.texts.of(concept, "label", "name", fallback="Concept")
                groups.append(Group(items.make(f"{concept.text('name', 'label')} group"), made, title))
            else:
                concept.say("nothing of this concept is asked, so no group was drafted")
        if not groups:
            return None
        name = self._forms.make(activity.text("name"), activity.text("label"), fallback="FORM")
        form = Form(name, self.texts.of(activity, "label", "name", fallback="Form"), tuple(groups))
        self.forms.append(form)
        return form

    def _properties(self, concept: Thing) -> list[Thing]:
        """The properties that somebody fills in: enabled, with a type or answers to choose from, and no constant."""
        asked = []
        for each in concept.many("properties"):
            match = _SDTM.fullmatch(each.text("name"))
            rest = match["rest"] if match else ""
            unit_or_date = rest in ("ORRESU", "DTC") or rest.endswith("DTC")
            if not (rest in _CONSTANT or unit_or_date) and each.value.get("isEnabled") is not False:
                if each.text("datatype") or each.many("responseCodes"):
                    asked.append(each)
                else:
                    each.say(f"{each.text('name')} is the same for everybody and is not asked")
        return asked

    def _item(self, concept: Thing, thing: Thing, ids: Ids) -> Item | None:
        name = thing.text("name")
        match = _SDTM.fullmatch(name)
        test = as_id(concept.code("code")[1]) or as_id(concept.text("name"))
        result = match is not None and match["rest"] in ("ORRES", "TERM")
        made = ids.make(test if result else f"{test}_{match['rest']}" if match else name, name, fallback="ITEM")
        label = self.texts.of(concept if result else thing, "label", "name", fallback=made)
        kind = _TYPES.get(thing.text("datatype").casefold(), "text")
        answers = [each for each in thing.many("responseCodes") if each.value.get("isEnabled") is not False]
        extra: dict[str, Any] = {}
        if answers:
            kind, extra = "codelist", {"codelist": self._codelist(name, answers)}
            extra["choose"] = "radio" if len(answers) <= 4 else "select"
        elif kind in ("decimal", "integer"):
            extra = self._units(concept)
        if match is not None:
            where = {f"{match['domain']}TESTCD": test} if result and match["rest"] == "ORRES" and len(test) <= 8 else {}
            extra["sdtm"] = Sdtm(match["domain"], name, where)
        return Item(made, label, kind, required=result and thing.value.get("isRequired") is True, **extra)

    def _units(self, concept: Thing) -> dict[str, Any]:
        codes: list[str] = []
        for each in concept.many("properties"):
            if each.text("name").endswith("ORRESU"):
                for answer in each.many("responseCodes"):
                    unit = _UNITS.get(answer.code("code")[1])
                    same = not codes or (unit in UNITS and UNITS[unit].dimension == UNITS[codes[0]].dimension)
                    if unit in UNITS and same and unit not in codes:
                        codes.append(unit)
                    elif unit not in codes:
                        answer.say(
                            f"the unit {answer.code('code')[1]} was not taken over", "a UCUM unit of one dimension"
                        )
        return {"units": tuple(codes)} if len(codes) > 1 else {"unit": codes[0]} if codes else {}

    def _codelist(self, name: str, answers: list[Thing]) -> str:
        decodes = [each.code("code")[1] or each.text("label", "name") or "answer" for each in answers]
        known = self._by_terms.get(tuple(decodes))
        if known is not None:
            return known
        made, codes = self._lists.make(name, fallback="LIST"), Ids()
        terms = tuple(Term(codes.make(decode), self.texts.plain(decode), decode) for decode in decodes)
        self.codelists.append(Codelist(made, terms))
        self._by_terms[tuple(decodes)] = made
        return made
