"""Result files of a central laboratory as CSV, by a declared mapping of what is meant to the file's headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from helmont.standards.laboratory import (
    MAX_BYTES,
    MAX_RESULTS,
    LabResult,
    Status,
    UnreadableFile,
    read_moment,
    split_comparator,
)
from helmont.study.faults import Fault, one_of

NEEDED = ("participant", "test", "result")
STATUSES: dict[str, Status] = {
    "": "final", "F": "final", "FINAL": "final", "P": "preliminary", "PRELIMINARY": "preliminary", "C": "corrected",
    "CORRECTED": "corrected", "X": "cancelled", "CANCELLED": "cancelled", "NOT DONE": "cancelled",
}  # fmt: skip
_FASTING = {"": None, "Y": True, "N": False, "YES": True, "NO": False}


def read_csv(
    data: bytes, file: str, columns: Mapping[str, str], delimiter: str = ","
) -> tuple[list[LabResult], list[Fault]]:
    """The results of a file, and every line that could not be read with the reason; ``UnreadableFile`` for a file as such."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(Fault(file, 0, "", f"the file has {len(data)} bytes", f"at most {MAX_BYTES}"))
    for name in NEEDED:
        if name not in columns:
            raise UnreadableFile(Fault(file, 0, name, "the mapping does not say which column this is", f"{name}: ..."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableFile(Fault(file, line, "", "this is not UTF-8 text", "save the file as UTF-8")) from None
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    results: list[LabResult] = []
    faults: list[Fault] = []
    head: list[str] = []
    try:
        head = [name.strip() for name in next(rows, [])]
        places = _places(file, head, columns)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                wrong = f"this line has {len(cells)} cells and the heading {len(head)}"
                faults.append(Fault(file, rows.line_num, "", wrong, "one cell for each heading"))
                continue
            given = {name: cells[place].strip() for name, place in places.items()}
            found = _result(file, rows.line_num, given, columns, faults)
            if found is not None:
                results.append(found)
            if len(results) > MAX_RESULTS:
                raise UnreadableFile(Fault(file, rows.line_num, "", "the file is too long", f"{MAX_RESULTS} results"))
    except csv.Error as error:
        raise UnreadableFile(Fault(file, rows.line_num, "", f"not CSV: {error}", "cells in straight quotes")) from None
    return results, faults


def _places(file: str, head: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    places = {}
    for name, heading in columns.items():
        if head.count(heading) == 1:
            places[name] = head.index(heading)
        elif heading in head:
            raise UnreadableFile(Fault(file, 1, heading, "the heading occurs more than once", "each heading once"))
        elif name in NEEDED:
            raise UnreadableFile(Fault(file, 1, heading, "there is no column with this heading", one_of(head, heading)))
    return places


def _result(
    file: str, line: int, given: Mapping[str, str], columns: Mapping[str, str], faults: list[Fault]
) -> LabResult | None:
    before = len(faults)

    def wrong(name: str, message: str, accepted: str) -> None:
        faults.append(Fault(file, line, columns.get(name, name), message, accepted))

    status = STATUSES.get(given.get("status", "").upper())
    if status is None:
        wrong("status", f"{given['status'][:40]} is not a status", one_of([name for name in STATUSES if name]))
    fasting = given.get("fasting", "").upper()
    if fasting not in _FASTING:
        wrong("fasting", f"{fasting[:40]} is not an answer", "Y, N or empty")
    moment = read_moment(given["date"]) if given.get("date") else None
    if given.get("date") and moment is None:
        wrong("date", f"{given['date'][:40]} is not a date", "2014-01-16 or 20140116, with or without a time")
    for name in ("participant", "test"):
        if not given[name]:
            wrong(name, "the cell is empty", f"the {name}")
    if not given["result"] and status != "cancelled":
        wrong("result", "the result is missing", "a number, or a status saying that there is none")
    if len(faults) > before or status is None:
        return None
    comparator, value = split_comparator(given["result"])
    return LabResult(
        line=line,
        place=columns["result"],
        participant=given["participant"],
        visit=given.get("visit", ""),
        collected=moment[0] if moment else None,
        time=given.get("time") or (moment[1] if moment else ""),
        codes=(given["test"],),
        value=value,
        comparator=given.get("comparator", "") or comparator,
        unit=given.get("unit", ""),
        status=status,
        fasting=_FASTING[fasting],
    )
