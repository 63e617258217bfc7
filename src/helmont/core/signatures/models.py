"""Electronic signatures: who signed exactly what, with what meaning, and whether it still stands.

Requirements: 21 CFR 11.50 (printed name, date and time, meaning), 11.70 (linked to the record so that it cannot be
moved to another one), 11.200 (made with two components, at each signing).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record("signature", _("Signature"), describe=lambda row: f"{row['name']}: {row['statement']}")
class Signature(LedgerRecord):
    """One ceremony. Key ``STUDY/signatures/<sequence>``; everything but ``valid`` and ``broken_by`` is final.

    ``signed`` maps each signed record (``type:key``) to the SHA-256 of ``evidence.content_of`` its row. ``statement``
    and ``name`` are what the signer read. ``time`` is when the ceremony began; its ledger entry tells when it took
    effect. ``proof`` of a passkey holds what an outsider needs to check the assertion: its challenge is the SHA-256 of
    the canonical JSON of person, name, meaning, statement, signed, time and nonce.
    """

    person = models.CharField(max_length=100, db_index=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    meaning = models.CharField(max_length=60)
    statement = models.TextField()
    method = models.CharField(max_length=20)
    time = models.CharField(max_length=27)
    nonce = models.CharField(max_length=64, db_index=True)
    signed = models.JSONField(default=dict)
    proof = models.JSONField(default=dict, blank=True)
    valid = models.BooleanField(default=True)
    broken_by = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "core_signature"

    def __str__(self) -> str:
        return f"{self.key}: {self.person} {self.meaning}"


@record("signed_record", _("Signed record"), describe=lambda row: f"{row['record']} · {row['signature']}")
class SignedRecord(LedgerRecord):
    """One record under one signature, found from the record's side. Key ``<signature's key>/<n>``."""

    record = models.CharField(max_length=240, db_index=True)
    signature = models.CharField(max_length=200, db_index=True)
    valid = models.BooleanField(default=True)
    broken_by = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "core_signed_record"

    def __str__(self) -> str:
        return f"{self.record} under {self.signature}"
