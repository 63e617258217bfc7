"""A compiled form parses what was entered and says what its rules find, whatever is missing."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.model import Item
from helmont.study.outcomes import Context
from helmont.study.text import Text
from helmont.study.units import UNITS
from helmont.study.values import Value

TODAY = date(2014, 1, 10)
HERE = Context(TODAY, visit={"id": "WEEK_2", "date": TODAY, "number": 3})
FULL: dict[str, Value] = {
    "VSPERF": "Y", "VSDTC": "2014-01-09T09:05", "HEIGHT": {"value": "68.0", "unit": "[in_i]"}, "WEIGHT": "80.0",
    "VS_READ[1].SYSBP": "131", "VS_READ[1].DIABP": "80", "VS_READ[2].SYSBP": "120", "VS_READ[2].DIABP": "75",
}  # fmt: skip


def test_a_full_form_raises_nothing_and_calculates(minimal: CompiledStudy) -> None:
    outcome = minimal.forms["VS"].evaluate(FULL, HERE)
    assert outcome.calculated == {"BMI": "26.8", "VS_READ[1].MAP": "97", "VS_READ[2].MAP": "90"}
    assert (outcome.findings, outcome.missing, outcome.skipped) == ([], [], set())


def test_a_check_in_a_repeating_group_names_its_row(minimal: CompiledStudy) -> None:
    (finding,) = minimal.forms["VS"].evaluate(FULL | {"VS_READ[2].DIABP": "125"}, HERE).check_findings
    assert (finding.check_id, finding.item_key, finding.severity) == ("VS_SYS_DIA", "VS_READ[2].SYSBP", "query")
    assert finding.message["fr"] == "La systolique doit dépasser la diastolique"


def test_required_items_are_missing_in_the_rows_there_are(minimal: CompiledStudy) -> None:
    form = minimal.forms["VS"]
    outcome = form.evaluate({"VSPERF": "Y"}, HERE)
    assert outcome.missing == ["VSDTC", "WEIGHT", "VS_READ[1].SYSBP", "VS_READ[2].SYSBP"]
    with_third = form.evaluate({"VSPERF": "Y", "VS_READ[3].DIABP": "80"}, HERE)
    assert "VS_READ[3].SYSBP" in with_third.missing
    assert form.required_finding("WEIGHT").message["nl"] == "Dit is verplicht en is leeg."


def test_what_was_not_done_is_not_missing(minimal: CompiledStudy) -> None:
    outcome = minimal.forms["VS"].evaluate(FULL | {"WEIGHT": {"not_done": "scale broken"}}, HERE)
    assert outcome.missing == []
    assert outcome.calculated["BMI"] is None


def test_a_skipped_item_must_be_empty_and_is_never_missing(minimal: CompiledStudy) -> None:
    outcome = minimal.forms["VS"].evaluate({"VSPERF": "N", "WEIGHT": "80.0"}, HERE)
    assert outcome.missing == []
    assert {"VSDTC", "WEIGHT", "VS_READ[1].SYSBP", "VS_READ[2].DIABP"} <= outcome.skipped
    assert [(finding.check_id, finding.item_key) for finding in outcome.check_findings] == [("SKIPPED", "WEIGHT")]


def test_a_skip_that_is_unknown_does_not_apply(minimal: CompiledStudy) -> None:
    assert minimal.forms["VS"].evaluate({}, HERE).skipped == set()


def test_soft_ranges_are_findings_with_the_limits_in_words(minimal: CompiledStudy) -> None:
    outcome = minimal.forms["VS"].evaluate(FULL | {"WEIGHT": "200.0", "VS_READ[1].SYSBP": "251"}, HERE)
    assert [(finding.check_id, finding.item_key) for finding in outcome.range_findings] == [
        ("RANGE", "WEIGHT"), ("RANGE", "BMI"), ("RANGE", "VS_READ[1].SYSBP")
    ]  # fmt: skip
    assert outcome.range_findings[0].message["en"] == "200.0 is outside the expected range of 40 to 150 kg."


def test_a_range_is_held_in_the_standard_unit(minimal: CompiledStudy) -> None:
    form = minimal.forms["VS"]
    (finding, *_) = form.evaluate(FULL | {"HEIGHT": {"value": "40", "unit": "[in_i]"}}, HERE).range_findings
    assert finding.message["en"] == "40 in is outside the expected range of 120 to 220 cm."
    assert form.evaluate(FULL | {"HEIGHT": {"value": "220", "unit": "cm"}}, HERE).range_findings == []


def test_the_limits_of_a_range_are_within_it(minimal: CompiledStudy) -> None:
    assert minimal.forms["VS"].evaluate(FULL | {"VS_READ[1].SYSBP": "250"}, HERE).range_findings == []


def test_other_encounters_are_read_through_the_context(minimal: CompiledStudy) -> None:
    form = minimal.forms["VS"]
    assert form.needs == {"at.BASELINE.VS", "previous.VS"}
    gained = Context(TODAY, {"at.BASELINE.VS": {"WEIGHT": "69.0"}}, HERE.visit)
    assert [finding.check_id for finding in form.evaluate(FULL, gained).findings] == ["VS_WEIGHT_CHANGE"]
    earlier = Context(TODAY, {"previous.VS": [{"VSPERF": "N"}, {"WEIGHT": "74.0"}, {"WEIGHT": "80.0"}]}, HERE.visit)
    assert [finding.check_id for finding in form.evaluate(FULL, earlier).findings] == ["VS_WEIGHT_PREVIOUS"]


def test_a_log_is_read_line_by_line(minimal: CompiledStudy) -> None:
    serious = Context(TODAY, {"log.AE": [{"AESER": "N"}, {"AESER": "Y"}]})
    form = minimal.forms["DM"]
    assert [finding.check_id for finding in form.evaluate({"AGE": "85"}, serious).check_findings] == ["DM_NO_SERIOUS"]
    assert form.evaluate({"AGE": "85"}, Context(TODAY, {"log.AE": []})).check_findings == []


def test_a_check_that_refuses_is_told_apart(minimal: CompiledStudy) -> None:
    born = Context(TODAY, {"at.SCREENING_1.DM": {"BRTHDTC": "1950-03"}})
    form = minimal.forms["AE"]
    assert [finding.check_id for finding in form.evaluate({"AESTDTC": "1949"}, born).refused] == ["AE_START"]
    assert form.evaluate({"AESTDTC": "1950"}, born).refused == []  # 1950 could be either side of March
    assert form.evaluate({"AESTDTC": "UNK"}, born).refused == []


def test_the_forms_whose_rules_read_a_form_are_known(minimal: CompiledStudy) -> None:
    found = [(dependent.form, dependent.reference, dependent.checks) for dependent in minimal.dependents("DM")]
    assert found == [("AE", "at.SCREENING_1.DM", ("AE_START",))]
    assert [dependent.form for dependent in minimal.dependents("AE")] == ["DM"]


def test_keys_are_parsed_and_every_fault_is_kept(minimal: CompiledStudy) -> None:
    raw = {
        "VSPERF": "y",
        "WEIGHT": "",
        "BMI": "99",
        "VS_READ[4].SYSBP": "1",
        "VS_READ[0].SYSBP": "1",
        "NOPE": "1",
        "PULSE": "x",
    }
    values, faults = minimal.forms["VS"].parse(raw, TODAY)
    assert values == {"VSPERF": "Y", "WEIGHT": None}
    assert {fault.item_key: str(fault.fault) for fault in faults} == {
        "VS_READ[4].SYSBP": "VS_READ has no row 4; rows 1 to 3",
        "VS_READ[0].SYSBP": "VS_READ[0].SYSBP is not an item of VS; an item such as VSPERF",
        "NOPE": "NOPE is not an item of VS; an item such as VSPERF",
        "PULSE": "x is not a number; a number such as 12",
    }


def test_labels_and_values_are_shown_in_the_reader_s_language(minimal: CompiledStudy) -> None:
    form = minimal.forms["VS"]
    assert form.label("VS_READ[2].SYSBP", "fr") == "Debout: Systolique"
    assert form.label("VS_READ[3].SYSBP", "fr") == "3: Systolique"
    assert form.display("VSPERF", "Y", "nl") == "Ja"
    assert form.display("WEIGHT", "80.0", "nl") == "80.0 kg"
    assert form.display("HEIGHT", {"value": "68.0", "unit": "[in_i]"}, "en") == "68.0 in"
    log = minimal.forms["AE"]
    assert log.display("AEACN", ["DRUG", "HOSPITAL"], "de") == "Medikation, Krankenhaus"
    assert log.line_title({"AETERM": "Headache"}, "nl") == "Headache"
    assert log.line_title({}, "nl") == "Bijwerkingen"


def test_item_keys_name_every_row(minimal: CompiledStudy) -> None:
    keys = minimal.forms["VS"].item_keys()
    assert keys[0] == "VSPERF"
    assert "VS_READ[3].DIABP" in keys
    assert "VS_READ[4].DIABP" not in keys


def test_expected_forms_follow_the_schedule(minimal: CompiledStudy) -> None:
    assert minimal.expected_forms("SCREENING_1") == ("DM", "VS")
    assert minimal.expected_forms("BASELINE") == ("VS",)
    assert minimal.expected_forms("EARLY_TERMINATION") == ()
    assert minimal.unscheduled_forms == ("VS",)


def test_windows_are_counted_without_a_day_0(minimal: CompiledStudy) -> None:
    baseline = date(2014, 1, 10)
    assert minimal.window("BASELINE", baseline) == (baseline, baseline, baseline)
    assert minimal.window("WEEK_2", baseline) == (date(2014, 1, 24), date(2014, 1, 21), date(2014, 1, 27))
    assert minimal.window("SCREENING_1", baseline) == (date(2013, 12, 27), date(2013, 12, 25), date(2013, 12, 29))
    assert minimal.window("EARLY_TERMINATION", baseline) is None
    assert minimal.anchor("WEEK_2") == minimal.anchor("BASELINE") == "BASELINE"


def test_participant_numbers_have_the_declared_shape(minimal: CompiledStudy) -> None:
    assert minimal.accepts_participant_id("01-001")
    assert not minimal.accepts_participant_id("01-0011")


def test_calculations_come_after_what_they_depend_on(minimal: CompiledStudy) -> None:
    form = minimal.forms["VS"].form
    head, readings = form.groups
    total = Item("AAA", Text({"en": "x"}), "calculated", decimals=0, calculation="BMI * 2.0")
    mean = Item("AAB", Text({"en": "x"}), "calculated", decimals=0, calculation="size(VS_READ.filter(r, r.MAP > 90))")
    extended = replace(form, groups=(replace(head, items=(total, mean, *head.items)), readings))
    study = replace(minimal.study, forms=tuple(extended if one.id == "VS" else one for one in minimal.study.forms))
    calculated = compile_study(study).forms["VS"].evaluate(FULL, HERE).calculated
    assert (calculated["AAA"], calculated["AAB"]) == ("54", "1")


def test_a_calculation_that_is_skipped_is_empty(minimal: CompiledStudy) -> None:
    form = minimal.forms["VS"].form
    head, readings = form.groups
    items = tuple(replace(item, skip='VSPERF == "N"') if item.id == "BMI" else item for item in head.items)
    changed = replace(form, groups=(replace(head, items=items), readings))
    study = replace(minimal.study, forms=tuple(changed if one.id == "VS" else one for one in minimal.study.forms))
    outcome = compile_study(study).forms["VS"].evaluate(FULL | {"VSPERF": "N"}, HERE)
    assert outcome.calculated["BMI"] is None
    assert "BMI" in outcome.skipped


def test_the_study_definition_runs_without_django() -> None:
    code = "import sys, helmont.study.compiling, helmont.study.publishing; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("data", "answer"), [({"AGE": "50"}, True), ({"AGE": "49"}, False), ({}, None)])
def test_eligibility_is_true_false_or_not_known(
    minimal: CompiledStudy, data: dict[str, str], answer: bool | None
) -> None:
    assert minimal.eligibility_needs == {"at.SCREENING_1.DM"}
    context = Context(TODAY, {"at.SCREENING_1.DM": data})
    assert minimal.eligibility(context) == [("INCL_01", answer), ("EXCL_01", None)]


def test_the_browser_gets_the_form_in_one_language(minimal: CompiledStudy) -> None:
    client = minimal.forms["VS"].to_client("nl")
    assert json.loads(json.dumps(client)) == client
    head, readings = client["groups"]
    assert readings["repeats"] == {"min": 2, "max": 3, "labels": ["Liggend", "Staand"]}
    height = next(item for item in head["items"] if item["id"] == "HEIGHT")
    inch = height["units"][1]
    assert (inch["label"], inch["factor"] * 10 + inch["offset"]) == (UNITS["[in_i]"].label, pytest.approx(25.4))
    assert client["checks"][0]["group"] == "VS_READ"
    assert set(client["calculations"]) == {"BMI", "MAP"}


def test_a_language_the_study_lacks_shows_the_source_language_and_says_so(minimal: CompiledStudy) -> None:
    client = minimal.forms["AE"].to_client("it")
    assert client["title"] == "Adverse events"
    assert all(item["label_fallback"] for item in client["groups"][0]["items"])


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.sampled_from([None, "keep"])))
def test_any_part_of_a_form_can_be_missing(minimal: CompiledStudy, dropped: dict[str, str | None]) -> None:
    data = {key: value for key, value in FULL.items() if dropped.get(key, "keep")}
    outcome = minimal.forms["VS"].evaluate(data, HERE)
    assert outcome.findings == []
    assert not outcome.missing or set(outcome.missing).isdisjoint(data)
