"""A SAS XPORT file as a table. A damaged file raises ``StudyFaults``, never anything else."""

from __future__ import annotations

import re
import struct
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from helmont.standards.xpt.floats import from_ibm
from helmont.standards.xpt.model import Column, Format, Stamp, Table
from helmont.standards.xpt.writing import MONTHS, NAMESTR, RECORD
from helmont.study.faults import Fault, StudyFaults

MAX_BYTES = 6_000_000_000
_TITLE = "HEADER RECORD*******{:8}HEADER RECORD!!!!!!!"
_MOMENT = re.compile(r"(\d\d)([A-Z]{3})(\d\d):(\d\d):(\d\d):(\d\d)")


def read(source: Path | IO[bytes], file: str = "", *, encoding: str = "ascii") -> tuple[Table, Stamp]:
    """The dataset of a file, and what the file says of itself. Trailing blanks are no part of a text (SAS).

    ``encoding`` is that of the texts: ``cp1252`` for many older studies. Special missing values become null.
    """
    name = file or (source.name if isinstance(source, Path) else "dataset.xpt")
    data = source.read_bytes() if isinstance(source, Path) else source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _broken(name, f"larger than {MAX_BYTES} bytes")
    try:
        return _Reader(data, name, encoding).table()
    except (struct.error, IndexError, KeyError, ValueError, LookupError) as error:
        if isinstance(error, StudyFaults):
            raise
        raise _broken(name, str(error)) from None


def _broken(file: str, message: str, place: str = "") -> StudyFaults:
    return StudyFaults([Fault(file, 0, place, message, "a SAS XPORT version 5 file of one dataset")])


class _Reader:
    def __init__(self, data: bytes, file: str, encoding: str) -> None:
        self.data, self.file, self.encoding, self.at = data, file, encoding, 0

    def table(self) -> tuple[Table, Stamp]:
        self._title("LIBRARY")
        self._take(2 * RECORD)
        member = self._title("MEMBER")
        size = int(member[74:78])
        self._title("DSCRPTR")
        first, second = (self._take(RECORD).decode(self.encoding) for _ in range(2))
        created, modified = self._moment(first[64:80]), self._moment(second[:16])
        count = int(self._title("NAMESTR")[54:58])
        columns, positions = self._columns(count, size)
        self._title("OBS")
        stamp = Stamp(
            created, modified, version=first[24:32].rstrip(), system=first[32:40].rstrip(), type=second[72:80].rstrip()
        )
        label = second[32:72].rstrip("\0 ")
        return Table(first[8:16].rstrip(), label, columns, self._frame(columns, positions)), stamp

    def _take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise _broken(self.file, "the file ends within its header")
        self.at += size
        return piece

    def _title(self, kind: str) -> str:
        record = self._take(RECORD).decode("latin-1")
        if not record.startswith(_TITLE.format(kind)):
            later = " of version 8" if "LIBV8" in record else ""
            raise _broken(self.file, f"no {kind} header{later} at byte {self.at - RECORD}")
        return record

    def _moment(self, text: str) -> datetime:
        found = _MOMENT.fullmatch(text.strip())
        if found is None or found[2] not in MONTHS:
            raise _broken(self.file, f"the time {text!r} is not like 31DEC26:23:59:59")
        day, year, hour, minute, second = (int(found[part]) for part in (1, 3, 4, 5, 6))
        return datetime(
            2000 + year if year < 60 else 1900 + year, MONTHS.index(found[2]) + 1, day, hour, minute, second
        )

    def _columns(self, count: int, size: int) -> tuple[tuple[Column, ...], list[int]]:
        if size not in (136, 140):  # 136 on VAX/VMS
            raise _broken(self.file, f"descriptions of variables of {size} bytes")
        block = self._take(-(-count * size // RECORD) * RECORD)
        columns, positions = [], []
        for start in range(0, count * size, size):
            column, position = self._column(block[start : start + size].ljust(140, b"\0"))
            columns.append(column)
            positions.append(position)
        if not columns:
            raise _broken(self.file, "no variables")
        return tuple(columns), positions

    def _column(self, namestr: bytes) -> tuple[Column, int]:
        kind, _, length, _, name, label, *formats, position, _ = NAMESTR.unpack(namestr)
        fname, fwidth, fdec, right, _, iname, iwidth, idec = formats
        types: dict[int, Literal["text", "number"]] = {1: "number", 2: "text"}
        shown = self._text(name)
        if kind not in types or length < (2 if kind == 1 else 1) or (kind == 1 and length > 8) or position < 0:
            raise _broken(self.file, f"type {kind}, length {length}, position {position}", shown)
        written = str(Format(self._text(fname), fwidth, fdec))
        informat = str(Format(self._text(iname), iwidth, idec))
        return Column(shown, self._text(label), types[kind], length, written, informat, bool(right)), position

    def _text(self, field: bytes) -> str:
        return field.decode(self.encoding).rstrip("\0 ")

    def _frame(self, columns: tuple[Column, ...], positions: list[int]) -> pl.DataFrame:
        names = [column.name for column in columns]
        if len(set(names)) < len(names) or "" in names:
            raise _broken(self.file, "variables without a name, or with the name of another")
        width = sum(column.length for column in columns)
        if any(start + column.length > width for start, column in zip(positions, columns, strict=True)):
            raise _broken(self.file, "a variable lies outside its row")
        body = np.frombuffer(self.data, dtype=np.uint8, offset=self.at)
        if self._another_member():
            raise _broken(self.file, "more than one dataset in the file")
        rows = body[: len(body) // width * width].reshape(-1, width)
        rows = rows[: len(rows) - self._padding(rows, width)]
        return pl.DataFrame(
            [
                self._series(column, rows[:, start : start + column.length])
                for column, start in zip(columns, positions, strict=True)
            ]
        )

    def _another_member(self) -> bool:
        title, found = _TITLE.format("MEMBER").encode(), self.at - 1
        while (found := self.data.find(title, found + 1)) >= 0:
            if found % RECORD == 0:
                return True
        return False

    def _padding(self, rows: NDArray[np.uint8], width: int) -> int:
        """Rows at the end that are blanks filling up the last record: fewer than 80 bytes, all blank."""
        most = (RECORD - 1) // width
        blank = (rows[len(rows) - most :] == 0x20).all(axis=1) if most else np.zeros(0, dtype=bool)
        return int(np.argmin(np.append(blank[::-1], False)))

    def _series(self, column: Column, cells: NDArray[np.uint8]) -> pl.Series:
        if column.type == "number":
            words = np.zeros((len(cells), 8), dtype=np.uint8)
            words[:, : column.length] = cells
            values = from_ibm(words.view(">u8").ravel().astype(np.uint64))
            return pl.Series(column.name, values).fill_nan(None)
        return pl.Series(column.name, self._texts(cells), dtype=pl.String)

    def _texts(self, cells: NDArray[np.uint8]) -> Any:
        """The texts of a column; a zero byte ends one, in files that fill up with zeros."""
        ended = np.zeros((len(cells), cells.shape[1] + 1), dtype=np.uint8)
        ended[:, :-1] = cells
        if (cells == 0).any():
            return [_null(row.tobytes().partition(b"\0")[0].decode(self.encoding)) for row in ended]
        joined = pl.Series([ended.tobytes().decode(self.encoding)]).str.split("\0").explode()
        texts = joined.head(len(cells)).str.strip_chars_end(" ")
        return texts.set(texts == "", None)


def _null(text: str) -> str | None:
    return text.rstrip(" ") or None
