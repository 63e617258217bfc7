"""The watched projection, alone in the registry; what is committed in the thread's test is visible to the thread."""

from collections.abc import Iterator

import pytest

from helmont.core.projections import base, runner
from helmont.core.projections.base import projection
from tests.ledger.fixtures import committing, without_triggers
from tests.ledger.kit import sql
from tests.projections.kit import RolesHeld

__all__ = ["committing", "without_triggers"]


@pytest.fixture
def roles_held(monkeypatch: pytest.MonkeyPatch) -> Iterator[RolesHeld]:
    monkeypatch.setattr(base, "_PROJECTIONS", {})
    monkeypatch.setattr(runner, "BATCH", 10)
    projection(RolesHeld)
    sql("CREATE TABLE roles_held (log text, record text, times integer, note text, PRIMARY KEY (log, record))")
    RolesHeld.batches.clear()
    yield base.projections()["roles_held"]  # type: ignore[misc]  # registered a line ago
    sql("DROP TABLE roles_held")
