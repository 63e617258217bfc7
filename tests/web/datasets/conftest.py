"""The cast of tests, in every test of data sets' pages."""

import pytest

from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]


@pytest.fixture(autouse=True)
def _cast_built(db: None) -> None:
    """Every test of this folder has the cast."""
