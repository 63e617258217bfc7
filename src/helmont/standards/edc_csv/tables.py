"""Rows of a CSV file with the lines they stand on."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from helmont.study.faults import Fault, StudyFaults, one_of

MAX_BYTES = 500_000_000
_COLUMN = re.compile(r"\{([^{}\[\]]+)(?:\[(\d*):(\d*)\])?\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One record: its texts by column, and the line of the file on which it begins."""

    file: str
    number: int
    cells: Mapping[str, str]

    def first(self, columns: str) -> str:
        """The text of the first of ``A|B`` that holds any."""
        return next((text for column in columns.split("|") if (text := self.cells.get(column, "").strip())), "")

    def filled(self, template: str) -> str:
        """A text with columns in braces, whole or in part: ``{PATNUM}``, ``{PATNUM[:3]}``."""

        def replace(found: re.Match[str]) -> str:
            text = self.cells.get(found[1], "").strip()
            start, stop = (int(number) if number else None for number in (found[2], found[3]))
            return text[start:stop]

        return _COLUMN.sub(replace, template)

    def meets(self, when: Mapping[str, tuple[str, ...]], unless: Mapping[str, tuple[str, ...]]) -> bool:
        return all(self.first(column) in texts for column, texts in when.items()) and not any(
            self.first(column) in texts for column, texts in unless.items()
        )


def read_table(path: Path, columns: set[str]) -> Iterator[Line]:
    """The records of a file in UTF-8. Raises ``StudyFaults`` for one that is not there, is no CSV or lacks a column."""
    name = path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise StudyFaults([Fault(name, 0, "", "the file is too large", f"at most {MAX_BYTES} bytes")])
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            lacking = sorted(columns - set(header))
            if lacking:
                faults = [Fault(name, 1, one, f"there is no column {one}", one_of(header, one)) for one in lacking]
                raise StudyFaults(faults)
            number = reader.line_num + 1
            for cells in reader:
                if cells:
                    if len(cells) != len(header):
                        message = f"the row has {len(cells)} cells"
                        raise StudyFaults([Fault(name, number, "", message, f"{len(header)}, as the first row")])
                    yield Line(name, number, dict(zip(header, cells, strict=True)))
                number = reader.line_num + 1
    except FileNotFoundError:
        raise StudyFaults([Fault(name, 0, "", "the file is missing", "a file beside the others")]) from None
    except UnicodeDecodeError:
        raise StudyFaults([Fault(name, 0, "", "this is not UTF-8 text", "save the file as UTF-8")]) from None
    except csv.Error as error:
        raise StudyFaults([Fault(name, reader.line_num, "", f"not CSV: {error}")]) from None
    except OSError as error:
        raise StudyFaults([Fault(name, 0, "", f"the file cannot be read: {error.strerror}")]) from None
