"""Where values of items come from that devices measured."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record(
    "endpoint_entry",
    _("Result of a device in a form"),
    participant="participant",
    describe=lambda row: f"{row['item']} · {row['endpoint']}",
)
class EndpointEntry(LedgerRecord):
    """Where the value of an item comes from. Key ``<form>/results/<item>``; the ledger has what it was before.

    ``endpoint`` is ``id@version`` and ``digest`` that of its definition; ``window``, ``label``, ``start`` and ``end``
    (microseconds since 1970) say over which time. ``value`` has every digit, in ``unit``; it is empty where the endpoint is not
    evaluable, for ``reason``. ``basis`` is the SHA-256 of all that it was computed from: ``batches`` so many batches, and
    ``rests`` their digest, the corrections', the calibrations' and the versions of the software. ``entered`` is what was put
    into the item. ``state``: entered, or waiting when the form could not take it (``waits`` says why, and since when).
    """

    study = models.CharField(max_length=64, db_index=True)
    participant = models.CharField(_("participant"), max_length=110)
    form = models.CharField(_("form"), max_length=200, db_index=True)
    item = models.CharField(_("item"), max_length=120)
    endpoint = models.CharField(_("endpoint"), max_length=60)
    digest = models.CharField(_("definition"), max_length=71)
    window = models.CharField(_("time"), max_length=12)
    label = models.CharField(_("of"), max_length=230)
    start = models.BigIntegerField(_("from"))
    end = models.BigIntegerField(_("to"))
    value = models.CharField(_("value"), max_length=30, blank=True)
    unit = models.CharField(_("unit"), max_length=40)
    reason = models.CharField(_("not evaluable because"), max_length=30, blank=True)
    wear = models.CharField(_("wear (minutes)"), max_length=30, blank=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    basis = models.CharField(_("computed from"), max_length=64)
    batches = models.IntegerField(_("batches"))
    rests = models.JSONField(_("rests on"), default=dict)
    entered = models.JSONField(_("entered"), default=dict)
    state = models.CharField(_("state"), max_length=10)
    waits = models.JSONField(_("waits"), default=dict)

    class Meta:
        db_table = "sensors_entry"
        verbose_name_plural = "endpoint entries"
        indexes = [models.Index(fields=["participant", "state"], name="sensors_entry_participant")]

    def __str__(self) -> str:
        return str(self.key)
