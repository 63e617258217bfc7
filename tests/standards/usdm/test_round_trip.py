"""A study that was written as USDM reads back as the same study, and the document keeps the rules of USDM."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from helmont.standards.usdm import read_usdm, write_usdm
from helmont.standards.usdm.document import examine
from helmont.study.loading import load_study
from helmont.study.model import Study

from .definitions import studies

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ["tests/packages/cast", "tests/edc/package", "tests/study/packages/minimal"]
PILOT = pytest.param("studies/cdiscpilot01", marks=pytest.mark.slow)


@pytest.mark.parametrize("package", [*PACKAGES, PILOT])
def test_a_package_comes_back_as_it_went(package: str) -> None:
    study = load_study(ROOT / package)
    data = write_usdm(study)
    back = read_usdm(data, "usdm.json")
    assert back.study == study
    assert not [finding for finding in back.findings if finding.severity != "note"]
    assert examine(data, "usdm.json").findings == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies())
def test_any_study_comes_back_as_it_went(study: Study) -> None:
    data = write_usdm(study)
    assert read_usdm(data, "usdm.json").study == study
    assert examine(data, "usdm.json").findings == []
    assert write_usdm(study) == data


def test_what_usdm_has_a_place_for_is_there() -> None:
    study = load_study(ROOT / "tests/study/packages/minimal")
    document: dict[str, Any] = json.loads(write_usdm(study))
    design = document["study"]["versions"][0]["studyDesigns"][0]
    assert document["usdmVersion"] == "4.0.0"
    assert [each["name"] for each in design["encounters"]] == [each.id for each in study.protocol.encounters]
    timings = {each["name"]: each for each in design["scheduleTimelines"][0]["timings"]}
    for each in study.protocol.encounters:
        if each.day == 1:
            assert timings[each.id]["type"]["decode"] == "Fixed Reference"
        elif each.day is not None:
            assert timings[each.id]["value"] == f"P{abs(each.day) - (each.day > 0)}D"
