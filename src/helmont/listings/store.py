"""The values of a study in columns (DuckDB), following the ledger: what listings are read from.

A *base* is one file, ``HELMONT_HOME/listings/<study>/<entries>-<leaf>.duckdb``, that never changes: the study as of that
many entries of its ledger, named after the last one's leaf hash. Whatever changed since lies in memory, per process, and
is brought up to date from the ledger's entries whenever somebody reads; now and then a new base takes it in. So any
number of processes read the same file, nothing is locked, and a reader sees every change that was committed before.

When something is redacted, every base that may hold it is removed and made anew. A base can be deleted at any time.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from django.conf import settings

from helmont.core.ledger import store as ledger
from helmont.core.ledger.residues import REDACT
from helmont.core.records import Row, record_type
from helmont.core.rows import fetch, fetch_all
from helmont.listings import values
from helmont.studies.models import Definition
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

log = logging.getLogger(__name__)
MEMORY, THREADS = "200MB", 2
MOST_BEHIND = 3000  # entries; beyond, a new base is quicker than catching up
COMPACTED = 500  # changed records; beyond, the projection makes a new base
CHUNK = 5000

TABLES: dict[str, dict[str, Any]] = {
    "participants": dict.fromkeys(("key", "number", "site", "country", "status", "screened"), pl.String),
    "encounters": dict.fromkeys(("key", "participant", "oid", "number", "status", "date", "ended"), pl.String),
    "forms": {**dict.fromkeys(values.FORMS, pl.String), "reviewed": pl.Boolean, "revision": pl.Int64},
    "items": {
        **dict.fromkeys(values.ITEMS, pl.String),
        "row": pl.Int32,
        "number": pl.Float64,
        "verified": pl.Boolean,
    },
}
Schema = Mapping[str, Mapping[str, Any]]
RECORDS = {"participant": "participants", "encounter": "encounters", "form": "forms"}


def wide_table(form: str, group: str) -> str:
    """The name of the table with one row a form (or a row of its repeating group) and a column an item."""
    return f"{form}.{group}" if group else form


def number_column(item: str) -> str:
    """The column that holds an item's value as a number, in its standard unit."""
    return f"{item}#"


def schema_of(studies: Iterable[CompiledStudy]) -> Schema:
    """Every table of a study with its columns: those of ``TABLES``, and one table a form and repeating group."""
    tables: dict[str, Mapping[str, Any]] = dict(TABLES)
    for (form, group), items in values.groups_of(studies).items():
        columns: dict[str, Any] = {"key": pl.String, "row": pl.Int32}
        for item, numeric in items.items():
            columns[item] = pl.String
            if numeric:
                columns[number_column(item)] = pl.Float64
        tables[wide_table(form, group)] = columns
    return tables


def versions_of(study: str) -> list[CompiledStudy]:
    """Every published version of the study."""
    versions = Definition.objects.filter(study=study).order_by("version").values_list("version", flat=True)
    return [compiled(study, version) for version in versions]


class Columns:
    """The columns of one study in this process."""

    def __init__(self, study: str) -> None:
        self.study = study
        self.folder = Path(settings.HOME, "listings", study)
        self._lock = threading.RLock()
        self._forget()

    def _forget(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._size, self._leaf = 0, b""
        self._changed: dict[str, set[str]] = {table: set() for table in RECORDS.values()}
        self._schema: Schema = {}

    # Reading

    @contextmanager
    def reading(self, *, writing: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """A connection that sees the study as of the newest entry, and how many entries the ledger has up to it.

        With ``writing`` it may write into another file, and nothing is taken in meanwhile.
        """
        with self._lock:
            self.refresh()
            assert self._connection is not None
            cursor, size = self._connection.cursor(), self._size
            if writing:
                try:
                    yield cursor, size
                finally:
                    cursor.close()
                return
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            cursor.execute("SELECT count(*) FROM participants")  # fixes what the transaction sees
        try:
            yield cursor, size
        finally:
            cursor.close()

    @property
    def behind(self) -> int:
        """How many records have changed since the base was made."""
        return sum(map(len, self._changed.values()))

    # Following the ledger

    def refresh(self, *, compact: bool = False) -> None:
        """Take in whatever was committed since; with ``compact`` make a new base when much has changed."""
        with self._lock:
            size = ledger.log_size(self.study)
            if self._connection is None or _leaf(self.study, self._size) != self._leaf or size < self._size:
                self._open(size)
            if size > self._size and not self._catch_up(size):
                self._build()
            if compact and self.behind > COMPACTED:
                self._build()

    def reset(self) -> None:
        """Remove every base: what they hold must not be read again."""
        with self._lock:
            for path in self._bases():
                path.unlink(missing_ok=True)
            self._forget()

    def _bases(self) -> list[Path]:
        return sorted(self.folder.glob("*.duckdb"), key=_entries_of) if self.folder.is_dir() else []

    def _open(self, size: int) -> None:
        """Read from the newest base that belongs to this ledger; make one when there is none near."""
        for path in reversed(self._bases()):
            entries, leaf = _entries_of(path), path.stem.partition("-")[2]
            if size - MOST_BEHIND <= entries <= size and _leaf(self.study, entries).hex()[:32] == leaf:
                try:
                    self._attach(path, entries)
                except duckdb.Error:  # of another version of the library, or cut short: it can be made again
                    log.warning("%s cannot be read and is made anew", path)
                    continue
                return
        self._build()

    def _attach(self, path: Path, entries: int) -> None:
        self._forget()
        spill = str(self.folder / f"spill-{os.getpid()}")  # what does not fit into memory while sorting
        connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": spill})
        connection.execute(f"ATTACH '{_quoted(path)}' AS base (READ_ONLY)")
        self._schema = schema_of(versions_of(self.study))
        for table, schema in self._schema.items():
            connection.execute(f'CREATE TABLE "new_{table}" ({_columns(schema)})')
        for table in RECORDS.values():
            connection.execute(f"CREATE TABLE changed_{table} (key VARCHAR PRIMARY KEY)")
        self._connection, self._size, self._leaf = connection, entries, _leaf(self.study, entries)
        self._define()

    def _catch_up(self, size: int) -> bool:
        """Bring the changed records of the new entries into memory; False when it is better to begin anew."""
        if size - self._size > MOST_BEHIND:
            return False
        changed: dict[str, set[str]] = {table: set() for table in RECORDS.values()}
        for entry in ledger.read_entries(self.study, self._size, size):
            if entry.action == REDACT or not entry.body:
                return False
            for change in entry.content.get("changes", ()):
                kind, _, key = change["record"].partition(":")
                if kind in RECORDS:
                    changed[RECORDS[kind]].add(key)
                elif kind == "definition":
                    return False  # other items, other columns
        assert self._connection is not None
        leaf = _leaf(self.study, size)
        with self._transaction() as connection:
            for kind, table in RECORDS.items():
                if changed[table]:
                    keys = sorted(changed[table])
                    self._replace(connection, table, keys, fetch(record_type(kind), "key", keys))
        for table, keys_now in changed.items():
            self._changed[table] |= keys_now
        self._size, self._leaf = size, leaf
        self._define()
        return True

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        assert self._connection is not None
        self._connection.execute("BEGIN")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _replace(
        self, connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str], rows: Sequence[Row]
    ) -> None:
        marks = ", ".join("?" * len(keys))
        for name in self._tables(table):
            connection.execute(f'DELETE FROM "new_{name}" WHERE key IN ({marks})', keys)
        connection.executemany(f"INSERT OR IGNORE INTO changed_{table} VALUES (?)", [[key] for key in keys])
        for name, found in _rows_of(table, rows, self.study).items():
            _insert(connection, f"new_{name}", self._schema[name], found)

    def _tables(self, record: str) -> list[str]:
        """The tables that the rows of a record go to: a form's values are in several."""
        others = set(RECORDS.values()) - {"forms"}
        return [name for name in self._schema if name not in others] if record == "forms" else [record]

    def _define(self) -> None:
        """The views that readers use: the base without what changed, and what it became."""
        assert self._connection is not None
        for record in RECORDS.values():
            for name in self._tables(record):
                view = f'SELECT * FROM base."{name}"'
                if self._changed[record]:
                    view += f' ANTI JOIN changed_{record} USING (key) UNION ALL BY NAME SELECT * FROM "new_{name}"'
                self._connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS {view}')

    # Making a base

    def _build(self) -> None:
        """Make a base of the study as it is now, and read from it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ledger.snapshot():
            entries = ledger.log_size(self.study)
            leaf = _leaf(self.study, entries)
            path = self.folder / f"{entries}-{leaf.hex()[:32]}.duckdb"
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="making-") as folder:
                made = Path(folder, path.name)
                self._fill(made)
                made.replace(path)
        for other in self._bases():
            if other != path:
                other.unlink(missing_ok=True)  # whoever has it open reads on
        self._attach(path, entries)

    def _fill(self, path: Path) -> None:
        schema = schema_of(versions_of(self.study))
        with duckdb.connect(path, config={"memory_limit": "1GB", "threads": THREADS}) as connection:
            for table, columns_ in schema.items():
                connection.execute(f'CREATE TABLE "{table}" ({_columns(columns_)})')
            for kind, table in RECORDS.items():
                for chunk in _chunks(fetch_all(record_type(kind), self.study), CHUNK):
                    for name, rows in _rows_of(table, chunk, self.study).items():
                        _insert(connection, name, schema[name], rows)


def _rows_of(table: str, records: Iterable[Row], study: str) -> dict[str, list[tuple[Any, ...]]]:
    """What records amount to, by table."""
    if table != "forms":
        return {table: [tuple(row[name] for name in TABLES[table]) for row in records]}
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    shapes = values.groups_of(versions_of(study))
    layouts = {place: _layout(items) for place, items in shapes.items()}
    for record in records:
        found["forms"].append(values.form_row(record))
        rows: dict[tuple[str, int], list[Any]] = {}
        for item in values.item_rows(record, compiled(study, record["definition"])):
            found["items"].append(item)
            layout, width = layouts[item[1], item[2]]
            row = rows.get((item[2], item[3]))
            if row is None:
                row = rows[item[2], item[3]] = [item[0], item[3], *[None] * width]
            place, numeric = layout[item[4]]
            row[place] = item[6]
            if numeric:
                row[place + 1] = item[7]
        for (group, _), row in rows.items():
            found[wide_table(record["form"], group)].append(tuple(row))
    return found


def _layout(items: Mapping[str, bool]) -> tuple[dict[str, tuple[int, bool]], int]:
    """Where the value of each item stands in a row of its wide table, and how many columns they take."""
    layout, at = {}, 2
    for item, numeric in items.items():
        layout[item] = at, numeric
        at += 1 + numeric
    return layout, at - 2


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, schema: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Write the rows through a Parquet file, which DuckDB reads in one go."""
    if not rows:
        return
    descriptor, name = tempfile.mkstemp(suffix=".parquet")
    os.close(descriptor)
    try:
        pl.DataFrame(rows, schema=dict(schema), orient="row").write_parquet(name, compression="lz4")
        connection.execute(f"INSERT INTO \"{table}\" BY NAME SELECT * FROM '{_quoted(Path(name))}'")
    finally:
        Path(name).unlink(missing_ok=True)


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    yield chunk


def _columns(schema: Mapping[str, Any]) -> str:
    words = {pl.Boolean: "BOOLEAN", pl.Int32: "INTEGER", pl.Int64: "BIGINT", pl.Float64: "DOUBLE"}
    return ", ".join(f'"{name}" {words.get(kind, "VARCHAR")}' for name, kind in schema.items())


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _entries_of(path: Path) -> int:
    entries = path.stem.partition("-")[0]
    return int(entries) if entries.isdecimal() else -1


def _leaf(study: str, size: int) -> bytes:
    """The leaf hash of the last of ``size`` entries; it tells one ledger from another of the same length."""
    entry = ledger.read_entry(study, size - 1) if size else None
    return entry.leaf if entry else b""


_known: dict[str, Columns] = {}
_making = threading.Lock()


def columns(study: str) -> Columns:
    """The columns of a study; one object in a process."""
    with _making:
        if study not in _known:
            _known[study] = Columns(study)
        return _known[study]
