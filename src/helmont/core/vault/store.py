"""The vault's own tables, read and written inside the transaction of the action at hand."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from helmont.core.vault import sealing


def participant_key(participant: str) -> bytes | None:
    """The participant's key, made if there is none; None once it was destroyed.

    A key made for an action that is refused afterwards stays, and opens nothing.
    """
    wrapped = _wrapped(participant)
    if wrapped is None:
        _, fresh = sealing.new_key(participant)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO vault_key (participant, wrapped, erased) VALUES (%s, %s, '')"
                " ON CONFLICT (participant) DO NOTHING",
                [participant, fresh],
            )
        wrapped = _wrapped(participant)
    return sealing.unwrap(wrapped, participant) if wrapped else None


def _wrapped(participant: str) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT wrapped FROM vault_key WHERE participant = %s", [participant])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def destroy_key(participant: str, time: str) -> None:
    """Make everything of this participant unreadable for good."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")  # the freed bytes are overwritten in the file as well
        cursor.execute(
            "UPDATE vault_key SET wrapped = %s, erased = %s WHERE participant = %s", [b"", time, participant]
        )


def write_secrets(participant: str, sealed: Mapping[str, bytes | None]) -> None:
    """Store ciphertexts by field; None removes the field."""
    with connection.cursor() as cursor:
        for name, ciphertext in sealed.items():
            if ciphertext is None:
                cursor.execute("DELETE FROM vault_secret WHERE participant = %s AND name = %s", [participant, name])
            else:
                cursor.execute(
                    "INSERT INTO vault_secret (participant, name, ciphertext) VALUES (%s, %s, %s)"
                    " ON CONFLICT (participant, name) DO UPDATE SET ciphertext = excluded.ciphertext",
                    [participant, name, ciphertext],
                )


def read_secrets(participant: str) -> dict[str, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, ciphertext FROM vault_secret WHERE participant = %s ORDER BY name", [participant])
        return {name: bytes(ciphertext) for name, ciphertext in cursor.fetchall()}
