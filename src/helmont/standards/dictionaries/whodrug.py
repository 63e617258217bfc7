"""WHODrug Global in the B3 text format, as a licensee brings it: ``DD.txt``, ``DDA.txt`` and ``INA.txt``, fixed width.

Columns (from 1), as published descriptions of the B formats give them:

    DD   1-6 drug record number, 7-8 sequence 1 (salt), 9-11 sequence 2 (name), 31-33 year and quarter of entry, 34- name
    DDA  1-6 drug record number, 7-8 sequence 1, 9-11 sequence 2, 13-19 ATC code
    INA  1-7 ATC code, 8 level, 9- text

A name's preferred name is the record with the same number and sequence 1, and sequence 2 of 001. Some descriptions have
no year and quarter in DD; names then begin in column 31, which is told from the first lines. **Not verified** against a
licensed release, which nobody here holds; the C3 format (``MP.txt``, ``THG.txt`` …) is not read.

Here a drug name is coded to; its levels are ATC (the first class that DDA gives) and the preferred name.
"""

from __future__ import annotations

from collections.abc import Iterator

from helmont.standards.dictionaries.files import Files, lines
from helmont.standards.dictionaries.model import Dictionary, Findings, Term

LEVELS = ("ATC1", "ATC2", "ATC3", "ATC4", "PREFERRED", "DRUG")
NEEDED = ("dd.txt", "dda.txt", "ina.txt")
# Letters of an ATC code that name each of its levels (WHO Collaborating Centre for Drug Statistics Methodology).
ATC_LENGTHS = (1, 3, 4, 5)
_NO_CLASS = "-"


def read_whodrug(files: Files, findings: Findings) -> Dictionary | None:
    """The dictionary, or None with the reasons among the findings."""
    for name in NEEDED:
        if name not in files:
            findings.error(name, 0, "", "the file is missing", ", ".join(NEEDED).upper())
    if findings.errors:
        return None
    texts = _classes(files, findings)
    classes = _classified(files, texts, findings)
    drugs = list(_drugs(files, findings))
    preferred = {code[:8]: (code, name) for _, code, name in drugs if code[8:] == "001"}
    terms: dict[tuple[str, str], Term] = {}
    for number, code, name in drugs:
        if code[:8] not in preferred:
            findings.error(
                "dd.txt", number, code, "its preferred name (sequence 2 of 001) is missing", "a whole release"
            )
            continue
        own = classes.get(code) or classes.get(preferred[code[:8]][0], {})
        path: tuple[str, ...] = ()
        for place in _path(next(iter(own), _NO_CLASS)):
            level = LEVELS[len(path)]
            terms.setdefault((level, place), Term(level, place, texts.get(place, place), path, path[-1:]))
            path = (*path, place)
        generic_code, generic = preferred[code[:8]]
        under = tuple(own) or (_NO_CLASS,)
        terms.setdefault(("PREFERRED", generic_code), Term("PREFERRED", generic_code, generic, path, under))
        if ("DRUG", code) in terms:
            findings.error("dd.txt", number, code, "the number is here twice", "each record once")
        terms["DRUG", code] = Term("DRUG", code, name, (*path, generic_code), (generic_code,))
    if findings.errors:
        return None
    return Dictionary(LEVELS, tuple(terms.values()))


def _path(atc: str) -> Iterator[str]:
    """Codes of the four levels above an ATC code; a class given less precisely stands for the levels it leaves out."""
    for length in ATC_LENGTHS:
        yield atc[:length] if len(atc) >= length else atc


def _classes(files: Files, findings: Findings) -> dict[str, str]:
    texts = {_NO_CLASS: "Not classified"}
    for number, line in lines(files, "ina.txt", findings):
        code, text = line[:7].strip(), line[8:].strip()
        if not code or not text:
            findings.error("ina.txt", number, code, "no code or no text", "ATC code in 1-7, text from 9")
        else:
            texts[code] = text
    return texts


def _classified(files: Files, texts: dict[str, str], findings: Findings) -> dict[str, dict[str, None]]:
    """Record number with both sequences (11 digits) to its ATC codes."""
    found: dict[str, dict[str, None]] = {}
    for number, line in lines(files, "dda.txt", findings):
        code, atc = line[:11], line[12:19].strip()
        if len(code) < 11 or not code.isdigit() or not atc:
            findings.error("dda.txt", number, code[:11], "no record number or no class", "number in 1-11, ATC in 13-19")
        elif atc not in texts:
            findings.warning("dda.txt", number, atc, "INA.txt does not name this class")
            found.setdefault(code, {})[atc] = None
        else:
            found.setdefault(code, {})[atc] = None
    return found


def _drugs(files: Files, findings: Findings) -> Iterator[tuple[int, str, str]]:
    """Line, number (11 digits) and name of each record."""
    read = list(lines(files, "dd.txt", findings))
    dated = bool(read) and all(line[30:33].isdigit() for _, line in read)
    for number, line in read:
        code, name = line[:11], line[33 if dated else 30 :].strip()
        if len(code) < 11 or not (code.isascii() and code.isdigit()):
            findings.error("dd.txt", number, code, "this is no record number", "11 digits in columns 1-11")
        elif not name:
            findings.error("dd.txt", number, code, "the record has no name", "a name from column 34")
        else:
            yield number, code, name
