"""People in the trial, under their study number only, and the encounters they came to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgeredManager, LedgeredQuerySet, LedgerRecord, record


@record("participant", _("Participant"), participant="key", describe=lambda row: row["number"])
class Participant(LedgerRecord):
    """A participant. Key ``STUDY/<number>``; who they are is in the vault."""

    study = models.CharField(max_length=64)
    number = models.CharField(_("number"), max_length=40)
    site = models.CharField(_("site"), max_length=20)
    country = models.CharField(_("country"), max_length=2)
    status = models.CharField(_("status"), max_length=20)
    screened = models.CharField(_("screened on"), max_length=10)
    definition = models.CharField(_("study definition"), max_length=40)

    class Meta:
        db_table = "participant"
        indexes = [models.Index(fields=["study", "site", "number"], name="participant_site")]

    def __str__(self) -> str:
        return str(self.number)


class EncounterManager(LedgeredManager["Encounter"]):
    """Encounters under the name that they have: an amendment leaves the name they had as a shell (``renamed``)."""

    def get_queryset(self) -> LedgeredQuerySet[Encounter]:
        return super().get_queryset().exclude(status="renamed")


@record("encounter", _("Encounter"), participant="participant", describe=lambda row: row["key"].rsplit("/", 1)[-1])
class Encounter(LedgerRecord):
    """A visit, call or home visit that happened or was missed. Key ``STUDY/<number>/<encounter>``.

    ``oid`` is the encounter of the protocol, or ``UNSCHEDULED``; ``number`` orders it among the others (3.1 lies
    between 3 and 4). A planned encounter that has not begun has no row: the protocol says that it is due.
    """

    objects: ClassVar[EncounterManager] = EncounterManager()

    study = models.CharField(max_length=64)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="encounters")
    oid = models.CharField(_("encounter"), max_length=60)
    number = models.CharField(_("visit number"), max_length=12)
    status = models.CharField(_("status"), max_length=20)
    date = models.CharField(_("date"), max_length=10, blank=True)
    ended = models.CharField(_("last day"), max_length=10, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        db_table = "encounter"

    def __str__(self) -> str:
        return str(self.key)
