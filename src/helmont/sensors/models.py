"""Devices, who wears them, the batches of samples that came, and what was corrected afterwards.

Samples themselves lie in the segment log (``helmont.samples``); a batch says where, and its digest is in the ledger. A
device's serial number is an identity: it is in the vault of the participant who wears it, and nowhere here.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record
from helmont.sensors import alert_models  # noqa: F401 - Django looks for them here
from helmont.sensors.entries import EndpointEntry as EndpointEntry  # a model of this room, in a module of its own


@record("device", _("Device"), describe=lambda row: row["label"])
class Device(LedgerRecord):
    """A device of a study, under the label that the study gave it. Key ``STUDY/devices/<label>``."""

    study = models.CharField(max_length=64, db_index=True)
    label = models.CharField(_("label"), max_length=24)
    model = models.CharField(_("maker and model"), max_length=100)
    note = models.CharField(_("note"), max_length=200, blank=True)
    retired = models.BooleanField(_("out of use"), default=False)

    class Meta:
        db_table = "sensors_device"

    def __str__(self) -> str:
        return str(self.key)


@record(
    "device_assignment",
    _("Device with a participant"),
    participant="participant",
    describe=lambda row: f"{row['device']} · {row['participant'].rpartition('/')[2]}",
)
class DeviceAssignment(LedgerRecord):
    """Who wears a device, and when. Key ``STUDY/devices/<label>/<n>``.

    ``starts`` and ``ends`` are moments in UTC (empty: goes on). ``clock`` is the time zone that the device's clock shows;
    ``timezone`` the participant's own, whose midnight ends a day. ``digest`` is the SHA-256 of the secret that the device
    sends with.
    """

    study = models.CharField(max_length=64, db_index=True)
    device = models.CharField(_("device"), max_length=24)
    participant = models.CharField(_("participant"), max_length=110, db_index=True)
    starts = models.CharField(_("from"), max_length=27)
    ends = models.CharField(_("to"), max_length=27, blank=True)
    placement = models.CharField(_("worn at"), max_length=30, blank=True)
    firmware = models.CharField(_("firmware"), max_length=60, blank=True)
    clock = models.CharField(_("clock of the device"), max_length=60, default="UTC")
    timezone = models.CharField(_("time zone of the participant"), max_length=60, default="UTC")
    digest = models.CharField(_("secret"), max_length=64, blank=True, db_index=True)

    class Meta:
        db_table = "sensors_assignment"

    def __str__(self) -> str:
        return str(self.key)


@record(
    "sample_batch",
    _("Batch of samples"),
    participant="participant",
    describe=lambda row: f"{row['channel']} · {row['samples']}",
)
class SampleBatch(LedgerRecord):
    """Samples that were received and are kept. Key ``STUDY/samples/<label>.<n>/<channel>/<batch>``.

    ``first`` and ``last`` are the times of the first and the last sample in microseconds since 1970, as the device told
    them (the last rounded up); ``digest`` names channel, times and counts; ``place`` is where they lie (segment, offset,
    bytes). Of overlapping batches the one that was acknowledged first (the lower ``revision``) keeps its samples.
    """

    study = models.CharField(max_length=64)
    assignment = models.CharField(max_length=110)
    participant = models.CharField(_("participant"), max_length=110)
    channel = models.CharField(_("channel"), max_length=40)
    samples = models.IntegerField(_("samples"))
    first = models.BigIntegerField(_("first sample"))
    last = models.BigIntegerField(_("last sample"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    place = models.CharField(_("place"), max_length=60)
    received = models.CharField(_("received"), max_length=27)

    class Meta:
        db_table = "sensors_batch"
        verbose_name_plural = "batches"
        indexes = [
            models.Index(fields=["participant", "channel", "first"], name="sensors_batch_participant"),
            models.Index(fields=["assignment", "channel", "revision"], name="sensors_batch_stream"),
        ]

    def __str__(self) -> str:
        return str(self.key)


@record("sample_correction", _("Correction of samples"), describe=lambda row: row["kind"])
class SampleCorrection(LedgerRecord):
    """What is different from what the device told. Key ``STUDY/devices/<label>/<n>/corrections/<k>``.

    ``clock``: ``points`` goes from moments of the device's clock to the true ones, straight lines between them.
    ``wearer``: from ``starts`` until ``ends`` somebody else wore it: ``participant``, or nobody of the study when empty.
    Raw samples stay as they are; corrections apply on reading.
    """

    study = models.CharField(max_length=64, db_index=True)
    assignment = models.CharField(max_length=110, db_index=True)
    kind = models.CharField(_("kind"), max_length=10)
    points = models.JSONField(_("clock"), default=dict)
    starts = models.CharField(_("from"), max_length=27, blank=True)
    ends = models.CharField(_("to"), max_length=27, blank=True)
    participant = models.CharField(_("participant"), max_length=110, blank=True)
    reason = models.CharField(_("reason"), max_length=400)
    withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta:
        db_table = "sensors_correction"

    def __str__(self) -> str:
        return str(self.key)


class Stream(models.Model):
    """What has come of one channel of one assignment: derived from the ledger. Key ``<assignment>#<channel>``.

    ``first`` and ``last`` are microseconds since 1970, ``longest`` those of the longest batch; ``seconds`` is the time that
    batches span, overlaps counted twice; ``delay`` the seconds between the last sample of the batch that came last and its
    arrival; ``revision`` the sequence of the last batch in the ledger.
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=160)
    study = models.CharField(max_length=64, db_index=True)
    assignment = models.CharField(max_length=110, db_index=True)
    channel = models.CharField(max_length=40)
    participant = models.CharField(max_length=110)
    batches = models.IntegerField()
    samples = models.BigIntegerField()
    seconds = models.FloatField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    longest = models.BigIntegerField()
    received = models.CharField(max_length=27)
    delay = models.FloatField()
    revision = models.BigIntegerField()

    class Meta:
        db_table = "sensors_stream"

    def __str__(self) -> str:
        return str(self.key)


class Delay(models.Model):
    """How long the batches of an assignment that were received on a day (UTC) were on their way: derived from the ledger.

    Key ``<assignment>#<day>#<number>``; ``batches`` of them were in the class ``number`` (``sensors/delays.py``).
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=130)
    study = models.CharField(max_length=64)
    assignment = models.CharField(max_length=110)
    day = models.CharField(max_length=10)
    number = models.IntegerField()
    batches = models.IntegerField()

    class Meta:
        db_table = "sensors_delay"
        indexes = [models.Index(fields=["study", "day"], name="sensors_delay_day")]

    def __str__(self) -> str:
        return str(self.key)


class Derived(models.Model):
    """How far the hours of a stream are made: up to the batch with ``revision``, with the ``corrections`` of that digest."""

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=160)
    study = models.CharField(max_length=64, db_index=True)
    revision = models.BigIntegerField()
    corrections = models.CharField(max_length=64)

    class Meta:
        db_table = "sensors_derived"
        verbose_name_plural = "derived"

    def __str__(self) -> str:
        return str(self.key)


class Hour(models.Model):
    """What one stream has in an hour of true time, corrected. Key ``<assignment>#<channel>#<hours since 1970>``.

    ``seconds`` are those covered by samples; ``low``, ``mean`` and ``high`` a value per axis in the channel's unit; ``last`` the
    last sample's values and ``last_at`` its time (microseconds since 1970); ``enmo`` the mean in mg where there is one;
    ``revision`` the latest ledger entry that it rests on. Its buckets are in a file (``sensors/hours.py``).
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=180)
    study = models.CharField(max_length=64, db_index=True)
    stream = models.CharField(max_length=160)
    hour = models.IntegerField()
    samples = models.BigIntegerField()
    seconds = models.FloatField()
    low = models.JSONField()
    mean = models.JSONField()
    high = models.JSONField()
    last = models.JSONField()
    last_at = models.BigIntegerField()
    enmo = models.FloatField(null=True)
    revision = models.BigIntegerField()

    class Meta:
        db_table = "sensors_hour"
        constraints = [models.UniqueConstraint(fields=["stream", "hour"], name="sensors_hour_of_stream")]

    def __str__(self) -> str:
        return str(self.key)


class Day(models.Model):
    """A participant's day (UTC) as endpoints are computed from it. Key ``<participant>#<date>``.

    ``revision`` is the latest ledger entry that it rests on. ``nonwear`` has spans of microseconds under each channel of
    acceleration, ``calibrations`` the gain and offset of each device, or why there is none.
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=130)
    study = models.CharField(max_length=64, db_index=True)
    participant = models.CharField(max_length=110, db_index=True)
    date = models.CharField(max_length=10)
    revision = models.BigIntegerField()
    nonwear = models.JSONField(default=dict)
    calibrations = models.JSONField(default=dict)

    class Meta:
        db_table = "sensors_day"

    def __str__(self) -> str:
        return str(self.key)


class Computed(models.Model):
    """How far a participant's endpoints are computed.

    ``revision`` is the number of entries that the study's log had then, ``definitions`` a digest of definitions, zones and visit
    windows, ``seconds`` the processor's time that it took, ``computed`` the moment.
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    participant = models.CharField(primary_key=True, max_length=110)
    study = models.CharField(max_length=64, db_index=True)
    revision = models.BigIntegerField()
    definitions = models.CharField(max_length=64)
    seconds = models.FloatField()
    computed = models.CharField(max_length=27)

    class Meta:
        db_table = "sensors_computed"
        verbose_name_plural = "computed"

    def __str__(self) -> str:
        return str(self.participant)


class EndpointResult(models.Model):
    """One digital endpoint over one time. Key ``<participant>#<endpoint>@<version>#<window>#<label>``.

    ``digest`` is that of the definition; ``label`` the local date of a day or a night, or the key of the encounter whose visit
    window it is; ``start`` and ``end`` microseconds since 1970. ``value`` is in ``unit`` and there as soon as it can be computed;
    when it does not count, ``reason`` says why. ``wear`` is in minutes; ``personal`` has the values of the participant's record
    that were used, by setting. ``final`` when the time is over; then ``basis`` is the SHA-256 of all that it was computed from
    and ``batches`` how many batches that were. Results of earlier versions stay.
    """

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    key = models.CharField(primary_key=True, max_length=400)
    study = models.CharField(max_length=64, db_index=True)
    participant = models.CharField(max_length=110)
    endpoint = models.CharField(max_length=40)
    version = models.IntegerField()
    digest = models.CharField(max_length=71)
    window = models.CharField(max_length=12)
    label = models.CharField(max_length=200)
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    unit = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    evaluable = models.BooleanField()
    reason = models.CharField(max_length=30, blank=True)
    wear = models.FloatField(null=True)
    channel = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)
    final = models.BooleanField()
    basis = models.CharField(max_length=64, blank=True)
    batches = models.IntegerField()
    computed = models.CharField(max_length=27)

    class Meta:
        db_table = "sensors_result"
        indexes = [models.Index(fields=["participant", "start"], name="sensors_result_participant")]

    def __str__(self) -> str:
        return str(self.key)
