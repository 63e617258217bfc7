"""Every change to an identity, and every look at one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.core.vault import store
from helmont.core.vault.sealing import seal

FIELDS = ("name", "birth_date", "address", "telephone", "email", "national_id", "hospital_id", "contact")
"""What can be kept of a person. ``contact`` is the person to call in an emergency."""
DEVICE = re.compile(r"device:[A-Za-z0-9][A-Za-z0-9_-]{0,23}", re.ASCII)
"""Besides: the serial number of each device that they wear, under the study's own label of it."""
LONGEST = 500

Look = Callable[[str, str], Row | None]


def participant_scope(participant: str, look: Look) -> Scope:
    """Where a participant is, from the record ``participant``; ``look`` reads a record by type and key.

    Raises ``NotFound`` when there is no such participant.
    """
    row = look("participant", participant)
    if row is None:
        raise NotFound(f"participant:{participant}")
    return Scope(participant.split("/", 1)[0], str(row.get("country", "")), str(row["site"]))


def identity_key(participant: str) -> str:
    return f"{participant}/identity"


def place_of(participant: str, name: str) -> str:
    """What a ciphertext is bound to."""
    return f"{participant}/identity/{name}"


@dataclass(frozen=True)
class IdentityAction(Action):
    """What the actions of the vault share: a participant, ``STUDY/01-701-1015``, and its place."""

    participant: str

    @property
    def log(self) -> str:
        return self.participant.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        return (Get("participant", self.participant), Get("identity", identity_key(self.participant)))

    def scope(self, tx: Transaction) -> Scope:
        return participant_scope(self.participant, tx.get)

    def identity(self, tx: Transaction) -> Row:
        """The identity as it is; raises ``NotFound`` when nothing is known, ``Refused`` when it was erased."""
        row = tx.require("identity", identity_key(self.participant))
        _refuse_erased(row)
        return row


@dataclass(frozen=True)
class SetIdentity(IdentityAction):
    """Record or change fields; an empty text removes the field. The ledger gets hashes of the ciphertexts."""

    name: ClassVar[str] = "identity.change"
    permission: ClassVar[str] = "identity.change"
    fields: Mapping[str, str] = field(repr=False)
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        self._check()
        row = tx.get("identity", identity_key(self.participant))
        _refuse_erased(row)
        known = dict(row["fields"]) if row else {}
        if known.keys() & self.fields.keys() and not self.reason:
            raise ReasonRequired(sorted(known.keys() & self.fields.keys()))
        key = store.participant_key(self.participant)
        if key is None:
            raise Refused(_("This identity was erased; nothing can be added to it."))
        sealed: dict[str, bytes | None] = {}
        for name, text in self.fields.items():
            sealed[name] = seal(key, text.encode(), place_of(self.participant, name)) if text else None
            known[name] = {"sha256": sha256(sealed[name] or b"").hexdigest()}
            if not text:
                del known[name]
        tx.put("identity", identity_key(self.participant), participant=self.participant, fields=known)
        tx.defer(partial(store.write_secrets, self.participant, sealed))
        return sorted(known)

    def _check(self) -> None:
        faults = [
            Fault(name, "there is no such field of an identity", f"{', '.join(FIELDS)}, device:<label>")
            for name in self.fields
            if name not in FIELDS and not DEVICE.fullmatch(name)
        ]
        faults += [
            Fault(name, f"{len(text)} characters", f"text of at most {LONGEST} characters")
            for name, text in self.fields.items()
            if len(text) > LONGEST
        ]
        if faults:
            raise Invalid(faults)


@dataclass(frozen=True)
class ReadIdentity(IdentityAction):
    """Put into the ledger that somebody looks at an identity, and why. What they see comes from ``queries``."""

    name: ClassVar[str] = "identity.read"
    permission: ClassVar[str] = "identity.read"
    reason: str

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        _require_reason(self.reason)
        row = self.identity(tx)
        tx.subject = f"identity:{row['key']}"
        tx.extra["read"] = sorted(row["fields"])
        return sorted(row["fields"])


@dataclass(frozen=True)
class EraseIdentity(IdentityAction):
    """Destroy the participant's key. The ciphertexts stay and nobody can read them any more, in no copy of the table.

    A backup of the key table that was made before still holds the wrapped key: it has to be destroyed as well.
    """

    name: ClassVar[str] = "identity.erase"
    permission: ClassVar[str] = "identity.erase"
    reason: str

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        _require_reason(self.reason)
        row = self.identity(tx)
        tx.put("identity", row["key"], erased=tx.timestamp)
        tx.defer(partial(store.destroy_key, self.participant, tx.timestamp))
        return tx.timestamp


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid([Fault("reason", "empty", "why this is necessary")])


def _refuse_erased(row: Row | None) -> None:
    if row and row["erased"]:
        raise Refused(_("This identity was erased and cannot be read or changed any more."), erased=row["erased"])
