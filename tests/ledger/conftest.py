"""A home folder for keys and checkpoints of each test's own, and a database with or without its triggers."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from helmont.core.ledger import triggers


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def guarded(db: None, home: Path) -> None:  # noqa: ARG001 - what this stands on
    """The database as it is in use: with triggers."""
    triggers.install(connection)


@pytest.fixture
def unguarded(db: None, home: Path) -> None:  # noqa: ARG001 - what this stands on
    """The database in the hands of somebody who owns it: the triggers are gone."""
    triggers.uninstall(connection)
