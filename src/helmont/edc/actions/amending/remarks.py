"""Queries and comments go where the values go that they are about."""

from __future__ import annotations

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.edc.findings import add_message, message
from helmont.edc.workflows import OPEN_QUERY

AMENDED = "amended"


def close(tx: Transaction, actor: Actor, query: Row) -> None:
    """An automatic query whose check or item is no more ends with it; a question of a person stays."""
    if query["rule"] and query["status"] in OPEN_QUERY:
        said = message(AMENDED, actor.handle, tx.timestamp)
        tx.put("query", query["key"], status="closed", messages=add_message(query["messages"], said))
