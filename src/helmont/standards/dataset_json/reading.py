"""Dataset-JSON as a dataset. A damaged file raises ``StudyFaults``, never anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

import orjson
import polars as pl

from helmont.standards.dataset_json.model import DATA_TYPES, DATES, Column, Dataset, System
from helmont.standards.sas_dates import Kind, from_iso
from helmont.study.faults import Fault, StudyFaults, one_of

MAX_BYTES = 4_000_000_000
MAX_FAULTS = 100
Place = Callable[[int], tuple[int, str]]


def read_json(source: Path | IO[bytes], file: str = "") -> Dataset:
    """The dataset of a JSON file. Dates kept as numbers become numbers as SAS counts; ``""`` becomes null."""
    name, data = _content(source, file)
    found = _parsed(data, name, 0)
    rows = found.pop("rows", [])
    if not isinstance(rows, list):
        raise _broken(name, 0, "rows", "not a list", "a list of rows")
    return _Reader(name, found, rows, lambda row: (0, f"row {row + 1}")).dataset()


def read_ndjson(source: Path | IO[bytes], file: str = "") -> Dataset:
    """The dataset of an NDJSON file; findings give the line."""
    name, data = _content(source, file)
    first, *lines = data.split(b"\n")
    found = _parsed(first, name, 1)
    while lines and not lines[-1].strip():
        lines.pop()
    rows = [_loads(line, name, number) for number, line in enumerate(lines, 2)]
    return _Reader(name, found, rows, lambda row: (row + 2, "")).dataset()


def _content(source: Path | IO[bytes], file: str) -> tuple[str, bytes]:
    name = file or (source.name if isinstance(source, Path) else "dataset.json")
    data = source.read_bytes() if isinstance(source, Path) else source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _broken(name, 0, "", "too large", f"at most {MAX_BYTES} bytes")
    return name, data


def _broken(file: str, line: int, place: str, message: str, accepted: str) -> StudyFaults:
    return StudyFaults([Fault(file, line, place, message, accepted)])


def _loads(data: bytes, file: str, line: int) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _broken(file, line or error.lineno, "", f"not JSON: {error.msg}", "Dataset-JSON 1.1") from None


def _parsed(data: bytes, file: str, line: int) -> dict[str, Any]:
    found = _loads(data, file, line)
    if not isinstance(found, dict):
        raise _broken(file, line, "", "not an object", "the description of a dataset")
    return found


class _Reader:
    def __init__(self, file: str, head: dict[str, Any], rows: list[Any], place: Place) -> None:
        self.file, self.head, self.rows, self.place = file, head, rows, place
        self.faults: list[Fault] = []

    def dataset(self) -> Dataset:
        version = self._text("datasetJSONVersion", required=True)
        if version and not (version == "1.1" or version.startswith("1.1.")):
            self._add("datasetJSONVersion", f"version {version}", "1.1")
        columns = self._columns()
        self._stop()
        self._shape(len(columns))
        values: Sequence[Sequence[Any]] = [*zip(*self.rows, strict=True)] or [()] * len(columns)
        series = [self._series(*pair) for pair in zip(columns, values, strict=True)]
        self._stop()
        return Dataset(
            oid=self._required("itemGroupOID"), name=self._required("name"), label=self._required("label"),
            columns=columns, frame=pl.DataFrame(series), file=self._text("fileOID"), originator=self._text("originator"),
            system=self._system(), study=self._text("studyOID"), version=self._text("metaDataVersionOID"),
            reference=self._text("metaDataRef"), modified=self._text("dbLastModifiedDateTime"),
        )  # fmt: skip

    def _add(self, place: str, message: str, accepted: str, line: int = 0) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(self.file, line, place, message, accepted))

    def _stop(self) -> None:
        if self.faults:
            raise StudyFaults(self.faults)

    def _text(self, key: str, *, required: bool = False) -> str | None:
        value = self.head.get(key)
        if isinstance(value, str) or (value is None and not required):
            return value
        self._add(key, "missing" if value is None else f"{value!r}"[:80], "a text")
        return None

    def _required(self, key: str) -> str:
        return self._text(key, required=True) or ""

    def _system(self) -> System | None:
        found = self.head.get("sourceSystem")
        if isinstance(found, dict) and isinstance(found.get("name"), str) and isinstance(found.get("version"), str):
            return System(found["name"], found["version"])
        return None

    def _columns(self) -> tuple[Column, ...]:
        for key in ("itemGroupOID", "name", "label"):
            self._text(key, required=True)
        found = self.head.get("columns")
        if not isinstance(found, list) or not found:
            self._add("columns", "no columns", "a list of columns")
            return ()
        columns = [one for number, each in enumerate(found, 1) for one in self._column(number, each)]
        names = [column.name for column in columns]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._add(name, "the column is there twice", "every name once")
        records = self.head.get("records")
        if records != len(self.rows):
            self._add("records", f"{records!r}, and there are {len(self.rows)} rows", str(len(self.rows)))
        return tuple(columns)

    def _column(self, number: int, said: Any) -> Iterator[Column]:
        keys = ("itemOID", "name", "label", "dataType")
        place = f"columns[{number}]"
        if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in keys):
            self._add(place, "not a column", f"an object with the texts {', '.join(keys)}")
            return
        if said["dataType"] not in DATA_TYPES:
            self._add(said["name"] or place, f"type {said['dataType']!r}", one_of(DATA_TYPES, said["dataType"]))
            return
        yield Column(
            said["itemOID"], said["name"], said["label"], said["dataType"],
            target=said.get("targetDataType") if said.get("targetDataType") in ("integer", "decimal") else None,
            length=_whole(said.get("length")), key=_whole(said.get("keySequence")),
            format=said["displayFormat"] if isinstance(said.get("displayFormat"), str) else None,
        )  # fmt: skip

    def _shape(self, width: int) -> None:
        for number, row in enumerate(self.rows):
            if not isinstance(row, list) or len(row) != width:
                what = f"{len(row)} values" if isinstance(row, list) else "not a row"
                line, place = self.place(number)
                self._add(place, what, f"a list of {width} values", line)
        self._stop()

    def _series(self, column: Column, values: Sequence[Any]) -> pl.Series:
        convert = _conversion(column)
        converted: list[Any] = []
        for number, value in enumerate(values):
            try:
                converted.append(None if value is None or value == "" else convert(value))
            except (ValueError, OverflowError):
                line, place = self.place(number)
                self._add(f"{place} {column.name}".strip(), f"{value!r:.80}", f"a value of type {column.type}", line)
        return pl.Series(column.name, converted, dtype=pl.String if column.is_text else pl.Float64)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _conversion(column: Column) -> Callable[[Any], Any]:
    if column.is_text:
        return _as_text
    if column.type in DATES:
        kind = cast(Kind, column.type)
        return lambda value: from_iso(_as_text(value), kind)
    if column.type == "decimal":
        return lambda value: float(value) if isinstance(value, str) else _as_number(value)
    return _as_number


def _as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _as_number(value: Any) -> float:
    if not isinstance(value, (int, float)):  # true and false are 1 and 0
        raise ValueError(value)
    return float(value)
