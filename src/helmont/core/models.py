"""Every table of the kernel, gathered for Django; each is described where it lives."""

from helmont.core.ledger.models import Checkpoint, Entry, Idempotency, Log, Redaction, Tile
from helmont.core.people.models import Assignment, Person, Token

__all__ = ["Assignment", "Checkpoint", "Entry", "Idempotency", "Log", "Person", "Redaction", "Tile", "Token"]
