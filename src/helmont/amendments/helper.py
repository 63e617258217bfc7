"""What a helper of a dry run does, in a process of its own: nothing of Django is there before it sets it up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Chunks = Sequence[Sequence[str]]
"""Keys of participants, those together whose rows are read together."""


@dataclass(frozen=True)
class Task:
    """Everything that a helper needs to know; ``document`` is the version they come under, published or not."""

    study: str
    chunks: Chunks
    version: str
    document: bytes
    size: int
    database: dict[str, Any]


def help_out(task: Task, left: Any, brought: Any) -> None:
    """What a helper does: take the last chunk that nobody has taken, again and again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmont.settings")
    import django

    django.setup()
    from django.db import connection

    from helmont.amendments.migrating import impacts_of
    from helmont.study.compiling import compile_study
    from helmont.study.publishing import from_document

    connection.settings_dict.update(task.database)
    _only_read()
    new, parent = compile_study(from_document(orjson.loads(task.document))), os.getppid()
    while os.getppid() == parent:
        with left.get_lock():
            first, end = left
            if first == end:
                break
            left[1] = number = end - 1
        brought.put((number, impacts_of(task.study, task.chunks[number], new, task.size)))
    connection.close()


def _only_read() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        else:
            cursor.execute("PRAGMA query_only = ON")
