"""Checkpoints sent outside: without a copy elsewhere, whoever holds the key and the database could rewrite everything."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from helmont.core.ledger import store
from helmont.core.ledger.checkpoints import make_checkpoint, verifier_key
from helmont.core.people.models import Assignment, Person

KEEPERS = ("sponsor", "investigator")
"""Roles that keep a copy: the party for whom the trial is done, and those who do it."""


def send_checkpoints() -> int:
    """Mail every study's checkpoint to its keepers, each in their language; returns how many messages that is."""
    sent = 0
    for log in store.log_names():
        if log != store.SYSTEM_LOG and (size := store.log_size(log)):
            note, key = make_checkpoint(log), verifier_key(log)
            for person in _keepers(log):
                with translation.override(person.language):
                    _message(log, size, note, key, person.email).send()
                sent += 1
    return sent


def _keepers(log: str) -> list[Person]:
    today = datetime.now(UTC).date().isoformat()
    assigned = Assignment.objects.filter(study=log, role__in=KEEPERS)
    handles = {a.person for a in assigned if a.starts <= today and (not a.ends or a.ends >= today)}
    return list(Person.objects.filter(handle__in=handles, active=True).exclude(email="").order_by("handle"))


def _message(log: str, size: int, note: str, key: str, address: str) -> EmailMessage:
    body = _(
        "Please keep this message. The attached file states, signed, what the audited record of %(study)s held at"
        " %(size)s entries. Whoever has it can show later whether any of these entries was changed, even by those who"
        " run the system.\n\nThe key that the signature is checked with:\n%(key)s\n"
    ) % {"study": log, "size": size, "key": key}
    subject = _("%(study)s: signed state of the record") % {"study": log}
    return EmailMessage(subject, body, to=[address], attachments=[(f"{log}-{size}.txt", note, "text/plain")])
