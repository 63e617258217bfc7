"""A batch as a device puts it into bytes, with the digest and the sum that it must have when it is read again."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from helmont.cli.sensors.simulating.patterns import Pattern
from helmont.cli.sensors.simulating.radar import container, timed, topic_for
from helmont.signals.channels import Channel
from helmont.signals.recording import MICROSECOND, SECOND, Counts, Nanoseconds
from helmont.signals.wire.batch import at_rate, at_times, narrow
from helmont.signals.wire.decoding import ARROW, AVRO, JSON, LINES, PARQUET

MILLISECOND = 1000 * MICROSECOND


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of a channel by the device's clock: from ``start`` at ``rate``, or at ``times``; counts (samples, axes)."""

    channel: Channel
    start: int
    rate: float
    counts: Counts
    times: Nanoseconds | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of channel, times and counts, as Helmont's answer has it."""
        if self.times is not None:
            unit = MILLISECOND if not (self.times % MILLISECOND).any() else MICROSECOND
            return at_times(self.channel, self.times, self.counts, unit).digest
        return at_rate(self.channel, self.start, self.rate, self.counts).digest

    @property
    def last(self) -> int:
        """The time of the last sample."""
        if self.times is not None:
            return int(self.times[-1])
        return self.start + round((len(self.counts) - 1) * SECOND / self.rate)

    def moments(self) -> Nanoseconds:
        """The time of every sample."""
        if self.times is not None:
            return self.times
        passed: Nanoseconds = np.rint(np.arange(len(self.counts)) * (SECOND / self.rate)).astype(np.int64)
        return self.start + passed

    @property
    def sum(self) -> int:
        """All counts added up."""
        return int(self.counts.sum(dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Body:
    """What goes over the wire."""

    content_type: str
    encoding: str
    content: bytes
    topic: str = ""


def samples_of(pattern: Pattern, origin: int, shift: int, start: int, end: int) -> Samples:
    """What is sampled from ``start`` until before ``end``, nanoseconds since 1970.

    At the moment ``origin``, ``shift`` nanoseconds of the pattern have passed.
    """
    before = shift - origin
    first, times, counts = pattern.cut(start + before, end + before)
    rate = SECOND / pattern.step if pattern.step else 0.0
    times = None if times is None else times - before
    return Samples(pattern.channel, first - before, rate, narrow(counts, "counts"), times)


def arrow(samples: Samples) -> Body:
    """An Arrow IPC stream, compressed with zstd."""
    import pyarrow as pa
    import zstandard

    sink, table = io.BytesIO(), _table(samples)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return Body(ARROW, "zstd", zstandard.compress(sink.getvalue(), 1))


def parquet(samples: Samples) -> Body:
    """A Parquet file."""
    from pyarrow import parquet as files

    sink = io.BytesIO()
    files.write_table(_table(samples), sink)
    return Body(PARQUET, "", sink.getvalue())


def json(samples: Samples) -> Body:
    """One JSON object, compressed with gzip."""
    said: dict[str, object] = {"counts": samples.counts.tolist()}
    if samples.times is None:
        said |= {"start": str(samples.start), "rate": samples.rate}
    else:
        said["times"] = list(map(str, samples.times))
    return Body(JSON, "gzip", gzip.compress(orjson.dumps(said), 1))


def lines(samples: Samples) -> Body:
    """A JSON object for each sample with values in the channel's unit, compressed with gzip; for samples with times.

    The others go as JSON.
    """
    if samples.times is None:
        return json(samples)
    axes, resolution = samples.channel.axes, samples.channel.resolution
    rows = (
        {"time": int(time), "unit": samples.channel.unit}
        | {axis: float(count) * resolution for axis, count in zip(axes, counts, strict=True)}
        for time, counts in zip(samples.times, samples.counts, strict=True)
    )
    return Body(LINES, "gzip", gzip.compress(b"\n".join(map(orjson.dumps, rows)), 1))


def radar(samples: Samples) -> Body:
    """Records of a topic of RADAR-base in an Avro object container; for samples that are ``fitting``, of a kind with a topic.

    The others go as Arrow.
    """
    topic = topic_for(samples.channel.kind)
    return Body(AVRO, "", container(samples), topic) if topic else arrow(samples)


FORMATS: dict[str, Callable[[Samples], Body]] = {
    "arrow": arrow,
    "parquet": parquet,
    "json": json,
    "ndjson": lines,
    "radar": radar,
}


def fitting(form: str, samples: Samples) -> Samples:
    """The samples as a format can say them; what is acknowledged is these."""
    return timed(samples) if form == "radar" and topic_for(samples.channel.kind) else samples


def _table(samples: Samples) -> Any:
    import pyarrow as pa

    columns = {axis: np.ascontiguousarray(samples.counts[:, each]) for each, axis in enumerate(samples.channel.axes)}
    if samples.times is not None:
        return pa.table({"time": samples.times, **columns})
    return pa.table(columns).replace_schema_metadata({"start": str(samples.start), "rate": repr(samples.rate)})
