"""Signed statements of how long a log is and what its root is.

The installation signs with its own Ed25519 key, kept under ``HELMONT_HOME/keys``. Each checkpoint is stored in the
database and also written to ``HELMONT_HOME/checkpoints/<log>/<size>.txt``, from where it should be sent to somebody
else: the sponsor, a site, an archive. **Without a copy outside, whoever holds the key and the database could rewrite
everything** and sign the new history; with one, no entry before it can be changed unnoticed.
"""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from helmont.core.ledger import store
from helmont.core.ledger.keys import installation_id, key_file
from helmont.core.ledger.tlog.notes import Checkpoint, Signer
from helmont.core.transactions import format_time


def origin(log: str) -> str:
    """The log's name in the world, which is also the name of the key that signs for it."""
    return f"helmont.local/{installation_id()}/{log}"


def signer(log: str) -> Signer:
    """The installation's key under the log's name."""
    seed = key_file("checkpoints.ed25519", lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    return Signer(origin(log), seed)


def verifier_key(log: str) -> str:
    """The public key as text (vkey), to be handed to whoever is to verify."""
    return str(signer(log).verifier)


def latest_checkpoint(log: str, size: int | None = None) -> str:
    """The newest signed note, or the one of exactly ``size``; empty when there is none."""
    exactly = "" if size is None else " AND size = %s"
    given: list[str | int] = [log] if size is None else [log, size]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT note FROM ledger_checkpoint WHERE log = %s{exactly} ORDER BY size DESC LIMIT 1", given)
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def make_checkpoint(log: str) -> str:
    """Sign the log as it is now; returns the signed note, which is the earlier one when the log has not grown since.

    Raises ``ValueError`` for a log without entries.
    """
    size = store.log_size(log)
    if not size:
        raise ValueError(
            f"{log}: a log without entries has nothing to sign; known logs: {', '.join(store.log_names())}"
        )
    note = latest_checkpoint(log, size)
    if not note:
        tree, _ = store.open_tree(log, size)
        note = Checkpoint(origin(log), size, tree.root()).sign(signer(log))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO ledger_checkpoint (log, size, time, note) VALUES (%s, %s, %s, %s)",
                    [log, size, format_time(datetime.now(UTC)), note],
                )
        except (
            IntegrityError
        ):  # another process signed this very size; Ed25519 is deterministic, so the note is the same
            note = latest_checkpoint(log, size)
    write_copy(log, size, note)
    return note


def copies(log: str) -> Path:
    """The folder of the log's checkpoints outside the database."""
    return Path(settings.HOME) / "checkpoints" / log


def write_copy(log: str, size: int, note: str) -> None:
    """Put the note into the folder of copies, whole or not at all. A copy that is there already is left alone."""
    path = copies(log) / f"{size}.txt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")  # requests sign beside each other
        draft.write_text(note, encoding="utf-8")
        draft.replace(path)


def make_all_checkpoints() -> int:
    """A checkpoint of every log that has entries; returns how many logs that is. Run every minute by ``jobs``."""
    logs = [name for name in store.log_names() if store.log_size(name)]
    for name in logs:
        make_checkpoint(name)
    return len(logs)
