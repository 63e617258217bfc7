"""Topics of RADAR-base: Avro object containers, and the JSON in which its apps send records to a Kafka REST proxy.

A record is the value itself, or ``{"key": {"projectId", "userId", "sourceId"}, "value": …}``. One batch comes from one source:
records of several are refused, since a token stands for one wearer.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import fastavro
import numpy as np
import orjson

from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.wire.batch import Batch, as_counts, at_times, check_rows
from helmont.signals.wire.compression import MOST, expand
from helmont.signals.wire.topics import Topic, topic_of

MAGIC = b"Obj\x01"
MOST_RECORDS = 500_000
_MILLISECOND = 1_000_000
_MICROSECOND = 1_000


def read_avro(channel: Channel, body: bytes, topic: str) -> Batch:
    """The samples of an Avro object container with records of ``topic``. Raises ``SignalError``."""
    return of_records(channel, _records(body), topic_of(topic))


def read_rest_records(channel: Channel, body: bytes, topic: str) -> Batch:
    """The samples of ``{"records": [{"key": …, "value": …}, …]}``. Raises ``SignalError``."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SignalError("body", f"not JSON: {error}", '{"records": [{"key": {}, "value": {}}]}') from None
    records = said.get("records") if isinstance(said, dict) else None
    if not isinstance(records, list):
        raise SignalError("records", "missing, or no list", '{"records": [{"key": {}, "value": {}}]}')
    return of_records(channel, records, topic_of(topic))


def of_records(channel: Channel, records: Iterable[Any], topic: Topic) -> Batch:
    """The samples of records as they were read."""
    if channel.kind is not topic.kind:
        raise SignalError("topic", f"{topic.kind}", f"a topic of {channel.kind}, which {channel.name} is")
    times: list[float] = []
    rows: list[list[float]] = []
    source: Any = None
    for number, record in enumerate(records):
        if number >= MOST_RECORDS:
            check_rows("records", 0 if number == 0 else 10**9)
        value, key = _value(record, number)
        if number == 0:
            source = key
        elif key != source:
            raise SignalError(
                f"records[{number}].key", "another source than the first record's", "one source in a batch"
            )
        times.append(_number(value, "time", number))
        rows.append([_number(value, name, number) for name in topic.fields])
    check_rows("records", len(rows))
    values = np.array(rows, np.float64) * topic.factor
    seconds = np.array(times, np.float64)
    if not ((seconds > 0) & (seconds < 1e10)).all():
        raise SignalError("time", "a time before 1970 or after 2286", "seconds since 1970, in UTC")
    # A double holds seconds of this century to about a quarter of a microsecond.
    moments = np.rint(seconds * 1e6).astype(np.int64) * _MICROSECOND
    unit = _MILLISECOND if not (moments % _MILLISECOND).any() else _MICROSECOND
    return at_times(channel, moments, as_counts(channel, values, topic.unit, "records"), unit)


def _value(record: Any, number: int) -> tuple[Mapping[str, Any], Any]:
    if isinstance(record, dict) and isinstance(record.get("value"), dict):
        return record["value"], record.get("key")
    if not isinstance(record, dict):
        raise SignalError(f"records[{number}]", f"a {type(record).__name__}", "a record")
    return record, None


def _number(value: Mapping[str, Any], name: str, number: int) -> float:
    found = value.get(name)
    if isinstance(found, dict) and len(found) == 1:  # a member of a union, as Avro's JSON writes it
        found = next(iter(found.values()))
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise SignalError(f"records[{number}].{name}", repr(found)[:60], "a number")
    return float(found)


def _records(body: bytes) -> Iterator[Any]:
    """The records of a container, whose blocks are expanded no further than the limit for a body."""
    if not body.startswith(MAGIC):
        raise SignalError("body", repr(body[:4]), "an Avro object container, which begins with Obj and 1")
    stream = io.BytesIO(body)
    try:
        header: Any = fastavro.schemaless_reader(stream, _HEADER)
        schema = fastavro.parse_schema(json.loads(header["meta"]["avro.schema"]))
        codec = header["meta"].get("avro.codec", b"null").decode()
    except Exception as error:  # noqa: BLE001 - whatever the reader makes of damaged bytes, it is the body that is wrong
        raise _damaged("header", error) from None
    _refuse_collections(schema)
    left = MOST
    while stream.tell() < len(body):
        place = stream.tell()
        try:
            count, size = _long(stream), _long(stream)
        except (IndexError, ValueError) as error:
            raise _damaged(f"block at byte {place}", error) from None
        if not (0 <= count <= MOST_RECORDS and 0 <= size <= len(body) - stream.tell()):
            raise SignalError(
                f"block at byte {place}", f"{count} records in {size} bytes", f"at most {MOST_RECORDS} records"
            )
        block = _plain(stream.read(size), codec, left, place)
        left -= len(block)
        if stream.read(16) != header["sync"]:
            raise SignalError(f"block at byte {place}", "not followed by the container's mark", "a whole container")
        inner = io.BytesIO(block)
        for _ in range(count):
            try:
                yield fastavro.schemaless_reader(inner, schema)
            except Exception as error:  # noqa: BLE001 - as above
                raise _damaged(f"block at byte {place}", error) from None


def _refuse_collections(schema: Any) -> None:
    """An array of nothings takes no bytes, however many it says there are; no topic has one."""
    if isinstance(schema, list):
        for each in schema:
            _refuse_collections(each)
    elif isinstance(schema, dict):
        if schema.get("type") in ("array", "map"):
            raise SignalError(
                "schema", f"a field of type {schema['type']}", "records of numbers, texts and enumerations"
            )
        _refuse_collections(schema.get("type"))
        for field in schema.get("fields", ()):
            _refuse_collections(field.get("type"))


def _plain(block: bytes, codec: str, most: int, place: int) -> bytes:
    match codec:
        case "null":
            return block
        case "deflate":
            machine = zlib.decompressobj(wbits=-15)
            try:
                found = machine.decompress(block, most + 1)
            except zlib.error as error:
                raise _damaged(f"block at byte {place}", error) from None
            if len(found) > most:
                raise SignalError("body", f"more than {MOST} bytes without its compression", f"at most {MOST} bytes")
            return found
        case "zstandard":
            return expand(block, "zstd", most)
        case other:
            raise SignalError("avro.codec", repr(other[:40]), "null, deflate or zstandard")


def _long(stream: io.BytesIO) -> int:
    """A whole number in Avro's variable-length zig-zag form."""
    found = shift = 0
    while True:
        byte = stream.read(1)[0]
        found |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (found >> 1) ^ -(found & 1)
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")


_HEADER = fastavro.parse_schema(
    {
        "type": "record",
        "name": "header",
        "fields": [
            {"name": "magic", "type": {"type": "fixed", "name": "magic", "size": 4}},
            {"name": "meta", "type": {"type": "map", "values": "bytes"}},
            {"name": "sync", "type": {"type": "fixed", "name": "sync", "size": 16}},
        ],
    }
)


def _damaged(place: str, error: BaseException) -> SignalError:
    return SignalError(place, f"{type(error).__name__}: {str(error)[:120]}", "an Avro object container")
