"""The glucose tables of the iglu package, against what a plain reading finds in them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from helmont.signals.files import read
from tests.signals.real import found

FILES = found("iglu/data/example_data_*.csv")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("path", FILES, ids=[path.name for path in FILES])


if FILES:

    def test_every_reading_of_every_person_is_there(path: Path) -> None:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        recording = read(path)
        people = recording.details["participants"]
        assert sorted(people.values()) == sorted({row["id"] for row in rows})
        for name, person in people.items():
            theirs = [float(row["gl"]) for row in rows if row["id"] == person]
            assert sorted(recording.signals[name].whole()[1].ravel().tolist()) == pytest.approx(sorted(theirs))
