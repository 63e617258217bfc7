"""Amendments of a running study: their plans, what they did to each participant, and the values they left without a place."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record
from helmont.participants.models import Participant


@record("amendment", _("Amendment"), describe=lambda row: f"{row['number']} ({row['target']})")
class Amendment(LedgerRecord):
    """The way of a study to another version. Key ``STUDY/amendments/<number>``.

    ``places`` says from when it holds where: ISO dates by country (``BE``) or site number, ``*`` for everywhere else.
    ``plan`` is the key of the plan that counts.
    """

    study = models.CharField(max_length=64, db_index=True)
    number = models.CharField(_("number"), max_length=6)
    target = models.CharField(_("to version"), max_length=40)
    status = models.CharField(_("status"), max_length=20)
    plan = models.CharField(_("plan"), max_length=200, blank=True)
    places = models.JSONField(_("in force from"), default=dict)
    signature = models.CharField(_("signature"), max_length=200, blank=True)

    class Meta:
        db_table = "amendment"

    def __str__(self) -> str:
        return str(self.key)


@record("amendment_plan", _("Amendment plan"), describe=lambda row: row["key"].split("/", 1)[1])
class AmendmentPlan(LedgerRecord):
    """One dry run, as it was shown: this is what is signed. Key ``STUDY/amendments/<number>/plans/<n>``; never changes.

    ``difference`` and ``impact`` are the SHA-256 of what changes in the definition and of the impact on each participant;
    ``size`` is the length of the ledger when it was made, ``totals`` counts what happens, ``sources`` the participants
    by the version that they leave.
    """

    study = models.CharField(max_length=64, db_index=True)
    target = models.CharField(_("to version"), max_length=40)
    made = models.CharField(_("made"), max_length=27)
    size = models.IntegerField(_("ledger entries"), default=0)
    difference = models.CharField(_("difference (SHA-256)"), max_length=64)
    impact = models.CharField(_("impact (SHA-256)"), max_length=64)
    sources = models.JSONField(_("from versions"), default=dict)
    totals = models.JSONField(_("totals"), default=dict)

    class Meta:
        db_table = "amendment_plan"

    def __str__(self) -> str:
        return str(self.key)


@record(
    "migration", _("Migration"), participant="participant", describe=lambda row: row["participant"].split("/", 1)[1]
)
class Migration(LedgerRecord):
    """What an amendment means for one participant. Key ``STUDY/<participant>/migrations/<amendment>``.

    While planned, ``counts`` and ``kept`` say what the dry run found; once done, what happened. ``kept`` maps the places
    of values that do not fit (``WEEK_2/VS.SYSBP``) to why; values themselves, and items under a privilege, are not in it.
    ``held`` says why a participant waits: places that no plan named, or a ``lock``.
    """

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="migrations")
    amendment = models.CharField(_("amendment"), max_length=200, db_index=True)
    source = models.CharField(_("from version"), max_length=40)
    target = models.CharField(_("to version"), max_length=40)
    status = models.CharField(_("status"), max_length=12)
    counts = models.JSONField(_("counts"), default=dict)
    kept = models.JSONField(_("values without a place"), default=dict)
    held = models.JSONField(_("why it waits"), default=dict)

    class Meta:
        db_table = "amendment_migration"
        indexes = [models.Index(fields=["amendment", "status"], name="amendment_migration_status")]

    def __str__(self) -> str:
        return str(self.key)


@record(
    "kept_value",
    _("Value without a place"),
    participant="participant",
    describe=lambda row: f"{row['form']} {row['item']}",
)
class KeptValue(LedgerRecord):
    """A value that the participant's version has no place for. Key ``STUDY/<participant>/kept/<n>``; it is never deleted.

    ``form`` and ``item`` say where it was, under ``version``; without an item it is the whole form, which stays where it
    is. ``value`` holds it as ``{"value": …}``, ``mark`` its verification, ``why`` the reason (``id`` and its parameters).
    """

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="kept_values")
    amendment = models.CharField(_("amendment"), max_length=200, blank=True)
    form = models.CharField(_("form"), max_length=200, db_index=True)
    item = models.CharField(_("item"), max_length=120, blank=True)
    version = models.CharField(_("version"), max_length=40)
    privilege = models.CharField(max_length=20, blank=True)
    value = models.JSONField(_("value"), default=dict)
    mark = models.JSONField(_("verified"), default=dict)
    why = models.JSONField(_("why it has no place"), default=dict)
    status = models.CharField(_("status"), max_length=12)
    placed = models.CharField(_("where it went"), max_length=320, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        db_table = "amendment_kept_value"
        indexes = [models.Index(fields=["study", "status", "site"], name="amendment_kept_worklist")]

    def __str__(self) -> str:
        return str(self.key)
