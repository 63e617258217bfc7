"""What an action does about signatures: put one under records, or break those under a record that changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from helmont.core.errors import Conflict
from helmont.core.permissions import Actor
from helmont.core.rows import Find, Read
from helmont.core.signatures.ceremony import LIFETIME, SignatureRefused
from helmont.core.signatures.evidence import Evidence, hash_of, log_of, split
from helmont.core.transactions import Transaction


def signatures_read(record: str) -> Read:
    """What ``break_signatures`` reads, for an action's ``reads``."""
    return Find("signed_record", "record", record)


def apply_signature(
    tx: Transaction, actor: Actor, evidence: Evidence, records: Sequence[str], *, role: str = ""
) -> str:
    """Put the signature under the records; returns its key. Call it before anything of them is written.

    Raises ``SignatureRefused`` when the evidence is not the actor's, is over two minutes old or was used before, and
    ``Conflict`` when a record is not what the signer was shown.
    """
    log = log_of(records)
    if log != tx.log:
        raise ValueError(f"records of {log} cannot be signed in the log {tx.log}")
    if not evidence.method or evidence.person != actor.handle:
        raise SignatureRefused(_("A signature is made by the person who signs."))
    if not 0 <= (tx.now - datetime.fromisoformat(evidence.time)).total_seconds() <= LIFETIME.total_seconds():
        raise SignatureRefused(_("The two minutes for this signature are over. Nothing was signed. Start again."))
    if tx.find("signature", "nonce", evidence.nonce):
        raise SignatureRefused(_("This signature was used already. Sign again."))
    if set(records) != set(evidence.signed):
        raise Conflict(_("Something else was to be signed than was shown. Nothing was signed."))
    for record in records:
        name, key = split(record)
        if hash_of(name, tx.require(name, key)) != evidence.signed[record]:
            raise Conflict(
                _("This record changed after it was shown to you. Nothing was signed. Look again, then sign."),
                record=record,
            )
    signature = f"{log}/signatures/{tx.sequence}"
    tx.put(
        "signature",
        signature,
        person=evidence.person,
        name=evidence.name,
        role=role,
        meaning=evidence.meaning,
        statement=evidence.statement,
        method=evidence.method,
        time=evidence.time,
        nonce=evidence.nonce,
        signed=dict(evidence.signed),
        proof=evidence.proof,
        valid=True,
    )
    for number, record in enumerate(sorted(records), 1):
        tx.put("signed_record", f"{signature}/{number}", record=record, signature=signature, valid=True)
    tx.extra["signature"] = signature
    return signature


def break_signatures(tx: Transaction, record: str, actor: Actor) -> list[str]:
    """Break every standing signature under ``record``, because it changes; returns their keys.

    A signature over several records keeps standing for the others; as a whole it is no longer valid.
    """
    if not tx.changes():
        # The entry is about what changes, not about the signature that breaks with it.
        tx.subject = tx.subject or record
    broken = []
    for row in tx.find("signed_record", "record", record):
        if row["valid"]:
            tx.put("signed_record", row["key"], valid=False, broken_by=actor.handle)
            signature = tx.require("signature", row["signature"])
            if signature["valid"]:
                tx.put("signature", signature["key"], valid=False, broken_by=actor.handle)
            broken.append(row["signature"])
    return broken
