"""What a study's definition says of its laboratory, ready to use: each analyte with its item, unit and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from helmont.labs.assessing import Rules
from helmont.standards.grading import criteria_set
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.study.labs import Analyte, Labs, Sample
from helmont.study.model import Item
from helmont.study.text import Text
from helmont.study.units import Substance


@dataclass(frozen=True)
class Measurand:
    """One analyte with the item that holds it. ``comparators`` maps the comparator item's codes to ``<`` and ``>``."""

    id: str
    form: str
    item: Item
    unit: str
    codes: frozenset[str]
    comparator: str
    comparators: Mapping[str, str]
    rules: Rules

    @property
    def label(self) -> Text:
        return self.item.label


@dataclass(frozen=True)
class LabDefinition:
    """The laboratory of one version of a study; ``by_form`` lists the analytes of a form."""

    labs: Labs
    measurands: Mapping[str, Measurand]
    by_form: Mapping[str, tuple[Measurand, ...]]
    samples: Mapping[str, Sample]
    sexes: Mapping[str, str]

    def named(self, codes: tuple[str, ...]) -> Measurand | None:
        """The analyte that a laboratory calls by one of these codes."""
        for code in codes:
            if code in self.measurands:
                return self.measurands[code]
            for measurand in self.measurands.values():
                if code in measurand.codes:
                    return measurand
        return None

    @property
    def person_forms(self) -> frozenset[str]:
        """The forms that say who the participant is: sex, age, birth date."""
        names = (self.labs.sex, self.labs.age, self.labs.birth_date)
        return frozenset(name.split(".")[0] for name in names if name)


@lru_cache(maxsize=32)
def lab_definition(study: str, version: str) -> LabDefinition | None:
    """The laboratory of a published version; None when it has none. Raises ``NotFound`` for an unknown version."""
    return define(compiled(study, version))


def define(study: CompiledStudy) -> LabDefinition | None:
    labs = study.study.labs
    if labs is None:
        return None
    listed = {(analyte.form, analyte.item): analyte for analyte in labs.analytes}
    samples = {sample.form: sample for sample in labs.samples}
    found: dict[str, Measurand] = {}
    for form_id in samples:
        for item in study.forms[form_id].form.items():
            analyte = listed.get((form_id, item.id)) or _annotated(form_id, item)
            if analyte is not None:
                found[analyte.id] = _measurand(study, labs, analyte, item)
    by_form = {form: tuple(each for each in found.values() if each.form == form) for form in samples}
    return LabDefinition(labs, found, by_form, samples, _sexes(study, labs))


def _annotated(form: str, item: Item) -> Analyte | None:
    """The analyte that an item's annotation speaks of (LBORRES where LBTESTCD is ...)."""
    if item.type not in ("integer", "decimal") or not item.sdtm or item.sdtm.variable != "LBORRES":
        return None
    test = item.sdtm.where.get("LBTESTCD")
    return Analyte(test, form, item.id) if test else None


def _measurand(study: CompiledStudy, labs: Labs, analyte: Analyte, item: Item) -> Measurand:
    terms: dict[str, str] = {}
    comparing = next((each for each in study.forms[analyte.form].form.items() if each.id == analyte.comparator), None)
    if comparing is not None:
        codelist = next((c for c in study.study.codelists if c.id == comparing.codelist), None)
        for term in codelist.terms if codelist else ():
            terms[term.code] = term.sdtm if term.sdtm in ("<", ">") else {"LT": "<", "GT": ">"}.get(term.code, "")
    criteria = criteria_set(labs.grading) if labs.grading else None
    test = analyte.test or analyte.id
    rules = Rules(
        test,
        Substance(analyte.molar_mass, analyte.valence),
        criteria if criteria and any(criteria.of(test)) else None,
        frozenset(labs.baseline),
    )
    unit = item.standard_unit or item.unit or (item.units[0] if item.units else "1")
    codes = frozenset(analyte.codes)
    return Measurand(analyte.id, analyte.form, item, unit, codes, analyte.comparator or "", terms, rules)


def _sexes(study: CompiledStudy, labs: Labs) -> dict[str, str]:
    """The codes of the sex item as ``M`` and ``F``."""
    form, _, name = labs.sex.partition(".")
    item = next((each for each in study.forms[form].form.items() if each.id == name), None)
    codelist = next((c for c in study.study.codelists if item and c.id == item.codelist), None)
    return {term.code: term.sdtm or term.code for term in codelist.terms} if codelist else {}
