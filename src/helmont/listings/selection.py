"""A listing carried out: its rows, one page of them, as one person may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from helmont.core.errors import Fault, Invalid
from helmont.core.permissions import Actor
from helmont.edc.models import Query
from helmont.edc.queries.worklist import visible_queries
from helmont.edc.workflows import OPEN_QUERY
from helmont.listings.definition import ALL, COMPARING, WITHOUT_VALUE, Filter, Selection
from helmont.listings.layout import ITEMS, NATURAL, wide_table
from helmont.listings.searching import searched
from helmont.listings.sources import NUMBER, Column, Rights, Source, condition_of, hidden_values, rights, source
from helmont.listings.store import columns
from helmont.listings.values import NOT_DONE
from helmont.studies.models import Study
from helmont.studies.queries import compiled

PAGE = 50


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row: what names it within the listing, the form it is from, and a value for each column shown.

    ``items`` are the item keys of the columns, "" for those that are no item; ``queries`` the indices of cells whose
    item has an open query.
    """

    name: str
    form: str
    values: tuple[Any, ...]
    items: tuple[str, ...]
    queries: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Listed:
    """A page of a listing. ``sequence`` is the last entry of the ledger that it takes in."""

    source: Source
    selection: Selection
    columns: tuple[Column, ...]
    rows: tuple[ListedRow, ...]
    total: int
    page: int
    sequence: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Order:
    """A term of ORDER BY."""

    expression: str
    descending: bool = False
    nulls_first: bool = False

    def sql(self, backwards: bool) -> str:
        """The term, or with ``backwards`` its opposite."""
        direction = "DESC" if self.descending != backwards else "ASC"
        return f"{self.expression} {direction} NULLS {'FIRST' if self.nulls_first != backwards else 'LAST'}"


@dataclass(frozen=True)
class Prepared:
    """A listing ready to run for one person."""

    source: Source
    selection: Selection
    shown: tuple[Column, ...]
    source_sql: str
    where: str
    parameters: tuple[Any, ...]
    order: tuple[Order, ...]
    row: str


def prepare(actor: Actor, study: Study, selection: Selection, today: date, language: str) -> Prepared:
    """Raises ``NotFound`` for a form that is not there, ``Invalid`` for columns and conditions that do not fit."""
    held = rights(actor, study.key, today)
    about = source(compiled(study.key, study.definition), selection.form, selection.group, held, language)
    shown = tuple(about.columns[name] for name in (selection.columns or about.shown) if name in about.columns)
    row = "r.row" if selection.form == ALL else "r._row"
    conditions, parameters = [], []
    for text, values in _conditions(actor, study, selection, held, about, shown, today, language):
        conditions.append(text)
        parameters.extend(values)
    return Prepared(
        about,
        selection,
        shown,
        _from(selection),
        " AND ".join(f"({each})" for each in conditions),
        tuple(parameters),
        _order(selection, about, row),
        row,
    )


def listed(
    actor: Actor, study: Study, selection: Selection, today: date, *, language: str = "en", page: int = 1
) -> Listed:
    """One page of a listing; see ``prepare`` for what it raises."""
    ready = prepare(actor, study, selection, today, language)
    with columns(study.key).reading() as (connection, size):
        query = f"SELECT count(*) FROM {ready.source_sql} WHERE {ready.where}"
        total = columns(study.key).count(connection, size, query, ready.parameters)
        page = min(max(1, page), max(1, -(-total // PAGE)))
        rows = _page(connection, ready, page, total)
    marked = _mark_queries(actor, study, rows, today)
    return Listed(ready.source, selection, ready.shown, tuple(marked), total, page, size - 1)


@contextmanager
def every_row(
    actor: Actor, study: Study, selection: Selection, today: date, *, language: str = "en", forms: Collection[str] = ()
) -> Iterator[tuple[Prepared, Iterator[ListedRow], int]]:
    """Every row of a listing, or those from ``forms`` (keys), read as they are asked for; and the last entry they take in."""
    ready = prepare(actor, study, selection, today, language)
    if forms:
        among = f"{ready.where} AND r._key IN (SELECT unnest(CAST(? AS VARCHAR[])))"
        ready = replace(ready, where=among, parameters=(*ready.parameters, sorted(forms)))
    with columns(study.key).reading() as (connection, size):
        yield ready, _rows(connection, ready), size - 1


def _page(connection: duckdb.DuckDBPyConnection, ready: Prepared, page: int, total: int) -> list[ListedRow]:
    """The rows of a page. Pages of the second half are read from the end: the first rows of an order are found quickly."""
    offset = (page - 1) * PAGE
    limit = min(PAGE, total - offset)
    if offset <= total // 2:
        return list(_rows(connection, ready, limit, offset))
    return list(_rows(connection, ready, limit, total - offset - limit, backwards=True))[::-1]


def _rows(
    connection: duckdb.DuckDBPyConnection, ready: Prepared, limit: int = 0, offset: int = 0, *, backwards: bool = False
) -> Iterator[ListedRow]:
    shown = "".join(f", {each.expression}" for each in ready.shown)
    item = ", r.item_key" if ready.selection.form == ALL else ""
    order = ", ".join(each.sql(backwards) for each in ready.order)
    connection.execute(
        f"SELECT r._key, {ready.row}{item}{shown} FROM {ready.source_sql} WHERE {ready.where}"
        f" ORDER BY {order}{f' LIMIT {limit:d} OFFSET {offset:d}' if limit else ''}",
        list(ready.parameters),
    )
    first = 3 if item else 2
    group = ready.selection.group
    while batch := connection.fetchmany(1000):
        for found in batch:
            if item:
                items = tuple(found[2] if each.id == "value" else "" for each in ready.shown)
            else:
                items = tuple(_item_key(each, group, found[1]) for each in ready.shown)
            yield ListedRow(f"{found[0]}|{found[first - 1]}", found[0], tuple(found[first:]), items)


def _item_key(column: Column, group: str, row: int) -> str:
    if column.item is None:
        return ""
    return f"{group}[{row}].{column.id}" if group and not column.single else column.id


def _from(selection: Selection) -> str:
    if selection.form == ALL:
        return f"{ITEMS} r"
    own = f'"{wide_table(selection.form, selection.group)}" r'
    return f'{own} LEFT JOIN "{wide_table(selection.form, "")}" s ON s._key = r._key' if selection.group else own


def _conditions(
    actor: Actor,
    study: Study,
    selection: Selection,
    held: Rights,
    about: Source,
    shown: Sequence[Column],
    today: date,
    language: str,
) -> Iterator[tuple[str, list[Any]]]:
    yield condition_of(held)
    if selection.form == ALL:
        yield f"NOT ({hidden_values(held)})", []
    for each in selection.filters:
        if each.column not in about.columns:
            raise Invalid([Fault(each.column, _("This listing has no such column."), ", ".join(about.columns))])
        yield _condition(about.columns[each.column], each)
    if selection.search:
        definition = compiled(study.key, study.definition) if selection.form == ALL else None
        yield searched(shown, selection.search, definition, language)
    if selection.queries:
        forms, items = _open_queries(actor, study, today)
        if selection.form == ALL:
            one, keys = "r._key || ' ' || r.item_key", [f"{form} {item}" for form, item in items]
        else:
            one, keys = "r._key", sorted(forms)
        yield f"{one} {'IN' if selection.queries == 'with' else 'NOT IN'} (SELECT unnest(CAST(? AS VARCHAR[])))", [keys]


def _condition(column: Column, wanted: Filter) -> tuple[str, list[Any]]:
    text, value = f"CAST({column.expression} AS VARCHAR)", wanted.value.strip()
    fault = Fault(f"{column.label}", _("This is not a condition of the column."), ", ".join(column.operators))
    if wanted.operator not in column.operators:
        raise Invalid([fault])
    if wanted.operator in WITHOUT_VALUE:
        conditions = {
            "empty": f"coalesce({text}, '') = ''",
            "filled": f"coalesce({text}, '') <> ''",
            "not_done": f"starts_with({text}, '{NOT_DONE}')",
        }
        return conditions[wanted.operator], []
    if not value:
        raise Invalid([Fault(column.label, _("Nothing was given to compare with."), _("a value"))])
    if column.kind == NUMBER:
        return _numeric(column, wanted.operator, value)
    signs = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    if wanted.operator in COMPARING:  # dates; a partial one counts by what is known of it
        cut = f"left({text}, {len(value):d})"
        return f"{cut} {signs[wanted.operator]} ? AND NOT starts_with({text}, '(')", [value]
    match wanted.operator:
        case "has":
            return f"contains(lower({text}), lower(?))", [value]
        case "starts":
            return f"starts_with(lower({text}), lower(?))", [value]
    exact = f"(lower({text}) = lower(?) OR list_contains(str_split({text}, ','), ?))"
    if column.kind == "date":
        exact = f"(starts_with({text}, ?) AND ? <> '')"
    return (exact if wanted.operator == "is" else f"NOT coalesce({exact}, false)"), [value, value]


def _numeric(column: Column, operator: str, value: str) -> tuple[str, list[Any]]:
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        raise Invalid([Fault(column.label, _("“%s” is not a number.") % value[:40], "131, 36.5")]) from None
    signs = {"is": "=", "not": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    return f"{column.order} {signs[operator]} ?", [number]


def _order(selection: Selection, about: Source, row: str) -> tuple[Order, ...]:
    last = [Order(row)] if selection.group or selection.form == ALL else []
    last += [Order("r.item_key")] if selection.form == ALL else []
    name = selection.sort.removeprefix("-")
    if name not in about.columns:
        return *(Order(f"r.{each}", nulls_first=True) for each in NATURAL), *last
    return Order(about.columns[name].order, selection.sort.startswith("-")), Order("r._key"), *last


def _open_queries(actor: Actor, study: Study, today: date) -> tuple[set[str], set[tuple[str, str]]]:
    waiting = _visible(actor, study, today).filter(status__in=OPEN_QUERY)
    pairs = set(waiting.values_list("form", "item"))
    return {form for form, _item in pairs}, pairs


def _visible(actor: Actor, study: Study, today: date) -> Any:
    if not actor.places("query.view", study.key, today):
        return Query.objects.none()
    return visible_queries(actor, study.key, study.definition, today)


def _mark_queries(actor: Actor, study: Study, rows: Sequence[ListedRow], today: date) -> Iterator[ListedRow]:
    waiting = _visible(actor, study, today).filter(form__in={row.form for row in rows}, status__in=OPEN_QUERY)
    asked = set(waiting.values_list("form", "item"))
    for row in rows:
        at = frozenset(n for n, item in enumerate(row.items) if item and (row.form, item) in asked)
        yield replace(row, queries=at)
