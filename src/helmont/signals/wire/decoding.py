"""A body as it came becomes a batch, by its content type."""

from __future__ import annotations

from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.wire.batch import Batch
from helmont.signals.wire.compression import expand

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
JSON = "application/json"
LINES = "application/x-ndjson"
AVRO = "application/avro"
REST = "application/vnd.kafka.avro.v2+json"
TYPES = (ARROW, PARQUET, JSON, LINES, AVRO, REST)


def decode(channel: Channel, content_type: str, encoding: str, body: bytes, topic: str = "") -> Batch:
    """The batch of a body. ``topic`` is needed for Avro. Raises ``SignalError``, which names the place in the body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise SignalError("Content-Type", repr(kind[:80]), ", ".join(TYPES))
    plain = expand(body, encoding)
    if kind in (ARROW, PARQUET):
        from helmont.signals.wire import columnar

        return columnar.read_arrow(channel, plain) if kind == ARROW else columnar.read_parquet(channel, plain)
    if kind in (AVRO, REST):
        from helmont.signals.wire import avro

        return avro.read_avro(channel, plain, topic) if kind == AVRO else avro.read_rest_records(channel, plain, topic)
    from helmont.signals.wire import text

    return text.read_json(channel, plain) if kind == JSON else text.read_lines(channel, plain)
