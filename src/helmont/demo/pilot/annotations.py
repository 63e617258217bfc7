"""The forms' SDTM annotations, indexed so that a record finds its item and an item value its record.

The study package says where each answer goes in SDTM; reading the same annotation backwards says which question a
published value answers. One definition serves both ways, so the mapping cannot drift from the forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helmont.study.loading import load_study
from helmont.study.model import Codelist, Form, Group, Item, Sdtm, Study

FOLDER = Path(__file__).parents[4] / "studies" / "cdiscpilot01"

UNITS = {
    "mm[Hg]": "mmHg", "{beats}/min": "beats/min", "[degF]": "F", "Cel": "C", "[lb_av]": "LB", "kg": "kg",
    "[in_i]": "in", "cm": "cm", "a": "YEARS", "mg": "mg", "s": "sec", "mg/dL": "mg/dL", "g/dL": "g/dL", "U/L": "U/L",
    "meq/L": "mEq/L", "10*9/L": "10^9/L", "10*12/L": "10^12/L", "%": "%", "pg": "pg", "fL": "fL", "ng/L": "ng/L",
    "m[IU]/L": "mIU/L",
}  # fmt: skip
"""UCUM code to the unit as published."""
UCUM = {published: code for code, published in UNITS.items()}

BLOOD_PRESSURE_READINGS = (815.0, 816.0, 817.0)
"""VSTPTNUM of the rows of group VS_READ: supine after 5 minutes, standing after 1 and after 3."""


@dataclass(frozen=True, slots=True)
class Question:
    """An item with its place and its codelist."""

    form: Form
    group: Group
    item: Item
    codelist: Codelist | None

    @property
    def sdtm(self) -> Sdtm | None:
        return self.item.sdtm

    def code(self, submitted: str) -> str:
        """The code of a submitted value; ``ValueError`` when the codelist has no such term."""
        terms = self.codelist.terms if self.codelist else ()
        for term in terms:
            if term.sdtm == submitted:
                return term.code
        known = ", ".join(str(term.sdtm) for term in terms)
        raise ValueError(f"{self.form.id}.{self.item.id}: {submitted!r} is not a submitted value; accepted: {known}")

    def submitted(self, code: str) -> str | None:
        """The submitted value of a code; ``None`` for a term that is not submitted."""
        for term in self.codelist.terms if self.codelist else ():
            if term.code == code:
                return term.sdtm
        raise ValueError(f"{self.form.id}.{self.item.id}: {code!r} is not a code of its codelist")


@cache
def pilot_study() -> Study:
    """The study package of the demonstration trial."""
    return load_study(FOLDER)


@cache
def questions() -> dict[tuple[str, str], Question]:
    """Every question by form and item id."""
    study = pilot_study()
    codelists = {codelist.id: codelist for codelist in study.codelists}
    return {
        (form.id, item.id): Question(form, group, item, codelists.get(item.codelist or ""))
        for form in study.forms
        for group in form.groups
        for item in group.items
    }


def questions_of(form: str) -> Iterator[Question]:
    """The annotated questions of a form, in the order they are asked."""
    return (question for (form_id, _), question in questions().items() if form_id == form and question.sdtm)


@cache
def findings(domain: str, variable: str) -> dict[str, Question]:
    """Test code (``SYSBP``) to question, for one variable (``VSORRES``) of a findings domain."""
    return {
        question.sdtm.where[f"{domain}TESTCD"]: question
        for question in questions().values()
        if question.sdtm and question.sdtm.domain == domain and question.sdtm.variable == variable
        and f"{domain}TESTCD" in question.sdtm.where
    }  # fmt: skip


@cache
def encounters() -> dict[str, str]:
    """Visit number as text (``3.5``) to the encounter's id; numbers that are not here are unscheduled visits."""
    visit = questions()["DS", "DSVISIT"]
    return {term.sdtm: term.code for term in (visit.codelist.terms if visit.codelist else ()) if term.sdtm}
