"""One cell as an answer to one question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from helmont.standards.edc_csv.mapping import Column
from helmont.standards.edc_csv.tables import Line
from helmont.study.model import Codelist, Item

NO_REASON = "No reason recorded"
_ZEROS = re.compile(r"-?[0-9]+\.[0-9]*?(0+)")


class Unknown(ValueError):
    """A text that the code list does not have and that the mapping says to leave out."""


def answer(column: Column, item: Item, codelist: Codelist | None, line: Line) -> Any:
    """What the line answers to the item, for the form to judge; None when nothing. Raises ``Unknown``."""
    text = line.first(column.column)
    if not text and column.not_done and line.first(column.not_done).upper() in ("NOT DONE", "ND"):
        return {"not_done": NO_REASON}
    if not text:
        return column.empty
    if item.codelist:
        return _code(column, codelist, text)
    if item.type in ("date", "datetime"):
        return as_date(text, column.dates)
    if item.type in ("integer", "decimal"):
        text = _without_zeros(text, 0 if item.type == "integer" else item.decimals)
    if item.units:
        return {"value": text, "unit": _unit(column, line, text)}
    return text.upper() if column.capitals else text


def _without_zeros(text: str, decimals: int | None) -> str:
    """A number as statistical software writes it (81.0) without the zeros that the item has no room for."""
    found = _ZEROS.fullmatch(text)
    if found is None or decimals is None:
        return text
    whole, _, fraction = text.partition(".")
    kept = fraction.rstrip("0").ljust(min(decimals, len(fraction)), "0")
    return f"{whole}.{kept}" if kept else whole


def _code(column: Column, codelist: Codelist | None, text: str) -> str:
    if text in column.codes:
        return column.codes[text]
    known = _spellings(codelist) if codelist else {}
    found = known.get(text.casefold())
    if found is None and column.unknown == "leave":
        raise Unknown(text)
    return found or text


@lru_cache(maxsize=512)
def _spellings(codelist: Codelist) -> Mapping[str, str]:
    """Each way a term may be written, in small letters, to its code; a code of its own goes before other words for it."""
    words: dict[str, str] = {}
    for term in codelist.terms:
        for word in (*term.label.by_language.values(), term.sdtm or ""):
            words.setdefault(word.casefold(), term.code)
    return {**words, **{term.code.casefold(): term.code for term in codelist.terms}}


def _unit(column: Column, line: Line, text: str) -> str:
    written = line.first(column.unit_column) if column.unit_column else ""
    if written:
        return column.units.get(written, written)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return column.unit or ""
    fitting = (unit for unit, limits in column.unit_ranges.items() if limits.holds(number))
    return column.unit or next(fitting, "")


def as_date(text: str, formats: tuple[str, ...]) -> str:
    """An ISO date of one of the formats (a format without a day gives a month); the text itself when it fits none."""
    for each in formats:
        try:
            moment = datetime.strptime(text, each)
        except ValueError:
            continue
        if "%d" not in each:
            return f"{moment:%Y-%m}" if "%m" in each or "%b" in each else f"{moment:%Y}"
        return f"{moment:%Y-%m-%d}"
    return text
