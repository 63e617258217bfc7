"""Open mHealth's own examples: those that should fail are refused, and those with a time are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files.open_mhealth import read
from helmont.signals.files.source import Source
from tests.signals.real import found

MEASURES = ("heart-rate", "blood-glucose", "blood-pressure", "step-count", "body-weight")
MEASURES += ("body-temperature", "acceleration", "rr-interval")
WRONG = [path for name in MEASURES for path in found(f"openmhealth/test-data/omh/{name}/*/shouldFail/*.json")]
RIGHT = [path for name in MEASURES for path in found(f"openmhealth/test-data/omh/{name}/*/shouldPass/*.json")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("path", WRONG if "refused" in metafunc.function.__name__ else RIGHT)


if WRONG and RIGHT:

    def test_what_should_fail_is_refused_with_its_place(path: Path) -> None:
        with pytest.raises(SignalError) as refused:
            read(Source(path, path.name))
        assert refused.value.place.startswith(path.name)

    def test_what_should_pass_is_read_unless_it_has_no_moment_or_is_a_statistic(path: Path) -> None:
        body = json.loads(path.read_text())
        frame = body.get("effective_time_frame", {})
        vague = "part_of_day" in frame.get("time_interval", {}) or not frame
        instant = "step_count" in body and "date_time" in frame
        statistic = body.get("descriptive_statistic", "average") != "average" or "step_count" in body
        if vague or instant or (statistic and "descriptive_statistic" in body):
            with pytest.raises(SignalError):
                read(Source(path, path.name))
        else:
            assert sum(map(len, read(Source(path, path.name)).signals.values())) == 1
