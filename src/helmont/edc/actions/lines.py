"""Numbers of a log's lines that are spoken for, though nothing is saved under them: they are not given to another line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helmont.core.transactions import Transaction

SPOKEN_FOR: list[Callable[[Transaction, str], Iterable[tuple[str, int]]]] = []
"""Given the key of a participant: the id of a log's form and a number, for each such line. The rooms add themselves."""


def spoken_for(tx: Transaction, participant: str, form: str = "") -> set[tuple[str, int]]:
    """Form and number of every line that is spoken for, in the logs of a participant or in one of them."""
    found = {pair for find in SPOKEN_FOR for pair in find(tx, participant)}
    return {pair for pair in found if pair[0] == form} if form else found
