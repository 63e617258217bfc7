"""Why cells of the pilot's data sets differ from the submission of 2006: every difference belongs to a class with a reason.

A difference without a class is news: ``tools.compare_datasets`` names it and ends with a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helmont.study.datasets.comparing import Difference

LEFT_OUT = frozenset(("01-701-1415", "01-708-1216", "01-716-1044"))
"""Participants of whom the submission left out a laboratory record and kept its number."""
RECORD = "(record)"
"""Stands for the variable when a record is only on one side."""


@dataclass(frozen=True, slots=True)
class Known:
    """A class of differences: where, whether it is this one, and the reason."""

    cells: tuple[str, ...]
    """``LB.LBSEQ``, ``TI.*``."""
    why: str
    test: Callable[[Difference], bool] = lambda _: True

    def holds(self, dataset: str, difference: Difference) -> bool:
        """Whether a difference in the data set is of this class."""
        named = f"{dataset}.{difference.variable}" in self.cells or f"{dataset}.*" in self.cells
        return named and self.test(difference)


def _of(*people: str) -> Callable[[Difference], bool]:
    return lambda difference: difference.key[0] in people


def _contains(text: str) -> Callable[[Difference], bool]:
    return lambda difference: text in difference.key


SDTM = (
    Known(
        ("LB.LBSEQ", "SUPPLB.*"),
        "numbers after a record that the submission left out",
        lambda difference: difference.key[0] in LEFT_OUT,
    ),
    Known(("CM.CMSEQ",), "the order of medications that differ in nothing that was published"),
    Known(("LB.LBSTNRLO", "LB.LBSTNRHI"), "HbA1c: limits that do not follow from those in original units", _contains("HBA1C")),
    Known(("SUPPLB.QVAL",), "HbA1c: ratios to these limits", _contains("LBTMSHI")),
    Known(("LB.LBSTRESC", "LB.LBSTRESN"), "vitamin B12: cut to seven digits in the submission", _contains("VITB12")),
    Known(("QS.QSSTRESC",), "NPI-X totals filled in pro rata: cut to whole numbers in the submission", _contains("NPTOT")),
    Known(("DM.RFENDTC",), "an error of the submission: the day after a death", _of("01-710-1083")),
    Known(("AE.AESTDY",), "an error of the submission: day 366 for the first day", _of("01-716-1063")),
    Known(
        ("SE.SESTDTC", "SE.SEENDTC"),
        "elements that begin or end on a day that disagrees with the submission's own visits",
        _of("01-701-1162", "01-709-1424", "01-716-1305"),
    ),
    Known((f"SE.{RECORD}",), "elements at visits after failed screening, which were not published"),
    Known((f"SV.{RECORD}",), "an unscheduled visit: 9.2 and 9.3 in the two published editions"),
    Known(("TE.*", "TI.*", "TS.*", "TV.*"), "the protocol in our own words"),
)  # fmt: skip
ADAM = (
    Known(("ADLBC.AVISIT", "ADLBH.AVISIT"), "`.` for unscheduled visits in the original; here it is empty"),
    Known(("ADLBH.PARAM",), "cut at 100 characters in the original"),
    Known(("ADLBH.ANL01FL",), "values that are equal in decimals but not in the original's floating point"),
    Known(("ADLBHY.SHIFT1",), "the original leaves \"High to High\" empty: it is not among its codes"),
    Known(("ADLBHY.BASE",), "the original has no baseline beside a missing value"),
    Known(
        ("ADQSADAS.AVAL", "ADQSADAS.CHG", "ADQSADAS.PCHG", "ADQSADAS.DTYPE"),
        "the original's error: of two assessments in one window the one that was not chosen was given the other's value",
    ),
    Known(
        tuple(
            f"{dataset}.{name}"
            for dataset in ("ADQSADAS", "ADQSCIBC")
            for name in ("VISIT", "VISITNUM", "ADY", "ADT", "AWTDIFF", "QSSEQ")
        ),
        "for the same reason what was carried forward has the date of the assessment that was not chosen; here its own",
    ),
    Known(("ADQSNPIX.AVAL", f"ADQSNPIX.{RECORD}"), "weeks 6 to 12 under the title Week 4 to 24; here weeks 4 to 24"),
    Known(("ADSL.BMIBLGR1",), "`<25` for a BMI that is missing: SAS takes missing as smaller than any number"),
    Known(("ADSL.RFENDTC", "ADSL.RFENDT", "ADTTE.ADT", "ADTTE.AVAL"), "the day after a death, as in DM"),
    Known(("ADLBC.LBSEQ", "ADLBH.LBSEQ", "ADLBHY.LBSEQ"), "numbers after a record that the submission left out"),
)  # fmt: skip


def padded(difference: Difference) -> bool:
    """Whether the values are the same but for blanks and zeros that fill a fixed width (``   1``, ``08``)."""
    ours, theirs = difference.ours, difference.theirs
    if not isinstance(ours, str) or not isinstance(theirs, str):
        return False
    return theirs.strip() == ours or (ours.isdigit() and theirs.lstrip("0") == ours)


def reason(dataset: str, difference: Difference) -> str | None:
    """Why a cell differs; ``None`` when nobody knows yet."""
    if padded(difference):
        return "blanks and zeros that fill a fixed width (not counted as different)"
    return next((known.why for known in (*SDTM, *ADAM) if known.holds(dataset, difference)), None)
