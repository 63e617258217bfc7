"""Each test starts without cached actors, sessions or counted attempts; pages do not need collected static files."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from helmont.core.people.queries import forget_actors
from helmont.core.people.session import forget_sessions


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> Iterator[None]:
    request.getfixturevalue("db")
    forget_actors()
    forget_sessions()
    cache.clear()
    yield
    forget_actors()
    forget_sessions()
