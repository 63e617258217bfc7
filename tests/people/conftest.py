"""Each test starts without cached actors, sessions or counted attempts."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from helmont.core.people.queries import forget_actors
from helmont.core.people.session import forget_sessions


@pytest.fixture(autouse=True)
def _fresh(db: None) -> Iterator[None]:  # noqa: ARG001 - every test here has the database
    forget_actors()
    forget_sessions()
    cache.clear()
    yield
    forget_actors()
    forget_sessions()
