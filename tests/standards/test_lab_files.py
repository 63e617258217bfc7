"""Result files: what is read, what is said of what cannot be, and that nothing whatever breaks the readers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.standards.hl7v2.oru import read_oru
from helmont.standards.lab_csv import read_csv
from helmont.standards.laboratory import UnreadableFile, read_moment, split_comparator

COLUMNS = {"participant": "SUBJ", "visit": "VISIT", "date": "DATE", "test": "TEST", "result": "RESULT", "unit": "UNIT",
           "status": "STATUS", "fasting": "FAST"}  # fmt: skip
CSV = """\ufeffSUBJ,VISIT,DATE,TEST,RESULT,UNIT,STATUS,FAST,EXTRA
701-001,2,2026-01-19T08:30,ALT,34,U/L,F,Y,x
701-001,2,20260119,BILI,<0.2,mg/dL,,,x
701-001,2,19 Jan,K,4.1,mmol/L,F,,x
,2,2026-01-19,K,4.1,mmol/L,F,,x
701-001,2,2026-01-19,K,,mmol/L,F,,x
701-001,2,2026-01-19,K,,mmol/L,X,,x
701-001,2,2026-01-19,K,4.1,mmol/L,QUITE,MAYBE,x
701-001,2
"""
MESSAGE = (
    "MSH|^~\\&|LAB|L|EDC|S|20260120||ORU^R01^ORU_R01|1|P|2.5.1||||||8859/1\r"
    "PID|1||701-001^^^TRIAL||Doe^Jane||19700101|F\r"
    "OBR|1|||CHEM|||20260119083000+0100||||||2||||||||||||F\r"
    "OBX|1|NM|1742-6^ALT^LN^ALT^^L||34|U/L^unit^UCUM|7-40|N|||F\r"
    "OBX|2|SN|1975-2^Bilirubin^LN||<^0.2|mg/dL||L|||C\r"
    "OBX|3|ST|2823-3^K\\S\\Kalium^LN||4.1|mmol/L||||Z|Q\r"
    "NTE|1|L|Gr\xfc\xdfe\r"
)


def test_a_line_becomes_a_result_or_says_why_not() -> None:
    results, faults = read_csv(CSV.encode(), "lab.csv", COLUMNS)
    first, second, third = results
    assert (first.participant, first.visit, first.collected, first.time) == ("701-001", "2", date(2026, 1, 19), "08:30")
    assert (first.number, first.unit, first.fasting, first.status) == (Decimal(34), "U/L", True, "final")
    assert (second.comparator, second.value, second.time) == ("<", "0.2", "")
    assert third.status == "cancelled"
    assert [(fault.line, fault.place) for fault in faults] == [
        (4, "DATE"), (5, "SUBJ"), (6, "RESULT"), (8, "STATUS"), (8, "FAST"), (9, "")
    ]  # fmt: skip
    assert all(fault.message for fault in faults)


@pytest.mark.parametrize(
    ("data", "line", "place"),
    [
        (b"", 1, "SUBJ"),
        (b"SUBJ,TEST\n1,2\n", 1, "RESULT"),
        (b"SUBJ,TEST,RESULT,RESULT\n", 1, "RESULT"),
        (b'SUBJ,TEST,RESULT\n1,"2,3\n', 3, ""),
        (b"SUBJ,TEST,RESULT\n1,\xff,3\n", 2, ""),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_place(data: bytes, line: int, place: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_csv(data, "lab.csv", {"participant": "SUBJ", "test": "TEST", "result": "RESULT"})
    assert (refused.value.fault.file, refused.value.fault.place) == ("lab.csv", place)
    assert abs(refused.value.fault.line - line) <= 1


def test_an_observation_report() -> None:
    results, faults = read_oru(MESSAGE.encode("latin-1"), "lab.hl7", "PID-3", "OBR-13")
    alt, bilirubin = results
    assert (alt.participant, alt.visit, alt.collected, alt.time) == ("701-001", "2", date(2026, 1, 19), "08:30")
    assert (alt.codes, alt.number, alt.unit, alt.reference) == (("1742-6", "ALT"), Decimal(34), "U/L", "7-40")
    assert (bilirubin.comparator, bilirubin.value, bilirubin.status) == ("<", "0.2", "corrected")
    errors = [fault for fault in faults if fault.severity == "error"]
    assert [(fault.line, fault.place) for fault in errors] == [(6, "OBX[3]-11")]


def test_names_are_left_out_and_that_is_said() -> None:
    results, faults = read_oru(MESSAGE.encode("latin-1"), "lab.hl7", "PID-3", "OBR-13")
    assert [(f.place, f.severity) for f in faults if f.severity == "warning"] == [
        ("PID[1]-5", "warning"), ("PID[1]-7", "warning")
    ]  # fmt: skip
    said = repr(results) + repr(faults)
    assert "Doe" not in said
    assert "Jane" not in said
    assert "1970" not in said


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ("8859/1", "UNICODE UTF-16", "MSH-18"),
        ("^~\\&", "^^^^", "MSH-2"),
        ("ORU^R01^ORU_R01", "ADT^A01", "MSH[1]-9"),
        ("OBR|1", "ZZZ|1", "OBX[1]"),
        ("||701-001^^^TRIAL", "||", "OBX[1]"),
        ("20260119083000+0100", "the 19th", "OBR[1]-7"),
        ("OBX|1|NM", "OBX|1|RP", "OBX[1]-2"),
        ("OBX|2", "O", ""),
    ],
)
def test_a_fault_names_segment_and_field(was: str, becomes: str, place: str) -> None:
    data = MESSAGE.replace(was, becomes).encode("latin-1")
    try:
        faults = read_oru(data, "lab.hl7", "PID-3", "OBR-13")[1]
    except UnreadableFile as refused:
        faults = [refused.fault]
    assert place in [fault.place for fault in faults]


def test_a_batch_and_other_line_ends_are_read() -> None:
    batch = f"FHS|^~\\&\nBHS|^~\\&\n{MESSAGE}{MESSAGE}BTS|2\nFTS|1\n".replace("\r", "\r\n")
    assert len(read_oru(batch.encode("latin-1"), "lab.hl7", "PID-3", None)[0]) == 4


@settings(max_examples=150)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_break_a_reader(noise: bytes, place: int) -> None:
    for data, read in (
        (MESSAGE.encode("latin-1"), lambda d: read_oru(d, "f", "PID-3", "OBR-13")),
        (CSV.encode(), lambda d: read_csv(d, "f", COLUMNS)),
    ):
        for broken in (noise, data[:place] + noise + data[place:], data[:place] + data[place + len(noise) :]):
            try:
                results, faults = read(broken)
            except UnreadableFile as refused:
                results, faults = [], [refused.fault]
            assert all(fault.file == "f" and fault.message for fault in faults)
            assert all(result.participant for result in results)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2014-01-16", (date(2014, 1, 16), "")),
        ("20140116", (date(2014, 1, 16), "")),
        ("20140116093001.1+0100", (date(2014, 1, 16), "09:30")),
        ("2014-01-16T09:30", (date(2014, 1, 16), "09:30")),
        ("20141301", None),
        ("201401", None),
        ("٢٠١٤٠١١٦", None),
    ],
)
def test_moments(text: str, read: tuple[date, str] | None) -> None:
    assert read_moment(text) == read


def test_comparators() -> None:
    assert [split_comparator(text) for text in ("<0.2", "> 4", "<=5", "5", "<low")] == [
        ("<", "0.2"), (">", "4"), ("<", "5"), ("", "5"), ("", "<low")
    ]  # fmt: skip
