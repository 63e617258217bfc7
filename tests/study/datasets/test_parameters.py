"""Parameters made of others: totals pro rata, summaries, criteria, copies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.datasets.rows import Rows
from helmont.study.datasets.steps.parameters import (
    derive_extreme_records,
    derive_param_criterion,
    derive_param_from_records,
    derive_param_prorated_total,
    derive_summary_records,
    derive_var_merged_summary,
)
from tests.study.datasets.analysis_kit import cel, column, rows, subject

ADAS = {f"ACITM{number:02d}": 5.0 for number in (2, 4, 5, 6, 11, 12, 13, 14)} | {
    "ACITM01": 10.0,
    "ACITM07": 8.0,
    "ACITM08": 12.0,
}


def total(scores: dict[str, float | None]) -> Rows:
    records = rows(*({"PARAMCD": item, "AVAL": score, "V": 3, "DTC": "2014-01-02"} for item, score in scores.items()))
    made = derive_param_prorated_total(
        records, subject(), items=ADAS, by=("V",), missing=0.3, keep=("DTC",), values={"PARAMCD": "ACTOT"}
    )
    return made[len(records) :]


def test_a_complete_total_is_the_sum() -> None:
    (row,) = total(dict.fromkeys(ADAS, 2.0))
    assert (row["PARAMCD"], row["AVAL"], row["V"], row["DTC"]) == ("ACTOT", 22, 3, "2014-01-02")
    assert len(row.sources) == 11


def test_a_missing_item_stretches_the_rest_to_the_whole_scale() -> None:
    """Word recall missing: the other ten items times 70/60 (analysis plan of the pilot, 14.2)."""
    (row,) = total({item: 2.0 for item in ADAS if item != "ACITM01"})
    assert row["AVAL"] == pytest.approx(20 * 7 / 6)
    (row,) = total({item: None if item == "ACITM08" else 4.7 for item in ADAS})
    assert row["AVAL"] == pytest.approx(47 * 70 / 58)
    assert len(row.sources) == 10


def test_more_than_three_in_ten_missing_give_no_total() -> None:
    assert len(total(dict.fromkeys(list(ADAS)[3:], 1.0))) == 1
    assert total(dict.fromkeys(list(ADAS)[4:], 1.0)) == []


@given(st.lists(st.floats(0, 1), min_size=11, max_size=11), st.integers(0, 3))
def test_a_total_stays_on_the_scale(shares: list[float], missing: int) -> None:
    scores = {item: share * ADAS[item] for item, share in zip(ADAS, shares, strict=True)}
    (row,) = total({item: None if place < missing else score for place, (item, score) in enumerate(scores.items())})
    assert -1e-9 <= row["AVAL"] <= 70 + 1e-9


def test_summaries_of_records() -> None:
    records = rows(
        {"P": "A", "AVAL": 2, "N": 4},
        {"P": "A", "AVAL": 5, "N": 6},
        {"P": "A", "AVAL": 50, "N": 26},
        {"P": "B", "AVAL": None},
    )
    made = derive_summary_records(
        records,
        subject(),
        by=("P",),
        function="mean",
        where=cel("N <= 24"),
        values={"DTYPE": "AVERAGE"},
        numbers={"AVISITN": 98},
    )
    (row,) = made[4:]
    assert dict(row) == {"P": "A", "AVAL": 3.5, "DTYPE": "AVERAGE", "AVISITN": 98}
    assert row.sources == (("X", 0), ("X", 1))


def test_a_summary_of_another_data_set() -> None:
    person = subject(QS=[{"C": "MMSE", "R": 4}, {"C": "DAD", "R": 1}, {"C": "MMSE", "R": None}, {"C": "MMSE", "R": 7}])
    made = derive_var_merged_summary(
        rows({}), person, variable="MMSETOT", dataset="QS", of="R", function="sum", where=cel('C == "MMSE"')
    )
    assert (made[0]["MMSETOT"], made[0].sources) == (11, (("X", 0), ("QS", 0), ("QS", 3)))
    made = derive_var_merged_summary(rows({}), subject(QS=[]), variable="M", dataset="QS", of="R", function="sum")
    assert made[0]["M"] is None


def hy(alt: str | None, ast: str | None, bili: str | None) -> list[int | None]:
    """Transaminases and bilirubin beyond 1.5 times the upper limit: Y, N or not known."""
    records = rows(
        *({"PARAMCD": name, "V": 2, "FL": flag} for name, flag in (("ALT", alt), ("AST", ast), ("BILI", bili)))
    )
    for parameters, name in ((("BILI",), "BILIHY"), (("ALT", "AST"), "TRANSHY")):
        records = derive_param_criterion(
            records,
            subject(),
            parameters=parameters,
            by=("V",),
            where=cel('FL == "Y"'),
            require="any",
            values={"PARAMCD": name},
        )
    records = derive_param_criterion(
        records,
        subject(),
        parameters=("BILIHY", "TRANSHY"),
        by=("V",),
        where=cel("AVAL == 1"),
        require="all",
        values={"PARAMCD": "HYLAW"},
    )
    return column(records[3:], "AVAL")


@pytest.mark.parametrize(
    ("alt", "ast", "bili", "expected"),
    [
        ("N", "N", "N", [0, 0, 0]),
        ("Y", "N", "N", [0, 1, 0]),
        ("N", "Y", "Y", [1, 1, 1]),
        ("N", "N", None, [None, 0, 0]),
        ("Y", "N", None, [None, 1, None]),
        (None, "Y", "Y", [1, 1, 1]),
        (None, "N", "Y", [1, None, None]),
    ],
)
def test_hys_law(alt: str | None, ast: str | None, bili: str | None, expected: list[int | None]) -> None:
    assert hy(alt, ast, bili) == expected


def test_a_copy_of_the_last_record_under_another_name() -> None:
    records = rows(
        {"P": "A", "N": 2, "V": "Week 2"}, {"P": "A", "N": 24, "V": "Week 24"}, {"P": "A", "N": 26, "V": "Week 26"}
    )
    made = derive_extreme_records(
        records,
        subject(),
        by=("P",),
        order=("N",),
        mode="last",
        where=cel("N <= 24"),
        values={"V": "End of Treatment"},
        numbers={"N": 99},
    )
    assert dict(made[3]) == {"P": "A", "N": 99, "V": "End of Treatment"}
    assert made[3].sources == (("X", 1),)
    assert records[1]["N"] == 24


def test_a_parameter_told_from_another() -> None:
    made = derive_param_from_records(
        rows({"PARAMCD": "ALT", "AVAL": 4, "BASE": 2}, {"PARAMCD": "AST", "AVAL": 9, "BASE": 2}),
        subject(),
        variables={"PARAMCD": cel('"_" + PARAMCD'), "AVAL": cel("AVAL / BASE")},
        empty=("BASE",),
        where=cel('PARAMCD == "ALT"'),
    )
    assert dict(made[2]) == {"PARAMCD": "_ALT", "AVAL": 2, "BASE": None}
    assert len(made) == 3
