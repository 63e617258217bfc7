"""Rows of audited tables, read and written in bulk: the database side of a batch of transactions.

``Rows`` holds what the batch has read and written so far. Reads are answered from it, so that the many actions of one
group commit cost one SELECT per table and not one per action; writes go out in one statement per table. What the batch
leaves behind serves the next one, as long as nobody else has written to the log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import connection

from helmont.core import sql
from helmont.core.records import RecordType, Row, record_type

CHUNK = 500
MOST_KEPT = 5000  # records; a large form takes some kilobytes


class Get(NamedTuple):
    """An action will read this record."""

    type: str
    key: str


class Find(NamedTuple):
    """An action will read every record of ``type`` whose ``column`` equals ``value``."""

    type: str
    column: str
    value: str


Read = Get | Find


def _select(kind: RecordType, column: str, values: Collection[str]) -> sql.Statement:
    return sql.select(kind.selected, kind.table, column, values)


def fetch(kind: RecordType, column: str, values: Collection[str]) -> list[Row]:
    """Every row of ``kind`` whose ``column`` is one of ``values``."""
    [found] = sql.run([_select(kind, column, values)])
    return [kind.load(row) for row in found]


def fetch_all(kind: RecordType, prefix: str) -> Iterable[Row]:
    """Every row of ``kind`` in the log ``prefix``, in key order, without holding them all."""
    # Keys are compared byte by byte, whatever the database's own collation, and '0' is the character after '/', so the
    # range is every key that starts with "prefix/".
    key = '"key" COLLATE "C"' if connection.vendor == "postgresql" else '"key"'
    with connection.chunked_cursor() as cursor:
        mine = f'"key" = %s OR ({key} >= %s AND {key} < %s)'
        statement = f'SELECT {kind.selected} FROM "{kind.table}" WHERE {mine}'
        cursor.execute(statement, [prefix, prefix + "/", prefix + "0"])
        while batch := cursor.fetchmany(CHUNK):
            for values in batch:
                yield kind.load(values)


def log_of(key: str) -> str:
    """The log that a record's key, or the key of another record by which it is found, belongs to."""
    return key.partition("/")[0]


class Rows:
    """The committed rows as this batch sees them: read once, with what earlier transactions of the batch wrote.

    ``logs`` names the logs that they belong to.
    """

    def __init__(self) -> None:
        self.logs: set[str] = set()
        self.memo: dict[Any, Any] = {}  # what callers derive from rows and would derive again within the batch
        self._known: dict[tuple[str, str], Row | None] = {}
        self._found: dict[tuple[str, str, str], set[str]] = {}
        self._indexed: dict[str, set[str]] = defaultdict(set)
        self._dirty: dict[str, dict[str, Row]] = defaultdict(dict)

    def prefetch(self, reads: Iterable[Read]) -> None:
        """Load what the coming actions will read, with one SELECT per table and column."""
        gets: dict[str, dict[str, None]] = defaultdict(dict)
        finds: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for read in reads:
            if isinstance(read, Get):
                if (read.type, read.key) not in self._known:
                    gets[read.type][read.key] = None
            elif (read.type, read.column, read.value) not in self._found:
                finds[read.type, read.column][read.value] = None
        if not gets and not finds:
            return
        statements = [_select(record_type(name), "key", keys) for name, keys in gets.items()]
        statements += [
            _select(record_type(name), record_type(name).columns[column], values)
            for (name, column), values in finds.items()
        ]
        answers = iter(sql.run(statements))
        self.logs.update(log_of(key) for keys in (*gets.values(), *finds.values()) for key in keys)
        for name, keys in gets.items():
            kind = record_type(name)
            for key in keys:
                self._known[name, key] = None
            for row in map(kind.load, next(answers)):
                self._known[name, row["key"]] = row
        for (name, column), values in finds.items():
            kind = record_type(name)
            self._indexed[name].add(column)
            for value in values:
                self._found[name, column, value] = set()
            for row in self._dirty[name].values():
                if row[column] in values:
                    self._found[name, column, row[column]].add(row["key"])
            for row in map(kind.load, next(answers)):
                self.logs.add(log_of(row["key"]))
                known = self._known.setdefault((name, row["key"]), row)
                if known is None:
                    known = self._known[name, row["key"]] = row
                if known[column] == row[column]:
                    self._found[name, column, row[column]].add(row["key"])

    def get(self, name: str, key: str) -> Row | None:
        if (name, key) not in self._known:
            self.prefetch([Get(name, key)])
        return self._known[name, key]

    def keep(self, logs: Collection[str]) -> None:
        """Begin another batch with what is known of these logs; of the others, and of what may grow too large, nothing."""
        self.memo.clear()
        if not self.logs <= set(logs) or len(self._known) > MOST_KEPT:
            kept = set(logs) if len(self._known) <= MOST_KEPT else set()
            self._known = {place: row for place, row in self._known.items() if log_of(place[1]) in kept}
            # What was found by a value that is not the key of a record of these logs may lie in any log.
            self._found = {place: keys for place, keys in self._found.items() if log_of(place[2]) in kept}
            self.logs &= kept

    def assume_absent(self, name: str, key: str) -> None:
        self._known.setdefault((name, key), None)

    def assume_found(self, name: str, column: str, value: str, keys: Iterable[str]) -> None:
        """These are all the records of ``name`` whose ``column`` equals ``value``; they have been read by another column."""
        self._indexed[name].add(column)
        self._found.setdefault((name, column, value), set(keys))

    def find(self, name: str, column: str, value: str) -> set[str]:
        """Keys of the records of ``name`` whose ``column`` equals ``value``."""
        if (name, column, value) not in self._found:
            self.prefetch([Find(name, column, value)])
        return self._found[name, column, value]

    def found(self, name: str, column: str, value: str) -> list[Row]:
        """The records of ``name`` whose ``column`` equals ``value``, in key order."""
        rows = (self.get(name, key) for key in sorted(self.find(name, column, value)))
        return [row for row in rows if row is not None]

    def absorb(self, name: str, row: Row) -> None:
        """A transaction of the batch succeeded: its row is what later ones see, and what the flush writes."""
        before = self._known.get((name, row["key"]))
        for column in self._indexed[name]:
            if before is not None and before[column] != row[column]:
                self._found.get((name, column, before[column]), set()).discard(row["key"])
            if (name, column, row[column]) in self._found:
                self._found[name, column, row[column]].add(row["key"])
        self._known[name, row["key"]] = row
        self._dirty[name][row["key"]] = row

    def writes(self) -> list[sql.Statement]:
        """What writes every changed row: one INSERT … ON CONFLICT per table."""
        statements = []
        for name, rows in self._dirty.items():
            kind = record_type(name)
            columns = ["key", "revision", *kind.columns.values()]
            values = ([row[name] for name in kind.names] for row in rows.values())
            statements.append(sql.insert(kind.table, columns, values, sql.replacing(["key"], columns[1:])))
        self._dirty.clear()
        return statements
