"""Long tables of numbers in comma-separated text, read some rows at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.files.source import Source
from helmont.signals.files.timeline import Blocks, Timeline, lay
from helmont.signals.recording import SECOND, Finding, Nanoseconds

PIECE = 8 << 20  # bytes of text that are read at a time
GROUP = 50  # rows that make one block, as long as their times are even
_PLAIN = bytes(range(128)) + b"?" * 128
_ROW = re.compile(r"Row #(\d+): (.*)", re.DOTALL)


def columns(
    source: Source, skip: int, types: Mapping[str, str], findings: list[Finding]
) -> Iterator[list[NDArray[Any]]]:
    """The columns of a table behind ``skip`` lines, some rows at a time, in the order of ``types``.

    A type is ``number`` (float64), ``text`` (objects), ``time`` (int64 nanoseconds, from ISO 8601 without a zone) or empty for
    a column that is not wanted. Rows with an empty cell, or of another number of cells, are left out and are a finding.
    Raises ``SignalError`` with the line of a cell that is none of its type, or without a row.
    """
    import pyarrow as pa
    from pyarrow import csv

    forms = {"number": pa.float64(), "text": pa.string(), "time": pa.timestamp("ns"), "": pa.string()}
    wanted = [name for name, kind in types.items() if kind]
    left: list[int] = []

    def uneven(row: Any) -> str:
        left.append(row.number or 0)
        return "skip"

    number = empty = 0
    try:
        with source.opened() as file:
            reader = csv.open_csv(
                _Plain(file),
                read_options=csv.ReadOptions(
                    column_names=list(types), skip_rows=skip, use_threads=False, block_size=PIECE
                ),
                parse_options=csv.ParseOptions(invalid_row_handler=uneven, newlines_in_values=False),
                convert_options=csv.ConvertOptions(
                    column_types={name: forms[types[name]] for name in wanted}, include_columns=wanted
                ),
            )
            for batch in reader:
                known = np.ones(batch.num_rows, np.bool_)
                for column in batch.columns:
                    if column.null_count:
                        known &= column.is_valid().to_numpy(zero_copy_only=False)
                empty += int(batch.num_rows - known.sum())
                number += int(known.sum())
                yield [_array(column)[known] for column in batch.columns]
    except pa.ArrowInvalid as error:
        match = _ROW.search(str(error))
        place = source.line(int(match[1])) if match else source.name
        raise SignalError(place, match[2] if match else str(error), f"rows of {len(types)} cells") from None
    if not number:
        raise SignalError(source.line(skip + 1), "no whole row", f"rows of {len(types)} cells")
    if left:
        findings.append(Finding(source.line(left[0]), f"{len(left)} rows of another number of cells were left out"))
    if empty:
        findings.append(Finding(source.name, f"{empty} rows with an empty cell were left out"))


class _Plain(io.RawIOBase):
    """A file in which every byte that is not ASCII is a question mark, so that it is text whatever happened to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size).translate(_PLAIN)

    def close(self) -> None:
        self._file.close()
        super().close()


def _array(column: Any) -> NDArray[Any]:
    """The cells; numbers and times that are not there are 0."""
    kind = str(column.type)
    if kind == "timestamp[ns]":
        column = column.cast("int64")
    values: NDArray[Any] = (column if kind == "string" else column.fill_null(0)).to_numpy(zero_copy_only=False)
    return values


def rows(times: Nanoseconds, rates: Sequence[float]) -> tuple[Timeline, float]:
    """The timeline of rows with a time each, in the order of the file; and the rate, the nearest of the usual ``rates``.

    A rate within a twentieth of none of them is taken as it is. Raises ``SignalError`` for fewer than two rows.
    """
    steps = np.diff(times)
    ahead = steps[steps > 0]
    if not len(ahead):
        raise SignalError("times", f"{len(times)} rows whose times do not increase", "at least two rows in a row")
    found = SECOND / float(np.median(ahead))
    usual = min(rates, key=lambda rate: abs(rate / found - 1), default=found)
    rate = usual if abs(usual / found - 1) <= 0.05 else found
    step = SECOND / rate
    breaks = np.flatnonzero((steps < step / 2) | (steps > 3 * step)) + 1
    bounds = np.concatenate([[0], breaks, [len(times)]])
    firsts = np.concatenate([np.arange(a, b, GROUP) for a, b in pairwise(bounds)])
    samples = np.diff(np.append(firsts, len(times)))
    blocks = Blocks(times[firsts], samples, np.ones(len(firsts), np.bool_), rate)
    return lay(blocks), rate


def counted(
    values: NDArray[np.float64], decimals: int, sizes: Sequence[float]
) -> tuple[NDArray[np.int32], float] | None:
    """Values printed with so many decimals as whole counts of the largest of the ``sizes`` that all of them are counts of,
    with that size; None when they are counts of none. Some writers are off by two in the last place."""
    for size in sorted(sizes, reverse=True):
        counts = values / size
        whole = np.rint(counts)
        if (np.abs(counts - whole) * size <= min(2.5 * 10.0**-decimals, size / 2)).all() and np.abs(whole).max(
            initial=0
        ) < 2**31:
            return whole.astype(np.int32), size
    return None
