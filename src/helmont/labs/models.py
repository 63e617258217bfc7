"""Laboratories and their reference ranges, imports and acknowledgements; and the derived view of results."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.permissions import Actor, Scope
from helmont.core.records import LedgerRecord, record
from helmont.participants.models import Participant


@record("laboratory", _("Laboratory"), describe=lambda row: row["name"])
class Laboratory(LedgerRecord):
    """A laboratory of a study. Key ``STUDY/labs/<id>``."""

    study = models.CharField(max_length=64, db_index=True)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, blank=True)
    accreditation = models.CharField(_("accreditation"), max_length=200, blank=True)

    class Meta:
        db_table = "labs_laboratory"
        verbose_name_plural = "laboratories"

    @property
    def id(self) -> str:
        """The last segment of the key, by which ranges and results name it."""
        return str(self.key).rsplit("/", 1)[1]

    def __str__(self) -> str:
        return str(self.key)


def _range_title(row: dict[str, Any]) -> str:
    return f"{row['analyte']} {row['low']}–{row['high']} {row['unit']}"


@record("reference_range", _("Reference range"), describe=_range_title)
class ReferenceRange(LedgerRecord):
    """One reference range. Key ``STUDY/labs/<laboratory>/<analyte>/<n>``; ``container`` is the key without its last segment.

    Every field but ``version`` is what ``ranges.Band`` says; a correction keeps the key and counts ``version`` up. A
    range that was made by mistake is ``withdrawn``.
    """

    study = models.CharField(max_length=64, db_index=True)
    container = models.CharField(max_length=200, db_index=True)
    laboratory = models.CharField(_("laboratory"), max_length=40)
    analyte = models.CharField(_("test"), max_length=40)
    unit = models.CharField(_("unit"), max_length=40)
    sex = models.CharField(_("sex"), max_length=1, blank=True)
    age_low = models.CharField(_("age from"), max_length=6, blank=True)
    age_high = models.CharField(_("age to"), max_length=6, blank=True)
    age_unit = models.CharField(_("unit of age"), max_length=2, default="a")
    fasting = models.CharField(_("fasting"), max_length=1, blank=True)
    low = models.CharField(_("lower limit"), max_length=32, blank=True)
    high = models.CharField(_("upper limit"), max_length=32, blank=True)
    effective_from = models.CharField(_("valid from"), max_length=10, blank=True)
    effective_to = models.CharField(_("valid to"), max_length=10, blank=True)
    version = models.IntegerField(_("version"), default=1)
    withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta:
        db_table = "labs_range"

    def __str__(self) -> str:
        return str(self.key)


@record("lab_regrade", _("Regrading"), describe=lambda row: row["range"])
class Regrade(LedgerRecord):
    """What a change of a range changed in results that were shown before. Key ``STUDY/labs/regrades/<n>``.

    ``changes`` goes by result (``<number>/<encounter>/<form>#<item>``): flag and grade, before and after. Results under
    a privilege are left out of it.
    """

    study = models.CharField(max_length=64, db_index=True)
    range = models.CharField(_("reference range"), max_length=200, db_index=True)
    analyte = models.CharField(_("test"), max_length=40)
    version = models.IntegerField(_("version"), default=1)
    time = models.CharField(_("time"), max_length=27)
    by = models.CharField(_("by"), max_length=100)
    reason = models.TextField(_("reason"), blank=True)
    considered = models.IntegerField(_("results considered"), default=0)
    changes = models.JSONField(_("changed results"), default=dict)

    class Meta:
        db_table = "labs_regrade"

    def __str__(self) -> str:
        return str(self.key)


@record("lab_import", _("Import of laboratory results"), describe=lambda row: row["file"])
class LabImport(LedgerRecord):
    """A file of results that was taken in. Key ``STUDY/labs/imports/<n>``; the file itself is not kept.

    ``counts`` goes by what happened (created, changed, unchanged, refused); ``findings`` by ordinal, each with place and
    message, and never with a value.
    """

    study = models.CharField(max_length=64, db_index=True)
    laboratory = models.CharField(_("laboratory"), max_length=40)
    file = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    format = models.CharField(_("format"), max_length=10)
    time = models.CharField(_("time"), max_length=27)
    by = models.CharField(_("by"), max_length=100)
    counts = models.JSONField(_("counts"), default=dict)
    findings = models.JSONField(_("findings"), default=dict)

    class Meta:
        db_table = "labs_import"

    def __str__(self) -> str:
        return str(self.key)


def withheld(actor: Actor, key: str, today: date) -> bool:
    """Whether an alert rests on results under a privilege that the person lacks."""
    alert = Alert.objects.filter(key=key).first()
    if alert is None:
        return False
    return bool(set(alert.privileges.split()) & actor.hidden(Scope(alert.study, alert.country, alert.site), today))


@record(
    "lab_acknowledgement",
    _("Laboratory alert"),
    participant="participant",
    describe=lambda row: row["alert"],
    withheld=withheld,
)
class Acknowledgement(LedgerRecord):
    """Somebody has seen an alert. Its key is that of the alert; ``basis`` names the values that the alert rested on then."""

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="lab_acknowledgements")
    alert = models.CharField(_("alert"), max_length=40)
    basis = models.CharField(_("basis"), max_length=16)
    time = models.CharField(_("time"), max_length=27)
    by = models.CharField(_("by"), max_length=100)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        db_table = "labs_acknowledgement"

    def __str__(self) -> str:
        return str(self.key)


@record(
    "lab_notice",
    _("Notice of a laboratory alert"),
    participant="participant",
    describe=lambda row: row["alert"],
    withheld=withheld,
)
class Notice(LedgerRecord):
    """Who was written to about an alert. Its key is that of the alert, ``basis`` as in an acknowledgement.

    ``told`` is by handle: when the message was handed to the mail server.
    """

    study = models.CharField(max_length=64, db_index=True)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="lab_notices")
    alert = models.CharField(_("alert"), max_length=40)
    basis = models.CharField(_("basis"), max_length=16)
    told = models.JSONField(_("told"), default=dict)

    class Meta:
        db_table = "labs_notice"

    def __str__(self) -> str:
        return str(self.key)


class Reading(models.Model):
    """One result with its flag and grade: derived from forms and ranges, to be dropped and derived again at any time.

    ``key`` is ``<form's key>#<item key>``. ``privilege`` is the item's; ``age`` is years/months/weeks/days. ``low`` and
    ``high`` are in the result's own unit.
    """

    key = models.CharField(primary_key=True, max_length=250)
    study = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    site = models.CharField(max_length=20)
    participant = models.CharField(max_length=200)
    encounter = models.CharField(max_length=60)
    form = models.CharField(max_length=40)
    item = models.CharField(max_length=120)
    privilege = models.CharField(max_length=20)
    analyte = models.CharField(max_length=40)
    laboratory = models.CharField(max_length=40)
    collected = models.CharField(max_length=10)
    time = models.CharField(max_length=5)
    value = models.CharField(max_length=40)
    comparator = models.CharField(max_length=1)
    unit = models.CharField(max_length=40)
    sex = models.CharField(max_length=1)
    age = models.CharField(max_length=40)
    fasting = models.CharField(max_length=1)
    range = models.CharField(max_length=200)
    low = models.CharField(max_length=40)
    high = models.CharField(max_length=40)
    flag = models.CharField(max_length=6)
    grade = models.IntegerField(null=True)
    term = models.CharField(max_length=100)
    assumed = models.CharField(max_length=200)
    baseline = models.CharField(max_length=40)

    class Meta:
        db_table = "labs_reading"
        indexes = [
            models.Index(fields=["participant", "analyte"], name="labs_reading_participant"),
            models.Index(fields=["study", "laboratory", "analyte"], name="labs_reading_analyte"),
            models.Index(fields=["study", "grade"], name="labs_reading_grade"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class Alert(models.Model):
    """An alert that results call for; derived like the results. Key ``STUDY/<number>/alerts/<rule>/<encounter>[/<test>]``."""

    key = models.CharField(primary_key=True, max_length=200)
    study = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    site = models.CharField(max_length=20)
    participant = models.CharField(max_length=200, db_index=True)
    rule = models.CharField(max_length=40)
    encounter = models.CharField(max_length=60)
    collected = models.CharField(max_length=10)
    readings = models.JSONField(default=list)
    privileges = models.CharField(max_length=60)
    basis = models.CharField(max_length=16)

    class Meta:
        db_table = "labs_alert"
        indexes = [models.Index(fields=["study", "collected"], name="labs_alert_study")]

    def __str__(self) -> str:
        return str(self.key)


class Due(models.Model):
    """A participant whose results are to be derived again, once the log has been read to its end."""

    participant = models.CharField(primary_key=True, max_length=200)
    study = models.CharField(max_length=64, db_index=True)

    class Meta:
        db_table = "labs_due"

    def __str__(self) -> str:
        return str(self.participant)


class Draft(models.Model):
    """A result file that was looked at and not yet taken in: its results by study number, without identities.

    It belongs to the person who sent it and goes with the import, or after a day.
    """

    token = models.CharField(primary_key=True, max_length=40)
    study = models.CharField(max_length=64)
    person = models.CharField(max_length=100)
    created = models.FloatField()
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=10)
    laboratory = models.CharField(max_length=40)
    results = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "labs_draft"

    def __str__(self) -> str:
        return str(self.token)
