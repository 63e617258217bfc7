"""The cast, seen by the test client. What happens in a browser is told in ``tests/browser``."""

from __future__ import annotations

import pytest

from tests import cast


@pytest.fixture
def cast_built(db: None) -> None:  # noqa: ARG001 - the database
    cast.build()
