"""Glucose of real sensors, against the numbers that the iglu package gives for them and amplitudes measured by hand.

The files: ``manual_calculations.csv`` has MAGE drawn by hand (column ``manual``) for the rows from ``start`` to ``end``, a
day from midnight to midnight, of a data set; ``gap`` says that readings are missing, ``short`` that it is less than a day,
``adult`` and ``dtype`` the participant's age group and type of diabetes (0 for none), ``comment`` what the authors left out.
``mage_ground_truth.csv`` has what iglu computes for its rows of data set ``JHU``, in their order: ascending (plus),
descending (minus), their average, the direction that comes first (service) and the larger one, to be met within 10 %.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from helmont.signals.glucose import (
    CONSENSUS,
    Readings,
    coefficient_of_variation,
    excursions,
    glucose_management_indicator,
    high_blood_glucose_index,
    low_blood_glucose_index,
    mean,
    share,
    standard_deviation,
)
from helmont.signals.glucose.readings import step_between
from tests.signals.real import found

MANUAL = found("iglu/**/manual_calculations.csv")
TRUTH = found("iglu/**/mage_ground_truth.csv")
FIVE = found("iglu/data/example_data_5_subject.csv")
HALL = found("iglu/data/example_data_hall.csv")
SETS = {"JHU": FIVE, "Hall2018": HALL}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def readings(rows: list[dict[str, str]]) -> Readings:
    times = np.array([datetime.fromisoformat(row["time"]).replace(tzinfo=UTC).timestamp() for row in rows])
    nanoseconds = times.astype(np.int64) * 1_000_000_000
    return Readings(nanoseconds, np.array([float(row["gl"]) for row in rows]), "mg/dL", step_between(nanoseconds))


def by_hand(path: Path, name: str) -> list[tuple[Readings, float]]:
    rows = table(SETS[name][0])
    return [
        (readings(rows[int(line["start"]) - 1 : int(line["end"])]), float(line["manual"]))
        for line in table(path)
        if line["dataset"] == name and line["comment"] != "exclude"
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "truth" in metafunc.fixturenames:
        cases = [
            pytest.param(traces[0], line, id=f"trace {line['idx']}")
            for path in TRUTH
            for traces, line in zip(by_hand(MANUAL[0], "JHU"), table(path), strict=True)
        ]
        metafunc.parametrize(("trace", "truth"), cases)
    if "drawn" in metafunc.fixturenames:
        metafunc.parametrize("drawn", [by_hand(path, "JHU") + by_hand(path, "Hall2018") for path in MANUAL])
    if "five" in metafunc.fixturenames:
        metafunc.parametrize("five", [pytest.param(table(path), id=path.name) for path in FIVE])


def test_excursions_are_those_of_the_ground_truth(trace: Readings, truth: dict[str, str]) -> None:
    """The table asks for 10 %; the same rules give the same numbers."""
    here = excursions(trace)
    five = (here.ascending, here.descending, here.average, here.first, here.largest)
    for name, value in zip(("plus", "minus", "avg", "service", "max"), five, strict=True):
        assert value == pytest.approx(float(truth[f"mage_{name}"]), rel=1e-9), name


def test_excursions_come_near_to_those_drawn_by_hand(drawn: list[tuple[Readings, float]]) -> None:
    """The authors report a median difference of 1.4 % and a mean of 8.9 % over 45 traces, of which these are 29."""
    differences = [abs(excursions(trace).first / manual - 1) for trace, manual in drawn]
    assert len(differences) == 29
    assert median(differences) == pytest.approx(0.014, abs=0.002)
    assert sum(differences) / len(differences) == pytest.approx(0.089, abs=0.01)


def test_the_numbers_of_five_participants_are_those_of_iglu(five: list[dict[str, str]]) -> None:
    """From the pages of its functions (version 4.3): three digits each."""
    of = [readings([row for row in five if row["id"] == f"Subject {number}"]) for number in range(1, 6)]
    published = {
        "sd": ([standard_deviation(each, "mg/dL") for each in of], [33.3, 52.4, 44.8, 29.1, 58.6]),
        "cv": ([coefficient_of_variation(each) for each in of], [26.9, 24.0, 29.1, 22.4, 33.5]),
        "lbgi": ([low_blood_glucose_index(each) for each in of], [0.432, 0.00464, 0.142, 0.356, 0.195]),
        "hbgi": ([high_blood_glucose_index(each) for each in of], [1.81, 16.2, 5.11, 1.87, 8.90]),
        "in range": ([share(each, CONSENSUS["in_range"]) for each in of], [91.7, 26.4, 81.3, 95.1, 62.1]),
        "pregnancy": ([share(each, CONSENSUS["in_pregnancy_range"]) for each in of], [73.9, 3.36, 50.0, 67.9, 30.2]),
        "gmi": ([glucose_management_indicator(of[0])], [6.27]),
        "mean": ([mean(of[0], "mg/dL")], [124.0]),
        "above": ([share(of[0], CONSENSUS["above_range"]), share(of[0], CONSENSUS["very_high"])], [8.20, 0.377]),
        "mage": ([excursions(each).average for each in of[1:]], [118.0, 116.0, 70.9, 142.0]),
    }
    for name, (ours, theirs) in published.items():
        assert [float(f"{value:.3g}") for value in ours] == theirs, name


def test_the_share_of_time_covered_is_that_of_iglu(five: list[dict[str, str]]) -> None:
    for number, active in zip((1, 3, 4, 5), (79.8, 92.1, 98.7, 95.8), strict=True):
        of = readings([row for row in five if row["id"] == f"Subject {number}"])
        start, end = int(of.times[0]), int(of.times[-1]) + of.step
        assert 100 * of.covered(start, end) / (end - start) == pytest.approx(active, abs=0.5)
