"""Statements straight to the database's driver, inside Django's transaction: for the writer, which runs them on every save.

A statement is written once for both databases, with ``%s`` for its parameters. Whatever the number of values it is about,
its text stays the same, so that the driver and the server prepare it once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from django.db import connection

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and its parameters; with ``many``, those of each time it is to be executed."""

    text: str
    parameters: Sequence[Any] = ()
    many: bool = False


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
    found: list[list[Values]] = []
    cursor = psycopg.Cursor(driver)
    for each in statements:
        cursor.execute(each.text, each.parameters, prepare=True)
        found.append(cursor.fetchall() if cursor.description else [])
    return found


@lru_cache(maxsize=256)
def _question_marks(text: str) -> str:
    return text.replace("%s", "?")


def _bytes_as_text(value: object) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} is no value of a column")
