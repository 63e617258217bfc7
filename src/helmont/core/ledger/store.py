"""The ledger in the database: entries, tiles and the size of each log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from helmont.core import sql
from helmont.core.ledger.tlog.merkle import leaf_hash
from helmont.core.ledger.tlog.tiles import TileId, Tree, tiles_of

SYSTEM_LOG = "system"
CHUNK = 2000


class DatabaseTiles:
    """Tiles of one log, as ``Tree`` asks for them."""

    def __init__(self, log: str) -> None:
        self.log = log
        self._read: dict[TileId, bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        known = self._read.get(TileId(level, index))
        if known is not None:
            return known
        wanted = "SELECT hashes FROM ledger_tile WHERE log = %s AND level = %s AND idx = %s"
        [rows] = sql.run([sql.Statement(wanted, [self.log, level, index])])
        return bytes(rows[0][0]) if rows else b""

    def read(self, tiles: Collection[TileId]) -> None:
        """Read these tiles at once and keep them; for a proof, which needs them as they are now."""
        places = " OR ".join(["(log = %s AND level = %s AND idx = %s)"] * len(tiles))
        wanted = f"SELECT level, idx, hashes FROM ledger_tile WHERE {places}"
        numbers = [value for tile in tiles for value in (self.log, tile.level, tile.number)]
        [rows] = sql.run([sql.Statement(wanted, numbers)])
        self._read = dict.fromkeys(tiles, b"") | {TileId(level, idx): bytes(hashes) for level, idx, hashes in rows}

    def put(self, tiles: Mapping[TileId, bytes]) -> None:
        """Write the tiles that ``Tree.append`` says have changed."""
        sql.run([self.writes(tiles)])

    def writes(self, tiles: Mapping[TileId, bytes]) -> sql.Statement:
        return sql.insert(
            "ledger_tile",
            ["log", "level", "idx", "hashes"],
            [(self.log, tile.level, tile.number, hashes) for tile, hashes in tiles.items()],
            sql.replacing(["log", "level", "idx"], ["hashes"]),
        )


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry about to be written; ``body`` is canonical JSON."""

    sequence: int
    time: str
    actor: str
    action: str
    record: str
    participant: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the database holds it. ``body`` is empty when it was redacted."""

    log: str
    sequence: int
    time: str
    actor: str
    action: str
    record: str
    participant: str
    leaf: bytes
    body: str

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = orjson.loads(self.body) if self.body else {}
        return content


ENTRY_COLUMNS = "log, sequence, time, actor, action, record, participant, leaf, body"


def stored_entry(row: Sequence[Any]) -> StoredEntry:
    """An entry from a row of ``ENTRY_COLUMNS``."""
    log, sequence, time, actor, action, record, participant, leaf, body = row
    return StoredEntry(log, sequence, time, actor, action, record, participant, bytes(leaf), body)


def lock_logs(logs: Iterable[str], others: Collection[str] = ()) -> tuple[dict[str, int], dict[str, int]]:
    """Sizes of the logs, held against other writers until the transaction ends, and those of ``others``, not held.

    On PostgreSQL the row lock of ``ledger_log`` orders the writers of a log, whatever process they are in; on SQLite the
    write transaction does. A log that has no entry yet has the size 0 and no row: there an advisory lock of
    PostgreSQL orders those who write its first entry.
    """
    names = sorted(set(logs))
    if not names:
        return {}, {}
    held = sql.select("name, size", "ledger_log", "name", names)
    lock = " ORDER BY name FOR UPDATE" if connection.vendor == "postgresql" else ""
    rest = sql.select("name, size", "ledger_log", "name", others)
    both = f"WITH held AS ({held.text}{lock}) SELECT name, size FROM held UNION ALL {rest.text}"
    statement = sql.Statement(both, [*held.parameters, *rest.parameters])
    [found] = sql.run([statement])
    new = [name for name in names if name not in dict(found)]
    if new and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.executemany("SELECT pg_advisory_xact_lock(hashtext(%s))", [(f"helmont log {name}",) for name in new])
        [found] = sql.run([statement])
    sizes = {**dict.fromkeys(names, 0), **dict.fromkeys(others, 0), **dict(found)}
    return {name: sizes[name] for name in names}, {name: sizes[name] for name in others}


def append(log: str, tree: Tree, tiles: DatabaseTiles, entries: Sequence[NewEntry]) -> list[sql.Statement]:
    """Append entries to the tree; what writes them, the tiles they change and the log's new size."""
    leaves = [leaf_hash(entry.body) for entry in entries]
    rows = [
        (log, e.sequence, e.time, e.actor, e.action, e.record, e.participant, leaf, e.body.decode())
        for e, leaf in zip(entries, leaves, strict=True)
    ]
    size = (
        "UPDATE ledger_log SET size = %s WHERE name = %s"
        if entries[0].sequence
        else "INSERT INTO ledger_log (size, name) VALUES (%s, %s)"
    )
    return [
        tiles.writes(tree.append(leaves)),
        sql.insert("ledger_entry", ENTRY_COLUMNS.split(", "), rows),
        sql.Statement(size, [entries[-1].sequence + 1, log]),
    ]


def log_size(log: str) -> int:
    """How many entries the log has; 0 for one that does not exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM ledger_log WHERE name = %s", [log])
        row = cursor.fetchone()
    return row[0] if row else 0


def log_names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ledger_log ORDER BY name")
        return [row[0] for row in cursor.fetchall()]


def read_entry(log: str, sequence: int) -> StoredEntry | None:
    return next(iter(read_entries(log, sequence, sequence + 1)), None)


def read_entries(log: str, start: int = 0, stop: int | None = None) -> Iterator[StoredEntry]:
    """Entries ``start`` to ``stop`` (not included) in order, read in chunks."""
    end = log_size(log) if stop is None else stop
    while start < end:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {ENTRY_COLUMNS} FROM ledger_entry WHERE log = %s AND sequence >= %s AND sequence < %s"
                " ORDER BY sequence",
                [log, start, min(end, start + CHUNK)],
            )
            rows = cursor.fetchall()
        yield from map(stored_entry, rows)
        start += CHUNK


def open_tree(log: str, size: int | None = None) -> tuple[Tree, DatabaseTiles]:
    """The log's tree at its present (or the given) size."""
    tiles = DatabaseTiles(log)
    return Tree.load(tiles, log_size(log) if size is None else size), tiles


def prove_inclusion(log: str, index: int, size: int) -> list[bytes]:
    """The hashes that prove entry ``index`` in the tree of the log's first ``size`` entries, from the leaf up.

    Raises ``TileError`` when the tiles are not there.
    """
    tiles = DatabaseTiles(log)
    tiles.read(tiles_of(index, size))
    return Tree.load(tiles, size).inclusion_proof(index)


@contextmanager
def snapshot() -> Iterator[None]:
    """Reads inside see the database as it was at the first of them, while others go on writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # atomic() would begin IMMEDIATE and keep every writer out.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
