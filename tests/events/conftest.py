"""Threads of these tests have to see what was committed."""

from tests.ledger.fixtures import committing, without_triggers

__all__ = ["committing", "without_triggers"]
