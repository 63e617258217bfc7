"""Some of these tests commit for real, in several threads."""

from tests.ledger.fixtures import committing, without_triggers

__all__ = ["committing", "without_triggers"]
