"""The rows of a data dictionary, under the names that the REDCap API gives the columns."""

from __future__ import annotations

import csv
import io

from helmont.standards.tables import Findings, Row

MAX_ROWS = 20_000
_HEADERS = {
    "variable / field name": "name",
    "field_name": "name",
    "form name": "form",
    "form_name": "form",
    "section header": "section",
    "section_header": "section",
    "field type": "type",
    "field_type": "type",
    "field label": "label",
    "field_label": "label",
    "choices, calculations, or slider labels": "choices",
    "select_choices_or_calculations": "choices",
    "field note": "note",
    "field_note": "note",
    "text validation type or show slider number": "validation",
    "text_validation_type_or_show_slider_number": "validation",
    "text validation min": "min",
    "text_validation_min": "min",
    "text validation max": "max",
    "text_validation_max": "max",
    "identifier?": "identifier",
    "identifier": "identifier",
    "branching logic (show field only if...)": "branching",
    "branching_logic": "branching",
    "required field?": "required",
    "required_field": "required",
    "custom alignment": "alignment",
    "custom_alignment": "alignment",
    "question number (surveys only)": "question",
    "question_number": "question",
    "matrix group name": "matrix",
    "matrix_group_name": "matrix",
    "matrix ranking?": "ranking",
    "matrix_ranking": "ranking",
    "field annotation": "annotation",
    "field_annotation": "annotation",
}
NEEDED = ("name", "form", "type", "label")


def rows_of(data: bytes, findings: Findings) -> list[Row]:
    """The rows of a dictionary; none, with errors in ``findings``, when this is not one."""
    text = decode(data, findings)
    if text is None:
        return []
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, [])
        names = [_HEADERS.get(name.strip().lower(), "") for name in header]
        for number, (title, name) in enumerate(zip(header, names, strict=True), 1):
            if not name:
                findings.say(1, title[:40] or str(number), "this column is not known and was not read", severity="note")
        missing = [name for name in NEEDED if name not in names]
        if missing:
            wanted = "the header of a data dictionary: Variable / Field Name, Form Name, Field Type, Field Label, ..."
            findings.say(1, "", f"this is no data dictionary: there is no column {', '.join(missing)}", wanted,
                         severity="error")  # fmt: skip
            return []
        line = reader.line_num + 1
        for cells in reader:
            here, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                message = f"the row has {len(cells)} cells, the header {len(names)}"
                findings.say(here, "", message, "as many cells as columns", severity="error")
                continue
            rows.append(Row(here, {name: cell for name, cell in zip(names, cells, strict=True) if name}))
            if len(rows) > MAX_ROWS:
                findings.say(here, "", f"more than {MAX_ROWS} fields", severity="error")
                break
    except csv.Error as error:
        findings.say(reader.line_num, "", f"not CSV: {error}", severity="error")
    return rows


def decode(data: bytes, findings: Findings) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        findings.say(line, "", "this is not UTF-8 text", "save the dictionary as UTF-8", severity="error")
        return None
    if not text.strip():
        findings.say(0, "", "the file is empty", "a data dictionary", severity="error")
        return None
    return text
