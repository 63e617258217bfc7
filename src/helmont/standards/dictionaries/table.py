"""A dictionary as one CSV table: a line for each term that is coded to, and its levels beside it.

The header names the levels, narrowest first: ``LLT,PT,HLT,SOC``. A column ``<level>_CODE`` gives the codes of a level
(without it the name is its own code), ``CURRENT`` holds Y or N, ``NOTE`` a remark shown to the coder.
"""

from __future__ import annotations

import csv
import re

from helmont.standards.dictionaries.files import Files, lines
from helmont.standards.dictionaries.model import Dictionary, Findings, Term

MOST_LEVELS = 8
_LEVEL = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{0,19}")
_OTHER = ("CURRENT", "NOTE")


def read_table(files: Files, findings: Findings) -> Dictionary | None:
    """The dictionary of the one CSV file there is, or None with the reasons among the findings."""
    names = [name for name in files if name.endswith(".csv")]
    if len(names) != 1:
        findings.error(
            names[1] if names else "", 0, "", f"{len(names)} CSV files were brought", "one file ending in .csv"
        )
        return None
    [name] = names
    return _read(files, name, findings)


def _read(files: Files, name: str, findings: Findings) -> Dictionary | None:
    numbered = list(lines(files, name, findings))
    if not numbered:
        findings.error(name, 0, "", "the file is empty", "a header and a line for each term")
        return None
    reader = csv.reader(line for _, line in numbered)
    try:
        rows = list(reader)
    except csv.Error as error:
        findings.error(name, reader.line_num, "", f"not CSV: {error}", "fields parted by commas, quoted where needed")
        return None
    if len(rows) != len(numbered):
        findings.error(name, 0, "", "a quoted field runs over more than one line", "each term on one line")
        return None
    header = [column.strip() for column in rows[0]]
    levels = _levels(name, header, findings)
    if not levels:
        return None
    places = {column.upper(): place for place, column in enumerate(header)}
    terms: dict[tuple[str, str], Term] = {}
    for (number, _), row in zip(numbered[1:], rows[1:], strict=True):
        if len(row) != len(header):
            findings.error(name, number, "", f"the line has {len(row)} fields", f"{len(header)}, as the header has")
            continue
        cells = {column: row[place].strip() for column, place in places.items()}
        _take(name, number, levels, cells, terms, findings)
    if findings.errors:
        return None
    return Dictionary(tuple(reversed(levels)), tuple(terms.values()))


def _levels(name: str, header: list[str], findings: Findings) -> list[str]:
    """The levels that the header names, narrowest first; none when it cannot be used."""
    upper = [column.upper() for column in header]
    levels = [
        column
        for column in upper
        if column not in _OTHER and not (column.endswith("_CODE") and column.removesuffix("_CODE") in upper)
    ]
    for column in levels:
        if not _LEVEL.fullmatch(column):
            findings.error(name, 1, column[:20], "this is not the name of a level", "letters and digits, at most 20")
    if len(set(upper)) != len(upper):
        findings.error(name, 1, "", "a column is named twice", "each column once")
    if not 1 <= len(levels) <= MOST_LEVELS:
        findings.error(name, 1, "", f"{len(levels)} levels", f"1 to {MOST_LEVELS}, the narrowest first")
    return [] if findings.errors else levels


def _take(
    name: str,
    number: int,
    levels: list[str],
    cells: dict[str, str],
    terms: dict[tuple[str, str], Term],
    findings: Findings,
) -> None:
    if not cells[levels[0]]:
        findings.error(name, number, levels[0], "the term has no name", "a name")
        return
    current = cells.get("CURRENT", "Y").upper() or "Y"
    if current not in ("Y", "N"):
        findings.error(name, number, "CURRENT", f"{current[:20]} is not accepted here", "Y or N")
        return
    path: tuple[str, ...] = ()
    for level in reversed(levels):
        label = cells[level]
        if not label:
            continue
        code = cells.get(f"{level}_CODE") or label
        narrowest = level == levels[0]
        note = cells.get("NOTE", "") if narrowest else ""
        term = Term(level, code, label, path, path[-1:], current == "Y" or not narrowest, note)
        known = terms.setdefault((level, code), term)
        if known.name != term.name:
            findings.error(name, number, code[:20], f"the code belongs to {known.name[:40]}", "one name for each code")
        elif narrowest and known is not term and known != term:
            findings.error(
                name, number, code[:20], f"{label[:40]} is here twice, with another hierarchy", "each term once"
            )
        path = (*path, code)
