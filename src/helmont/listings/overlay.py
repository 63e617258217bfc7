"""One open base, and in memory what the ledger says has changed since: together, the study as of one entry."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

import duckdb

from helmont.core.records import Row, record_type
from helmont.core.rows import fetch
from helmont.edc.keys import split_form_key
from helmont.listings import bases
from helmont.listings.changes import Changes, read_changes
from helmont.listings.layout import (
    ITEMS,
    RECORDS,
    Around,
    Schema,
    Writer,
    columns_of,
    put_records,
    schema_of,
    versions_of,
)

MEMORY = "200MB"
FORMS = "forms"


class Overlay:
    """The views that readers use, named like the tables of the schema, at ``size`` entries of the ledger.

    Not safe for threads by itself, but its cursors are: a reader goes on seeing what it saw when it began.
    """

    def __init__(self, study: str, base: bases.Base) -> None:
        """Raises ``duckdb.Error`` for a file that cannot be read: of another version of the library, or cut short."""
        self.study, self.base = study, base
        self.size, self.leaf = base.entries, base.leaf
        spill = str(bases.folder_of(study) / f"spill-{os.getpid()}")  # what does not fit into memory while sorting
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": bases.THREADS,
            "temp_directory": spill,
        }
        self._connection = duckdb.connect(config=config)
        self._connection.execute(f"ATTACH '{bases.quoted(base.path)}' AS base (READ_ONLY)")
        self._in_base, self._forms = _described(self._connection)
        self._changed: dict[str, set[str]] = {each: set() for each in (*RECORDS, FORMS)}
        for each in self._changed:
            self._connection.execute(f"CREATE TABLE changed_{each} (key VARCHAR PRIMARY KEY)")
        self._overlaid: set[str] = set()
        self.schema: Schema = {}
        self._extend()

    @property
    def behind(self) -> int:
        """How many records have changed since the base was made."""
        return sum(map(len, self._changed.values()))

    @property
    def heavy(self) -> bool:
        """Whether so much has changed that a new base should take it in."""
        return self.behind > max(bases.COMPACTED, self._forms // 20)

    def cursor(self, *, writing: bool = False) -> duckdb.DuckDBPyConnection:
        """A connection in a transaction that sees the study as it is now; ``writing``: into another file."""
        cursor = self._connection.cursor()
        cursor.execute("BEGIN TRANSACTION" if writing else "BEGIN TRANSACTION READ ONLY")
        cursor.execute("SELECT count(*) FROM participants")  # fixes what the transaction sees
        return cursor

    def take_in(self, stop: int) -> bool:
        """Follow the ledger up to entry ``stop``; False when something was redacted and the base must not be used."""
        changes = read_changes(self.study, self.size, stop)
        if changes is None:
            return False
        if changes.redefined:
            self._extend()
        self._connection.execute("BEGIN")
        try:
            self._write(changes)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        self.size, self.leaf = stop, bases.leaf_of(self.study, stop)
        return True

    def _extend(self) -> None:
        """Have every table and column that a published version of the study speaks of."""
        old, self.schema = self.schema, schema_of(versions_of(self.study))
        for table, columns in self.schema.items():
            if table not in old:
                self._connection.execute(f'CREATE TABLE "new_{table}" ({columns_of(columns)})')
            for name in [name for name in columns if name not in old.get(table, columns)]:
                self._connection.execute(f'ALTER TABLE "new_{table}" ADD COLUMN {columns_of({name: columns[name]})}')
            if not columns.keys() <= self._in_base.get(table, frozenset()):
                self._overlaid.add(table)
            self._define(table)

    def _define(self, table: str) -> None:
        """The view: the base without what changed, and what it became. Columns that the base has not are empty there."""
        view = f'SELECT * FROM base."{table}"'
        if table in self._overlaid:
            record, key = (table, "key") if table in RECORDS else (FORMS, "_key")
            kept = f"{view} b WHERE NOT EXISTS (SELECT 1 FROM changed_{record} c WHERE c.key = b.{key})"
            new = f'SELECT * FROM "new_{table}"'
            view = f"{kept} UNION ALL BY NAME {new}" if table in self._in_base else new
        self._connection.execute(f'CREATE OR REPLACE VIEW "{table}" AS {view}')

    def _write(self, changes: Changes) -> None:
        for table, kind in (("participants", "participant"), ("encounters", "encounter")):
            if keys := sorted(changes.written[kind]):
                self._take_out(table, [table], "key", keys)
                put_records(self._connection, '"new_', table, fetch(record_type(kind), "key", keys))
        if forms := changes.form_rows():
            named = {split_form_key(row["key"])[3] for row in forms}
            tables = [name for name in self.schema if name == ITEMS or name.partition(".")[0] in named]
            self._take_out(FORMS, tables, "_key", [row["key"] for row in forms])
            Writer(self._connection, self.study, self.schema, '"new_').write(forms, _around(forms))

    def _take_out(self, record: str, tables: Iterable[str], column: str, keys: Collection[str]) -> None:
        """Have the records in none of the tables."""
        self._changed[record].update(keys)
        keys = list(keys)
        self._connection.execute(f"INSERT OR IGNORE INTO changed_{record} SELECT unnest(?)", [keys])
        for table in tables:
            if table not in self._overlaid:
                self._overlaid.add(table)
                self._define(table)
            self._connection.execute(f'DELETE FROM "new_{table}" WHERE "{column}" IN (SELECT unnest(?))', [keys])


def _around(forms: Collection[Row]) -> Around:
    """The participants and encounters of the forms."""
    around = Around()
    participants, encounters = {row["participant"] for row in forms}, {row["container"] for row in forms}
    around.learn("participants", fetch(record_type("participant"), "key", sorted(participants)))
    around.learn("encounters", fetch(record_type("encounter"), "key", sorted(encounters)))
    return around


def _described(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, frozenset[str]], int]:
    """The columns of each table of the base, and about how many forms it holds."""
    tables: dict[str, set[str]] = {}
    found = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'base'"
    ).fetchall()
    for table, column in found:
        tables.setdefault(table, set()).add(column)
    counted = connection.execute(
        "SELECT table_name, estimated_size FROM duckdb_tables() WHERE database_name = 'base'"
    ).fetchall()
    forms = sum(size for table, size in counted if "." not in table and table not in (*RECORDS, ITEMS))
    return {table: frozenset(columns) for table, columns in tables.items()}, forms
