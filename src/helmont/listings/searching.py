"""Searching in what a listing shows: in values, and in the labels under which a person reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from helmont.listings.sources import Column
from helmont.study.compiling import CompiledStudy

Condition = tuple[str, list[Any]]
AMONG = "IN (SELECT unnest(CAST(? AS VARCHAR[])))"


def searched(shown: Sequence[Column], text: str, study: CompiledStudy | None, language: str) -> Condition:
    """SQL for rows that show the text. ``study`` where the rows are values of every item, each with its own label and codes."""
    found = [each for column in shown for each in _in_column(column, text)]
    if study is not None:
        found += _in_items(study, text.lower(), language, {column.id for column in shown})
    return " OR ".join(sql for sql, _ in found) or "true", [value for _, values in found for value in values]


def _in_column(column: Column, text: str) -> Iterator[Condition]:
    yield f"contains(lower(CAST({column.expression} AS VARCHAR)), lower(?))", [text]
    codes = [code for code, label in (column.terms or {}).items() if text.lower() in label.lower()]
    if codes:
        yield f"{column.expression} {AMONG}", [codes]


def _in_items(study: CompiledStudy, text: str, language: str, shown: set[str]) -> Iterator[Condition]:
    """By the labels of items, and of their codes; an item's id means the same in every form of a study."""
    labelled: set[str] = set()
    coded: dict[frozenset[str], set[str]] = defaultdict(set)
    for form in study.forms.values():
        for item in form.form.items():
            if text in item.label.get(language)[0].lower():
                labelled.add(item.id)
            terms = form.codelists[item.codelist].terms if item.codelist else ()
            if codes := frozenset(each.code for each in terms if text in each.label.get(language)[0].lower()):
                coded[codes].add(item.id)
    if labelled and "item" in shown:
        yield f"r.item {AMONG}", [sorted(labelled)]
    if "value" in shown:
        for codes, items in coded.items():
            yield f"(r.item {AMONG} AND r.value {AMONG})", [sorted(items), sorted(codes)]
