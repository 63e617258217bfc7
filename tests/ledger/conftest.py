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
def guarded(request: pytest.FixtureRequest) -> None:
    """The database as it is in use: with triggers."""
    use(request)
    triggers.install(connection)


@pytest.fixture
def unguarded(request: pytest.FixtureRequest) -> None:
    """The database in the hands of somebody who owns it: the triggers are gone."""
    use(request)
    triggers.uninstall(connection)


def use(request: pytest.FixtureRequest) -> None:
    for fixture in ("db", "home"):
        request.getfixturevalue(fixture)
