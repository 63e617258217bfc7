"""Baselines, changes, what came before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.datasets.steps.baselines import (
    derive_var_chg,
    derive_var_pchg,
    derive_var_previous,
    derive_var_shift,
    derive_vars_base,
)
from tests.study.datasets.analysis_kit import cel, column, rows, subject

BASELINE = cel('ABLFL == "Y"')


def test_baseline_is_taken_within_the_group_with_all_its_values() -> None:
    made = derive_vars_base(
        rows(
            {"P": "ALT", "AVAL": 27, "IND": "N", "ABLFL": "Y"},
            {"P": "AST", "AVAL": 40, "IND": "H", "ABLFL": "Y"},
            {"P": "ALT", "AVAL": 41, "IND": "H", "ABLFL": None},
            {"P": "CK", "AVAL": 7, "IND": "N", "ABLFL": None},
        ),
        subject(),
        variables={"BASE": "AVAL", "BNRIND": "IND"},
        by=("P",),
        baseline=BASELINE,
    )
    assert column(made, "BASE", "BNRIND") == [(27, "N"), (40, "H"), (27, "N"), (None, None)]


def test_a_record_with_a_baseline_was_also_made_of_it() -> None:
    made = derive_vars_base(
        rows({"AVAL": 3, "ABLFL": "Y"}, {"AVAL": 4}, {"AVAL": 5}),
        subject(),
        variables={"BASE": "AVAL"},
        by=(),
        baseline=BASELINE,
        where=cel("AVAL < 5"),
    )
    assert [row.sources for row in made] == [(("X", 0),), (("X", 1), ("X", 0)), (("X", 2),)]
    assert column(made, "BASE") == [3, 3, None]


def test_changes() -> None:
    records = rows(
        {"AVAL": 8, "BASE": 13}, {"AVAL": 8, "BASE": 0}, {"AVAL": None, "BASE": 3}, {"AVAL": 4, "BASE": None}
    )
    assert column(derive_var_chg(records, subject()), "CHG") == [-5, 8, None, None]
    assert column(derive_var_pchg(records, subject()), "PCHG") == [pytest.approx(-38.4615384615), None, None, None]
    assert column(derive_var_chg(records, subject(), where=cel("BASE > 0")), "CHG") == [-5, None, None, None]


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_base_and_change_give_the_value(value: float, base: float) -> None:
    (row,) = derive_var_chg(rows({"AVAL": value, "BASE": base}), subject())
    assert row["BASE"] + row["CHG"] == pytest.approx(value, abs=1e-6)


def test_the_value_before_passes_over_visits_that_do_not_count() -> None:
    """Only scheduled visits are compared with the one before (analysis plan of the pilot, 8.3)."""
    made = derive_var_previous(
        rows(
            {"P": "A", "V": 1, "AVAL": 5},
            {"P": "A", "AVAL": 9},
            {"P": "B", "V": 1, "AVAL": 2},
            {"P": "A", "V": 4, "AVAL": 6},
        ),
        subject(),
        variable="PREV",
        of="AVAL",
        by=("P",),
        where=cel("has(V)"),
    )
    assert column(made, "PREV") == [None, None, None, 5]
    assert made[3].sources == (("X", 3), ("X", 0))


def test_shift_needs_both_ends() -> None:
    made = derive_var_shift(
        rows({"F": "Normal", "T": "High"}, {"F": None, "T": "High"}),
        subject(),
        variable="S",
        from_variable="F",
        to_variable="T",
    )
    assert column(made, "S") == ["Normal to High", None]
