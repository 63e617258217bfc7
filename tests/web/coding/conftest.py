"""The cast of tests with a loaded dictionary, in every test of these pages."""

from collections.abc import Iterator

import pytest

from helmont.coding.lexicon import forget
from tests.coding.kit import bring, enter, followed
from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]


@pytest.fixture(autouse=True)
def _something_to_code(db: None) -> Iterator[None]:  # noqa: ARG001 - the cast
    forget()
    bring()
    for number, text in ((2, "Severe head pain"), (3, "Severe head pain"), (4, "Zxqv")):
        enter(number, text)
    followed()
    yield
    forget()
