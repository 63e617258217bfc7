"""The cast, in a database that rolls back, and static files that need not be collected."""

from pathlib import Path

import pytest
from django.conf import settings

from tests import cast


@pytest.fixture
def people(db: None) -> None:  # noqa: ARG001 - what is built rolls back
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    cast.build()
