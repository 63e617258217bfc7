"""The cast of tests, in every test of these pages."""

import pytest

from tests import cast


@pytest.fixture(autouse=True)
def _cast_built(db: None) -> None:  # noqa: ARG001 - the database
    cast.build()
