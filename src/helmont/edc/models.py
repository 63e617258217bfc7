"""Forms and what is said about their items: queries and comments."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record
from helmont.edc.queries.titles import title_of_row
from helmont.participants.models import Participant


@record("form", _("Form"), participant="participant", describe=title_of_row, items_of=lambda key: key)
class Form(LedgerRecord):
    """One form of one encounter, or one line of a log.

    Key ``STUDY/<number>/<encounter>/<form>``, a log's line ``STUDY/<number>/LOG/<form>/<line>``. ``container`` is the key
    without its last segment: what the form lies in. ``data``, ``verified``, ``lapsed`` (values that changed after they were
    verified: the mark they had, and the change) and ``held`` (locks of single items) go by item key (``ITEM``,
    ``GROUP[2].ITEM``). ``locked`` says who froze or locked the form, when and why.
    ``definition`` is the version of the study under which it was last saved.
    """

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="forms")
    container = models.CharField(max_length=200, db_index=True)
    encounter = models.CharField(_("encounter"), max_length=60, blank=True)
    form = models.CharField(_("form"), max_length=40)
    line = models.CharField(_("line"), max_length=12, blank=True)
    definition = models.CharField(_("study definition"), max_length=40)
    status = models.CharField(_("status"), max_length=20)
    lock = models.CharField(_("lock"), max_length=10, blank=True)
    signature = models.CharField(_("signature"), max_length=200, blank=True)
    signed = models.CharField(_("signed"), max_length=10, blank=True)
    reviewed = models.JSONField(_("reviewed"), default=dict)
    verified = models.JSONField(_("verified"), default=dict)
    lapsed = models.JSONField(_("changed since verification"), default=dict)
    held = models.JSONField(_("locked items"), default=dict)
    locked = models.JSONField(_("lock set"), default=dict)
    data = models.JSONField(_("values"), default=dict)
    note = models.TextField(_("why not done"), blank=True)

    class Meta:
        db_table = "edc_form"
        indexes = [models.Index(fields=["study", "site", "status"], name="edc_form_site")]

    def __str__(self) -> str:
        return str(self.key)


@record("query", _("Query"), participant="participant", describe=lambda row: row["item"])
class Query(LedgerRecord):
    """A question about an item. Key ``STUDY/<number>/queries/<n>``; ``check`` names the edit check that raised it.

    ``messages`` goes by ordinal (``001``): who said what and when. ``text`` is by language for an automatic query.
    """

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="queries")
    form = models.CharField(_("form"), max_length=200, db_index=True)
    item = models.CharField(_("item"), max_length=120)
    rule = models.CharField(_("check"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=12)
    opened = models.CharField(_("opened"), max_length=27)
    text = models.JSONField(_("question"), default=dict)
    messages = models.JSONField(_("messages"), default=dict)

    class Meta:
        db_table = "edc_query"
        verbose_name_plural = "queries"
        indexes = [
            models.Index(fields=["study", "status", "site"], name="edc_query_worklist"),
        ]

    def __str__(self) -> str:
        return str(self.key)


@record("comment", _("Comment"), participant="participant", describe=lambda row: row["item"])
class Comment(LedgerRecord):
    """A remark beside an item or a form; it asks nothing. Key ``STUDY/<number>/comments/<n>``."""

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="comments")
    form = models.CharField(_("form"), max_length=200, db_index=True)
    item = models.CharField(_("item"), max_length=120, blank=True)
    text = models.TextField(_("comment"))
    author = models.CharField(_("author"), max_length=100)
    written = models.CharField(_("written"), max_length=27)

    class Meta:
        db_table = "edc_comment"

    def __str__(self) -> str:
        return str(self.key)


@record("lock", _("Lock"), describe=lambda row: row["place"] or row["study"])
class Lock(LedgerRecord):
    """What holds a participant, a site or the whole study still. Key ``STUDY/locks/<level>[/<place>]``.

    ``state`` is open, frozen (the site cannot change anything) or locked (nobody can). ``checklist`` and ``waived`` are, for
    the study, what its checklist counted when it was locked and why lines that were not done did not matter.
    """

    study = models.CharField(max_length=64, db_index=True)
    level = models.CharField(_("level"), max_length=12)
    place = models.CharField(_("place"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10)
    by = models.CharField(_("by"), max_length=100)
    at = models.CharField(_("at"), max_length=27)
    reason = models.TextField(_("reason"), blank=True)
    checklist = models.JSONField(_("checklist"), default=dict)
    waived = models.JSONField(_("waived"), default=dict)

    class Meta:
        db_table = "edc_lock"

    def __str__(self) -> str:
        return str(self.key)


@record("verification_plan", _("Verification plan"), describe=lambda row: row["version"])
class VerificationPlan(LedgerRecord):
    """What is verified against the source from now on (``helmont.study.verification``); the latest version holds.

    Key ``STUDY/verification/<version>``; the plan that the study was published with is version 0 and has no row.
    """

    study = models.CharField(max_length=64, db_index=True)
    version = models.IntegerField(_("version"))
    plan = models.JSONField(_("plan"), default=dict)
    reason = models.TextField(_("reason"))
    by = models.CharField(_("by"), max_length=100)
    at = models.CharField(_("at"), max_length=27)

    class Meta:
        db_table = "edc_verification_plan"

    def __str__(self) -> str:
        return str(self.key)


@record("source_copy", _("Source copy"), participant="participant", describe=lambda row: row["form"])
class SourceCopy(LedgerRecord):
    """A pseudonymised copy of a form's source document. Key ``STUDY/<number>/sources/<n>``.

    ``file`` is its hash, name, size and type; ``checked`` by what it was looked through (text, person); ``looked`` is who
    opened it and when last. ``status``: offered until the day ``until``, then withdrawn, and the file is removed.
    """

    study = models.CharField(max_length=64, db_index=True)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="sources")
    form = models.CharField(_("form"), max_length=200, db_index=True)
    file = models.JSONField(_("file"), default=dict)
    checked = models.CharField(_("checked by"), max_length=10)
    status = models.CharField(_("status"), max_length=12)
    by = models.CharField(_("by"), max_length=100)
    at = models.CharField(_("at"), max_length=27)
    until = models.CharField(_("until"), max_length=10)
    looked = models.JSONField(_("looked at"), default=dict)
    ended = models.CharField(_("ended"), max_length=27, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        db_table = "edc_source_copy"

    def __str__(self) -> str:
        return str(self.key)


class Activity(models.Model):
    """What happened at a site on a day (UTC): counted from the ledger, to be dropped and counted again at any time.

    ``entered`` values were empty before, ``corrected`` ones were not; calculated values count as neither.
    """

    pk = models.CompositePrimaryKey("study", "site", "day")
    study = models.CharField(max_length=64)
    site = models.CharField(max_length=20)
    day = models.CharField(max_length=10)
    saves = models.IntegerField(default=0)
    entered = models.IntegerField(default=0)
    corrected = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)

    class Meta:
        db_table = "edc_activity"
        verbose_name_plural = "activity"

    def __str__(self) -> str:
        return f"{self.study} {self.site} {self.day}"


class LedgerCheck(models.Model):
    """When the whole record of a study was last compared with its entries: ``size`` of them, with so many faults."""

    study = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    faults = models.IntegerField()
    time = models.CharField(max_length=27)

    class Meta:
        db_table = "edc_ledger_check"

    def __str__(self) -> str:
        return f"{self.study} {self.size}"
