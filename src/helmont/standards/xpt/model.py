"""A dataset as it goes into a transport file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import polars as pl

_FORMAT = re.compile(r"(\$?[A-Za-z_]{0,8}(?:[A-Za-z_0-9]*[A-Za-z_])?)(\d{0,3})\.?(\d{0,2})")


@dataclass(frozen=True, slots=True)
class Format:
    """A SAS format taken apart: ``DATE9.`` is DATE, 9, 0; ``8.2`` is "", 8, 2; ``$20.`` is $, 20, 0."""

    name: str = ""
    width: int = 0
    decimals: int = 0

    def __str__(self) -> str:
        if not self.name and not self.width:
            return ""
        return f"{self.name}{self.width or ''}.{self.decimals or ''}"


def parse_format(text: str) -> Format | None:
    """The format that the text writes; ``None`` when it is none, or its name is longer than 8 characters."""
    found = _FORMAT.fullmatch(text.strip())
    if found is None or len(found[1]) > 8:
        return None
    return Format(found[1].upper(), int(found[2] or 0), int(found[3] or 0))


@dataclass(frozen=True, slots=True)
class Column:
    """A variable: ``length`` in bytes, 1 to 200 for text and 2 to 8 for numbers, as the definition of the data says.

    Numbers under a date format are days since 1960-01-01, under a date-time format seconds since then, under a time
    format seconds since midnight (SAS dates). ``right``: shown justified to the right.
    """

    name: str
    label: str
    type: Literal["text", "number"]
    length: int = 8
    format: str = ""
    informat: str = ""
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset: ``frame`` has a column of text (String) or numbers per ``columns``, and may have others, such as
    ``_row``, that stay behind. An empty text is null; a missing number is null."""

    name: str
    label: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a transport file says of itself. Years are written with two digits and read as 1960 to 2059."""

    created: datetime
    modified: datetime | None = None
    version: str = field(default="5.0", kw_only=True)
    system: str = field(default="HELMONT", kw_only=True)
    type: str = field(default="", kw_only=True)
