"""Analysis visits by day, and the last observation carried forward."""

from hypothesis import given
from hypothesis import strategies as st

from helmont.study.datasets.steps.windows import Window, derive_locf_records, derive_vars_window
from tests.study.datasets.analysis_kit import cel, column, rows, subject

WINDOWS = (
    Window("Baseline", 0, 1, "<=1", high=1),
    Window("Week 8", 8, 56, "2-84", 2, 84),
    Window("Week 16", 16, 112, "85-140", 85, 140),
    Window("Week 24", 24, 168, ">140", 141),
)


def test_a_day_falls_into_the_window_that_holds_it() -> None:
    made = derive_vars_window(
        rows({"ADY": 1}, {"ADY": 84}, {"ADY": 85}, {"ADY": 198}, {"ADY": None}), subject(), day="ADY", windows=WINDOWS
    )
    assert column(made, "AVISIT", "AVISITN", "AWRANGE", "AWTDIFF", "AWLO", "AWHI", "AWU") == [
        ("Baseline", 0, "<=1", 0, None, 1, "DAYS"),
        ("Week 8", 8, "2-84", 28, 2, 84, "DAYS"),
        ("Week 16", 16, "85-140", 27, 85, 140, "DAYS"),
        ("Week 24", 24, ">140", 30, 141, None, "DAYS"),
        (None, None, None, None, None, None, None),
    ]


@given(st.integers(-400, 800))
def test_windows_without_gaps_take_every_day_once(day: int) -> None:
    assert sum(window.holds(day) for window in WINDOWS) == 1


def carried(*records: dict[str, object]) -> list[object]:
    given_rows = rows(*({"PARAMCD": "ACTOT", "ANL01FL": "Y", **record} for record in records))
    made = derive_locf_records(
        given_rows,
        subject(),
        day="ADY",
        windows=WINDOWS[1:],
        by=("PARAMCD",),
        order=("AVISITN", "ADY"),
        where=cel('ANL01FL == "Y"'),
    )
    assert made[: len(records)] == given_rows
    return column(made[len(records) :], "AVISITN", "AVAL", "ADY", "AWTDIFF", "DTYPE")


def test_what_is_missing_is_carried_from_the_visit_before() -> None:
    found = carried({"AVISITN": 0, "AVAL": 13, "ADY": 1}, {"AVISITN": 8, "AVAL": 8, "ADY": 29})
    assert found == [(16, 8, 29, 83, "LOCF"), (24, 8, 29, 139, "LOCF")]


def test_only_what_is_analysed_is_carried() -> None:
    """Analysis plan of the pilot, 8.1: of two assessments in a window the one that was not chosen is never carried."""
    chosen = {"AVISITN": 8, "AVAL": 14, "ADY": 60}
    other = {"AVISITN": 8, "AVAL": 6, "ADY": 83, "ANL01FL": None}
    assert carried(chosen, other) == [(16, 14, 60, 52, "LOCF"), (24, 14, 60, 108, "LOCF")]


def test_nothing_is_carried_backwards_or_over_what_is_there() -> None:
    assert carried({"AVISITN": 24, "AVAL": 5, "ADY": 168}) == []
    assert carried({"AVISITN": 8, "AVAL": 5, "ADY": 50}, {"AVISITN": 24, "AVAL": 6, "ADY": 160}) == [
        (16, 5, 50, 62, "LOCF")
    ]


def test_a_carried_record_says_what_it_was_made_of() -> None:
    given_rows = rows({"P": "A", "AVISITN": 0}, {"P": "A", "AVISITN": 8, "ADY": 50})
    made = derive_locf_records(given_rows, subject(), day="ADY", windows=WINDOWS[2:3], by=("P",), order=("AVISITN",))
    assert made[2].sources == (("X", 1),)
