"""Encryption of the vault: AES-256-GCM, a key per participant, wrapped by the installation's vault key.

A sealed text is a nonce of 12 random bytes followed by the ciphertext with its tag of 16 bytes. What it belongs to
(participant, or participant and field) is authenticated with it, so that nothing can be moved to another place.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from helmont.core.ledger.keys import key_file

NONCE = 12


class Unreadable(Exception):
    """A sealed text does not open: wrong key, wrong place, or changed."""


def seal(key: bytes, text: bytes, place: str) -> bytes:
    """``text`` encrypted under a key of 32 bytes, bound to ``place``."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """What was sealed; raises ``Unreadable``, which names the place."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except (InvalidTag, ValueError):
        raise Unreadable(f"{place}: does not open with this key") from None


def new_key(participant: str) -> tuple[bytes, bytes]:
    """A participant's new key, and the same wrapped for storing."""
    key = AESGCM.generate_key(bit_length=256)
    return key, seal(_vault_key(), key, participant)


def unwrap(wrapped: bytes, participant: str) -> bytes:
    """The participant's key; raises ``Unreadable``."""
    return unseal(_vault_key(), wrapped, participant)


def _vault_key() -> bytes:
    return key_file("vault.key", lambda: AESGCM.generate_key(bit_length=256))
