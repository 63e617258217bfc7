"""The cast, made once for a module of tests: import both fixtures into a ``conftest.py``, and ``db`` has the cast in it.

    from tests.one_cast import cast_of_the_module, db

The module's tests share one transaction, and each has a savepoint of its own that is rolled back. A test must not ask
for pytest-django's ``transactional_db`` beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from helmont.core.people.queries import forget_actors
from helmont.core.people.session import forget_sessions
from tests import cast


@contextmanager
def undone() -> Iterator[None]:
    """What happens in the block does not stay: neither in the database nor in what a process remembers of it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase: durable blocks may begin inside
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
            forget()


def forget() -> None:
    forget_actors()
    forget_sessions()
    cache.clear()


@pytest.fixture(scope="module")
def cast_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:  # noqa: ARG001 - makes the database
    with django_db_blocker.unblock(), undone():
        cast.build()
        yield


@pytest.fixture
def db(cast_of_the_module: None) -> Iterator[None]:  # noqa: ARG001 - the database with the cast in it
    with undone():
        yield
