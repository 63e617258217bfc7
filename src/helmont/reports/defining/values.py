"""Value-level metadata: what a result holds for each test (--TESTCD), parameter (PARAMCD) or qualifier (QNAM)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from helmont.reports.annotation import unit_variable
from helmont.reports.defining.numbers import decimals_of, digits_of, numbers_in
from helmont.reports.defining.parts import distinct
from helmont.standards.define.model import DataType, Item, Value, ValueList
from helmont.standards.define.names import value_list_oid, value_oid
from helmont.study.datasets.model import Dataset, Variable

if TYPE_CHECKING:
    from helmont.reports.defining.items import Items

MOST = 400
"""Values of a list; a topic with more is no list of tests."""


def topic_of(dataset: Dataset, variable: str) -> tuple[str, str, str] | None:
    """The variables that say what a result is of, what that is called and its unit; ``None`` for other variables."""
    domain = dataset.id
    if dataset.structure == "findings" and variable in (f"{domain}ORRES", f"{domain}STRESC", f"{domain}STRESN"):
        unit = f"{domain}ORRESU" if variable.endswith("ORRES") else f"{domain}STRESU"
        return f"{domain}TESTCD", f"{domain}TEST", unit
    if domain.startswith("SUPP") and variable == "QVAL":
        return "QNAM", "QLABEL", ""
    if dataset.structure == "basic data structure" and variable in ("AVAL", "AVALC"):
        return "PARAMCD", "PARAM", ""
    return None


def values_of(items: Items, variable: Variable) -> ValueList | None:
    """What holds for each test that is in the data."""
    dataset, frame = items.dataset, items.frame
    topic = topic_of(dataset, variable.name)
    if topic is None or topic[0] not in frame.columns:
        return None
    code, title, unit = topic
    tests = frame[code].drop_nulls().unique().sort().to_list()
    if not 0 < len(tests) <= MOST:
        return None
    parts = frame.select(
        [name for name in dict.fromkeys((code, title, unit, variable.name)) if name in frame.columns]
    ).partition_by(code, as_dict=True)
    found = tuple(_value(items, variable, test, parts[(test,)], title, unit, code) for test in tests)
    return ValueList(value_list_oid(dataset.id, variable.name), found)


def _value(items: Items, variable: Variable, test: str, part: pl.DataFrame, title: str, unit: str, code: str) -> Value:
    dataset, values = items.dataset, part[variable.name]
    numbers = numbers_in(values)
    decimals = 0 if numbers is None else decimals_of(numbers)
    kind: DataType = "text" if numbers is None else "float" if decimals else "integer"
    longest = values.str.len_bytes().max() if values.dtype == pl.String else digits_of(values)
    item = Item(
        oid=value_oid(dataset.id, variable.name, distinct(test)),
        name=variable.name,
        type=kind,
        label=_label(part, title, unit, test),
        length=longest if isinstance(longest, int) and longest else 1,
        significant_digits=decimals if kind == "float" else None,
        codelist=_codelist(items, variable.name, code, test, values),
    )
    return Value(item, (items.shared.equal(dataset.id, code, test),), no_data=values.null_count() == values.len())


def _label(part: pl.DataFrame, title: str, unit: str, test: str) -> str:
    """``Systolic Blood Pressure (mmHg)``."""
    name: object = part[title].drop_nulls().first() if title in part.columns else None
    units = part[unit].drop_nulls().unique().sort().to_list() if unit in part.columns else []
    shown = str(name or test)
    return f"{shown} ({', '.join(map(str, units))})" if units else shown


def _codelist(items: Items, variable: str, code: str, test: str, values: pl.Series) -> str | None:
    """The codelist of the questions that go to this test, when it holds every value."""
    if values.dtype != pl.String:
        return None
    found = None
    for form in items.study.forms:
        for item in form.items():
            target = item.sdtm
            if target is None or target.domain != items.dataset.id or target.variable != variable:
                continue
            if target.where.get(code) == test and not unit_variable(item):
                found = item if item.codelist else None
    if found is None or found.codelist is None:
        return None
    terms = {term.sdtm or term.code for term in items.codelists.known[found.codelist].terms}
    return items.codelists.of_item(found) if set(values.drop_nulls().unique().to_list()) <= terms else None
