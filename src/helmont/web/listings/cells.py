"""The values of a listing as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from helmont.edc.keys import split_form_key
from helmont.listings.definition import ALL
from helmont.listings.selection import Listed, ListedRow
from helmont.listings.sources import DATE, NUMBER, Column, item_column
from helmont.listings.values import NOT_DONE
from helmont.study.compiling import CompiledStudy
from helmont.study.units import UNITS, unit
from helmont.web.addresses import form_address, participant_address
from helmont.web.dates import day_text

SHORT = 24  # characters


@dataclass(frozen=True)
class Cell:
    text: str
    kind: str
    query: bool = False
    url: str = ""
    code: str = ""


@dataclass(frozen=True)
class Heading:
    """A column's heading; ``next_sort`` is what its link asks for, ``direction`` how the listing is sorted by it now."""

    column: Column
    unit: str
    next_sort: str
    direction: str


def text_of(column: Column, value: Any) -> str:
    """One value in words: codes by their label, dates with the month in letters, units by their symbol."""
    if value is None or value == "":
        return ""
    text = str(value)
    if text.startswith(NOT_DONE):
        return _("Not done: %s") % text.removeprefix(NOT_DONE)
    if column.terms is not None:
        return ", ".join(column.terms.get(code, code) for code in text.split(","))
    if column.kind == DATE and len(text) == 10:
        try:
            return day_text(date.fromisoformat(text))
        except ValueError:
            return text
    number, _space, code = text.partition(" ")
    if column.item is not None and column.item.units and code in UNITS:
        return f"{number} {unit(code).label}"
    return text


def cells(listed: Listed, row: ListedRow, study: CompiledStudy, language: str) -> list[Cell]:
    """The cells of one row; the participant leads to the casebook, the visit or line to the form."""
    found = []
    for place, (column, value) in enumerate(zip(listed.columns, row.values, strict=True)):
        url = code = ""
        shown, text = column, None
        if column.id == "participant":
            url = participant_address("/".join(row.form.split("/")[:2]))
        elif column.id in ("encounter", "line"):
            url, text = form_address(row.form, next(filter(None, row.items), "")), _line(row.form) or None
        elif listed.selection.form == ALL and column.id in ("item", "value"):
            key = value if column.id == "item" else row.items[place]
            if (form := study.forms.get(split_form_key(row.form)[3])) and key in form.item_keys():
                if column.id == "item":
                    text, code = form.label(key, language), key
                else:
                    shown = item_column(study, form.form.id, form.item(key), "r", frozenset(), language)
        text = text_of(shown, value) if text is None else text
        found.append(Cell(text, _kind(column, text), place in row.queries, url, code))
    return found


def _line(form: str) -> str:
    """How a log's line is called; nothing for the form of an encounter."""
    line = split_form_key(form)[4]
    return _("Log, line %s") % line if line else ""


def _kind(column: Column, text: str) -> str:
    """The class of a cell: figures to the right; what is short stays on one line."""
    if column.kind == NUMBER and column.terms is None:
        return "number"
    return "nowrap" if column.kind == DATE or len(text) <= SHORT else ""


def headings(listed: Listed) -> list[Heading]:
    sort = listed.selection.sort
    return [
        Heading(
            column=each,
            unit=unit(each.item.unit).label if each.item and each.item.unit else "",
            next_sort=f"-{each.id}" if sort == each.id else each.id,
            direction={each.id: "ascending", f"-{each.id}": "descending"}.get(sort, ""),
        )
        for each in listed.columns
    ]
