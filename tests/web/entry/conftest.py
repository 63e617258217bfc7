"""The cast, seen by the test client. What happens in a browser is told in ``tests/browser``."""

from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]
