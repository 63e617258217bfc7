"""A dataset as Dataset-JSON describes it. OIDs are those of the Define-XML document of the same package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

DataType = Literal["string", "integer", "decimal", "float", "double", "boolean", "datetime", "date", "time", "URI"]
TargetType = Literal["integer", "decimal"]
DATA_TYPES: tuple[DataType, ...] = get_args(DataType)
DATES = ("date", "datetime", "time")


@dataclass(frozen=True, slots=True)
class Column:
    """A variable. A date kept as a number has a date type and ``target`` integer; ``length`` is in characters;
    ``key`` is its place among the keys, from 1; ``format`` is the display format, such as ``DATE9.``."""

    oid: str
    name: str
    label: str
    type: DataType
    target: TargetType | None = None
    length: int | None = None
    format: str | None = None
    key: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether the column holds text: dates without a target do, since they may be partial."""
        return self.type in ("string", "URI") or (self.type in DATES and self.target is None)


@dataclass(frozen=True, slots=True)
class System:
    """The system that the data come from."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset: ``frame`` has text (String) or numbers per ``columns`` and may have other columns, which stay behind.

    ``oid`` is the ItemGroupDef's, ``study`` the Study's, ``version`` the MetaDataVersion's; ``reference`` is where the
    Define-XML document is, seen from the file. ``modified``: when the data last changed, ISO 8601.
    """

    oid: str
    name: str
    label: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    file: str | None = None
    originator: str | None = None
    system: System | None = None
    study: str | None = None
    version: str | None = None
    reference: str | None = None
    modified: str | None = None
