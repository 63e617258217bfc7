"""Flags: the worst record, treatment-emergent, on treatment, there or not, customised queries."""

from helmont.study.datasets.steps.flags import (
    derive_var_merged_exist_flag,
    derive_var_ontrtfl,
    derive_var_query,
    derive_var_trtemfl,
    derive_var_worst_flag,
)
from tests.study.datasets.analysis_kit import cel, column, rows, subject


def test_the_greatest_is_flagged_and_of_equal_ones_the_first() -> None:
    records = rows(
        {"P": "A", "V": 3.0},
        {"P": "A", "V": 0.1 + 0.2},
        {"P": "A", "V": 3.0},
        {"P": "B", "V": None},
        {"P": "C", "V": -7},
    )
    made = derive_var_worst_flag(records, subject(), variable="F", of="V", by=("P",))
    assert column(made, "F") == ["Y", None, None, None, "Y"]


def test_sizes_are_compared_without_their_sign_and_without_rounding_errors() -> None:
    records = rows({"V": 0.3}, {"V": -(0.1 + 0.2)}, {"V": 0.2})
    made = derive_var_worst_flag(records, subject(), variable="F", of="V", by=(), absolute=True)
    assert column(made, "F") == ["Y", None, None]


def test_records_that_do_not_count_are_not_flagged() -> None:
    made = derive_var_worst_flag(
        rows({"V": 9, "N": 26}, {"V": 3, "N": 24}), subject(), variable="F", of="V", by=(), where=cel("N <= 24")
    )
    assert column(made, "F") == [None, "Y"]


def test_treatment_emergent_from_the_first_dose() -> None:
    records = rows(
        {"ASTDT": 99, "TRTSDT": 100, "TRTEDT": 120},
        {"ASTDT": 100, "TRTSDT": 100, "TRTEDT": 120},
        {"ASTDT": 151, "TRTSDT": 100, "TRTEDT": 120},
        {"ASTDT": None, "TRTSDT": 100, "TRTEDT": 120},
        {"ASTDT": 100, "TRTSDT": None, "TRTEDT": None},
    )
    assert column(derive_var_trtemfl(records, subject(), otherwise="N"), "TRTEMFL") == ["N", "Y", "Y", "N", "N"]
    made = derive_var_trtemfl(records, subject(), treatment_end="TRTEDT", end_window=30)
    assert column(made, "TRTEMFL") == [None, "Y", None, None, None]


def test_on_treatment_unless_it_is_known_not_to_be() -> None:
    dates = {"TRTSDT": 100, "TRTEDT": 120}
    records = rows(
        {"ASTDT": None, "AENDT": None, **dates},
        {"ASTDT": 50, "AENDT": 99, **dates},
        {"ASTDT": 50, "AENDT": 100, **dates},
        {"ASTDT": 121, "AENDT": None, **dates},
        {"ASTDT": 1, "AENDT": None, "TRTSDT": None, "TRTEDT": None},
    )
    assert column(derive_var_ontrtfl(records, subject()), "ONTRTFL") == ["Y", None, "Y", None, None]


def test_whether_there_is_a_record_and_which() -> None:
    person = subject(QS=[{"T": "CIBIC", "V": 3}, {"T": "CIBIC", "V": 8}])
    made = derive_var_merged_exist_flag(
        rows({}), person, variable="E", dataset="QS", where=cel('T == "CIBIC" && V > 3'), false_value="N"
    )
    assert (made[0]["E"], made[0].sources) == ("Y", (("X", 0), ("QS", 1)))
    made = derive_var_merged_exist_flag(
        rows({}), person, variable="E", dataset="QS", where=cel("V > 8"), false_value="N"
    )
    assert (made[0]["E"], made[0].sources) == ("N", (("X", 0),))


def test_a_query_names_its_records() -> None:
    made = derive_var_query(
        rows({"AEDECOD": "ERYTHEMA"}, {"AEDECOD": "NAUSEA"}, {"AEDECOD": None}),
        subject(),
        variable="CQ01NAM",
        name="DERMATOLOGIC EVENTS",
        where=cel('AEDECOD.contains("ERYTHEMA")'),
    )
    assert column(made, "CQ01NAM") == ["DERMATOLOGIC EVENTS", None, None]
