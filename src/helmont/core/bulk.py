"""Writing many rows of a table at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

CHUNK = 500


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], on_conflict: str = "") -> None:
    """INSERT rows, whose keys differ from each other; ``on_conflict`` is what follows ON CONFLICT.

    PostgreSQL reads and plans each statement it is sent, so it gets one for up to ``CHUNK`` rows; SQLite prepares one
    for a row and runs it for each.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    marks = f"({', '.join(['%s'] * len(columns))})"
    tail = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    head = f'INSERT INTO "{table}" ({names}) VALUES '
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                values = [value for row in chunk for value in row]
                cursor.execute(head + ", ".join([marks] * len(chunk)) + tail, values)
        else:
            cursor.executemany(head + marks + tail, rows)


def replacing(key: Sequence[str], columns: Sequence[str]) -> str:
    """What follows ON CONFLICT where a row with the same key takes the new values of ``columns``."""
    updates = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    return f"({', '.join(key)}) DO UPDATE SET {updates}"
