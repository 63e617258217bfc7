"""The cast, in a database that rolls back."""

import pytest

from tests import cast


@pytest.fixture
def people(db: None) -> None:  # noqa: ARG001 - what is built rolls back
    cast.build()
