"""Each test starts without cached actors, sessions or counted attempts; pages do not need collected static files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from helmont.core.people.queries import forget_actors
from helmont.core.people.session import forget_sessions


@pytest.fixture(autouse=True)
def _fresh(db: None) -> Iterator[None]:  # noqa: ARG001 - every test here has the database
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    forget_actors()
    forget_sessions()
    cache.clear()
    yield
    forget_actors()
    forget_sessions()
