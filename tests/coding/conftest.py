"""Every test finds the cast and a loaded dictionary, and leaves nothing behind."""

from collections.abc import Iterator

import pytest

from helmont.coding.lexicon import forget
from tests.coding.kit import bring
from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]


@pytest.fixture(autouse=True)
def _dictionary(db: None) -> Iterator[None]:  # noqa: ARG001 - the cast
    forget()
    bring()
    yield
    forget()
