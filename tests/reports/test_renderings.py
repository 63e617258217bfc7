"""The pilot's tables in the forms they are published in, read back by other programs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from helmont.reports.curves import steps, to_svg
from helmont.reports.publishing import Shown, publish_tables, shown, written
from helmont.reports.rtf import escaped
from helmont.standards.ars import read_ars
from helmont.study.analyses import ReportingEvent
from tests.reports.kit import event, pilot

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def figure() -> Shown:
    (one,) = shown(event(), pilot(), {"14-1"})
    return one


@pytest.fixture(scope="module")
def adas() -> Shown:
    (one,) = shown(event(), pilot(), {"14-3.01"})
    return one


def test_every_figure_of_the_page_has_its_result(adas: Shown) -> None:
    page = etree.HTML(written(event(), adas, "html", MOMENT).decode())
    figures = {each.get("data-result"): each.text for each in page.iter("span")}
    assert figures["14-3.01/MODEL/diff_p/ARM=LOW/ARM=PBO"] == "0.569"
    assert figures["14-3.01/CHANGE/mean/ARM=HIGH"].strip() == "1.5"
    results = {result.id: result for result in adas.results}
    assert all(text.strip() == results[name].formatted for name, text in figures.items())


def test_the_page_can_be_heard(adas: Shown, figure: Shown) -> None:
    for one in (adas, figure):
        page = etree.HTML(written(event(), one, "html", MOMENT).decode())
        (table,) = page.iter("table")
        assert one.output.title in "".join(table.find("caption").itertext())
        assert {each.get("scope") for each in table.iter("th")} <= {"col", "colgroup", "row", "rowgroup"}
        assert {each.get("scope") for each in table.find("thead").iter("th")} <= {"col", "colgroup"}
        assert page.find(f".//*[@id='{table.get('aria-describedby')}']") is not None


def test_kaplan_meier_curves(figure: Shown) -> None:
    drawing = etree.fromstring(to_svg(event(), figure.output, figure.results).encode())
    assert drawing.findtext("{*}title") == "Figure 14-1: Time to Dermatologic Event by Treatment Group"
    curve = steps(figure.results, "CURVE", "ARM", "PBO")
    assert (curve[0].at_risk, sum(step.events for step in curve), sum(step.leaving for step in curve)) == (86, 29, 86)
    for step in curve:  # linear limits, cut at 0 and 1: as far above as below unless cut
        assert step.lower is not None
        assert step.upper is not None
        assert step.upper == pytest.approx(min(1.0, 2 * step.survival - step.lower))
    text = written(event(), figure, "txt", MOMENT).decode()
    assert "not reached" in text


def test_pdf_is_tagged_and_says_its_title(adas: Shown, tmp_path: Path) -> None:
    path = tmp_path / "table.pdf"
    path.write_bytes(written(event(), adas, "pdf", MOMENT, "Source: here"))
    reader = pypdf.PdfReader(path)
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == f"Table 14-3.01: {adas.output.title}"
    text = reader.pages[0].extract_text()
    assert "0.569" in text
    assert "Source: here" in text


def test_rtf_has_the_figures_in_the_cells_of_their_columns(adas: Shown) -> None:
    text = written(event(), adas, "rtf", MOMENT, "Source: here").decode("ascii")
    rows = [
        [re.sub(r"\\\w+ ?", "", cell).strip() for cell in row.split("\\cell\n")[:-1]]
        for row in re.findall(r"\\trowd.*?\n(.*?)\\row", text, re.DOTALL)
    ]
    assert ["Mean (SD)", "24.1 (12.19)", "24.4 (12.92)", "21.3 (11.74)"] in rows
    assert ["p-value(Xan - Placebo) [1][3]", "", "0.569", "0.233"] in rows
    assert text.count("\\trhdr") == 1
    assert "Source: here" in text
    assert text.count("{") == text.count("}")


@given(st.text(max_size=20))
def test_any_text_can_be_in_rtf(text: str) -> None:
    found = escaped(text)
    assert found.isascii()
    back = re.sub(r"\\u(-?\d+)\?", lambda match: chr(int(match[1]) % 65536), found)
    plain = "".join(character if character.isprintable() or not character.isascii() else " " for character in text)
    units = re.sub(r"\\([\\{}])", r"\1", back).encode("utf-16-le", "surrogatepass")
    assert units == plain.encode("utf-16-le", "surrogatepass")


def test_results_in_the_analysis_results_standard(adas: Shown) -> None:
    data = written(event(), adas, "json", MOMENT)
    read, findings = read_ars(data)
    assert findings == []
    assert read is not None
    document: dict[str, Any] = json.loads(data)
    named = {each["id"]: each for each in document["analyses"]}
    assert set(named) == {f"14-3.01.{name}" for name in ("N", "BASELINE", "VALUE", "CHANGE", "MODEL")}
    (p,) = (
        each
        for each in named["14-3.01.MODEL"]["results"]
        if each["operationId"] == "ancova.diff_p"
        and [group["groupId"] for group in each["resultGroups"]] == ["LOW", "PBO"]
    )
    assert p["formattedValue"] == "0.569"
    assert float(p["rawValue"]) == pytest.approx(0.568847, abs=1e-6)
    _references_hold(document)


def _references_hold(document: dict[str, Any]) -> None:
    """Every id that something names is declared."""
    ids = {
        part: {each["id"] for each in document.get(part, [])} for part in document if isinstance(document[part], list)
    }
    operations = {each["id"] for method in document["methods"] for each in method["operations"]}
    for analysis in document["analyses"]:
        assert analysis["methodId"] in ids["methods"]
        assert analysis["analysisSetId"] in ids["analysisSets"]
        assert analysis.get("dataSubsetId") in (None, *ids["dataSubsets"])
        assert {each["groupingId"] for each in analysis.get("orderedGroupings", [])} <= ids["analysisGroupings"]
        assert {each["operationId"] for each in analysis["results"]} <= operations
        groupings = {group["groupingId"] for each in analysis["results"] for group in each.get("resultGroups", [])}
        assert groupings <= ids["analysisGroupings"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    whole = event()
    small = ReportingEvent(**{
        **{name: getattr(whole, name) for name in whole.__dataclass_fields__},
        "outputs": (whole.output("14-1.01"), whole.output("14-1")),
    })  # fmt: skip
    for name in ("one", "two"):
        publish_tables(small, pilot(), tmp_path / name, MOMENT)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    names = [f"t14-1.{form}" for form in ("html", "json", "pdf", "rtf", "svg", "txt")]
    names += [f"t14-1.01.{form}" for form in ("html", "json", "pdf", "rtf", "txt")]
    assert [path.name for path in first] == sorted(names)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
