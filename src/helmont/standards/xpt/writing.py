"""A table as a SAS XPORT file: 80-byte records, a header of each kind, then the rows one after the other."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from helmont.standards.xpt.checking import frame_findings, refused, table_findings
from helmont.standards.xpt.floats import to_ibm
from helmont.standards.xpt.model import Column, Format, Stamp, Table, parse_format
from helmont.study.faults import Fault, StudyFaults

RECORD = 80
PIECE = 16_000_000
"""Bytes of rows that are in memory as a file at a time."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhi52s")


def write(
    table: Table, stream: IO[bytes], stamp: Stamp, *, encoding: str = "ascii",
    frames: Iterable[pl.DataFrame] | None = None, checked: bool = False,
) -> int:  # fmt: skip
    """Writes the file and returns the number of rows; only a piece of the rows is in memory as bytes.

    ``frames`` are the rows instead of the table's own, for datasets that come in parts. Raises ``StudyFaults`` with every
    finding: before anything is written for the table's own rows; after the parts before it for those of ``frames``.
    With ``checked`` the caller has asked for the findings already, and there are none.
    """
    if not checked:
        refused(table_findings(table, encoding))
    stream.write(header(table, stamp))
    written = rows = 0
    for piece in _pieces(table, [table.frame] if frames is None else frames):
        if frames is not None:
            refused(frame_findings(table, piece, encoding, rows))
        records = _records(table, piece, encoding, rows)
        stream.write(records.data)
        written, rows = written + records.size, rows + piece.height
    stream.write(b" " * (-written % RECORD))
    return rows


def header(table: Table, stamp: Stamp) -> bytes:
    """Everything before the rows."""
    created, modified = _moment(stamp.created), _moment(stamp.modified or stamp.created)
    system = f"{stamp.version:8.8}{stamp.system:8.8}{'':24}{created}"
    namestrs = b"".join(_namestrs(table.columns))
    return b"".join(
        (
            _title("LIBRARY", "0" * 30),
            _record(f"SAS     SAS     SASLIB  {system}"),
            _record(modified),
            _title("MEMBER", "000000000000000001600000000140"),
            _title("DSCRPTR", "0" * 30),
            _record(f"SAS     {table.name:8}SASDATA {system}"),
            _record(f"{modified}{'':16}{table.label:40}{stamp.type:8.8}"),
            _title("NAMESTR", f"000000{len(table.columns):04d}{'0' * 20}"),
            namestrs + b" " * (-len(namestrs) % RECORD),
            _title("OBS", "0" * 30),
        )
    )


def _title(kind: str, numbers: str) -> bytes:
    return _record(f"HEADER RECORD*******{kind:8}HEADER RECORD!!!!!!!{numbers}")


def _record(text: str) -> bytes:
    return f"{text:80}".encode("ascii")


def _moment(moment: datetime) -> str:
    return f"{moment:%d}{MONTHS[moment.month - 1]}{moment:%y:%H:%M:%S}"


def _namestrs(columns: Sequence[Column]) -> Iterator[bytes]:
    position = 0
    for number, column in enumerate(columns, 1):
        shown, read = (parse_format(text) or Format() for text in (column.format, column.informat))
        yield NAMESTR.pack(
            2 if column.type == "text" else 1, 0, column.length, number, f"{column.name:8}".encode(),
            f"{column.label:40}".encode(), f"{shown.name:8}".encode(), shown.width, shown.decimals, column.right, b"",
            f"{read.name:8}".encode(), read.width, read.decimals, position, b"",
        )  # fmt: skip
        position += column.length


def _pieces(table: Table, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    height = max(1, PIECE // sum(column.length for column in table.columns))
    for frame in frames:
        yield from (frame[start : start + height] for start in range(0, frame.height, height))


def _records(table: Table, frame: pl.DataFrame, encoding: str, before: int) -> NDArray[np.uint8]:
    """Rows as bytes, of shape (rows, length of a row)."""
    records = np.empty((frame.height, sum(column.length for column in table.columns)), dtype=np.uint8)
    position = 0
    for column in table.columns:
        place = records[:, position : position + column.length]
        if column.type == "text":
            place[:] = _texts(frame[column.name], column.length, encoding)
        else:
            words = _words(frame[column.name])
            if words[:, column.length :].any():
                row = int(words[:, column.length :].any(axis=1).argmax())
                where, what = f"{column.name} row {before + row + 1}", f"{frame[column.name][row]} needs more bytes"
                raise StudyFaults([Fault(table.name, 0, where, what, "length 8")])
            place[:] = words[:, : column.length]
        position += column.length
    return records


def _texts(series: pl.Series, length: int, encoding: str) -> NDArray[np.uint8]:
    texts = series.cast(pl.String).fill_null("")
    joined = "".join(texts.str.pad_end(length).str.join("").to_list()).encode(encoding)
    if len(joined) != len(texts) * length:  # an encoding in which a character may have several bytes
        joined = b"".join(text.encode(encoding).ljust(length) for text in texts)
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(texts), length)


def _words(series: pl.Series) -> NDArray[Any]:
    """Numbers as IBM words, of shape (rows, 8)."""
    values = series.cast(pl.Float64).to_numpy()  # null is NaN
    return to_ibm(values).astype(">u8").view(np.uint8).reshape(len(values), 8)
