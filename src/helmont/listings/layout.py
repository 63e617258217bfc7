"""The tables that listings read, and what the records of a study put into them.

Everything that a form's values are filtered and sorted by stands beside them in each table (``AROUND``), so that no
listing has to join two million values with their forms, visits and participants. Its columns begin with an underscore, which no
item can: an item may well be called SITE. A form that is blank or struck is in no table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from helmont.core.records import Row
from helmont.edc.keys import LOG
from helmont.listings import values
from helmont.studies.models import Definition
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

AROUND: Mapping[str, Any] = {
    "_key": pl.String,
    "_participant": pl.String,
    "_site": pl.String,
    "_country": pl.String,
    "_encounter": pl.String,
    "_visit_date": pl.String,
    "_visit": pl.Float64,
    "_line": pl.Int32,
    "_form": pl.String,
    "_status": pl.String,
    "_lock": pl.String,
    "_signed": pl.String,
    "_revision": pl.Int64,
}
"""The form (its key), its participant (the number), and where and when; ``_visit`` orders the encounters of one day."""
ITEM: Mapping[str, Any] = {
    "item_group": pl.String,
    "row": pl.Int32,
    "item": pl.String,
    "item_key": pl.String,
    "value": pl.String,
    "number": pl.Float64,
    "verified": pl.Boolean,
}
RECORDS: Mapping[str, Mapping[str, Any]] = {
    "participants": dict.fromkeys(("key", "number", "site", "country", "status", "screened"), pl.String),
    "encounters": dict.fromkeys(("key", "participant", "oid", "number", "status", "date", "ended"), pl.String),
}
ITEMS = "items"
NATURAL = ("_participant", "_visit_date", "_visit", "_line", "_key")
NOWHERE = frozenset({"removed", "blank"})
_WORDS = {pl.Boolean: "BOOLEAN", pl.Int32: "INTEGER", pl.Int64: "BIGINT", pl.Float64: "DOUBLE", pl.String: "VARCHAR"}

Schema = Mapping[str, Mapping[str, Any]]
"""The columns of each table, with their types."""


def wide_table(form: str, group: str) -> str:
    """The name of the table with one row a form (or a row of its repeating group) and a column an item."""
    return f"{form}.{group}" if group else form


def number_column(item: str) -> str:
    """The column that holds an item's value as a number, in its standard unit."""
    return f"{item}#"


def versions_of(study: str) -> list[CompiledStudy]:
    """Every published version of the study."""
    versions = Definition.objects.filter(study=study).order_by("version").values_list("version", flat=True)
    return [compiled(study, version) for version in versions]


def schema_of(studies: Iterable[CompiledStudy]) -> Schema:
    """Every table of a study: participants, encounters, all values, and one table a form and repeating group."""
    tables: dict[str, Mapping[str, Any]] = {**RECORDS, ITEMS: {**AROUND, **ITEM}}
    for (form, group), items in values.groups_of(studies).items():
        columns: dict[str, Any] = {**AROUND, "_row": pl.Int32}
        for item, numeric in items.items():
            columns[item] = pl.String
            if numeric:
                columns[number_column(item)] = pl.Float64
        tables[wide_table(form, group)] = columns
    return tables


def columns_of(schema: Mapping[str, Any]) -> str:
    """The columns of a table as CREATE TABLE wants them."""
    return ", ".join(f'"{name}" {_WORDS[kind]}' for name, kind in schema.items())


@dataclass
class Around:
    """What is known of the participants (number, site, country) and encounters (date, number) that forms belong to."""

    participants: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    encounters: dict[str, tuple[str, str]] = field(default_factory=dict)

    def learn(self, table: str, rows: Iterable[Row]) -> None:
        """Remember the rows of ``participants`` or ``encounters``."""
        if table == "participants":
            self.participants.update((row["key"], (row["number"], row["site"], row["country"])) for row in rows)
        else:
            self.encounters.update((row["key"], (row["date"], row["number"])) for row in rows)

    def of(self, form: Row) -> tuple[Any, ...]:
        """The values of ``AROUND``. A log's line lies in no encounter."""
        date, number = self.encounters.get(form["container"], (None, None))
        return (
            form["key"],
            *self.participants[form["participant"]],
            LOG if form["line"] else form["encounter"],
            date,
            _number(number),
            int(form["line"]) if form["line"] else None,
            form["form"],
            form["status"],
            form["lock"],
            form["signed"],
            form["revision"],
        )


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def put_records(connection: duckdb.DuckDBPyConnection, into: str, table: str, records: Iterable[Row]) -> None:
    """Write rows of participants or encounters; ``into`` is the beginning of the table's name, with its quote."""
    schema = RECORDS[table]
    _put(connection, f'{into}{table}"', schema, [tuple(row[name] for name in schema) for row in records])


class Writer:
    """Writes forms of a study into the tables of ``schema``, whose names begin with ``into``, a quote included."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, study: str, schema: Schema, into: str) -> None:
        self._connection, self._study, self._schema, self._into = connection, study, schema, into
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    def write(self, forms: Iterable[Row], around: Around) -> None:
        """Write what the forms hold."""
        head: list[tuple[Any, ...]] = []
        items: list[tuple[Any, ...]] = []
        wide: dict[str, list[list[Any]]] = defaultdict(list)
        for form in forms:
            if form["status"] in NOWHERE or wide_table(form["form"], "") not in self._schema:
                continue
            head.append(around.of(form))
            found = list(values.item_rows(form, compiled(self._study, form["definition"])))
            items += found
            self._widen(form, found, wide)
        if not head:
            return
        forms_frame = pl.DataFrame(head, schema=dict(AROUND), orient="row")
        self._connection.register("put_head", forms_frame)
        _put(self._connection, f'{self._into}{ITEMS}"', {"_key": pl.String, **ITEM}, items, head=True)
        for table, rows in wide.items():
            own = {name: kind for name, kind in self._schema[table].items() if name == "_key" or name not in AROUND}
            _put(self._connection, f'{self._into}{table}"', own, rows, head=True)
        self._connection.unregister("put_head")

    def _widen(self, form: Row, found: Iterable[tuple[Any, ...]], wide: dict[str, list[list[Any]]]) -> None:
        name = form["form"]
        rows: dict[tuple[str, int], list[Any]] = {("", 0): self._blank(name, "", form["key"], 0)}
        for key, group, row, item, _item_key, value, number, _verified in found:
            target = rows.get((group, row))
            if target is None:
                target = rows[group, row] = self._blank(name, group, key, row)
            places = self._places[name, group]
            target[places[item]] = value
            if number is not None:
                target[places[number_column(item)]] = number
        for (group, _row), values_ in rows.items():
            wide[wide_table(name, group)].append(values_)

    def _blank(self, form: str, group: str, key: str, row: int) -> list[Any]:
        places = self._places.get((form, group))
        if places is None:
            names = [name for name in self._schema[wide_table(form, group)] if name == "_key" or name not in AROUND]
            places = self._places[form, group] = {name: place for place, name in enumerate(names)}
        return [key, row, *[None] * (len(places) - 2)]


def _put(
    connection: duckdb.DuckDBPyConnection, table: str, schema: Mapping[str, Any], rows: list[Any], *, head: bool = False
) -> None:
    """Write rows in one go; with ``head``, what stands beside each form's values comes from the frame ``head``."""
    if not rows:
        return
    frame = pl.DataFrame(rows, schema=dict(schema), orient="row")
    connection.register("put_rows", frame)
    joined = " JOIN put_head USING (_key)" if head else ""
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM put_rows{joined}")
    connection.unregister("put_rows")
