"""Dictionaries are read from what their publishers distribute; what is wrong is named by file and line."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.standards.dictionaries import KINDS, Dictionary, Findings, Term, content_hash, gather, read
from tests.dictionaries.releases import LOWEST, WHODRUG, Lowest, meddra


def loaded(kind: str, files: dict[str, bytes]) -> Dictionary:
    findings = Findings()
    dictionary = read(kind, files, findings)
    assert dictionary is not None, findings.faults
    assert not findings.faults
    return dictionary


def faults(kind: str, files: dict[str, bytes]) -> list[str]:
    findings = Findings()
    assert read(kind, files, findings) is None
    return [str(fault) for fault in findings.faults]


def term(dictionary: Dictionary, level: str, code: str) -> Term:
    return next(each for each in dictionary.terms if (each.level, each.code) == (level, code))


def test_a_meddra_release_has_its_five_levels_and_primary_paths() -> None:
    release = loaded("meddra", meddra())
    assert release.counts == {"SOC": 3, "HLGT": 3, "HLT": 4, "PT": 4, "LLT": 8}
    assert (release.version, release.language) == ("90.0", "English")
    queasy = term(release, "LLT", "10021")
    assert queasy.path == ("52", "402", "3002", "20002")
    assert term(release, "PT", "20002").parents == ("3002", "3001")  # multi-axial, the primary one first
    assert not term(release, "LLT", "10012").current


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("llt.asc", b"10011$Head pain$20001$\n", "llt.asc:1: error: the line has 4 fields"),
        ("llt.asc", b"x$Head pain$20001$$$$$$$Y$$\n", "llt.asc:1: error: x: the code is not a number"),
        ("llt.asc", b"10011$Head pain$99$$$$$$$Y$$\n", "llt.asc:1: error: 10011: no preferred term 99"),
        ("llt.asc", b"10011$Head pain$20001$$$$$$$?$$\n", "llt.asc:1: error: 10011: currency is '?'"),
        ("soc.asc", b"51$A$\n51$B$\n52$C$\n53$D$\n", "soc.asc:2: error: 51: the code is already on line 1"),
        ("pt.asc", b"20001$Head\xff$\n", "pt.asc:1: error: this is not UTF-8 text"),
        ("hlt.asc", b"3001$A$\n", "mdhier.asc:2: error: 3002: no such code in hlt.asc"),
    ],
)
def test_what_is_wrong_in_a_release_is_named_by_file_and_line(file: str, content: bytes, said: str) -> None:
    assert any(fault.startswith(said) for fault in faults("meddra", {**meddra(), file: content}))


def test_a_file_that_is_missing_is_named() -> None:
    files = meddra()
    del files["mdhier.asc"]
    assert faults("meddra", files)[0].startswith("mdhier.asc: error: the file is missing")


def test_a_link_that_the_hierarchy_does_not_have_is_mentioned() -> None:
    findings = Findings()
    assert read("meddra", {**meddra(), "hlt_pt.asc": b"3004$20001$\r\n"}, findings)
    assert (findings.errors, findings.warnings) == (0, 2)


def test_a_whodrug_release_names_drugs_by_generic_and_class() -> None:
    release = loaded("whodrug", WHODRUG)
    assert term(release, "DRUG", "00000101002").path == ("N", "N02", "N02B", "N02BE", "00000101001")
    assert term(release, "PREFERRED", "00000201001").parents == ("M01AE", "M02AA")
    assert release.counts["DRUG"] == 3


def test_a_table_takes_names_for_codes_that_are_not_given() -> None:
    text = b"LLT,PT,SOC,SOC_CODE,CURRENT\nSore head,Headache,Nervous,N1,Y\nOld head,Headache,Nervous,N1,N\n"
    table = loaded("table", {"x.csv": text})
    assert table.levels == ("SOC", "PT", "LLT")
    assert term(table, "LLT", "Sore head").path == ("N1", "Headache")
    assert not term(table, "LLT", "Old head").current


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "x.csv: error: the file is empty"),
        (b"A,A\n", "x.csv:1: error: a column is named twice"),
        (b"LLT,PT\na\n", "x.csv:2: error: the line has 1 fields (2, as the header has)"),
        (b"LLT,PT\n,b\n", "x.csv:2: error: LLT: the term has no name"),
        (b"LLT,PT\na,b\na,c\n", "x.csv:3: error: a: a is here twice, with another hierarchy"),
        (b"LLT,LLT_CODE\na,1\nb,1\n", "x.csv:3: error: 1: the code belongs to a"),
    ],
)
def test_what_is_wrong_in_a_table_is_named_by_line(text: bytes, said: str) -> None:
    assert faults("table", {"x.csv": text})[0].startswith(said)


def test_ctcae_comes_along() -> None:
    ctcae = loaded("ctcae", {})
    assert ctcae.counts == {"SOC": 26, "TERM": 837}  # NCI, CTCAE v5.0, 27 November 2017
    anaemia = next(each for each in ctcae.terms if each.name == "Anemia")
    assert (anaemia.code, anaemia.path) == ("10002272", ("Blood and lymphatic system disorders",))


def test_the_content_hash_does_not_depend_on_the_order_of_lines() -> None:
    one, other = meddra(), meddra(lowest=tuple(reversed(LOWEST)))
    assert content_hash(loaded("meddra", one).terms) == content_hash(loaded("meddra", other).terms)
    renamed = meddra(lowest=(Lowest(20001, "Headaches", 20001), *LOWEST[1:]))
    assert content_hash(loaded("meddra", renamed).terms) != content_hash(loaded("meddra", one).terms)


def test_files_come_out_of_an_archive_by_their_names() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in meddra().items():
            archive.writestr(f"MedAscii/{name.upper()}", content)
    findings = Findings()
    assert read("meddra", gather({"release.zip": packed.getvalue()}, findings), findings)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(set(KINDS) - {"ctcae"})), st.binary(max_size=400), st.integers(0, 9))
def test_files_of_any_content_are_refused_with_findings_and_nothing_else(kind: str, content: bytes, place: int) -> None:
    files = {"meddra": meddra(), "whodrug": dict(WHODRUG), "table": {"x.csv": b"LLT,PT\n"}}[kind]
    name = sorted(files)[place % len(files)]
    findings = Findings()
    dictionary = read(kind, gather({**files, name: content}, findings), findings)
    assert dictionary is None or findings.errors == 0
