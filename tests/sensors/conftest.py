"""The cast's trial, whose study takes samples of four channels, in a database that rolls back."""

from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]
