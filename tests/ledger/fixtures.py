"""Fixtures for tests whose threads have to see what was committed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from helmont.core.ledger import triggers


@pytest.fixture
def without_triggers(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:  # noqa: ARG001 - makes the database
    """Append-only tables cannot be emptied after a test that commits, so their triggers are away meanwhile."""
    with django_db_blocker.unblock():
        guarded = triggers.installed(connection)
        triggers.uninstall(connection)
        yield
        if guarded:
            triggers.install(connection)


@pytest.fixture
def committing(without_triggers: None, transactional_db: None, settings: Any, tmp_path: Path) -> None:  # noqa: ARG001 - what this stands on
    """A database in which what is written is really committed, and a home folder without another test's checkpoints."""
    settings.HOME = tmp_path
