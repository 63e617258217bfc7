"""What a device proves itself with: a secret that is shown once, and the digest that is kept."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def new_secret() -> tuple[str, str]:
    """A secret and its digest."""
    secret = f"hmd_{secrets.token_urlsafe(BYTES)}"
    return secret, digest_of(secret)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
