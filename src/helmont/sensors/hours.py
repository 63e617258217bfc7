"""The hours of a stream: what came is folded into buckets for pictures and for the day that is going on.

``catch_up`` takes in the batches that were acknowledged since the last time: only the minutes that they touch are read again. It
is called by the background and by whoever is about to look, so a page shows what was acknowledged before it was asked for. The
buckets lie in files under ``HELMONT_HOME/derived``, which may be deleted at any time together with their rows.
"""

from __future__ import annotations

import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction

from helmont.core import sql
from helmont.samples.correcting import merged
from helmont.sensors.models import Derived, Hour, SampleBatch, Stream
from helmont.sensors.streams import StreamOf, signal_of
from helmont.signals import levels
from helmont.signals.channels import Kind
from helmont.signals.levels import HOUR, MINUTE, Level
from helmont.signals.recording import MICROSECOND, SECOND, Signal

AT_ONCE = 2000
"""Batches that are taken in before what was made of them is kept."""
SPARSE = 300.0
"""Seconds that a sample covers of a channel without a rate, at most."""
FEW, MANY = 3, 1_000_000
"""Hours that are read one by one in any case; samples of which not more than an hour is read at once."""
WEEK = 7 * 24 * HOUR
_CELLS = [threading.Lock() for _ in range(64)]


def folder() -> Path:
    """Where the buckets lie."""
    return Path(settings.HOME, "derived", "hours")


def _folder(stream: str) -> Path:
    name = sha256(stream.encode()).hexdigest()[:32]
    return folder() / name[:2] / name


def _path(stream: str, hour: int, revision: int) -> Path:
    return _folder(stream) / f"{hour // 24}" / f"{hour}-{revision}"


def catch_up(stream: StreamOf) -> bool:
    """Take in what was acknowledged since; whether there was anything. Raises ``SignalError`` for damaged samples."""
    with _CELLS[hash(stream.key) % len(_CELLS)]:
        return _catch_up(stream)


def _catch_up(stream: StreamOf) -> bool:
    known = Derived.objects.filter(key=stream.key).first()
    if known is not None and known.corrections != stream.corrections:  # everything lies elsewhere now
        _forget(stream)
        known = None
    since, found = known.revision if known else -1, False
    rows = SampleBatch.objects.filter(assignment=stream.assignment, channel=stream.channel.name).order_by("revision")
    while batches := list(
        rows.filter(revision__gt=since).values_list("first", "last", "revision", "samples")[:AT_ONCE]
    ):
        _take_in(stream, batches)
        since, found = batches[-1][2], True
    return found


def _forget(stream: StreamOf) -> None:
    """What was made of the stream so far no longer holds."""
    with sql.turn(), transaction.atomic():
        Hour.objects.filter(stream=stream.key).delete()
        Derived.objects.filter(key=stream.key).delete()
    shutil.rmtree(_folder(stream.key), ignore_errors=True)


def _take_in(stream: StreamOf, batches: Sequence[tuple[int, int, int, int]]) -> None:
    touched: dict[int, list[tuple[int, int]]] = defaultdict(list)
    newest: dict[int, int] = {}
    for first, last, revision, _samples in batches:
        start, end = stream.true(first * MICROSECOND, last * MICROSECOND + 1)
        for hour, span in _minutes(start, end):
            touched[hour].append(span)
            newest[hour] = max(newest.get(hour, 0), revision, stream.revision)
    there = {row.hour: row for row in Hour.objects.filter(stream=stream.key, hour__in=list(touched))}
    rows, gone = [], []
    read_signal = _reader(stream, len(touched), sum(batch[3] for batch in batches))
    for hour, spans in sorted(touched.items()):
        row = there.get(hour)
        level = _made(stream, hour, row, merged(spans), read_signal)
        if row is not None:
            gone.append(_path(stream.key, hour, row.revision))
        if len(level[0]):
            rows.append(_kept(stream, hour, level[0], level[1], row, newest[hour]))
    _write(stream, rows, batches[-1][2])
    keep = {_path(stream.key, row.hour, row.revision) for row in rows}
    for path in gone:
        if path not in keep:
            path.unlink(missing_ok=True)


def _reader(stream: StreamOf, touched: int, samples: int) -> Callable[[int, int], Signal]:
    """Reads spans within an hour. A channel without a rate is read by the week: each hour of it has a handful of samples."""
    if stream.channel.rate or touched <= FEW or samples > MANY:
        return partial(signal_of, stream)
    known: dict[int, Signal] = {}

    def read_ahead(start: int, end: int) -> Signal:
        week = start // WEEK
        if week not in known:
            known.clear()
            known[week] = signal_of(stream, week * WEEK, (week + 1) * WEEK)
        return known[week].between(start, end)

    return read_ahead


def _minutes(start: int, end: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """The whole minutes around a span, hour by hour."""
    begin, upto = start // MINUTE * MINUTE, -(-end // MINUTE) * MINUTE
    for hour in range(begin // HOUR, (upto - 1) // HOUR + 1):
        yield hour, (max(begin, hour * HOUR), min(upto, (hour + 1) * HOUR))


def _made(
    stream: StreamOf,
    hour: int,
    row: Hour | None,
    spans: list[tuple[int, int]],
    read_signal: Callable[[int, int], Signal],
) -> tuple[Level, Signal]:
    """The hour with what the spans hold now, and the samples of the last span."""
    level = read(stream, row, levels.FINE) if row is not None else None
    if level is None:
        if row is not None:
            spans = [(hour * HOUR, (hour + 1) * HOUR)]  # its file is gone
        level = levels.empty(levels.FINE, len(stream.channel.axes))
    signal = Signal(stream.channel, ())
    for start, end in spans:
        signal = read_signal(start, end)
        level = levels.spliced(level, levels.fine(signal), [(start, end)])
    return level, signal


def _kept(stream: StreamOf, hour: int, level: Level, signal: Signal, row: Hour | None, revision: int) -> Hour:
    """Write the buckets; the row that says what the hour has."""
    path = _path(stream.key, hour, revision)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{threading.get_ident()}")
    draft.write_bytes(levels.pack(level))
    draft.replace(path)
    whole = levels.coarser(level, HOUR)
    samples = int(whole.samples[0])
    last, last_at = _last(signal)
    if row is not None and row.last_at > last_at:
        last, last_at = row.last, row.last_at
    return Hour(
        key=f"{stream.key}#{hour}",
        study=stream.key.partition("/")[0],
        stream=stream.key,
        hour=hour,
        samples=samples,
        seconds=_covered(stream, level, samples),
        low=_numbers(whole.low),
        mean=_numbers(whole.mean),
        high=_numbers(whole.high),
        last=last,
        last_at=last_at,
        enmo=round(float(whole.more["enmo"][0, 0]), 4) if whole.more else None,
        revision=revision,
    )


def _covered(stream: StreamOf, level: Level, samples: int) -> float:
    rate = stream.channel.rate
    if rate:
        return round(min(samples / rate, 3600.0), 3)
    slots = len(np.unique(level.start // int(SPARSE * SECOND)))
    return min(slots * SPARSE, 3600.0)


def _last(signal: Signal) -> tuple[list[float], int]:
    """The last sample in the unit of the channel, and its time in microseconds."""
    if not len(signal):
        return [], 0
    stretch = signal.stretches[-1]
    values = stretch.counts[-1] * np.asarray(signal.scale) + np.asarray(signal.offset)
    return [round(float(value), 6) for value in values], stretch.last // MICROSECOND


def _numbers(column: levels.Single) -> list[float]:
    return [round(float(value), 6) for value in column[0]]


_COLUMNS = ["study", "samples", "seconds", "low", "mean", "high", "last", "last_at", "enmo", "revision"]


def _write(stream: StreamOf, rows: list[Hour], revision: int) -> None:
    with sql.turn(), transaction.atomic():
        Hour.objects.bulk_create(
            rows, batch_size=200, update_conflicts=True, unique_fields=["stream", "hour"], update_fields=_COLUMNS
        )
        derived = Derived(
            key=stream.key, study=stream.key.partition("/")[0], revision=revision, corrections=stream.corrections
        )
        Derived.objects.bulk_create(
            [derived], update_conflicts=True, unique_fields=["key"], update_fields=["revision", "corrections"]
        )


def read(stream: StreamOf, row: Hour, step: int) -> Level | None:
    """The buckets of an hour, of 5 seconds or a minute; None when the file is gone."""
    try:
        data = _path(stream.key, row.hour, row.revision).read_bytes()
    except FileNotFoundError:
        return None
    return levels.unpack(data, step)


def buckets(stream: StreamOf, start: int, end: int, step: int) -> Level:
    """What the stream has from ``start`` to ``end`` in buckets of 5 seconds, a minute or an hour, as of ``catch_up``."""
    axes = len(stream.channel.axes)
    rows = list(
        Hour.objects.filter(stream=stream.key, hour__gte=start // HOUR, hour__lte=(end - 1) // HOUR).order_by("hour")
    )
    if step == HOUR:
        return _of_rows(stream, rows).between(start - HOUR + 1, end)
    parts = []
    for row in rows:
        level = read(stream, row, step)
        if level is None:
            span = (row.hour * HOUR, (row.hour + 1) * HOUR)
            level = levels.coarser(levels.fine(signal_of(stream, *span)), step)
        parts.append(level)
    return levels.joined(parts, step, axes).between(start // step * step, end)


def _of_rows(stream: StreamOf, rows: list[Hour]) -> Level:
    if not rows:
        return levels.empty(HOUR, len(stream.channel.axes))
    low, mean, high = (np.array([getattr(row, name) for row in rows], np.float32) for name in ("low", "mean", "high"))
    more = {}
    if stream.channel.kind is Kind.ACCELERATION:
        more["enmo"] = np.array([[row.enmo] for row in rows], np.float32)
    start = np.array([row.hour for row in rows], np.int64) * HOUR
    return Level(HOUR, start, np.array([row.samples for row in rows], np.int64), low, mean, high, more)


def behind(study: str | None = None) -> list[str]:
    """The streams of which batches came that are in no hour yet; those that wait longest first."""
    rows = Stream.objects.all() if study is None else Stream.objects.filter(study=study)
    made = dict(Derived.objects.values_list("key", "revision"))
    waiting = [
        (made.get(key, -1), key)
        for key, revision in rows.values_list("key", "revision")
        if revision > made.get(key, -1)
    ]
    return [key for _revision, key in sorted(waiting)]
