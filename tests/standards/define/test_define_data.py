"""Data against their definitions, and definitions made to fit their data."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from helmont.standards.define.check_data import data_findings
from helmont.standards.define.fitting import fitted
from helmont.standards.define.model import Condition, WhereClause
from helmont.standards.define.where import where

from .example import ADAM, ADQS, DM, SDTM, VS

VITALS = pl.DataFrame(
    {
        "STUDYID": ["CDISCPILOT01"] * 3, "DOMAIN": ["VS"] * 3, "USUBJID": ["01-701-1015"] * 3,
        "VSTESTCD": ["SYSBP", "DIABP", "TEMP"], "VSORRES": ["131", "80", "36.5"], "VISITNUM": [1.0, 1.0, 1.0], "_row": [0, 1, 2],
    }
)  # fmt: skip


def said(frame: pl.DataFrame) -> list[str]:
    return [str(one) for one in data_findings(SDTM, VS, frame)]


def test_sound_data_have_no_findings() -> None:
    assert said(VITALS) == []
    assert said(VITALS.clear()) == []


@pytest.mark.parametrize(
    ("name", "values", "finding"),
    [
        ("VSTESTCD", ["SYSBP", "DIABP", "TMP"], "VS: error: VSTESTCD row 3: 'TMP' is not in Vital Signs Test Code"),
        (
            "VSTESTCD",
            ["SYSBP", "DIABP", "LZZTEMP"],
            "warning: VSORRES row 3: '36.5': no where clause of the value list holds",
        ),
        ("VSTESTCD", ["SYSBP", None, "TEMP"], "VSTESTCD row 2: missing, and mandatory (a value)"),
        ("VSORRES", ["131.5", "80", "36.5"], "VSORRES row 1: '131.5': not a whole number (type integer)"),
        ("VSORRES", ["high", "80", "36.5"], "VSORRES row 1: 'high': not a number"),
        ("VSORRES", ["1310", "80", "36.5"], "VSORRES row 1: '1310': longer than 3 characters"),
        ("VSORRES", [None, "80", "36.5"], "VSORRES row 1: missing, and mandatory in IT.VS.VSORRES.SYSBP"),
        (
            "VSTESTCD",
            ["SYSBP", "SYSBP", "TEMP"],
            "STUDYID, USUBJID, VSTESTCD, VISITNUM row 1: another row has the same keys",
        ),
        ("VISITNUM", [1.0, 1.5, 1.0], "VISITNUM row 2: 1.5: not a whole number"),
        ("EXTRA", ["a", "b", "c"], "EXTRA: the definition has no such variable"),
    ],
)
def test_findings_name_variable_row_and_value(name: str, values: list[object], finding: str) -> None:
    assert finding in "\n".join(said(VITALS.with_columns(pl.Series(name, values))))


def test_missing_columns_and_values_that_should_not_be() -> None:
    assert said(VITALS.drop("VSORRES")) == [
        "VS: error: VSORRES: the data have no such column (a column for every variable)"
    ]
    subjects = pl.DataFrame(
        {"STUDYID": ["S"], "DOMAIN": ["DM"], "USUBJID": ["1"], "BRTHDTC": ["1950-13-01"], "AGE": [63.0], "SEX": ["X"],
         "ACTARMUD": ["x"]}
    )  # fmt: skip
    found = [str(one) for one in data_findings(SDTM, DM, subjects)]
    assert [one.partition(": ")[2].partition(" (")[0] for one in found] == [
        "error: BRTHDTC row 1: '1950-13-01': not a date", "error: SEX row 1: 'X' is not in Sex",
        "error: ACTARMUD row 1: 'x': a value, and the definition says there are none",
    ]  # fmt: skip


def test_many_duplicates_are_counted() -> None:
    found = said(pl.concat([VITALS[:1]] * 15))
    assert len(found) == 11
    assert "the same keys in 5 more rows" in found[-1]


@pytest.mark.parametrize(
    ("conditions", "rows"),
    [
        ([Condition("IT.ADQS.AVISITN", "IN", ("8", "24"))], [True, False, True, False]),
        ([Condition("IT.ADQS.AVISITN", "NOTIN", ("8", "24"))], [False, True, False, True]),
        ([Condition("IT.ADQS.AVISITN", "GE", ("16",))], [False, True, True, False]),
        ([Condition("IT.ADQS.PARAMCD", "NE", ("ACTOT",))], [False, False, True, True]),
        ([Condition("IT.ADQS.PARAMCD", "EQ", ("ACTOT",)), Condition("IT.ADQS.AVISITN", "LT", ("16",))],
         [True, False, False, False]),
        ([Condition("IT.ADQS.AVISITN", "EQ", ("week",))], [False] * 4),
    ],
)  # fmt: skip
def test_where_clauses_select_rows(conditions: list[Condition], rows: list[bool]) -> None:
    frame = pl.DataFrame({"AVISITN": [8.0, 16.0, 24.0, None], "PARAMCD": ["ACTOT", "ACTOT", "ACITM01", None]})
    define = replace(ADAM, where_clauses=(WhereClause("WC", tuple(conditions)),))
    expression = where(define, ADQS, frame, "WC")
    assert expression is not None
    assert frame.with_columns(rows=expression)["rows"].to_list() == rows
    other = replace(ADAM, where_clauses=(WhereClause("WC", (Condition("IT.ADSL.TRTSDT", "EQ", ("1",)),)),))
    assert where(other, ADQS, frame, "WC") is None


def test_lengths_fit_the_longest_value_in_all_datasets() -> None:
    frames = {
        "VS": VITALS,
        "DM": pl.DataFrame(
            {"USUBJID": ["01-701-10151"], "SEX": [None]}, schema={"USUBJID": pl.String, "SEX": pl.String}
        ),
    }
    found = {
        dataset.name: {v.item.name: v.item for v in dataset.variables} for dataset in fitted(SDTM, frames).datasets
    }
    assert (found["VS"]["USUBJID"].length, found["DM"]["USUBJID"].length, found["AE"]["USUBJID"].length) == (12, 12, 11)
    assert (found["VS"]["VSORRES"].length, found["DM"]["SEX"].length) == (4, 1)
    listed = found["VS"]["VSORRES"].values
    assert listed is not None
    assert [one.item.length for one in listed.values] == [3, 3, 4]
    assert found["VS"]["VISITNUM"].length == 4
