"""Reading identities: only for those entitled to it at the participant's site, and never without a trace."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from helmont.core.permissions import Actor
from helmont.core.records import record_type
from helmont.core.rows import fetch
from helmont.core.vault import store
from helmont.core.vault.actions import ReadIdentity, identity_key, place_of
from helmont.core.vault.sealing import Unreadable, unseal
from helmont.core.writer import perform


def read_identity(
    actor: Actor, participant: str, reason: str, *, source: dict[str, Any] | None = None
) -> dict[str, str]:
    """Field -> clear text. The look is in the ledger, durably, before anything is decrypted.

    Raises ``NotFound`` or ``NotPermitted`` for somebody without identity.read at the site, ``Refused`` once it was
    erased, ``Unreadable`` when a ciphertext is not the one that the ledger vouches for.
    """
    perform(ReadIdentity(participant, reason), actor, source=source)
    [row] = fetch(record_type("identity"), "key", [identity_key(participant)])
    key = store.participant_key(participant)
    if key is None:
        raise Unreadable(f"{participant}: the key was destroyed")
    secrets = store.read_secrets(participant)
    texts = {}
    for name, vouched in row["fields"].items():
        sealed = secrets.get(name, b"")
        place = place_of(participant, name)
        if sha256(sealed).hexdigest() != vouched["sha256"]:
            raise Unreadable(f"{place}: the ciphertext is not the one that the ledger vouches for")
        texts[name] = unseal(key, sealed, place).decode()
    return texts
