"""Reading ``analyses/``: layouts are filled in, and what is wrong is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from helmont.study.analyses.loading import load_analyses, read_analyses
from helmont.study.analyses.templates import Field, TemplateError, template
from helmont.study.faults import StudyFaults

REPORT = """
id: CSR
name: Report
protocol: TRIAL
participants: ADSL
analysis_sets:
  - {id: SAF, label: Safety, where: SAFFL == "Y"}
groupings:
  - {id: SEX, label: Sex, variable: SEX}
"""
TABLE = """
layouts:
  - id: COUNTS
    population: Safety
    analyses:
      - {id: N, method: count, dataset: "${dataset}", set: SAF, groups: [SEX]}
    columns:
      - {id: label}
      - {id: n, label: "N"}
    rows:
      - {analysis: N, each: SEX, cells: {label: "{SEX}", n: "{n:3}"}}
outputs:
  - id: T1
    number: "1"
    title: People
    layout: COUNTS
    with: {dataset: ADSL}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, **files: str) -> list[str]:
    _, found = read_analyses(write(folder, **files), {"ADSL": {"USUBJID", "SAFFL", "SEX"}}, {"count": ["n", "pct"]})
    return [str(fault) for fault in found]


def test_an_output_takes_its_layout(tmp_path: Path) -> None:
    event = load_analyses(write(tmp_path, report=REPORT, table=TABLE), {"ADSL": {"USUBJID", "SAFFL", "SEX"}})
    output = event.output("1")
    assert (output.title, output.population, output.analyses[0].dataset) == ("People", "Safety", "ADSL")


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("{dataset: ADSL}", "{}", "13: error: with: the layout COUNTS needs dataset"),
        ("layout: COUNTS", "layout: COUNT", "16: error: layout: COUNT is no layout (did you mean COUNTS?)"),
        ("ADSL}", "ADXX}", "6: error: {analysis}.dataset: ADXX is not a dataset of the study (one of: ADSL)"),
        ("analysis: N", "analysis: M", "11: error: {row}.analysis: M is not an analysis of 1 (one of: N)"),
        ("method: count", "method: counts", "6: error: {analysis}.method: counts is not a method (did you mean count?)"),
        ("{n:3}", "{N.m:3}", "11: error: {row}.cells: m is not an operation of count (one of: n, pct)"),
        ("{n:3}", "{n[F]:3}", "11: error: {row}.cells: F is not a group that N is by (none is declared)"),
        ("{n:3}", "{n:P9}", "11: error: {row}.cells: P9 is no format"),
        ("{n:3}", "{n:3", "11: error: {row}.cells: '{n:3' holds a brace that begins or ends no field"),
        ('label: "{SEX}", n', 'label: "{AGE}", n', "11: error: {row}.cells: AGE is not a grouping (one of: SEX)"),
        ('n: "{n:3}"', 'm: "{n:3}"', "11: error: {row}.cells: m is not a column of 1 (one of: label, n)"),
        ("set: SAF", "set: SAFE", "6: error: {analysis}.set: SAFE is not the id of any analysis set (did you mean SAF?)"),
    ],
)  # fmt: skip
def test_a_finding_names_its_line(tmp_path: Path, old: str, new: str, finding: str) -> None:
    assert old in TABLE
    found = faults(tmp_path, report=REPORT, table=TABLE.replace(old, new))
    finding = finding.replace("{analysis}", "outputs[T1].analyses[N]").replace("{row}", "outputs[T1].rows[1]")
    assert any(each.startswith(f"analyses/table.yaml:{finding}") for each in found), found


def test_variables_that_do_not_exist_are_found(tmp_path: Path) -> None:
    found = faults(
        tmp_path, report=REPORT.replace("SAFFL ==", "SAFL ==").replace("variable: SEX", "variable: SEXX"), table=TABLE
    )
    assert found == [
        "analyses/report.yaml:7: error: analysis_sets[SAF].where: SAFL is not a variable of ADSL (did you mean SAFFL?)",
        "analyses/table.yaml:6: error: outputs[T1].analyses[N].groups: the grouping SEX needs SEXX, which ADSL does not have",
    ]


def test_errors_keep_it_from_being_used(tmp_path: Path) -> None:
    with pytest.raises(StudyFaults, match="the id of any analysis set"):
        load_analyses(write(tmp_path, report=REPORT, table=TABLE.replace("set: SAF", "set: SAFE")))


def test_a_template() -> None:
    found = template("{A.diff_p[PBO]:P3} of {ARM} // none")
    assert found.parts == (Field("diff_p", "A", ("PBO",), "P3"), " of ", Field("ARM"))
    assert [field.is_label for field in found.fields] == [False, True]
    assert found.zero == template("none")
    with pytest.raises(TemplateError):
        template("{n")
