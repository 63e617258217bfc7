"""The words that make SDTM, one by one, on a few records made by hand."""

from __future__ import annotations

import pytest

from helmont.study.datasets.dates import days, iso, study_day
from helmont.study.datasets.steps.findings import indicator
from tests.study.datasets.kit import LATER, VS, rows, run, subject


def test_collect_makes_a_record_for_each_result_with_what_holds_for_the_page() -> None:
    found = run("collect", {"domain": "VS", "units": {"mm[Hg]": "mmHg"}})
    assert [dict(row) for row in found] == [
        {"VSTESTCD": "SYSBP", "VSORRES": "120", "VSORRESU": "mmHg", "VSDTC": "2026-01-12"},
        {"VSTESTCD": "DIABP", "VSSTAT": "NOT DONE", "VSREASND": "cuff broken", "VSDTC": "2026-01-12"},
        {"VSTESTCD": "SYSBP", "VSORRES": "131", "VSORRESU": "mmHg"},
    ]
    assert found[0].sources == ((VS, "SYSBP"), (VS, "VSDTC"))


def test_collect_takes_along_lines_codings_and_answers_that_go_elsewhere() -> None:
    codings = {"AEDECOD": "PT", "AESOC": "SOC"}
    found = run("collect", {"domain": "AE", "line": "_LINE", "codings": codings, "uncoded": "UNCODED"})
    assert [(row["AETERM"], row["_LINE"], row["AEDECOD"]) for row in found] == [
        ("Rash", 2, "UNCODED"), ("Headache", 1, "Headache"),
    ]  # fmt: skip
    taken = run("collect", {"domain": "VS", "others": {"SUPPVS.QVAL": "_TOLD"}})
    assert [row.get("_TOLD") for row in taken] == [None, None, "said so"]


def test_visits_come_from_the_protocol_and_unscheduled_ones_have_their_number() -> None:
    found = run("derive_vars_visit", {"date": "VSDTC"}, run("collect", {"domain": "VS"}))
    assert [(row["VISITNUM"], row["VISIT"], row["VISITDY"], row["VSDTC"]) for row in found] == [
        (1.0, "BASELINE", 1, "2026-01-12"), (1.0, "BASELINE", 1, "2026-01-12"), (2.1, "UNSCHEDULED 2.1", None, "2026-02-03"),
    ]  # fmt: skip
    assert (LATER.key, "date") in found[2].sources


def test_every_visit_that_took_place_is_a_record() -> None:
    found = run("collect_visits", {"start": "SVSTDTC", "end": "SVENDTC"})
    assert [(row["VISITNUM"], row["SVSTDTC"], row["SVENDTC"]) for row in found] == [
        (1.0, "2026-01-12", "2026-01-12"), (2.1, "2026-02-03", "2026-02-03"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("date", "day"), [("2026-01-12", 1), ("2026-01-11", -1), ("2026-01-13T08:00", 2), ("2026-01", None), (None, None)]
)
def test_there_is_no_study_day_0(date: str | None, day: int | None) -> None:
    """SDTMIG 3.4, 4.4.4."""
    (row,) = run("derive_vars_dy", {"reference": '"2026-01-12"', "variables": {"XDY": "XDTC"}}, rows({"XDTC": date}))
    assert row["XDY"] == day


def test_sas_dates_count_from_1960() -> None:
    assert (days("1960-01-01"), days("2014-01-02"), iso(19725)) == (0, 19725, "2014-01-02")
    assert (study_day(0, 0), study_day(-1, 0)) == (1, -1)


@pytest.mark.parametrize(
    ("result", "unit", "text", "number", "standard"),
    [
        ("98.6", "F", "37", 37.0, "C"), ("96.9", "F", "36.06", 36.06, "C"), ("<98.6", "F", "<37", None, "C"),
        ("5.0", "mm", "5", 5.0, "mm"), ("ABSENT", None, "0", 0.0, None), ("odd", None, "odd", None, None),
        (None, "F", None, None, None),
    ],
)  # fmt: skip
def test_results_in_standard_units(
    result: str | None, unit: str | None, text: str | None, number: float | None, standard: str | None
) -> None:
    given = {
        "domain": "VS", "values": {"ABSENT": "0"},
        "conversions": [{"of": "F", "to": "C", "add": "-32", "factor": "0.555555555555556", "decimals": 2}],
    }  # fmt: skip
    (row,) = run("derive_vars_stres", given, rows({"VSTESTCD": "TEMP", "VSORRES": result, "VSORRESU": unit}))
    assert (row["VSSTRESC"], row["VSSTRESN"], row["VSSTRESU"]) == (text, number, standard)


def test_limits_of_the_laboratory_stand_beside_the_result_and_judge_it() -> None:
    found = run("derive_vars_reference_range", {"domain": "VS"}, run("collect", {"domain": "VS"}))
    assert (found[0]["VSORNRLO"], found[0]["VSORNRHI"], found[0]["VSNRIND"]) == (90.0, 119.0, "HIGH")
    assert (found[2]["VSORNRLO"], found[2]["VSNRIND"]) == (None, "NORMAL")


def test_values_are_computed_decoded_extracted_and_formatted() -> None:
    found = run("compute", {"variables": {"B": "A * 2", "C": 'B > 3 ? "many" : null'}}, rows({"A": 1}, {"A": 2}, {}))
    assert [(row["B"], row["C"]) for row in found] == [(2, None), (4, "many"), (None, None)]
    decoded = run("decode", {"variable": "D", "of": "A", "values": {"1": "one"}, "otherwise": "?"}, found)
    assert [row["D"] for row in decoded] == ["one", "?", "?"]
    (row,) = run("extract", {"variable": "N", "of": "ID", "pattern": "-([0-9]+)$"}, rows({"ID": "01-1015"}))
    assert row["N"] == "1015"
    formatted = run("format_number", {"variable": "T", "of": "A", "decimals": 1}, rows({"A": 0.55}, {"A": None}))
    assert [row["T"] for row in formatted] == ["0.6", None]  # halves away from zero


def test_what_is_computed_of_what_is_computed_comes_after_it_however_it_is_written() -> None:
    (row,) = run("compute", {"variables": {"A": "B + 1", "B": "C * 2", "C": "3"}}, rows({}))
    assert (row["A"], row["B"], row["C"]) == (7, 6, 3)


def test_records_are_numbered_in_blocks_and_flagged_at_the_end_of_their_group() -> None:
    numbered = run("derive_var_seq", {"variable": "S", "within": "B"}, rows({"B": 10}, {"B": 20}, {"B": 10}))
    assert [row["S"] for row in numbered] == [11, 21, 12]
    given = {"variable": "F", "by": ["T"], "order": ["V"], "mode": "last", "where": "V < 9"}
    flagged = run("derive_var_extreme_flag", given, rows({"T": "a", "V": 2}, {"T": "a", "V": 1}, {"T": "a", "V": 9}))
    assert [row["F"] for row in flagged] == ["Y", None, None]


def test_records_are_summed_up_combined_and_made_into_several() -> None:
    given = {"values": {"FIRST": {"of": "D", "how": "min"}, "N": {"of": "D", "how": "count", "where": 'K == "x"'}}}
    (row,) = run("summarise_records", given, rows({"D": "2", "K": "x"}, {"D": "1", "K": "y"}, {"K": "x"}))
    assert dict(row) == {"FIRST": "1", "N": 1}
    (combined,) = run("combine_records", {}, rows({"A": None, "B": 1}, {"A": 2, "B": 3}))
    assert dict(combined) == {"A": 2, "B": 1}
    made = run(
        "expand_records", {"records": [{"values": {"E": '"s"'}}, {"values": {"E": "A"}, "where": "A > 1"}]}, [combined]
    )
    assert [row["E"] for row in made] == ["s", 2]
    assert all(row.sources == combined.sources for row in made)


def test_variables_come_from_the_matching_record_of_another_data_set() -> None:
    at = subject(EX=rows({"V": 1, "D": 5}, {"V": 2, "D": 7}, {"V": 2, "D": 9}))
    given = {"dataset": "EX", "by": ["V"], "variables": {"DOSE": "D"}, "order": ["D"], "mode": "last"}
    found = run("derive_vars_merged", given, rows({"V": 2}, {"V": 3}), at)
    assert [row["DOSE"] for row in found] == [9, None]
    assert found[0].sources[-1] == ("EX", 2)


def test_qualifiers_and_related_records_say_what_they_belong_to() -> None:
    at = subject(AE=rows({"AESEQ": 1, "ID": "E1", "USUBJID": "1"}), DS=rows({"DSSEQ": 3, "ID": "E1", "USUBJID": "1"}))
    qualifiers = [{"name": "Q", "label": "L", "value": 'ID == "E1" ? "Y" : null'}]
    (supp,) = run("derive_supp", {"dataset": "AE", "idvar": "AESEQ", "qualifiers": qualifiers}, None, at)
    assert (supp["RDOMAIN"], supp["IDVARVAL"], supp["QNAM"], supp["QVAL"]) == ("AE", "1", "Q", "Y")
    sides = {
        side: {"dataset": name, "idvar": f"{name}SEQ", "value": "ID"}
        for side, name in (("left", "AE"), ("right", "DS"))
    }
    related = run("derive_relrec", sides, None, at)
    assert [(row["RDOMAIN"], row["IDVARVAL"], row["RELID"]) for row in related] == [
        ("AE", "1", "701-001-E1"), ("DS", "3", "701-001-E1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("<3", "LOW"),
        ("<6", None),
        (">9", "HIGH"),
        (">6", None),
        (">=9", "HIGH"),
        ("7", "NORMAL"),
        ("4", "LOW"),
        ("seen", None),
    ],
)
def test_a_result_that_is_a_limit_is_low_or_high_only_when_it_must_be(result: str, said: str | None) -> None:
    assert indicator(result, 5, 8, ()) == said
