"""The engine on small made-up datasets, results computed by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from helmont.reports.display import display
from helmont.reports.engine import evaluate
from helmont.reports.formats import Formatter, printed
from helmont.reports.frames import Datasets, NotInDatasets
from helmont.reports.groups import Member
from helmont.reports.methods import METHODS, Cell
from helmont.reports.text import to_text
from helmont.study.analyses import Analysis, Format, ReportingEvent
from helmont.study.analyses.loading import load_analyses

EVENT = """
id: CSR
name: Report
protocol: TRIAL
participants: ADSL
analysis_sets:
  - {id: SAF, label: Safety, where: SAFFL == "Y"}
groupings:
  - id: ARM
    label: Arm
    dataset: ADSL
    groups:
      - {id: A, where: ARM == "A"}
      - {id: B, where: ARM == "B"}
      - {id: TOTAL, total: true}
  - {id: TERM, label: Term, variable: AETERM}
  - {id: BASE, label: At baseline, groups: [{id: LOW, where: BASE == 0}, {id: HIGH, where: BASE == 1}]}
  - {id: WORST, label: Worst, groups: [{id: LOW, where: AVAL == 0}, {id: HIGH, where: AVAL == 1}]}
outputs:
  - id: T1
    number: "1"
    title: Events
    population: Safety
    analyses:
      - {id: N, method: count, dataset: ADSL, set: SAF, groups: [ARM]}
      - {id: TERMS, method: count, dataset: ADAE + ADMH, set: SAF, groups: [TERM, ARM], denominator: N}
      - {id: P, method: incidence, dataset: ADAE + ADMH, set: SAF, groups: [TERM], compare: ARM, denominator: N,
         settings: {reference: A}}
    columns:
      - {id: label, width: 10, truncate: 6}
      - {id: n, label: "{ARM}|(N={N.n})", each: ARM, only: [A, B, TOTAL], width: 14}
      - {id: p, label: p}
    rows:
      - each: TERM
        analysis: TERMS
        having: TERMS
        sort: ["TERMS.n[B]"]
        cells: {label: "{TERM}", n: "{n} ({pct:.1}%) [{records}] // {n}", p: "{P.p[B, A]:.3}"}
  - id: T2
    number: "2"
    title: Shift
    population: Safety
    analyses:
      - {id: SHIFT, method: count, dataset: ADLB, set: SAF, extreme: AVAL, extreme_by: [PARAMCD], groups: [WORST, ARM, BASE]}
    rows: []
"""


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> ReportingEvent:
    folder: Path = tmp_path_factory.mktemp("analyses")
    (folder / "report.yaml").write_text(EVENT, encoding="utf-8")
    return load_analyses(folder)


def frames() -> dict[str, pl.DataFrame]:
    people = [f"P{number}" for number in range(1, 9)]
    adsl = pl.DataFrame({"USUBJID": people, "ARM": list("AAAABBBB"), "SAFFL": ["Y"] * 7 + [None]})
    adae = pl.DataFrame(
        {"USUBJID": ["P1", "P5", "P5", "P6", "P8"], "AETERM": ["Rash", "Nausea", "Nausea", "Nausea", "Rash"]}
    )
    admh = pl.DataFrame({"USUBJID": ["P7"], "AETERM": ["Migraine"]})
    adlb = pl.DataFrame(
        {
            "USUBJID": ["P1", "P1", "P1", "P5"],
            "PARAMCD": ["X", "X", "Y", "X"],
            "AVAL": [0.0, 1.0, 0.0, 0.0],
            "BASE": [0.0, 0.0, 1.0, None],
        }
    )
    return {"ADSL": adsl, "ADAE": adae, "ADMH": admh, "ADLB": adlb}


def test_counts_percentages_and_fisher(event: ReportingEvent) -> None:
    found = evaluate(event, frames(), ["1"])
    text = to_text(display(event, event.output("1"), found.results["1"])).splitlines()
    assert [line.split() for line in text[5:10]] == [
        ["A", "B", "TOTAL"],
        ["(N=4)", "(N=3)", "(N=7)", "p"],
        ["Nausea", "0", "2", "(66.7%)", "[3]", "2", "(28.6%)", "[3]", "0.143"],  # (3 choose 2) / (7 choose 2)
        ["Migrai", "0", "1", "(33.3%)", "[1]", "1", "(14.3%)", "[1]", "0.429"],
        ["Rash", "1", "(25.0%)", "[1]", "0", "1", "(14.3%)", "[1]", "1.000"],
    ]
    assert found.find("1/TERMS/n/TERM=Nausea/ARM=B").rows_behind() == {"ADAE": [1, 2, 3]}
    assert found.find("1/TERMS/n/TERM=Migraine/ARM=B").rows_behind() == {"ADMH": [0]}
    assert found.find("1/P/p/TERM=Nausea/ARM=B/ARM=A").rows_behind() == {"ADAE": [1, 2, 3]}


def test_a_row_reaches_the_figures_it_is_behind(event: ReportingEvent) -> None:
    found = evaluate(event, frames(), ["1"])
    reached = {result.id for result in found.reached_by("ADAE", [3])}
    assert "1/TERMS/records/TERM=Nausea/ARM=B" in reached
    assert "1/P/p/TERM=Nausea/ARM=B/ARM=A" in reached
    assert not any("Rash" in each or "Migraine" in each or each.startswith("1/N/") for each in reached)
    assert {result.id for result in found.reached_by("ADMH", [0])} & reached == set()
    assert list(found.reached_by("ADAE", [4])) == []  # of somebody who is not in the safety set


def test_the_extreme_row_of_a_participant(event: ReportingEvent) -> None:
    found = evaluate(event, frames(), ["2"])
    counts = {
        result.groups: result.raw for result in found if result.operation == "n" and ("ARM", "A") in result.groups
    }
    assert counts[("WORST", "HIGH"), ("ARM", "A"), ("BASE", "LOW")] == 1
    assert counts[("WORST", "LOW"), ("ARM", "A"), ("BASE", "LOW")] == 0
    assert counts[("WORST", "LOW"), ("ARM", "A"), ("BASE", "HIGH")] == 1


def test_a_dataset_that_is_not_there(event: ReportingEvent) -> None:
    with pytest.raises(NotInDatasets, match="ADAE"):
        evaluate(event, {"ADSL": frames()["ADSL"]}, ["1"])
    with pytest.raises(NotInDatasets, match="has no variable AETERM"):
        evaluate(
            event, frames() | {"ADAE": frames()["ADMH"].drop("AETERM"), "ADMH": frames()["ADMH"].drop("AETERM")}, ["1"]
        )


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(0.285, 2, "0.29"), (-0.5, 0, "-1"), (2.5, 0, "3"), (-0.44999999999998863, 1, "-0.4"),
     (-2e-16, 1, "-0.0"), (0.0, 1, "0.0"), (1e20, 0, "1" + "0" * 20)],
)  # fmt: skip
def test_numbers_are_printed_as_sas_does(value: float, decimals: int, shown: str) -> None:
    assert printed(value, decimals) == shown


def test_named_formats() -> None:
    formats = Formatter((
        Format("P4", 4, least="0.0001", least_text="<.0001"),
        Format("AE", 3, most="0.99", most_text=">0.99", mark="*", mark_below="0.15", trim=True),
    ))  # fmt: skip
    assert [formats.print(value, "P4") for value in (0.00004, 0.0001, 0.5)] == ["<.0001", "0.0001", "0.5000"]
    assert [formats.print(value, "AE") for value in (0.00004, 0.1204, 0.58, 0.494, 0.991)] == [
        "0.000*",
        "0.120*",
        "0.58",
        "0.494",
        ">0.99",
    ]
    assert [formats.print(value, "6.2") for value in (1.0, None)] == ["  1.00", "      "]


@pytest.mark.parametrize(("otherwise", "expected"), [("chi_square", 1.0), ("", None)])
def test_a_table_too_large_for_an_exact_test(otherwise: str, expected: float | None) -> None:
    people = [str(number) for number in range(9000)]
    frame = pl.DataFrame({"USUBJID": people, "ARM": list("ABC") * 3000, "X": [place // 3 % 3 for place in range(9000)]})
    source = Datasets({"ADSL": frame}, "ADSL", "USUBJID").participants
    split = [[Member(name, name, np.flatnonzero(source.mask(f"{column} == {name}"))) for name in names]
             for column, names in (("ARM", ('"A"', '"B"', '"C"')), ("X", ("0", "1", "2")))]  # fmt: skip
    analysis = Analysis("P", "fisher", "ADSL", "SAF", settings={"otherwise": otherwise})
    cell = Cell(analysis, source, np.arange(9000), (), tuple(split[0]), tuple(split[1]))
    (found,) = METHODS["fisher"].run(cell)
    assert found.value == expected
