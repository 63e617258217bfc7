"""Reference ranges: whose they are, that they never overlap, and what a correction changes."""

from __future__ import annotations

import pytest

from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.projections.runner import catch_up, rebuild
from helmont.labs.actions.alerts import AcknowledgeAlert
from helmont.labs.actions.ranges import AddRange, CorrectRange
from helmont.labs.models import Alert, Reading, ReferenceRange, Regrade
from tests.labs.kit import DANA, HER, HIM, INES, STUDY, UMA, add, do, reading, results

pytestmark = pytest.mark.database


def test_a_result_is_flagged_by_the_range_of_its_sex_and_age() -> None:
    add("ALT", "10", "50", sex="M", age_high="45")
    add("ALT", "10", "60", sex="M", age_low="46")
    add("ALT", "10", "35", sex="F")
    results("BASELINE", ALT="55")  # on his 46th birthday
    results("SCREENING_1", ALT="55")  # two weeks before it
    results("WEEK_2", HER, ALT="40")
    assert (reading("ALT", "SCREENING_1").flag, reading("ALT", "BASELINE").flag) == ("HIGH", "NORMAL")
    assert (reading("ALT", who=HER).flag, reading("ALT", who=HER).high) == ("HIGH", "35")


def test_a_range_holds_from_its_first_to_its_last_day_and_for_fasting() -> None:
    add("GLUC", "4", "5.6", "mmol/L", fasting="Y", effective_to="2026-01-31")
    add("GLUC", "4", "6.0", "mmol/L", fasting="Y", effective_from="2026-02-01")
    add("GLUC", "72", "140", "mg/dL", fasting="N")
    results("BASELINE", GLUC="5.8", LBFAST="Y")
    results("WEEK_2", GLUC="5.8", LBFAST="Y")
    results("WEEK_2", HER, GLUC="7.9", LBFAST="N")
    assert (reading("GLUC", "BASELINE").flag, reading("GLUC").flag) == ("HIGH", "NORMAL")
    hers = reading("GLUC", who=HER)  # 140 mg/dL of glucose are 7.77 mmol/L
    assert (hers.flag, hers.high[:4]) == ("HIGH", "7.77")
    results("SCREENING_1", GLUC="5.0")
    assert reading("GLUC", "SCREENING_1").flag == ""  # whether he had fasted is not known


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"sex": "M"},
        {"age_low": "40", "age_high": "50"},
        {"age_low": "216", "age_unit": "mo"},
        {"effective_from": "2030-01-01"},
        {"fasting": "Y"},
    ],
)
def test_overlapping_ranges_are_refused_and_the_other_is_named(other: dict[str, str]) -> None:
    first = add("ALT", "10", "50", age_low="18")
    with pytest.raises(Invalid) as refused:
        add("ALT", "10", "60", **other)
    assert first in refused.value.message
    assert ReferenceRange.objects.count() == 1


def test_ranges_that_only_meet_are_taken() -> None:
    add("ALT", "10", "50", sex="M", age_low="18", age_high="64", effective_to="2026-01-31")
    add("ALT", "10", "60", sex="M", age_low="65")
    add("ALT", "10", "35", sex="F")
    add("ALT", "10", "52", sex="M", age_low="18", age_high="64", effective_from="2026-02-01")
    assert ReferenceRange.objects.count() == 4


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"low": "ten"}, "low"),
        ({"low": "", "high": ""}, "low"),
        ({"low": "60"}, "high"),
        ({"unit": "furlong"}, "unit"),
        ({"unit": "kg"}, "unit"),
        ({"sex": "X"}, "sex"),
        ({"age_low": "65", "age_high": "18"}, "age_high"),
        ({"age_low": "1.5"}, "age_low"),
        ({"effective_from": "2026-02-30"}, "effective_from"),
        ({"effective_from": "2026-02-02", "effective_to": "2026-01-01"}, "effective_to"),
        ({"analyte": "NOPE"}, "analyte"),
    ],
)
def test_a_range_that_cannot_be_is_refused_at_its_field(wrong: dict[str, str], place: str) -> None:
    given = {"analyte": "ALT", "low": "10", "high": "50", "unit": "U/L", **wrong}
    with pytest.raises(Invalid) as refused:
        do(AddRange(study=STUDY, laboratory="CENTRAL", **given))
    assert place in [fault.place for fault in refused.value.faults]
    assert not ReferenceRange.objects.exists()


def test_a_corrected_range_regrades_and_says_so() -> None:
    key = add("ALT", "10", "50")
    results("BASELINE", ALT="40")
    results("WEEK_2", ALT="160")
    results("WEEK_2", HER, ALT="45")
    assert (reading("ALT").flag, reading("ALT").grade) == ("HIGH", 2)  # above 3 x 50
    answer = do(CorrectRange(key, (("high", "42"),), "printed wrongly"))
    assert (answer["considered"], answer["changed"]) == (3, 1)
    said = Regrade.objects.get()
    assert said.changes == {f"{HER}/WEEK_2/LB#ALT": {"flag": ["NORMAL", "HIGH"], "grade": [0, 1]}}
    assert (said.by, said.reason, said.version) == (DANA.handle, "printed wrongly", 2)
    entry = store.read_entry(STUDY, store.log_size(STUDY) - 1)
    assert entry is not None
    assert {change["record"].partition(":")[0] for change in entry.content["changes"]} == {
        "reference_range", "lab_regrade"
    }  # fmt: skip
    hers = reading("ALT", who=HER)
    assert (hers.flag, hers.grade, hers.term) == ("HIGH", 1, "Alanine aminotransferase increased")
    do(CorrectRange(key, (("high", "30"),), "and again"))
    # His baseline of 40 is abnormal now: 160 is 4 times that, above 3 x baseline.
    assert reading("ALT").grade == 2
    assert reading("ALT", "BASELINE").flag == "HIGH"
    assert ReferenceRange.objects.get().version == 3
    assert verify([STUDY]).clean


def test_a_correction_needs_a_reason_and_the_right() -> None:
    key = add("ALT", "10", "50")
    with pytest.raises(ReasonRequired):
        do(CorrectRange(key, (("high", "42"),)))
    with pytest.raises(NotPermitted):
        do(CorrectRange(key, (("high", "42"),), "mine"), UMA)
    with pytest.raises(NotFound):
        do(CorrectRange(f"{STUDY}/labs/CENTRAL/ALT/9", (("high", "42"),), "none"))


def test_a_withdrawn_range_leaves_its_results_without_flag() -> None:
    key = add("ALT", "10", "50")
    results(ALT="60")
    assert reading("ALT").flag == "HIGH"
    assert do(CorrectRange(key, reason="of another laboratory", withdraw=True))["changed"] == 1
    assert (reading("ALT").flag, reading("ALT").range) == ("", "")
    add("ALT", "10", "70")
    assert reading("ALT").flag == "NORMAL"


def test_a_regrading_does_not_tell_of_results_under_a_privilege() -> None:
    key = add("DRUG", "0", "10", "ug/L")
    results(DRUG="20")
    assert reading("DRUG").flag == "HIGH"
    do(CorrectRange(key, (("high", "30"),), "wrong"))
    assert Regrade.objects.get().changes == {}
    assert reading("DRUG").flag == "NORMAL"


def test_readings_are_the_same_when_derived_again() -> None:
    add("ALT", "10", "50")
    for visit, value in (("SCREENING_1", "60"), ("BASELINE", "20"), ("WEEK_2", "170")):
        results(visit, ALT=value)
    catch_up("lab readings")
    before = list(Reading.objects.order_by("key").values())
    rebuild("lab readings")
    assert list(Reading.objects.order_by("key").values()) == before
    assert len(before) == 3


def test_a_combination_raises_an_alert_that_somebody_acknowledges() -> None:
    for analyte, low, high, unit in (
        ("ALT", "10", "50", "U/L"),
        ("ALP", "30", "120", "U/L"),
        ("BILI", "0.2", "1.2", "mg/dL"),
    ):
        add(analyte, low, high, unit)
    results(ALT="260", BILI="2.4", ALP="100")
    catch_up("lab readings")
    hys, grade = Alert.objects.get(rule="HYS_LAW"), Alert.objects.get(rule="GRADE_3")
    assert hys.key == f"{STUDY}/{HIM}/alerts/HYS_LAW/WEEK_2"
    assert grade.readings == [f"{STUDY}/{HIM}/WEEK_2/LB#ALT"]
    with pytest.raises(NotPermitted):
        do(AcknowledgeAlert(hys.key, hys.basis, "seen"), DANA)
    with pytest.raises(Invalid):
        do(AcknowledgeAlert(hys.key, hys.basis, " "), INES)
    do(AcknowledgeAlert(hys.key, hys.basis, "Called in for a repeat sample"), INES)
    results(ALT="300")
    catch_up("lab readings")
    assert Alert.objects.get(rule="HYS_LAW").basis != hys.basis  # other values: to be seen again
    results(BILI="1.0")
    catch_up("lab readings")
    assert not Alert.objects.filter(rule="HYS_LAW").exists()
