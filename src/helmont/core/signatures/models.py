"""Electronic signatures: who signed exactly what, with what meaning, and whether it still stands.

Requirements: 21 CFR 11.50 (printed name, date and time, meaning), 11.70 (linked to the record so that it cannot be
moved to another one), 11.200 (made with two components, at each signing).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helmont.core.records import LedgerRecord, record


@record("signature", _("Signature"), describe=lambda row: f"{row['name']}: {row['statement']}")
class Signature(LedgerRecord):
    """One ceremony. Key ``STUDY/signatures/<sequence>``; everything but ``valid`` and ``broken_by`` is final.

    ``signed`` maps each signed record (``type:key``) to the SHA-256 of ``evidence.content_of`` its row. ``statement``
    and ``name`` are what the signer read. ``time`` is when the ceremony began; its ledger entry tells when it took
    effect. ``proof`` of a passkey holds what an outsider needs to check the assertion: its challenge is the SHA-256 of
    the canonical JSON of person, name, meaning, statement, signed, time and nonce.
    """

    person = models.CharField(_("signer"), max_length=100, db_index=True)
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=40)
    meaning = models.CharField(_("meaning"), max_length=60)
    statement = models.TextField(_("statement"))
    method = models.CharField(_("method"), max_length=20)
    time = models.CharField(_("time"), max_length=27)
    nonce = models.CharField(_("nonce"), max_length=64, db_index=True)
    signed = models.JSONField(_("signed record"), default=dict)
    proof = models.JSONField(_("proof"), default=dict, blank=True)
    valid = models.BooleanField(pgettext_lazy("signature", "valid"), default=True)
    broken_by = models.CharField(_("broken by"), max_length=100, blank=True)

    class Meta:
        db_table = "core_signature"

    def __str__(self) -> str:
        return f"{self.key}: {self.person} {self.meaning}"


@record("signed_record", _("Signed record"), describe=lambda row: f"{row['record']} · {row['signature']}")
class SignedRecord(LedgerRecord):
    """One record under one signature, found from the record's side. Key ``<signature's key>/<n>``."""

    record = models.CharField(_("record"), max_length=240, db_index=True)
    signature = models.CharField(_("signature"), max_length=200, db_index=True)
    valid = models.BooleanField(pgettext_lazy("signature", "valid"), default=True)
    broken_by = models.CharField(_("broken by"), max_length=100, blank=True)

    class Meta:
        db_table = "core_signed_record"

    def __str__(self) -> str:
        return f"{self.record} under {self.signature}"
