"""What a value must be to fit its variable, by kind, with the place of the record."""

import dataclasses

from helmont.datasets.fitting import Misfit, misfits, rules_of
from helmont.study.datasets.model import Dataset, Variable
from helmont.study.model import Codelist, Study, Term
from tests import cast

VARIABLES = (
    Variable("USUBJID", "Subject", mandatory=True),
    Variable("VSSEQ", "Sequence", type="integer"),
    Variable("VSORRES", "Result", length=3),
    Variable("VSDTC", "Date", length=20),
    Variable("VSPOS", "Position", codelist="POS"),
)
VS = Dataset("VS", "Vital Signs", "SDTM", "findings", "One a measurement", ("USUBJID", "VSSEQ"), VARIABLES, ())


def study() -> Study:
    terms = tuple(Term(code, label=code) for code in ("SITTING", "SUPINE"))  # type: ignore[arg-type]
    return dataclasses.replace(cast.definition(), codelists=(Codelist("POS", terms),))


def test_what_does_not_fit_is_found_with_its_row_and_what_would_fit() -> None:
    columns = {
        "USUBJID": ["1", "1", None, "1", "1"],
        "VSSEQ": [1.0, 1.0, 2.5, "3", "three"],
        "VSORRES": ["131", "1310", None, "", "12"],
        "VSDTC": ["2026-01", "2026-01-12T09:05", "12 Jan 2026", None, "2026-13-01"],
        "VSPOS": ["SITTING", "Supine", None, "SUPINE", "SUPINE"],
    }
    assert set(misfits(VS, rules_of(study(), VS), 5, columns)) == {
        Misfit(3, "USUBJID", "missing", "", ""),
        Misfit(3, "VSSEQ", "whole", "2.5", "integer"),
        Misfit(5, "VSSEQ", "number", "three", "integer"),
        Misfit(2, "VSORRES", "length", "1310", "3"),
        Misfit(3, "VSDTC", "date", "12 Jan 2026", "ISO 8601"),
        Misfit(5, "VSDTC", "date", "2026-13-01", "ISO 8601"),
        Misfit(2, "VSPOS", "codelist", "Supine", "SITTING, SUPINE"),
        Misfit(1, "", "keys", "1, 1.0", "USUBJID, VSSEQ"),
        Misfit(2, "", "keys", "1, 1.0", "USUBJID, VSSEQ"),
    }
