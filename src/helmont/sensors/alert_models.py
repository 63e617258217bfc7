"""Alerts of devices: what was found (derived), who has seen it and who was written to (records)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


class DeviceAlert(models.Model):
    """Something about a participant's devices that calls for somebody to look: derived, by a rule of the study.

    Key ``STUDY/<number>/device-alerts/<rule>/<since>``. ``since`` and ``until`` (None: it goes on) are microseconds since 1970;
    ``value`` the one farthest out of range, in the channel's unit. ``found`` is the moment at which it was found.
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=200)
    study = models.CharField(max_length=64, db_index=True)
    country = models.CharField(max_length=2)
    site = models.CharField(max_length=20)
    participant = models.CharField(max_length=110, db_index=True)
    rule = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    channel = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=24, blank=True)
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True)
    value = models.FloatField(null=True)
    found = models.CharField(max_length=27)

    class Meta:
        db_table = "sensors_alert"

    def __str__(self) -> str:
        return str(self.key)


@record("device_alert_seen", _("Alert of a device"), participant="participant", describe=lambda row: row["alert"])
class DeviceAlertSeen(LedgerRecord):
    """Who has seen an alert, when, and what they say of it. Its key is that of the alert."""

    study = models.CharField(max_length=64, db_index=True)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.CharField(_("participant"), max_length=110)
    alert = models.CharField(_("alert"), max_length=40)
    time = models.CharField(_("time"), max_length=27)
    by = models.CharField(_("by"), max_length=100)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        db_table = "sensors_alert_seen"

    def __str__(self) -> str:
        return str(self.key)


@record(
    "device_alert_notice", _("Notice of a device's alert"), participant="participant", describe=lambda row: row["alert"]
)
class DeviceAlertNotice(LedgerRecord):
    """Who was written to about an alert; its key is the alert's. ``told`` is by handle: when the message was on its way."""

    study = models.CharField(max_length=64, db_index=True)
    participant = models.CharField(_("participant"), max_length=110)
    alert = models.CharField(_("alert"), max_length=40)
    told = models.JSONField(_("told"), default=dict)

    class Meta:
        db_table = "sensors_alert_notice"

    def __str__(self) -> str:
        return str(self.key)
