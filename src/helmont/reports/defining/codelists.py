"""The terms of controlled variables: of a codelist that the package names, of the questions, or of a step that decodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import polars as pl

from helmont.reports.defining.methods import makers
from helmont.reports.defining.parts import Shared
from helmont.standards.define.model import Term
from helmont.standards.define.names import codelist_oid
from helmont.study.datasets.model import Dataset, Step, Variable
from helmont.study.model import Codelist, Item, Study

Kind = Literal["text", "integer", "float"]


class Codelists:
    """The codelists of a document, made when a variable first needs them."""

    def __init__(self, study: Study, shared: Shared) -> None:
        self.study, self.shared = study, shared
        self.known = {each.id: each for each in study.codelists}
        self._items: dict[tuple[str, str], list[Item]] = {}
        self._makers: dict[str, dict[str, list[Step]]] = {}
        for form in study.forms:
            for item in form.items():
                if item.sdtm is not None:
                    self._items.setdefault((item.sdtm.domain, item.sdtm.variable), []).append(item)

    def of(self, dataset: Dataset, variable: Variable, values: pl.Series) -> str | None:
        """The OID of a variable's codelist, or ``None`` when its values are free.

        A list that a step or the forms imply stands only while it holds every value; one that is declared always does.
        """
        if variable.codelist is not None:
            return self._declared(self.known[variable.codelist], _kind(variable))
        if variable.is_number:
            return None
        found = self._decoded(dataset, variable.name) or self._asked(dataset, variable.name)
        if found is None or not set(values.drop_nulls().unique().to_list()) <= {term.code for term in found}:
            return None
        name = f"{dataset.id}.{variable.name}"
        return self.shared.codelist(codelist_oid(name), name, found)

    def of_item(self, item: Item) -> str | None:
        """The OID of the codelist of a question."""
        return self._declared(self.known[item.codelist]) if item.codelist else None

    def _declared(self, codelist: Codelist, kind: Kind = "text") -> str:
        terms = [Term(term.sdtm or term.code, str(term.label)) for term in codelist.terms if term.sdtm != ""]
        title = str(codelist.title) if codelist.title else codelist.id
        return self.shared.codelist(codelist_oid(codelist.id), title, _once(terms), kind)

    def _asked(self, dataset: Dataset, variable: str) -> list[Term] | None:
        """The terms of all questions that go to the variable, when each of them offers a choice."""
        items = self._items.get((dataset.id, variable), [])
        if not items or not all(item.codelist for item in items):
            return None
        lists = [self.known[item.codelist] for item in items if item.codelist]
        return _once(Term(term.sdtm or term.code, str(term.label)) for each in lists for term in each.terms)

    def _decoded(self, dataset: Dataset, variable: str) -> list[Term] | None:
        """The terms of steps that decode, as codes or as texts; ``None`` when anything else makes the variable too."""
        if dataset.id not in self._makers:
            self._makers[dataset.id] = makers(self.study, dataset)
        steps = self._makers[dataset.id].get(variable, [])
        terms: list[Term] = []
        for step in steps:
            values = getattr(step.arguments, "values", None)
            if step.name != "decode" or not values:
                terms = []
                break
            terms += [Term(text) for text in values.values()]
        if terms:
            return _once(terms)
        for step in dataset.steps:  # the codes whose decode is another variable
            values = getattr(step.arguments, "values", None)
            if step.name == "decode" and values and getattr(step.arguments, "of", "") == variable:
                return _once(Term(code, text) for code, text in values.items())
        return None


def _kind(variable: Variable) -> Kind:
    if not variable.is_number:
        return "text"
    return "float" if variable.type == "float" else "integer"


def _once(terms: Iterable[Term]) -> list[Term]:
    return list({term.code: term for term in terms}.values())
