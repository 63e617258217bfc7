"""The cast's trial, and a folder of each test's own for samples."""

import pytest

from tests.one_cast import cast_of_the_module, db
from tests.sensors.conftest import home

__all__ = ["cast_of_the_module", "db", "home"]


@pytest.fixture(autouse=True)
def _cast_built(db: None, home: object) -> None:
    """Every test of this folder has the cast, and a home."""
