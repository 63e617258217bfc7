"""Checks that the published data never violate: each is shown the mistake it is there to find."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from helmont.demo.pilot.annotations import pilot_study
from helmont.study.compiling import compile_study
from helmont.study.outcomes import Context, Data

FORMS = compile_study(pilot_study()).forms

MISTAKES: list[tuple[str, str, Data, Mapping[str, Data | Sequence[Data]]]] = [
    ("AE_SERIOUS_CRITERION", "AE", {"AESER": "Y", "AESDTH": "N", "AESLIFE": "N", "AESHOSP": "N", "AESDISAB": "N",
                                    "AESCONG": "N", "AESCAN": "N", "AESOD": "N"}, {}),
    ("AE_FATAL_DEATH", "AE", {"AEOUT": "FATAL", "AESDTH": "N"}, {}),
    ("AE_DEATH_FATAL", "AE", {"AEOUT": "RECOVERED", "AESDTH": "Y"}, {}),
    ("AE_RECOVERED_END", "AE", {"AEOUT": "RECOVERED"}, {}),
    ("AE_ONE_TERM", "AE", {"AESPID": "E01", "AETERM": "RASH"}, {"log.AE": [{"AESPID": "E01", "AETERM": "ITCHING"}]}),
    ("AE_ONE_START", "AE", {"AESPID": "E01", "AESTDAT": "2013-01-02"},
     {"log.AE": [{"AESPID": "E01", "AESTDAT": "2013-01-03"}]}),
    ("DM_AGE_ENTRY", "DM", {"AGE": "49"}, {}),
    ("SC_EDUCATION_AGE", "SC", {"EDULEVEL": "30"}, {"here.DM": {"AGE": "20"}}),
    ("MH_PRIMARY_DATE", "MH", {"MHCAT": "PRIMARY"}, {}),
    ("MH_SEVERITY", "MH", {"MHCAT": "PREEXISTING"}, {}),
    ("MH_ONE_PRIMARY", "MH", {"MHCAT": "PRIMARY"}, {"log.MH": [{"MHCAT": "PRIMARY"}]}),
    ("MH_REPEATED", "MH", {"MHCAT": "HISTORICAL", "MHTERM": "GOUT", "MHSTDAT": "1999-05-01"},
     {"log.MH": [{"MHCAT": "HISTORICAL", "MHTERM": "GOUT", "MHSTDAT": "1999-05-01"}]}),
    ("CM_END_START", "CM", {"CMSTDAT": "2013-02", "CMENDAT": "2013-01-31"}, {}),
    ("CM_DOSE_UNIT", "CM", {"CMDOSE": "10"}, {}),
    ("LBCH_ALBUMIN", "LBCH", {"ALB": "7.1", "PROT": "7.0"}, {}),
    ("LBCH_CREAT_RISE", "LBCH", {"CREAT": "1.5"}, {"previous.LBCH": [{"CREAT": "1.0"}]}),
    ("LBHE_DIFFERENTIAL", "LBHE", {"LYM": "3", "MONO": "1", "EOS": "1", "BASO": "0.1", "WBC": "5"}, {}),
    ("QSGI_AGAINST_ADAS", "QSGI", {"CIBIC": "2"}, {"here.QSCO": {"ACTOT": "30"}, "at.BASELINE.QSCO": {"ACTOT": "20"}}),
    ("QSNI_RATED_01", "QSNI", {"NPITM01": "PRESENT", "NPITM01F": "1"}, {}),
    ("EX_END_START", "EX", {"EXSTDAT": "2013-02-02", "EXENDAT": "2013-02-01"}, {}),
    ("EX_FOLLOWS", "EX", {"EXSTDAT": "2013-02-02"}, {"previous.EX": [{"EXENDAT": "2013-02-02"}]}),
    ("EX_GAP", "EX", {"EXSTDAT": "2013-02-10"}, {"previous.EX": [{"EXENDAT": "2013-02-02"}]}),
    ("DS_AFTER_LAST_DOSE", "DS", {"DSCAT": "DISPOSITION", "DSSTDAT": "2013-02-01"},
     {"at.WEEK_2.EX": {"EXENDAT": "2013-02-03"}}),
    ("DS_AE_CODE", "DS", {"DSDECOD": "ADVERSE_EVENT", "DSAESPID": "E09"}, {"log.AE": [{"AESPID": "E01"}]}),
    ("DS_DEATH_AE", "DS", {"DSDECOD": "DEATH"}, {"log.AE": [{"AEOUT": "RECOVERED"}]}),
    ("DS_ONE_END", "DS", {"DSCAT": "DISPOSITION"}, {"log.DS": [{"DSCAT": "DISPOSITION"}]}),
    ("DS_COMPLETED_VISIT", "DS", {"DSDECOD": "COMPLETED", "DSVISIT": "WEEK_12"}, {}),
    ("VS_TEMP_PLACE", "VS", {"TEMP": {"value": "98.6", "unit": "[degF]"}}, {}),
    ("VS_HEIGHT_GIVEN", "VS", {"WEIGHT": {"value": "70.0", "unit": "kg"}}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "form", "data", "others"), MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_the_mistake_is_found(check: str, form: str, data: Data, others: Mapping[str, Data | Sequence[Data]]) -> None:
    context = Context(today=date(2013, 6, 1), forms=others, visit={"id": "SCREENING_1", "date": "2013-06-01"})
    assert check in {finding.check_id for finding in FORMS[form].evaluate(data, context).findings}


def test_five_features_of_the_ischaemia_score_count_double_and_above_four_excludes() -> None:
    answers: Data = {f"MHITM{number:02d}": "PRESENT" for number in range(1, 14)}
    outcome = FORMS["QSHI"].evaluate(answers, Context(today=date(2013, 6, 1)))
    assert outcome.calculated["MHTOTAL"] == "18"
    assert "QSHI_ENTRY" in {finding.check_id for finding in outcome.findings}


def test_the_daily_living_score_is_the_share_of_yes_among_questions_that_apply() -> None:
    answers: Data = {
        f"DAITM{number:02d}": "Y" if number <= 20 else "N" if number <= 30 else "NA" for number in range(1, 41)
    }
    outcome = FORMS["QSDA"].evaluate(answers, Context(today=date(2013, 6, 1)))
    assert outcome.calculated["DADSCORE"] == "66.7"


def test_body_mass_index_uses_the_height_of_screening_at_later_visits() -> None:
    height: Data = {"HEIGHT": {"value": "70.0", "unit": "[in_i]"}}
    data: Data = {"WEIGHT": {"value": "80.0", "unit": "kg"}}
    context = Context(today=date(2013, 6, 1), forms={"at.SCREENING_1.VS": height}, visit={"id": "WEEK_4"})
    assert FORMS["VS"].evaluate(data, context).calculated["BMI"] == "25.3"
