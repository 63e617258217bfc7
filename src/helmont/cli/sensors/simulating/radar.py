"""A batch in the way of RADAR-base: an Avro object container with records of a topic, a key and a value each."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from helmont.signals.channels import UNITS, Channel, Kind
from helmont.signals.recording import MICROSECOND
from helmont.signals.wire.topics import TOPICS, Topic

if TYPE_CHECKING:
    from helmont.cli.sensors.simulating.bodies import Samples

RECEIVED = 1.5
"""Seconds after a sample at which RADAR-base's app has it from the device."""
WHOLE = ("steps", "heartRate")
"""Fields that are whole numbers in RADAR-base's schemas; ``time`` is a double, every other one a float."""
KEY = {"projectId": "simulation", "userId": "simulated", "sourceId": "simulated"}
_BY_KIND = {topic.kind: name for name, topic in reversed(tuple(TOPICS.items()))}


def topic_for(kind: Kind) -> str:
    """The first topic of a kind; "" where RADAR-base has none that is taken."""
    return _BY_KIND.get(kind, "")


def timed(samples: Samples) -> Samples:
    """The same samples as records can say them: with a time each, to the microsecond, and whole where the field is."""
    counts, resolution = samples.counts, samples.channel.resolution
    if TOPICS[topic_for(samples.channel.kind)].fields[0] in WHOLE:
        counts = np.rint(np.rint(counts * resolution) / resolution).astype(counts.dtype)
    times = (samples.moments() + MICROSECOND // 2) // MICROSECOND * MICROSECOND
    return replace(samples, times=times, counts=counts)


def container(samples: Samples) -> bytes:
    """Samples that have been ``timed`` as one block of records, deflated: cut off anywhere it is no container."""
    import fastavro

    assert samples.times is not None  # timed
    name = topic_for(samples.channel.kind)
    topic, sink = TOPICS[name], io.BytesIO()
    values = _values(samples.channel, samples.counts, topic)
    seconds = (samples.times // MICROSECOND / 1e6).tolist()
    records = (
        {
            "key": KEY,
            "value": {"time": second, "timeReceived": second + RECEIVED, **dict(zip(topic.fields, row, strict=True))},
        }
        for second, row in zip(seconds, values, strict=True)
    )
    fastavro.writer(sink, _schema(name), records, codec="deflate", sync_interval=1 << 30)
    return sink.getvalue()


def _values(channel: Channel, counts: Any, topic: Topic) -> list[list[float]]:
    """What the records say: counts in the unit of the topic."""
    ours, theirs = channel.quantity, UNITS[topic.kind][topic.unit]
    values = (counts * channel.resolution * ours.factor + ours.shift - theirs.shift) / theirs.factor / topic.factor
    if topic.fields[0] in WHOLE:
        values = np.rint(values).astype(np.int64)
    found: list[list[float]] = values.tolist()
    return found


@cache
def _schema(name: str) -> Any:
    """The schema of a topic's records."""
    import fastavro

    fields = [{"name": each, "type": "double"} for each in ("time", "timeReceived")]
    fields += [{"name": each, "type": "int" if each in WHOLE else "float"} for each in TOPICS[name].fields]
    key = [{"name": each, "type": "string"} for each in KEY]
    return fastavro.parse_schema(
        {
            "type": "record",
            "name": "Record",
            "fields": [
                {"name": "key", "type": {"type": "record", "name": "ObservationKey", "fields": key}},
                {"name": "value", "type": {"type": "record", "name": "Value", "fields": fields}},
            ],
        }
    )
