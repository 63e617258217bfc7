"""The files of values in columns, *bases*: ``HELMONT_HOME/listings/<study>/<entries>-<leaf>.duckdb``.

A base never changes: it is the study as of that many entries of its ledger, and is named after the last one's leaf
hash. Any number of processes read it without locks, and it can be deleted at any time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
from django.conf import settings

from helmont.core.ledger import store as ledger
from helmont.core.ledger.residues import REDACT
from helmont.core.records import Row, record_type
from helmont.core.rows import fetch_all
from helmont.listings.layout import Around, Schema, Writer, columns_of, put_records, schema_of, versions_of

THREADS, MEMORY_MAKING = 2, "1GB"
CHUNK = 5000
COMPACTED = 1000  # changed records, or a twentieth of the forms: beyond, a new base takes them in


@dataclass(frozen=True, slots=True)
class Base:
    """One file, and the entry of the ledger that it takes in last: how many there are up to it, and its leaf hash."""

    path: Path
    entries: int
    leaf: bytes


def folder_of(study: str) -> Path:
    return Path(settings.HOME, "listings", study)


def leaf_of(study: str, size: int) -> bytes:
    """The leaf hash of the last of ``size`` entries; it tells one ledger from another of the same length."""
    entry = ledger.read_entry(study, size - 1) if size else None
    return entry.leaf if entry else b""


def bases(study: str, size: int) -> Iterator[Base]:
    """The bases that belong to the study's ledger, at most ``size`` entries long, the newest first."""
    for path in sorted(_files(study), key=_entries, reverse=True):
        entries = _entries(path)
        if 0 <= entries <= size:
            leaf = leaf_of(study, entries)
            if path == _path(study, entries, leaf):
                yield Base(path, entries, leaf)


def remove_bases(study: str, but: Path | None = None) -> None:
    """Remove the files; whoever has one open reads on."""
    for path in _files(study):
        if path != but:
            path.unlink(missing_ok=True)


def make(study: str) -> Base:
    """A base of the study's rows as they are now."""
    with ledger.snapshot():
        entries = ledger.log_size(study)

        def fill(path: Path) -> None:
            with duckdb.connect(path, config={"memory_limit": MEMORY_MAKING, "threads": THREADS}) as connection:
                _fill(connection, study, schema_of(versions_of(study)))

        return place(study, entries, leaf_of(study, entries), fill)


def place(study: str, entries: int, leaf: bytes, write: Callable[[Path], None]) -> Base:
    """The base that ``write`` writes, once it is whole; others are removed. Raises ``Outrun`` after a redaction."""
    folder = folder_of(study)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _path(study, entries, leaf)
    with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as making:
        made = Path(making, path.name)
        write(made)
        made.replace(path)
    # A redaction removes every file. One that was committed while this file was not there yet has not seen it.
    if any(entry.action == REDACT for entry in ledger.read_entries(study, entries)):
        path.unlink(missing_ok=True)
        raise Outrun(study)
    remove_bases(study, path)
    return Base(path, entries, leaf)


class Outrun(RuntimeError):
    """Something was redacted while a base was made; it may hold it, and is gone again."""


def copy_into(path: Path, connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Write what the connection's transaction sees into a new base."""
    connection.execute(f"ATTACH '{quoted(path)}' AS made")
    try:
        for table, columns in schema.items():
            connection.execute(f'CREATE TABLE made."{table}" ({columns_of(columns)})')
            connection.execute(f'INSERT INTO made."{table}" BY NAME SELECT * FROM "{table}"')
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT made")
    finally:
        connection.execute("DETACH made")


def quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _fill(connection: duckdb.DuckDBPyConnection, study: str, schema: Schema) -> None:
    for table, columns in schema.items():
        connection.execute(f'CREATE TABLE "{table}" ({columns_of(columns)})')
    around = Around()
    for kind, table in (("participant", "participants"), ("encounter", "encounters")):
        for rows in _chunks(fetch_all(record_type(kind), study)):
            around.learn(table, rows)
            put_records(connection, '"', table, rows)
    writer = Writer(connection, study, schema, '"')
    for rows in _chunks(fetch_all(record_type("form"), study)):
        writer.write(rows, around)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _files(study: str) -> Iterable[Path]:
    folder = folder_of(study)
    return list(folder.glob("*.duckdb")) if folder.is_dir() else []


def _path(study: str, entries: int, leaf: bytes) -> Path:
    return folder_of(study) / f"{entries}-{leaf.hex()[:32]}.duckdb"


def _entries(path: Path) -> int:
    entries = path.stem.partition("-")[0]
    return int(entries) if entries.isdecimal() else -1
