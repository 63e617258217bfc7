"""MedDRA's ASCII distribution, as a licensee brings it (MedDRA Data Retrieval and Presentation: file format document).

One line a record, fields parted by ``$``. Needed: ``llt.asc pt.asc hlt.asc hlgt.asc soc.asc mdhier.asc``. The link files
(``hlt_pt.asc hlgt_hlt.asc soc_hlgt.asc``) say what ``mdhier.asc`` says as well; where they are brought they have to agree.
``meddra_release.asc`` names version and language.

MedDRA is multi-axial: a preferred term can hang under several system organ classes and has one primary one, whose path
(field 12 of ``mdhier.asc`` is Y) is the path of the term here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from helmont.standards.dictionaries.files import Files, lines
from helmont.standards.dictionaries.model import Dictionary, Findings, Term

LEVELS = ("SOC", "HLGT", "HLT", "PT", "LLT")
NEEDED = ("soc.asc", "hlgt.asc", "hlt.asc", "pt.asc", "llt.asc", "mdhier.asc")
# The link files: the broader level's code comes first.
LINKS = {"soc_hlgt.asc": (3, 2), "hlgt_hlt.asc": (2, 1), "hlt_pt.asc": (1, 0)}
_LEAST_FIELDS = {"llt.asc": 10, "pt.asc": 4, "mdhier.asc": 12}
_CURRENCY = 9  # of llt.asc: Y while the term is current
Names = dict[str, dict[str, str]]
Path = tuple[str, str, str]


def read_meddra(files: Files, findings: Findings) -> Dictionary | None:
    """The dictionary, or None with the reasons among the findings."""
    for name in NEEDED:
        if name not in files:
            findings.error(name, 0, "", "the file is missing", ", ".join(NEEDED))
    if findings.errors:
        return None
    names: Names = {}
    for level in LEVELS[:3]:
        names[level] = {code: fields[1] for _, code, fields in _coded(files, f"{level.lower()}.asc", findings)}
    preferred = {code: fields[1] for _, code, fields in _coded(files, "pt.asc", findings)}
    primary, parents = _hierarchy(files, names, preferred, findings)
    for code in preferred.keys() - primary.keys():
        findings.error("pt.asc", 0, code, f"{preferred[code]} has no primary path", "a line in mdhier.asc with Y")
    lowest = list(_lowest(files, preferred, primary, findings))
    _check_links(files, parents, findings)
    if findings.errors:
        return None
    terms = [*_broader(names, parents), *lowest]
    for code, name in preferred.items():
        path = primary[code]
        held = tuple(dict.fromkeys((path[2], *parents["PT"].get(code, ()))))
        terms.append(Term("PT", code, name, path, held))
    version, language = _release(files)
    return Dictionary(LEVELS, tuple(terms), version, language)


def _records(files: Files, name: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    least = _LEAST_FIELDS.get(name, 2)
    for number, line in lines(files, name, findings):
        fields = [field.strip() for field in line.split("$")]
        if len(fields) < least:
            findings.error(name, number, "", f"the line has {len(fields)} fields", f"at least {least}, parted by $")
        else:
            yield number, fields


def _coded(files: Files, name: str, findings: Findings) -> Iterator[tuple[int, str, list[str]]]:
    """Records that begin with a code and a name, each code once."""
    seen: dict[str, int] = {}
    for number, fields in _records(files, name, findings):
        code = fields[0]
        if not (code.isascii() and code.isdigit()):
            findings.error(name, number, code[:20], "the code is not a number", "digits, such as 10019211")
        elif not fields[1]:
            findings.error(name, number, code, "the term has no name", "a name in the second field")
        elif code in seen:
            findings.error(name, number, code, f"the code is already on line {seen[code]}", "each code once")
        else:
            seen[code] = number
            yield number, code, fields


def _hierarchy(
    files: Files, names: Names, preferred: Mapping[str, str], findings: Findings
) -> tuple[dict[str, Path], dict[str, dict[str, dict[str, None]]]]:
    """Primary path (SOC, HLGT, HLT) of each preferred term, and per level: code to the codes it hangs under."""
    primary: dict[str, Path] = {}
    parents: dict[str, dict[str, dict[str, None]]] = {"PT": {}, "HLT": {}, "HLGT": {}}
    for number, fields in _records(files, "mdhier.asc", findings):
        term, hlt, hlgt, soc = fields[:4]
        known = (("pt.asc", term, preferred), *((f"{n.lower()}.asc", c, names[n]) for n, c in _pairs(hlt, hlgt, soc)))
        unknown = [(file, code) for file, code, codes in known if code not in codes]
        for file, code in unknown:
            findings.error("mdhier.asc", number, code[:20], f"no such code in {file}", "codes of the same release")
        if unknown:
            continue
        parents["PT"].setdefault(term, {})[hlt] = None
        parents["HLT"].setdefault(hlt, {})[hlgt] = None
        parents["HLGT"].setdefault(hlgt, {})[soc] = None
        if fields[11] == "Y":
            if term in primary:
                findings.error("mdhier.asc", number, term, "a second primary path", "one line with Y for each term")
            primary[term] = (soc, hlgt, hlt)
    return primary, parents


def _pairs(hlt: str, hlgt: str, soc: str) -> tuple[tuple[str, str], ...]:
    return (("HLT", hlt), ("HLGT", hlgt), ("SOC", soc))


def _lowest(
    files: Files, preferred: Mapping[str, str], primary: Mapping[str, Path], findings: Findings
) -> Iterator[Term]:
    for number, code, fields in _coded(files, "llt.asc", findings):
        term = fields[2]
        if term not in preferred:
            findings.error("llt.asc", number, code, f"no preferred term {term[:20]}", "a code of pt.asc")
        elif fields[_CURRENCY] not in ("Y", "N"):
            findings.error("llt.asc", number, code, f"currency is {fields[_CURRENCY][:20]!r}", "Y or N")
        elif term in primary:
            yield Term("LLT", code, fields[1], (*primary[term], term), (term,), fields[_CURRENCY] == "Y")


def _check_links(files: Files, parents: Mapping[str, Mapping[str, Mapping[str, None]]], findings: Findings) -> None:
    """A link that a link file has and ``mdhier.asc`` has not, or the other way round, is a warning."""
    for name in LINKS.keys() & files.keys():
        level = name.removesuffix(".asc").rpartition("_")[2].upper()
        told = {(narrow, broad) for narrow, broads in parents[level].items() for broad in broads}
        listed = set()
        for number, fields in _records(files, name, findings):
            link = (fields[1], fields[0])
            listed.add(link)
            if link not in told:
                findings.warning(name, number, fields[1][:20], "mdhier.asc does not have this link")
        if missing := len(told - listed):
            findings.warning(name, 0, "", f"{missing} links of mdhier.asc are not here")


def _broader(names: Names, parents: Mapping[str, Mapping[str, Mapping[str, None]]]) -> Iterator[Term]:
    for code, name in names["SOC"].items():
        yield Term("SOC", code, name)
    for code, name in names["HLGT"].items():
        socs = tuple(parents["HLGT"].get(code, ()))
        yield Term("HLGT", code, name, socs[:1], socs)
    for code, name in names["HLT"].items():
        groups = tuple(parents["HLT"].get(code, ()))
        socs = tuple(parents["HLGT"].get(groups[0], ())) if groups else ()
        yield Term("HLT", code, name, (*socs[:1], *groups[:1]), groups)


def _release(files: Files) -> tuple[str, str]:
    """Version and language as ``meddra_release.asc`` states them; empty when it is not there."""
    ignored = Findings()
    first: Sequence[str] = ()
    if "meddra_release.asc" in files:
        first = next((line.split("$") for _, line in lines(files, "meddra_release.asc", ignored)), ())
    return (first[0].strip() if first else "", first[1].strip() if len(first) > 1 else "")
