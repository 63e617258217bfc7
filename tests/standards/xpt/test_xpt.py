"""SAS transport files: what we write is what SAS wrote, and what other readers read."""

from __future__ import annotations

import contextlib
import io
import math
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from helmont.standards.xpt import Column, Stamp, Table, read, table_findings, write
from helmont.standards.xpt.floats import LARGEST, MISSING, SMALLEST, from_ibm, to_ibm
from helmont.study.faults import StudyFaults

STAMP = Stamp(datetime(2026, 11, 22, 14, 30, 5))
VITALS = Table(
    "ADVS",
    "Vital Signs Analysis Dataset",
    (
        Column("USUBJID", "Unique Subject Identifier", "text", 11),
        Column(
            "PARAM", "Parameter", "text", 60, "$60."
        ),  # rows over 80 bytes: pandas miscounts shorter ones that hold blanks
        Column("AVAL", "Analysis Value", "number", 8, "8.2"),
        Column("ADT", "Analysis Date", "number", 8, "DATE9."),
    ),
    pl.DataFrame(
        {
            "USUBJID": ["01-701-1015", "01-701-1015", "01-701-1023"],
            "PARAM": ["Systolic Blood Pressure (mmHg)", None, "  indented"],
            "AVAL": [131.0, None, -0.1],
            "ADT": [float((date(2014, 1, 2) - date(1960, 1, 1)).days), None, 0.0],
            "_row": [0, 1, 2],
        }
    ),
)


def written(table: Table, **options: str) -> bytes:
    stream = io.BytesIO()
    assert write(table, stream, STAMP, **options) == table.frame.height
    return stream.getvalue()


def values(table: Table) -> pl.DataFrame:
    return table.frame.select([column.name for column in table.columns])


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "advs.xpt"
    path.write_bytes(written(VITALS))
    table, stamp = read(path)
    assert (table.name, table.label, table.columns) == (VITALS.name, VITALS.label, VITALS.columns)
    assert stamp == Stamp(STAMP.created, STAMP.created)
    assert_frame_equal(table.frame, values(VITALS))


def test_other_readers_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "advs.xpt"
    path.write_bytes(written(VITALS))
    frame, meta = pyreadstat.read_xport(path, output_format="polars", disable_datetime_conversion=True)
    texts = [column.name for column in VITALS.columns if column.type == "text"]
    expected = values(VITALS).with_columns(pl.col(texts).fill_null(""))
    assert_frame_equal(frame.cast(expected.schema), expected)
    assert meta.table_name == "ADVS"
    assert meta.file_label == VITALS.label
    assert meta.column_names_to_labels["ADT"] == "Analysis Date"
    assert meta.original_variable_types["ADT"] == "DATE9"
    assert meta.creation_time == STAMP.created
    other = pd.read_sas(path, format="xport", encoding="ascii")
    assert other["AVAL"].tolist()[::2] == [131.0, -0.1]
    assert math.isnan(other["AVAL"][1])
    assert other["USUBJID"].tolist() == VITALS.frame["USUBJID"].to_list()


def test_the_header_is_the_one_of_the_specification() -> None:
    """Record by record as in TS-140, and in the files that SAS 9.3 wrote for the CDISC pilot."""
    data = written(VITALS)
    assert len(data) % 80 == 0
    records = [data[at : at + 80].decode("latin-1") for at in range(0, len(data), 80)]
    assert records[0] == f"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!{'0' * 30}  "
    assert records[1] == f"SAS     SAS     SASLIB  5.0     HELMONT {'':24}22NOV26:14:30:05"
    assert records[2] == f"{'22NOV26:14:30:05':80}"
    assert records[3] == "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140  "
    assert records[5] == f"SAS     ADVS    SASDATA 5.0     HELMONT {'':24}22NOV26:14:30:05"
    assert records[6] == f"{'22NOV26:14:30:05':32}{VITALS.label:48}"
    assert records[7] == f"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!00000000040000{'0' * 16}  "
    assert records[15] == f"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!{'0' * 30}  "


def test_the_same_table_and_time_give_the_same_bytes_whether_whole_or_in_parts() -> None:
    stream = io.BytesIO()
    frame = VITALS.frame
    write(replace(VITALS, frame=frame.clear()), stream, STAMP, frames=(frame[:1], frame[1:]))
    assert stream.getvalue() == written(VITALS)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0.0, "0000000000000000"), (1.0, "4110000000000000"), (-1.0, "C110000000000000"), (0.1, "401999999999999A"),
        (100.0, "4264000000000000"), (-118.625, "C276A00000000000"), (float("nan"), "2E00000000000000"),
    ],
)  # fmt: skip
def test_numbers_are_those_of_the_ibm_mainframe(number: float, word: str) -> None:
    """-118.625 is the worked example of IBM's manual; 0.1 has its 53 bits and no more."""
    assert f"{int(to_ibm(np.array([number]))[0]):016X}" == word


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(SMALLEST, LARGEST) | st.floats(-LARGEST, -SMALLEST) | st.just(0.0), min_size=1))
def test_every_number_in_range_comes_back(numbers: list[float]) -> None:
    assert from_ibm(to_ibm(np.array(numbers))).tolist() == numbers


def test_special_missing_values_are_missing() -> None:
    words = np.array([MISSING, 0x5F << 56, 0x41 << 56, 0x5A << 56, 0x41 << 56 | 0x10 << 48], dtype=np.uint64)
    assert np.isnan(from_ibm(words)).tolist() == [True, True, True, True, False]


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12).map(
    lambda text: text.rstrip(" ") or None
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            TEXTS, st.none() | st.floats(-1e70, 1e70, allow_subnormal=False).filter(lambda v: v == 0 or abs(v) > 1e-70)
        )
    )
)
def test_tables_come_back(rows: list[tuple[str | None, float | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"T": pl.String, "N": pl.Float64}, orient="row")
    table = Table("X", "", (Column("T", "", "text", 12), Column("N", "", "number")), frame)
    assert_frame_equal(read(io.BytesIO(written(table)))[0].frame, frame)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1500), st.binary(max_size=8), st.integers(0, 300))
def test_a_damaged_file_is_refused_in_our_own_words(place: int, damage: bytes, cut: int) -> None:
    data = written(VITALS)
    data = data[:place] + damage + data[place + len(damage) : len(data) - cut]
    with contextlib.suppress(StudyFaults):
        read(io.BytesIO(data))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"PARAM": "Hémoglobine"}, "ADVS: error: PARAM row 2: 'Hémoglobine': characters outside US-ASCII (US-ASCII)"),
        ({"PARAM": "x" * 61}, "PARAM row 2: 'xxxxxx"),
        ({"AVAL": 1e76}, "AVAL row 2: 1e+76: outside the range of the format (0, or a size of 5.4e-79 to 7.2e75)"),
        ({"AVAL": math.inf}, "AVAL row 2: inf: not a finite number (a number, or missing)"),
        ({"PARAM": "two\nlines"}, "ADVS: warning: PARAM row 2: 'two\\nlines': line breaks or control characters"),
    ],
)
def test_findings_name_dataset_variable_row_and_value(change: dict[str, object], said: str) -> None:
    ((name, value),) = change.items()
    column = VITALS.frame[name].to_list()
    column[1] = value
    table = replace(VITALS, frame=VITALS.frame.with_columns(pl.Series(name, column)))
    found = table_findings(table)
    assert [said in str(one) for one in found] == [True]
    if found[0].severity == "error":
        with pytest.raises(StudyFaults):
            written(table)
    else:
        assert read(io.BytesIO(written(table)))[0].frame["PARAM"][1] == value


def test_names_labels_and_lengths_have_limits() -> None:
    wrong = Table(
        "ADVITALSIGNS",
        "x" * 41,
        (Column("usubjid", "é", "text", 201), Column("A", "", "number", 9, "DATE9X!"), Column("A", "", "number")),
        pl.DataFrame({"usubjid": ["a"], "A": [1.0]}),
    )
    said = [str(one) for one in table_findings(wrong)]
    for part in ("name 'ADVITALSIGNS'", "label of 41", "there twice", "'usubjid'", "outside US-ASCII", "length 201",
                 "length 9", "'DATE9X!'"):  # fmt: skip
        assert any(part in one for one in said), part


def test_many_wrong_values_are_counted() -> None:
    table = Table("X", "", (Column("T", "", "text", 2),), pl.DataFrame({"T": ["long"] * 1000}))
    found = table_findings(table)
    assert len(found) == 21
    assert "in 980 more rows" in found[-1].message


def test_other_encodings_count_bytes() -> None:
    table = Table("X", "", (Column("T", "", "text", 4),), pl.DataFrame({"T": ["é", "ab", None, "éé"]}))
    for encoding in ("cp1252", "utf-8"):
        data = written(table, encoding=encoding)
        assert read(io.BytesIO(data), encoding=encoding)[0].frame["T"].to_list() == ["é", "ab", None, "éé"]
    long = replace(table, columns=(Column("T", "", "text", 3),))
    assert "longer than 3 bytes" in table_findings(long, "utf-8")[0].message
    assert table_findings(long, "cp1252") == []
    assert "outside cp1252" in table_findings(replace(table, frame=pl.DataFrame({"T": ["中"]})), "cp1252")[0].message


def test_short_numbers_hold_what_fits_and_refuse_the_rest() -> None:
    table = Table("X", "", (Column("N", "", "number", 3),), pl.DataFrame({"N": [1.0, 12.0, None]}))
    assert read(io.BytesIO(written(table)))[0].frame["N"].to_list() == [1.0, 12.0, None]
    with pytest.raises(StudyFaults, match=r"N row 2: 0.1 needs more bytes"):
        written(replace(table, frame=pl.DataFrame({"N": [1.0, 0.1]})))


def test_two_datasets_in_one_file_and_version_8_are_refused() -> None:
    data = written(VITALS)
    with pytest.raises(StudyFaults, match="more than one dataset"):
        read(io.BytesIO(data + data[240:]))
    with pytest.raises(StudyFaults, match="of version 8"):
        read(io.BytesIO(data.replace(b"LIBRARY HEADER", b"LIBV8   HEADER")))
