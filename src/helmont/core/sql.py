"""Statements straight to the database's driver, inside Django's transaction: for the writer, which runs them on every save.

A statement is written once for both databases, with ``%s`` for its parameters. Whatever the number of values it is about,
its text stays the same, so that the driver and the server prepare it once.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import psycopg
from django.db import connection
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Values = tuple[Any, ...]
_PREPARED: WeakKeyDictionary[psycopg.Connection[Any], dict[bytes, bytes]] = WeakKeyDictionary()


_TURN = threading.RLock()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and its parameters; with ``many``, those of each time it is to be executed."""

    text: str
    parameters: Sequence[Any] = ()
    many: bool = False


def turn() -> AbstractContextManager[object]:
    """Held by those threads of a server that write often, around their transactions.

    SQLite lets one write at a time and makes the others sleep longer and longer in between; who waits here goes on at once.
    """
    return _TURN if connection.vendor == "sqlite" else nullcontext()


def select(columns: str, table: str, column: str, values: Collection[str]) -> Statement:
    """The rows of ``table`` whose ``column`` is one of ``values``."""
    if connection.vendor == "postgresql":
        return Statement(f'SELECT {columns} FROM "{table}" WHERE "{column}" = ANY(%s)', [list(values)])
    listed = orjson.dumps(list(values)).decode()
    return Statement(f'SELECT {columns} FROM "{table}" WHERE "{column}" IN (SELECT value FROM json_each(%s))', [listed])


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], on_conflict: str = "") -> Statement:
    """INSERT rows, whose keys differ from each other; ``on_conflict`` is what follows ON CONFLICT; objects become JSON.

    PostgreSQL gets all rows as one JSON document. SQLite prepares the statement for a row and runs it for each.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    tail = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    if connection.vendor == "postgresql":
        document = orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_bytes_as_text)
        return Statement(
            f'INSERT INTO "{table}" ({names}) SELECT {names} FROM json_populate_recordset(NULL::"{table}", %s::json){tail}',
            [document.decode()],
        )
    marks = ", ".join(["%s"] * len(columns))
    values = [[orjson.dumps(each).decode() if type(each) is dict else each for each in row] for row in rows]
    return Statement(f'INSERT INTO "{table}" ({names}) VALUES ({marks}){tail}', values, many=True)


def replacing(key: Sequence[str], columns: Sequence[str]) -> str:
    """What follows ON CONFLICT where a row with the same key takes the new values of ``columns``."""
    updates = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    return f"({', '.join(key)}) DO UPDATE SET {updates}"


def write(statements: Sequence[Statement]) -> None:
    """Execute statements that write different tables, in any order; on PostgreSQL as one, which spares the ways there."""
    if connection.vendor == "postgresql" and len(statements) > 1:
        *first, last = statements
        parts = ", ".join(f"w{number} AS ({each.text})" for number, each in enumerate(first))
        run([Statement(f"WITH {parts} {last.text}", [value for each in statements for value in each.parameters])])
    else:
        run(statements)


def run(statements: Sequence[Statement]) -> list[list[Values]]:
    """Execute the statements in order; the rows that each returned. Raises Django's ``DatabaseError``."""
    if not statements:
        return []
    connection.ensure_connection()
    driver: Any = connection.connection
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            return _run_on_postgresql(driver, statements)
        cursor = driver.cursor()
        found: list[list[Values]] = []
        for each in statements:
            (cursor.executemany if each.many else cursor.execute)(_question_marks(each.text), each.parameters)
            found.append(cursor.fetchall())
        cursor.close()
        return found


def _run_on_postgresql(driver: psycopg.Connection[Any], statements: Sequence[Statement]) -> list[list[Values]]:
    """Through libpq itself: a cursor's own work would cost more than the server's."""
    found: list[list[Values]] = []
    if driver.pgconn.transaction_status == TransactionStatus.IDLE and not driver.autocommit:
        _answered(driver, driver.pgconn.exec_(b"BEGIN"))
    for each in statements:
        text = _numbered(each.text)
        result = _answered(
            driver, driver.pgconn.exec_prepared(_prepared(driver, text), list(map(_as_text, each.parameters)))
        )
        rows: list[Values] = []
        if result.nfields:
            transformer = Transformer(driver)
            transformer.set_pgresult(result)
            rows = transformer.load_rows(0, result.ntuples, tuple)
        found.append(rows)
    return found


def _answered(driver: psycopg.Connection[Any], result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result, encoding=driver.info.encoding)
    return result


def _prepared(driver: psycopg.Connection[Any], text: bytes) -> bytes:
    """The name under which this connection has prepared the statement."""
    names = _PREPARED.setdefault(driver, {})
    if text not in names:
        name = f"helmont_{len(names)}".encode()
        _answered(driver, driver.pgconn.prepare(name, text))
        names[text] = name
    return names[text]


@lru_cache(maxsize=256)
def _numbered(text: str) -> bytes:
    """The statement with ``$1``, ``$2``… where it has ``%s``."""
    first, *rest = text.split("%s")
    return (first + "".join(f"${number}{part}" for number, part in enumerate(rest, start=1))).encode()


def _as_text(value: str | int | list[str]) -> bytes:
    """A parameter in PostgreSQL's text format."""
    if isinstance(value, list):
        escaped = (each.replace("\\", "\\\\").replace('"', '\\"') for each in value)
        return ("{" + ",".join(f'"{each}"' for each in escaped) + "}").encode()
    return str(value).encode()


@lru_cache(maxsize=256)
def _question_marks(text: str) -> str:
    return text.replace("%s", "?")


def _bytes_as_text(value: object) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} is no value of a column")
