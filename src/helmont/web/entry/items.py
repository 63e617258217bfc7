"""One form made ready for the page: groups, rows and items, each with its answer and its standing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from helmont.coding.models import Coding
from helmont.edc.queries.forms import FormView
from helmont.study.compiled_forms import CompiledForm
from helmont.study.model import Group, Item
from helmont.study.units import unit
from helmont.web.entry import words
from helmont.web.entry.beside import Beside, Mark, marks_of, verification_of
from helmont.web.entry.threads import Remark, Thread, remark, thread

NUMBERS = {"integer": "numeric", "decimal": "decimal"}


@dataclass(frozen=True)
class Option:
    code: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class ItemView:
    """One item in one row. ``typed`` is what stands in its field, ``shown`` the answer in words."""

    key: str
    item: Item
    label: str
    fallback: bool
    hint: str
    row_label: str
    kind: str
    value: Any
    typed: str
    shown: str
    reading: str
    options: tuple[Option, ...]
    unit: str
    units: tuple[Option, ...]
    reason: str
    skipped: bool
    missing: bool
    editable: bool
    history_url: str
    file_url: str
    threads: tuple[Thread, ...]
    settled: tuple[Thread, ...]
    comments: tuple[Remark, ...]
    marks: tuple[Mark, ...]
    verification: str
    coding: Coding | None = None

    @property
    def id(self) -> str:
        """The key as an HTML id: ``VS_READ-2-SYSBP``."""
        return re.sub(r"\[(\d+)\]\.", r"-\1-", self.key)

    @property
    def full_label(self) -> str:
        return f"{self.row_label}: {self.label}" if self.row_label else self.label

    @property
    def mark(self) -> Mark:
        """The one glyph there is room for in a table."""
        return self.marks[0] if self.marks else Mark("", _("History"), "history")

    @property
    def width(self) -> str:
        if self.kind == "number":
            return "width-5"
        if self.kind == "time":
            return "width-5"
        if self.kind in ("date", "datetime"):
            return "width-20" if self.kind == "datetime" else "width-10"
        length = self.item.length or 200
        return "width-5" if length <= 6 else "width-10" if length <= 12 else "width-20" if length <= 24 else ""

    @property
    def inputmode(self) -> str:
        return NUMBERS.get(self.item.type, "text")

    @property
    def codes(self) -> bool:
        """Whether the answer is a set of buttons, whose question is a legend."""
        return self.kind in ("radio", "checkboxes")


@dataclass(frozen=True)
class RowView:
    label: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True)
class GroupView:
    id: str
    title: str
    fallback: bool
    columns: tuple[ItemView, ...] = ()
    rows: tuple[RowView, ...] = ()
    items: tuple[ItemView, ...] = ()

    @property
    def all_items(self) -> tuple[ItemView, ...]:
        return self.items or tuple(item for row in self.rows for item in row.items)


def groups_of(view: FormView, beside: Beside, language: str) -> list[GroupView]:
    """The groups of the form with everything the person may see."""
    for query in view.queries:
        beside.queries.setdefault(query.item, []).append(query)
    for comment in view.comments:
        beside.comments.setdefault(comment.item, []).append(comment)
    found = []
    for group in view.definition.form.groups:
        items = [item for item in group.items if item.id not in view.hidden]
        if not items:
            continue
        title, fallback = group.title.get(language) if group.title else ("", False)
        if group.repeats is None:
            shown = tuple(_item(view, beside, item, item.id, "", language) for item in items)
            found.append(GroupView(group.id, title, fallback, items=shown))
            continue
        rows = tuple(
            RowView(label, tuple(_item(view, beside, i, f"{group.id}[{n}].{i.id}", label, language) for i in items))
            for n, label in _rows(view, group, language)
        )
        found.append(GroupView(group.id, title, fallback, columns=rows[0].items if rows else (), rows=rows))
    return found


def _rows(view: FormView, group: Group, language: str) -> Iterable[tuple[int, str]]:
    """The rows to show: those that hold data, those that are expected, and one more to fill in."""
    assert group.repeats is not None
    prefix = f"{group.id}["
    held = max((int(key[len(prefix) : key.index("]")]) for key in view.data if key.startswith(prefix)), default=0)
    spare = 0 if group.repeats.min == group.repeats.max else 1
    last = min(group.repeats.max, max(held + spare, group.repeats.min, 1))
    return [(number, CompiledForm.row_label(group, number, language)) for number in range(1, last + 1)]


def _item(view: FormView, beside: Beside, item: Item, key: str, row_label: str, language: str) -> ItemView:
    value = view.data.get(key)
    reason = value["not_done"] if isinstance(value, dict) and "not_done" in value else ""
    label, fallback = item.label.get(language)
    queries = [
        thread(query, beside.rights, beside.names, beside.zone, language) for query in beside.queries.get(key, ())
    ]
    comments = tuple(remark(comment, beside.names, beside.zone) for comment in beside.comments.get(key, ()))
    kind = _kind(item)
    return ItemView(
        key=key,
        item=item,
        label=label,
        fallback=fallback,
        hint=item.hint.get(language)[0] if item.hint else "",
        row_label=row_label,
        kind=kind,
        value=value,
        typed=_typed(kind, value),
        shown=_shown(view.definition, key, kind, value, language),
        reading=words.described_date(value) if kind in ("date", "datetime") and isinstance(value, str) else "",
        options=_options(view.definition, item, value, language),
        unit=unit(item.unit).label if item.unit else "",
        units=_units(item, value),
        reason=reason,
        skipped=key in beside.outcome.skipped and value is None,
        missing=key in beside.outcome.missing,
        editable=beside.rights.enter and kind != "calculated" and not _held(view, key),
        history_url=f"{beside.url}?item={key}",
        file_url=_file_url(view, key, value),
        threads=tuple(one for one in queries if one.unsettled),
        settled=tuple(one for one in queries if not one.unsettled),
        comments=comments,
        marks=tuple(marks_of(view, beside, key, queries, comments)),
        verification=verification_of(view, beside, item, key),
        coding=beside.codings.get(key),
    )


def _held(view: FormView, key: str) -> bool:
    return view.row is not None and key in view.row.held


def _file_url(view: FormView, key: str, value: Any) -> str:
    if not isinstance(value, dict) or "file" not in value:
        return ""
    address = reverse("entry:file", args=[view.participant.study, value["file"]])
    return f"{address}?form={view.key}&item={key}"


def _kind(item: Item) -> str:
    match item.type:
        case "codelist":
            return item.choose
        case "multiselect":
            return "checkboxes"
        case "integer" | "decimal":
            return "number"
        case "text" if item.lines > 1:
            return "lines"
        case _:
            return item.type


def _typed(kind: str, value: Any) -> str:
    match value:
        case str() if kind in ("date", "datetime"):
            return words.written_date(value)
        case str():
            return value
        case {"value": number, "unit": _}:
            return str(number)
        case _:
            return ""


def _shown(form: CompiledForm, key: str, kind: str, value: Any, language: str) -> str:
    if isinstance(value, dict) and "not_done" in value:
        return str(_("Not done: %s") % value["not_done"])
    if kind in ("date", "datetime") and isinstance(value, str):
        return words.described_date(value)
    return form.display(key, value, language)


def _options(form: CompiledForm, item: Item, value: Any, language: str) -> tuple[Option, ...]:
    if not item.codelist:
        return ()
    chosen = value if isinstance(value, list) else [value]
    terms = form.codelists[item.codelist].terms
    return tuple(Option(term.code, term.label.get(language)[0], term.code in chosen) for term in terms)


def _units(item: Item, value: Any) -> tuple[Option, ...]:
    chosen = value.get("unit") if isinstance(value, dict) else None
    return tuple(Option(code, unit(code).label, code == chosen) for code in item.units)
