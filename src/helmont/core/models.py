"""Every table of the kernel, gathered for Django; each is described where it lives."""

from helmont.core.jobs.models import Progress, Schedule
from helmont.core.ledger.models import Checkpoint, Entry, Idempotency, Log, Redaction, Tile
from helmont.core.people.models import Assignment, Person, Token
from helmont.core.projections.models import ProjectionCursor
from helmont.core.signatures.models import Signature, SignedRecord
from helmont.core.vault.models import Identity, VaultKey, VaultSecret

__all__ = [
    "Assignment",
    "Checkpoint",
    "Entry",
    "Idempotency",
    "Identity",
    "Log",
    "Person",
    "Progress",
    "ProjectionCursor",
    "Redaction",
    "Schedule",
    "Signature",
    "SignedRecord",
    "Tile",
    "Token",
    "VaultKey",
    "VaultSecret",
]
