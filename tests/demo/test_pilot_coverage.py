"""The published data sets are found again in what the sites would have entered: all of it, once, and nothing else."""

import pytest

from helmont.demo.pilot import Coverage, EnterForm, Event, coverage, forward
from helmont.demo.pilot.classification import classify
from helmont.demo.pilot.source import frame

PUBLISHED_RECORDS = {
    "dm": 306, "sc": 254, "mh": 1818, "cm": 7510, "ae": 1191, "vs": 29643, "lbch": 32740, "lbhe": 21927,
    "lbur": 4913, "qsco": 12241, "qsgi": 562, "qsda": 32920, "qsni": 71200, "qsmm": 1524, "qshi": 3302,
    "ex": 591, "ds": 596, "sv": 3559, "suppds": 3, "relrec": 211,
}  # fmt: skip
"""As printed in the data sets' own descriptions."""

COLLECTED = [
    ("dm", "AGE", 306), ("dm", "SEX", 306), ("dm", "RACE", 306), ("dm", "ETHNIC", 306), ("sc", "SCORRES", 254),
    ("mh", "MHTERM", 1818), ("mh", "MHCAT", 1818), ("mh", "MHSEV", 858), ("mh", "MHSTDTC", 959),
    ("mh", "MHSPID", 858), ("cm", "CMTRT", 7510), ("cm", "VISITNUM", 7510), ("cm", "CMDOSE", 7435),
    ("cm", "CMDOSU", 7381), ("cm", "CMINDC", 3337), ("cm", "CMDOSFRQ", 7493), ("cm", "CMROUTE", 7506),
    ("cm", "CMSTDTC", 7489), ("cm", "CMENDTC", 698), ("ae", "AETERM", 1191), ("ae", "AESER", 1191),
    ("ae", "AEREL", 1187), ("ae", "AESTDTC", 1191), ("ae", "AEENDTC", 718), ("ae", "AESHOSP", 1191),
    ("ae", "AEOUT", 1191), ("ae", "AESEV", 1191), ("ae", "AEDTC", 1191), ("ae", "AESPID", 1191),
    ("vs", "VSTESTCD", 29643), ("vs", "VSORRES", 29635), ("vs", "VSSTAT", 8), ("vs", "VSLOC", 2720),
    ("lbch", "LBORRES", 32740), ("lbhe", "LBORRES", 21927), ("lbur", "LBORRES", 4913), ("lbch", "LBDTC", 32740),
    ("lbhe", "LBDTC", 21927), ("lbur", "LBDTC", 4913), ("qsco", "QSORRES", 11398), ("qsco", "QSSTAT", 25),
    ("qsco", "QSREASND", 25), ("qsgi", "QSORRES", 562), ("qsda", "QSORRES", 32920), ("qsmm", "QSORRES", 1524),
    ("qshi", "QSORRES", 3302), ("ex", "EXTRT", 591), ("ex", "EXDOSE", 591), ("ex", "EXSTDTC", 591),
    ("ex", "EXENDTC", 585), ("ex", "VISITNUM", 591), ("ds", "DSDECOD", 596), ("ds", "DSTERM", 596),
    ("ds", "DSDTC", 596), ("ds", "DSSTDTC", 596), ("ds", "VISITNUM", 596), ("ds", "DSSPID", 95),
    ("suppds", "QVAL", 3), ("sv", "SVSTDTC", 3559), ("sv", "SVUPDES", 122), ("sv", "VISITNUM", 3559),
]  # fmt: skip


def test_every_published_record_is_accounted_for(account: Coverage) -> None:
    assert {name: account.records[name] for name in PUBLISHED_RECORDS} == PUBLISHED_RECORDS


@pytest.mark.parametrize(("dataset", "variable", "values"), COLLECTED)
def test_every_collected_value_is_found_in_an_answer(
    account: Coverage, dataset: str, variable: str, values: int
) -> None:
    found = account.of(dataset, variable)
    assert (found.values, found.captured) == (values, values)


def test_of_the_npi_all_but_the_calculated_scores_is_answered(account: Coverage) -> None:
    found = account.of("qsni", "QSORRES")
    assert found.values == 68840
    assert found.captured == 40528  # 71,200 rows less the 30,672 that carry the derived flag
    assert found.derived == 68840 - 40528


def test_the_arm_of_all_randomised_is_answered_and_that_of_screen_failures_derived(account: Coverage) -> None:
    arm = account.of("dm", "ARMCD")
    assert (arm.captured, arm.derived) == (254, 52)


def test_the_counts_of_a_variable_add_up_to_its_values(account: Coverage) -> None:
    for found in account.variables:
        parts = found.captured + found.derived + found.reference + found.missing
        assert parts == found.values == frame(found.dataset)[found.variable].count(), found


def test_no_answer_says_something_that_was_not_published(account: Coverage) -> None:
    assert account.invented == []


def test_what_is_not_represented_is_coding_laboratory_ranges_and_three_unknown_reasons(account: Coverage) -> None:
    missing = {f"{found.dataset}.{found.variable}" for found in account.not_represented()}
    coding = {f"ae.AE{part}" for part in ("LLT", "DECOD", "HLT", "HLGT", "BODSYS", "SOC")}
    coding |= {f"mh.MH{part}" for part in ("LLT", "DECOD", "HLT", "HLGT", "BODSYS")} | {"cm.CMDECOD", "cm.CMCLAS"}
    ranges = {
        f"{name}.LB{kind}NR{end}" for name in ("lbch", "lbhe", "lbur") for kind in ("OR", "ST") for end in ("LO", "HI")
    }
    assert missing == coding | ranges | {"se.SEUPDES"}
    assert all(found.reason for found in account.not_represented())


def test_only_leading_zeros_are_written_differently(account: Coverage) -> None:
    rewritten = {(found.dataset, found.variable) for found in account.variables if found.rewritten}
    assert rewritten == {("vs", "VSORRES"), ("sc", "SCORRES")}


def _entered(events: list[Event], form: str) -> list[EnterForm]:
    return [event for event in events if isinstance(event, EnterForm) and event.form == form]


def test_a_value_lost_on_the_way_is_noticed(events: list[Event]) -> None:
    with pytest.raises(ValueError, match=r"ae\.\w+: not given by any answer"):
        coverage(_entered(events, "AE")[1:], ["ae"])


def test_a_value_made_up_on_the_way_is_noticed(events: list[Event]) -> None:
    entered = _entered(events, "SC")
    made_up = EnterForm("01-999-0001", "SCREENING_1", None, "SC", None, {"EDULEVEL": "12"}, entered[0].date)
    assert coverage(entered, ["sc"]).invented == []
    assert coverage([*entered, made_up], ["sc"]).invented == [("SC", ("01-999-0001", ("EDULEVEL",), "SCORRES"))]


def test_one_value_in_two_answers_is_refused(events: list[Event]) -> None:
    form = _entered(events, "VS")[0]
    with pytest.raises(ValueError, match="answered twice"):
        forward([form, form])


def test_a_variable_nobody_classified_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vs\.VSORRES.*not classified"):
        classify("vs", "VSORRES")
