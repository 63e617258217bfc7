"""Dataset-JSON 1.1: what it looks like, and that it comes back."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import IO

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from helmont.standards.dataset_json import (
    Column,
    Dataset,
    System,
    dataset_findings,
    read_json,
    read_ndjson,
    write_json,
    write_ndjson,
)
from helmont.study.faults import StudyFaults

MADE = datetime(2026, 11, 22, 14, 30, 5)
ADVS = Dataset(
    oid="IG.ADVS", name="ADVS", label="Vital Signs Analysis Dataset",
    columns=(
        Column("IT.ADVS.USUBJID", "USUBJID", "Unique Subject Identifier", "string", length=11, key=1),
        Column("IT.ADVS.AVAL", "AVAL", "Analysis Value", "float", format="8.2"),
        Column("IT.ADVS.ADT", "ADT", "Analysis Date", "date", target="integer", format="DATE9.", key=2),
        Column("IT.ADVS.ADTM", "ADTM", "Analysis Date/Time", "datetime", target="integer", format="E8601DT."),
        Column("IT.ADVS.ATM", "ATM", "Analysis Time", "time", target="integer", format="TIME5."),
        Column("IT.ADVS.ADY", "ADY", "Analysis Relative Day", "integer"),
        Column("IT.ADVS.DOSE", "DOSE", "Dose", "decimal", target="decimal"),
        Column("IT.ADVS.VSDTC", "VSDTC", "Date/Time of Measurements", "datetime"),
    ),
    frame=pl.DataFrame(
        {
            "USUBJID": ["01-701-1015", None, "é"], "AVAL": [131.0, None, -0.1], "ADT": [19725.0, None, -3.0],
            "ADTM": [19725 * 86400.0 + 3600, None, 0.0], "ATM": [0.0, None, 86399.0], "ADY": [1.0, None, -14.0],
            "DOSE": [54.0, None, 0.1], "VSDTC": ["2014-01-02T10:30", None, "2014-01"], "_row": [0, 1, 2],
        }
    ),
    file="CDISCPILOT01/ADVS", originator="Helmont", system=System("Helmont", "0.1.0"), study="CDISCPILOT01",
    version="MDV.CDISCPILOT01.ADaM", reference="define.xml", modified="2026-11-22T09:00:00",
)  # fmt: skip
Write = Callable[[Dataset, IO[bytes], datetime], None]
Read = Callable[[IO[bytes]], Dataset]
FORMATS = ((write_json, read_json), (write_ndjson, read_ndjson))


def written(dataset: Dataset, write: Write = write_json) -> bytes:
    stream = io.BytesIO()
    write(dataset, stream, MADE)
    return stream.getvalue()


def test_the_file_says_what_the_standard_asks() -> None:
    found = json.loads(written(ADVS))
    assert list(found)[:2] == ["datasetJSONCreationDateTime", "datasetJSONVersion"]
    assert list(found)[-1] == "rows"
    assert found["datasetJSONCreationDateTime"] == "2026-11-22T14:30:05"
    assert (found["itemGroupOID"], found["records"], found["metaDataRef"]) == ("IG.ADVS", 3, "define.xml")
    assert found["sourceSystem"] == {"name": "Helmont", "version": "0.1.0"}
    assert found["columns"][2] == {
        "itemOID": "IT.ADVS.ADT", "name": "ADT", "label": "Analysis Date", "dataType": "date",
        "targetDataType": "integer", "displayFormat": "DATE9.", "keySequence": 2,
    }  # fmt: skip
    assert found["rows"] == [
        ["01-701-1015", 131.0, "2014-01-02", "2014-01-02T01:00:00", "00:00:00", 1, "54.0", "2014-01-02T10:30"],
        ["", None, None, None, None, None, None, ""],
        ["é", -0.1, "1959-12-29", "1960-01-01T00:00:00", "23:59:59", -14, "0.1", "2014-01"],
    ]
    assert isinstance(found["rows"][0][5], int)


def test_ndjson_has_the_description_and_a_line_for_every_row() -> None:
    first, *rows = written(ADVS, write_ndjson).splitlines()
    whole = json.loads(written(ADVS))
    assert [json.loads(row) for row in rows] == whole.pop("rows")
    assert json.loads(first) == whole


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_it_comes_back(write: Write, read: Read) -> None:
    found = read(io.BytesIO(written(ADVS, write)))
    assert_frame_equal(found.frame, ADVS.frame.drop("_row"))
    assert replace(found, frame=ADVS.frame) == ADVS
    empty = replace(ADVS, frame=ADVS.frame.clear())
    assert_frame_equal(read(io.BytesIO(written(empty, write))).frame, empty.frame.drop("_row"))


ROWS = st.lists(
    st.tuples(
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.integers(-20_000, 40_000).map(float),
        st.none() | st.integers(-(10**9), 4 * 10**9).map(float),
    )
)


@pytest.mark.parametrize(("write", "read"), FORMATS)
@settings(max_examples=50, deadline=None)
@given(rows=ROWS)
def test_all_values_come_back(write: Write, read: Read, rows: list[tuple[object, ...]]) -> None:
    columns = (
        Column("T", "T", "", "string"), Column("N", "N", "", "double"),
        Column("D", "D", "", "date", "integer"), Column("M", "M", "", "datetime", "integer"),
    )  # fmt: skip
    schema = {"T": pl.String, "N": pl.Float64, "D": pl.Float64, "M": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    assert_frame_equal(read(io.BytesIO(written(Dataset("X", "X", "", columns, frame), write))).frame, frame)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("USUBJID", "x" * 12, "longer than 11 characters (a value of type string of at most 11 characters)"),
        ("AVAL", float("inf"), "ADVS: error: AVAL row 2: inf: not a finite number"),
        ("ADT", 0.5, "ADT row 2: 0.5: no date as SAS counts"),
        ("ADT", 1e9, "no date as SAS counts"),
        ("ATM", 86400.0, "ATM row 2: 86400.0: no time as SAS counts"),
        ("ADY", 1.5, "ADY row 2: 1.5: not a whole number"),
    ],
)
def test_findings_name_the_value(column: str, value: object, said: str) -> None:
    values = ADVS.frame[column].to_list()
    values[1] = value
    wrong = replace(ADVS, frame=ADVS.frame.with_columns(pl.Series(column, values)))
    assert [said in str(one) for one in dataset_findings(wrong)] == [True]
    with pytest.raises(StudyFaults):
        written(wrong)


def test_columns_are_checked() -> None:
    first, second, *others = ADVS.columns
    wrong = replace(ADVS, columns=(replace(first, key=2), replace(second, target="integer", length=0), first, *others))
    said = " ".join(str(one) for one in dataset_findings(wrong))
    for part in ("the name is there 2 times", "the OID is there 2", "the place among the keys is there 2",
                 "float for integer", "under 1"):  # fmt: skip
        assert part in said
    missing = replace(ADVS, frame=ADVS.frame.drop("ADT").with_columns(AVAL=pl.lit("high")))
    assert [one.place for one in dataset_findings(missing)] == ["AVAL", "ADT"]


def test_what_is_wrong_in_a_file_is_said_with_its_line() -> None:
    lines = written(ADVS, write_ndjson).splitlines()
    lines[1] = lines[1].replace(b'"2014-01-02"', b'"2014-02-30"')
    lines[3] = b'["too", "short"]'
    with pytest.raises(StudyFaults, match=r"dataset.json:4: error: 2 values \(a list of 8 values\)"):
        read_ndjson(io.BytesIO(b"\n".join(lines)))
    lines[3] = lines[2]
    with pytest.raises(StudyFaults, match=r"dataset.json:2: error: ADT: '2014-02-30' \(a value of type date\)"):
        read_ndjson(io.BytesIO(b"\n".join(lines)))
    with pytest.raises(StudyFaults, match=r"records: 3, and there are 2 rows"):
        read_ndjson(io.BytesIO(b"\n".join(lines[:3])))
    with pytest.raises(StudyFaults, match=r"version 1.0.0 \(1.1\)"):
        read_json(io.BytesIO(written(ADVS).replace(b'"1.1.0"', b'"1.0.0"')))


@pytest.mark.parametrize(("write", "read"), FORMATS)
@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 1700), damage=st.binary(max_size=6), cut=st.integers(0, 300))
def test_a_damaged_file_is_refused_in_our_own_words(
    write: Write, read: Read, place: int, damage: bytes, cut: int
) -> None:
    data = written(ADVS, write)
    with contextlib.suppress(StudyFaults):
        read(io.BytesIO(data[:place] + damage + data[place + len(damage) : len(data) - cut]))
