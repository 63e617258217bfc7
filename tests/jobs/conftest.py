"""A schedule of each test's own; threads have to see what was committed."""

from pathlib import Path
from typing import Any

import pytest

from helmont.core.jobs import schedule
from tests.ledger.fixtures import committing, without_triggers

__all__ = ["committing", "without_triggers"]


@pytest.fixture
def own_schedule(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(schedule, "_SCHEDULE", {})
    settings.HOME = tmp_path
