"""The same samples arrive in every format, compressed or not, and are the same batch."""

from __future__ import annotations

import gzip
import io
from typing import Any

import fastavro
import numpy as np
import orjson
import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND
from helmont.signals.wire.batch import Batch
from helmont.signals.wire.decoding import ARROW, AVRO, JSON, LINES, PARQUET, REST, decode

WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", rate=50.0, resolution=1 / 256, range=(-8.0, 8.0))
SUGAR = Channel("cgm", Kind.GLUCOSE, "mg/dL", resolution=1.0, range=(20.0, 600.0))
START = 1_772_352_900 * SECOND  # 2026-03-01T08:15:00Z
ROWS = 500
COUNTS = np.random.default_rng(1648).integers(-512, 513, (ROWS, 3)).astype(np.int16)
TOPIC = "android_empatica_e4_acceleration"
SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "EmpaticaE4Acceleration",
        "fields": [{"name": name, "type": "double"} for name in ("time", "timeReceived")]
        + [{"name": name, "type": "float"} for name in "xyz"],
    }
)


def times(step: int = 20_000_000) -> np.ndarray[Any, np.dtype[np.int64]]:
    return START + np.arange(ROWS, dtype=np.int64) * step


def table(**metadata: str) -> pa.Table:
    columns = {axis: COUNTS[:, number] for number, axis in enumerate("xyz")}
    if "start" not in metadata:
        columns["time"] = pa.array(times() // 1_000_000, pa.timestamp("ms", "UTC"))
    return pa.table(columns).replace_schema_metadata(metadata)


def arrow(sent: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, sent.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(sent, max_chunksize=200)
    return sink.getvalue()


def as_parquet(sent: pa.Table) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(sent, sink, row_group_size=128)
    return sink.getvalue()


def records() -> list[dict[str, float]]:
    return [
        {"time": float(moment) / 1e9, "timeReceived": float(moment) / 1e9 + 1}
        | dict(zip("xyz", map(float, row / 256), strict=True))
        for moment, row in zip(times(), COUNTS, strict=True)
    ]


def avro(codec: str = "null", schema: Any = SCHEMA, rows: list[Any] | None = None) -> bytes:
    sink = io.BytesIO()
    fastavro.writer(sink, schema, records() if rows is None else rows, codec=codec, sync_interval=4000)
    return sink.getvalue()


def zstandard_avro() -> bytes:
    """One block of the container, written by hand: its codec is one that the library reads and does not write."""
    block, head = io.BytesIO(), io.BytesIO()
    for each in records():
        fastavro.schemaless_writer(block, SCHEMA, each)
    packed, sync = zstandard.compress(block.getvalue()), bytes(range(16))
    meta = {
        "avro.schema": orjson.dumps({key: SCHEMA[key] for key in ("type", "name", "fields")}),
        "avro.codec": b"zstandard",
    }
    fastavro.schemaless_writer(head, {"type": "map", "values": "bytes"}, meta)
    fastavro.schemaless_writer(head, {"type": "fixed", "name": "sync", "size": 16}, sync)
    fastavro.schemaless_writer(head, "long", ROWS)
    fastavro.schemaless_writer(head, "bytes", packed)
    return b"Obj\x01" + head.getvalue() + sync


def as_json(**change: Any) -> bytes:
    said = {"start": "2026-03-01T08:15:00Z", "rate": 50, "unit": "[g]", "values": (COUNTS / 256).tolist()}
    return orjson.dumps({name: value for name, value in {**said, **change}.items() if value is not None})


def lines() -> bytes:
    return b"\n".join(
        orjson.dumps({"time": moment, **dict(zip("xyz", map(float, row / 256), strict=True))})
        for moment, row in zip(times().tolist(), COUNTS, strict=True)
    )


BODIES = {
    "arrow with times": (ARROW, lambda: arrow(table())),
    "arrow with start": (ARROW, lambda: arrow(table(start="2026-03-01T09:15:00+01:00", rate="50"))),
    "parquet": (PARQUET, lambda: as_parquet(table())),
    "json": (JSON, as_json),
    "json in another unit": (JSON, lambda: as_json(unit="m/s2", values=(COUNTS / 256 * 9.80665).tolist())),
    "json of counts": (JSON, lambda: as_json(values=None, counts=COUNTS.tolist())),
    "json with times": (JSON, lambda: as_json(start=None, rate=None, times=times().tolist())),
    "lines": (LINES, lines),
    "avro": (AVRO, avro),
    "avro, deflated": (AVRO, lambda: avro("deflate")),
    "avro, zstandard": (AVRO, lambda: zstandard_avro()),
    "rest": (REST, lambda: orjson.dumps({"records": [{"key": {"userId": "p1"}, "value": each} for each in records()]})),
}


def check(batch: Batch) -> None:
    [stretch] = batch.stretches
    assert (stretch.start, stretch.step) == (START, 20_000_000.0)
    assert stretch.counts.dtype == np.int16
    assert np.array_equal(stretch.counts, COUNTS)
    assert (batch.rows, batch.first, batch.last) == (ROWS, START, START + (ROWS - 1) * 20_000_000)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_the_same_samples_are_the_same_batch_in_every_format(name: str, encoding: str) -> None:
    content_type, write = BODIES[name]
    body = write()
    if encoding == "gzip":
        body = gzip.compress(body[:1000]) + gzip.compress(body[1000:])
    elif encoding == "zstd":
        body = zstandard.compress(body[:1000]) + zstandard.compress(body[1000:])
    batch = decode(WRIST, content_type, encoding, body, TOPIC)
    check(batch)
    assert batch.digest == decode(WRIST, ARROW, "", arrow(table())).digest


def test_samples_in_any_order_are_sorted_and_a_gap_begins_another_stretch() -> None:
    moments = times()
    moments[300:] += 5 * SECOND
    order = np.random.default_rng(7).permutation(ROWS)
    values = (COUNTS / 256)[order].tolist()
    batch = decode(WRIST, JSON, "", as_json(start=None, rate=None, times=moments[order].tolist(), values=values))
    assert [len(stretch) for stretch in batch.stretches] == [300, 200]
    assert batch.stretches[1].start - batch.stretches[0].end == 5 * SECOND
    assert np.array_equal(np.concatenate([stretch.counts for stretch in batch.stretches]), COUNTS)


def test_a_clock_that_trembles_keeps_every_time_as_it_was_sent() -> None:
    moments = times() + np.random.default_rng(3).integers(-2_000_000, 2_000_001, ROWS)
    batch = decode(WRIST, JSON, "", as_json(start=None, rate=None, times=moments.tolist()))
    [stretch] = batch.stretches
    assert stretch.times is not None
    assert np.array_equal(stretch.times, moments)


def test_glucose_in_mmol_becomes_counts_of_mg() -> None:
    body = orjson.dumps(
        {"times": ["2026-03-01T08:15:00Z", "2026-03-01T08:20:00.5Z"], "unit": "mmol/L", "values": [5.0, 7.8]}
    )
    batch = decode(SUGAR, JSON, "", body)
    [stretch] = batch.stretches
    assert stretch.counts.ravel().tolist() == [90, 141]
    assert stretch.moments().tolist() == [START, START + 300 * SECOND + SECOND // 2]


WRONG: dict[str, tuple[str, bytes, str]] = {
    "content type": ("text/csv", b"x", "Content-Type"),
    "wrong unit": (JSON, as_json(unit="mmol/L"), "unit"),
    "m/s2 said to be g": (JSON, as_json(values=(COUNTS / 256 * 9.80665).tolist()), "values["),
    "no number": (JSON, as_json(values=[[0.1, None, 0.2]]), "values"),
    "two axes": (JSON, as_json(values=[[0.1, 0.2]]), "values"),
    "no samples": (JSON, as_json(values=[]), "values"),
    "no zone": (JSON, as_json(start="2026-03-01T08:15:00"), "start"),
    "another century": (JSON, as_json(start="1999-03-01T08:15:00Z"), "time"),
    "another rate": (JSON, as_json(rate=100), "rate"),
    "a member too many": (JSON, as_json(latitude=50.85), "latitude"),
    "fewer times": (JSON, as_json(start=None, rate=None, times=[START]), "times"),
    "no axis": (ARROW, arrow(table().drop_columns(["y"])), "columns"),
    "no time": (ARROW, arrow(table().drop_columns(["time"])), "time"),
    "compressed inside": (ARROW, arrow(table(), compression="zstd"), "body"),
    "cut off": (ARROW, arrow(table())[:-700], "body"),
    "no parquet": (PARQUET, b"PAR1" + bytes(60), "body"),
    "no avro": (AVRO, b"Obj\x02", "body"),
    "avro cut off": (AVRO, avro()[:-9], "block"),
    "an array of nothings": (
        AVRO,
        avro(
            schema={
                "type": "record",
                "name": "r",
                "fields": [{"name": "time", "type": {"type": "array", "items": "null"}}],
            },
            rows=[{"time": []}],
        ),
        "schema",
    ),
    "two wearers": (
        REST,
        orjson.dumps({"records": [{"key": {"userId": who}, "value": records()[0]} for who in "ab"]}),
        "records[1].key",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_with_its_place(name: str) -> None:
    content_type, body, place = WRONG[name]
    with pytest.raises(SignalError) as refused:
        decode(WRIST, content_type, "", body, TOPIC)
    assert refused.value.place.startswith(place)
    assert refused.value.accepted


@pytest.mark.parametrize("topic", ["android_phone_relative_location", "android_phone_audio_input", "android_phone_sms"])
def test_location_sound_and_messages_are_never_taken(topic: str) -> None:
    with pytest.raises(SignalError, match="never taken"):
        decode(WRIST, AVRO, "", avro(), topic)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_small_body_that_stands_for_a_large_one_is_refused(encoding: str) -> None:
    large = bytes(200 * 1024 * 1024)
    body = gzip.compress(large, 9) if encoding == "gzip" else zstandard.compress(large, 19)
    assert len(body) < 300_000
    with pytest.raises(SignalError, match="send smaller batches"):
        decode(WRIST, ARROW, encoding, body)


def test_avro_blocks_that_stand_for_too_much_are_refused() -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "time", "type": "string"}]}
    body = avro("deflate", schema, [{"time": "0" * 20_000_000}] * 5)
    assert len(body) < 200_000
    with pytest.raises(SignalError):
        decode(WRIST, AVRO, "", body, TOPIC)
