"""What the importers of spreadsheets share: texts of cells, drafts of items whose expressions wait for all fields."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.study.faults import Fault, Severity
from helmont.study.text import Text

_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def words(text: str) -> str:
    """The words of a cell without HTML and control characters."""
    plain = html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text
    plain = _CONTROL.sub("", plain).encode("utf-8", "ignore").decode()
    return "\n".join(" ".join(line.split()) for line in plain.splitlines()).strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its line (from 1, with the header), and its cells by column name."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()


@dataclass
class Findings:
    """Findings about the rows of one file, or of one sheet of it."""

    file: str
    sheet: str = ""
    found: list[Fault] = field(default_factory=list)

    def say(
        self, row: Row | int, column: str, message: str, accepted: str = "", *, severity: Severity = "warning"
    ) -> None:
        line = row if isinstance(row, int) else row.line
        name = row["name"] if isinstance(row, Row) else ""
        place = ", ".join(part for part in (self.sheet, f"column {column}" if column else "", name) if part)
        self.found.append(Fault(self.file, line, place, message, accepted, severity))


@dataclass
class Draft:
    """An item on its way: its keyword arguments, and the expressions to be written when every field is known."""

    row: Row
    group: str
    arguments: dict[str, Any]
    relevant: str = ""
    calculation: str = ""
    constraint: str = ""
    message: Text | None = None

    @property
    def id(self) -> str:
        return str(self.arguments["id"])
