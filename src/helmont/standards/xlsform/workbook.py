"""The sheets of an XLSForm workbook as rows of texts, and the languages of its columns."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from python_calamine import CalamineError, CalamineWorkbook

from helmont.standards.archives import BadArchive, unpack
from helmont.standards.tables import Findings, Row

MAX_ROWS = 20_000
MAX_COLUMNS = 400
MAX_UNPACKED = 100_000_000
MAX_FILES = 1_000
_LANGUAGE = re.compile(r"\(([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\)\s*$|^\s*([a-z]{2,3}(?:-[A-Z]{2})?)\s*$")
_NAMES = {"english": "en", "nederlands": "nl", "dutch": "nl", "français": "fr", "french": "fr", "deutsch": "de",
          "german": "de", "español": "es", "spanish": "es"}  # fmt: skip
_TRANSLATED = ("label", "hint", "constraint_message", "required_message")


@dataclass
class Workbook:
    """The rows of each sheet, and for each written language (``Nederlands (nl)``) its code."""

    survey: list[Row] = field(default_factory=list)
    choices: list[Row] = field(default_factory=list)
    settings: Row = field(default_factory=lambda: Row(1, {}))
    languages: dict[str, str] = field(default_factory=dict)


def read_workbook(data: bytes, file: str, findings: list[Findings]) -> Workbook | None:
    """The workbook, or None with an error in ``findings``."""
    about = Findings(file)
    findings.append(about)
    try:
        unpack(data, most_files=MAX_FILES, most_bytes=MAX_UNPACKED)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = {name.strip().lower(): name for name in book.sheet_names}
        tables = {
            name: book.get_sheet_by_name(names[name]).to_python(skip_empty_area=False, nrows=MAX_ROWS + 1)
            for name in ("survey", "choices", "settings")
            if name in names
        }
    except BadArchive as error:
        about.say(0, "", f"this is not a workbook: {error}", error.accepted, severity="error")
        return None
    except (CalamineError, ValueError) as error:  # a ValueError of the reader: a cell that no Python value can hold
        about.say(
            0, "", f"this is not a workbook: {' '.join(str(error).split())[:120]}", "an .xlsx file", severity="error"
        )
        return None
    except BaseException as error:  # the reader is native code, and its panics are no Exceptions
        if type(error).__name__ != "PanicException":
            raise
        about.say(0, "", "this is not a workbook that can be read", "an .xlsx file", severity="error")
        return None
    if "survey" not in tables:
        about.say(0, "", "there is no sheet named survey", "the sheets survey, choices and settings", severity="error")
        return None
    made = Workbook()
    for sheet in ("survey", "choices", "settings"):
        own = Findings(file, sheet)
        findings.append(own)
        rows = _rows(tables.get(sheet, []), own, made.languages)
        if sheet == "settings":
            made.settings = rows[0] if rows else made.settings
        else:
            setattr(made, sheet, rows)
    return made


def _rows(table: Sequence[Sequence[object]], findings: Findings, languages: dict[str, str]) -> list[Row]:
    if not table:
        return []
    if len(table) > MAX_ROWS or len(table[0]) > MAX_COLUMNS:
        findings.say(0, "", f"more than {MAX_ROWS} rows or {MAX_COLUMNS} columns", severity="error")
        return []
    header = [_column(_text(cell), findings, languages) for cell in table[0]]
    rows = []
    for line, cells in enumerate(table[1:], 2):
        texts = {name: _text(cell) for name, cell in zip(header, cells, strict=False) if name and _text(cell)}
        if texts:
            rows.append(Row(line, texts))
    return rows


def _column(title: str, findings: Findings, languages: dict[str, str]) -> str:
    """The name of a column; ``label::Nederlands (nl)`` becomes ``label::nl``."""
    name, separator, language = (part.strip() for part in title.partition("::" if "::" in title else ":"))
    name = name.lower().replace(" ", "_")
    if not separator or name not in _TRANSLATED:
        return name
    match = _LANGUAGE.search(language)
    code = (match[1] or match[2]) if match else _NAMES.get(language.lower(), "")
    if not code:
        message = f"the language {language[:40]} has no code, so its column was not read"
        findings.say(1, title[:40], message, "label::Nederlands (nl)")
        return ""
    languages[language] = code
    return f"{name}::{code}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
