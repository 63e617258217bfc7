"""The signature ceremony: show what is signed, take the credential, hand over evidence. Each signature has its own.

``begin`` notes in the session what is shown; ``complete`` takes that note away again before it looks at the credential,
so one ceremony is one attempt. ``apply_signature`` refuses a nonce that was used before, whatever the session says.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from helmont.core.actions import authorise
from helmont.core.errors import NotFound, Refused
from helmont.core.people.events import HELMONT, FailSignature
from helmont.core.people.models import Person
from helmont.core.people.queries import actor_for_request
from helmont.core.records import Row, record_type
from helmont.core.rows import Rows, fetch
from helmont.core.signatures import credentials
from helmont.core.signatures.evidence import Evidence, Statement, hash_of, log_of, split
from helmont.core.signatures.meanings import require_meaning, signing_action
from helmont.core.transactions import Transaction, format_time
from helmont.core.writer import perform

LIFETIME = timedelta(seconds=120)
SESSION_KEY = "helmont.signature"
MOST_RECORDS = 500


class SignatureRefused(Refused):
    """The credential did not hold, or the ceremony is over."""

    code, status = "signature_refused", 403


@dataclass(frozen=True)
class Ceremony:
    """What the dialog shows: the statement, the credentials that can sign it, and what the browser needs for them."""

    statement: Statement
    title: str
    methods: list[str]
    passkey: dict[str, Any] | None
    seconds: int = int(LIFETIME.total_seconds())


def begin(request: HttpRequest, meaning: str, records: Sequence[str], reason: str = "") -> Ceremony:
    """Open a ceremony over the records as they are now.

    Raises ``NotFound`` or ``NotPermitted`` when the person may not sign them, and ``Refused`` when they have nothing to
    sign with: an account that is only entered through single sign-on needs a passkey.
    """
    person = _signer(request)
    actor = actor_for_request(request)
    meant = require_meaning(meaning)
    if len(records) > MOST_RECORDS:
        raise Refused(_("At most %d records can be signed at once.") % MOST_RECORDS)
    log = log_of(records)
    now = datetime.now(UTC)
    statement = Statement(
        person=person.handle,
        name=person.name,
        meaning=meaning,
        statement=str(meant.statement),
        signed={record: hash_of(split(record)[0], row) for record, row in _rows(records).items()},
        time=format_time(now),
        nonce=secrets.token_hex(16),
    )
    draft = signing_action(Evidence(**vars(statement)), tuple(statement.signed), reason)
    authorise(draft, Transaction(Rows(), log, now, actor.timezone), actor)
    methods = credentials.methods(person)
    if not methods:
        raise Refused(
            _(
                "You have nothing to sign with. Your account is entered through single sign-on, and being signed in is"
                " not a signature: add a passkey in your profile, then sign."
            ),
            missing="passkey",
        )
    passkey, state = credentials.begin_passkey(request, person, statement.challenge)
    request.session[SESSION_KEY] = {"statement": asdict(statement), "passkey": state}
    return Ceremony(statement, str(meant.title), methods, passkey)


def complete(request: HttpRequest, credential: Mapping[str, Any]) -> Evidence:
    """End the ceremony with a credential: ``{"passkey": <assertion>}`` or ``{"username", "password", "code"}``.

    Raises ``SignatureRefused`` when no ceremony is open, its two minutes are over, or the credential does not hold; a
    credential that does not hold is entered in the ledger.
    """
    person = _signer(request)
    opened = request.session.pop(SESSION_KEY, None)
    if not opened or opened["statement"]["person"] != person.handle:
        raise SignatureRefused(_("There is no open signature. Start again."))
    statement = Statement(**opened["statement"])
    if datetime.now(UTC) - datetime.fromisoformat(statement.time) > LIFETIME:
        raise SignatureRefused(_("The two minutes for this signature are over. Nothing was signed. Start again."))
    try:
        method, proof = credentials.check(request, person, credential, opened["passkey"])
    except credentials.CredentialRefused as refusal:
        perform(FailSignature(person.handle, refusal.method), HELMONT, source={"channel": "web"})
        raise SignatureRefused(refusal.message) from refusal
    return Evidence(**vars(statement), method=method, proof=proof)


def _signer(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise NotFound("person")
    return request.user


def _rows(records: Sequence[str]) -> dict[str, Row]:
    """The records' rows, in the order given. Raises ``NotFound`` for the first that is not there."""
    keys: dict[str, list[str]] = {}
    for record in records:
        name, key = split(record)
        keys.setdefault(name, []).append(key)
    found = {
        f"{name}:{row['key']}": row for name, some in keys.items() for row in fetch(record_type(name), "key", some)
    }
    for record in records:
        if record not in found:
            raise NotFound(record)
    return {record: found[record] for record in records}
