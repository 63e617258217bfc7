"""What other rooms keep about values and forms, and bring along when an amendment moves them."""

from __future__ import annotations

from collections.abc import Callable

from helmont.core.records import Row
from helmont.core.rows import Read
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Amended
from helmont.study.routes import Routes

Follow = Callable[[Transaction, Row, Routes, Amended], None]
"""Given the participant, under the new version already, the ways to it, and what became of the forms: values that are
elsewhere or written differently now (``moved``)."""

FOLLOWERS: list[Follow] = []
"""The rooms add themselves."""

READS: list[Callable[[str], Read]] = []
"""What they read of every participant, given the key: it is read for many at once."""
