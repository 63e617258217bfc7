"""Batches as tables: an Arrow IPC stream, or a Parquet file.

A table has a column for each axis of the channel, and a column ``time`` (a timestamp, or whole nanoseconds); without it the
schema's metadata says ``start`` (ISO 8601 with its zone, or nanoseconds) and, where it is not the channel's own, ``rate``.
Whole numbers are counts of the channel's resolution; numbers with a fraction are values in the metadata's ``unit`` (the
channel's when there is none).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from helmont.signals.channels import Channel
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Counts
from helmont.signals.wire.arrow_framing import refuse_compressed_bodies
from helmont.signals.wire.batch import MOST_ROWS, Batch, as_counts, at_rate, at_times, check_counts, check_rows
from helmont.signals.wire.compression import MOST
from helmont.signals.wire.moments import moment

_UNITS = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}


def read_arrow(channel: Channel, body: bytes) -> Batch:
    """The samples of an Arrow IPC stream. Raises ``SignalError``."""
    refuse_compressed_bodies(body)
    try:
        with pa.ipc.open_stream(pa.BufferReader(body)) as reader:
            table = pa.Table.from_batches(_bounded(reader), reader.schema)
            table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _not_a("an Arrow IPC stream", error) from None
    return of_table(channel, table)


def read_parquet(channel: Channel, body: bytes) -> Batch:
    """The samples of a Parquet file. Raises ``SignalError``."""
    from pyarrow import parquet  # loads much that streams have no use for

    try:
        with parquet.ParquetFile(io.BytesIO(body)) as file:
            groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
            check_rows("rows", sum(group.num_rows for group in groups))
            if sum(group.total_byte_size for group in groups) > MOST:
                raise SignalError("body", "a table of more than 64 MB", "at most 64 MB: send smaller batches")
            table = file.read(columns=["time", *channel.axes], use_threads=False)
            table.validate(full=True)
            return of_table(channel, table.replace_schema_metadata(file.schema_arrow.metadata))
    except SignalError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _not_a("a Parquet file", error) from None


def of_table(channel: Channel, table: Any) -> Batch:
    """The samples of an Arrow table."""
    said = _metadata(table.schema)
    missing = [axis for axis in channel.axes if axis not in table.column_names]
    if missing:
        raise SignalError("columns", ", ".join(table.column_names) or "none", f"time, {', '.join(channel.axes)}")
    check_rows("rows", table.num_rows)
    columns = [_column(table, axis) for axis in channel.axes]
    counts: Counts
    if all(np.issubdtype(column.dtype, np.integer) for column in columns):
        if said.get("unit", channel.unit) != channel.unit:
            raise SignalError(
                "unit", repr(said["unit"]), f"{channel.unit} for counts; values with a fraction otherwise"
            )
        counts = check_counts(channel, np.column_stack(columns), "rows")
    else:
        values = np.column_stack([column.astype(np.float64) for column in columns])
        counts = as_counts(channel, values, said.get("unit", ""), "rows")
    if "time" in table.column_names:
        times, unit = _times(table.column("time"))
        return at_times(channel, times, counts, unit)
    if "start" not in said:
        raise SignalError("time", "no column of this name, and no start", "a column time, or metadata start and rate")
    return at_rate(channel, moment(said["start"], "start"), _rate(said), counts)


def numbers(column: Any, dtype: Any = None) -> NDArray[Any]:
    """The numbers of a column, none of which is missing: as they are, or their bytes read as ``dtype``.

    Arrow's own way loads pandas where that is installed: 50 MB.
    """
    dtype = np.dtype(dtype or column.type.to_pandas_dtype())
    chunks = [
        np.frombuffer(each.buffers()[1], dtype, len(each), each.offset * dtype.itemsize)
        for each in column.chunks
        if len(each)
    ]
    return chunks[0] if len(chunks) == 1 else np.concatenate([np.empty(0, dtype), *chunks])


def _bounded(reader: Any) -> Iterator[Any]:
    rows = 0
    for batch in reader:
        rows += batch.num_rows
        if rows > MOST_ROWS:
            check_rows("rows", rows)
        yield batch


def _metadata(schema: Any) -> Mapping[str, str]:
    try:
        return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
    except UnicodeDecodeError:
        raise SignalError("metadata", "not text", "UTF-8: start, rate, unit") from None


def _column(table: Any, name: str) -> NDArray[Any]:
    column = table.column(name)
    if column.null_count:
        raise SignalError(
            name, f"{column.null_count} empty cells", "a number in every row; leave the row out otherwise"
        )
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise SignalError(name, str(column.type), "whole numbers (counts), or numbers with a fraction (values)")
    if pa.types.is_uint64(column.type):
        raise SignalError(name, str(column.type), "whole numbers of at most 32 bits")
    return numbers(column)


def _times(column: Any) -> tuple[NDArray[np.int64], int]:
    if column.null_count:
        raise SignalError("time", f"{column.null_count} empty cells", "a moment in every row")
    if pa.types.is_timestamp(column.type):
        unit = _UNITS[column.type.unit]
        whole = numbers(column, np.int64)
    elif pa.types.is_integer(column.type):
        unit, whole = 1, numbers(column).astype(np.int64)
    else:
        raise SignalError("time", str(column.type), "a timestamp in UTC, or nanoseconds since 1970")
    if len(whole) and (whole.min() < 0 or whole.max() > np.iinfo(np.int64).max // unit):
        raise SignalError("time", f"{whole.min()} to {whole.max()}", "moments from 2000 to 2099, in UTC")
    return whole * unit, unit


def _rate(said: Mapping[str, str]) -> float | None:
    if "rate" not in said:
        return None
    try:
        return float(said["rate"])
    except ValueError:
        raise SignalError("rate", repr(said["rate"]), "samples a second") from None


def _not_a(what: str, error: BaseException) -> SignalError:
    return SignalError("body", f"not {what}: {str(error).splitlines()[0][:200] if str(error) else 'damaged'}", what)
