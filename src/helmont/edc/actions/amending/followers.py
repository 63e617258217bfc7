"""What other rooms keep about values, and brings along when an amendment moves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Moved

Follow = Callable[[Transaction, Row, Sequence[Moved]], None]
"""Given the participant, under the new version already, and the values that are elsewhere or written differently now."""

FOLLOWERS: list[Follow] = []
"""The rooms add themselves."""
