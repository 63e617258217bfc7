"""Sleep: the night that was made up is found again, and the rules of the papers hold at their edges."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.signals.epochs import Epochs
from helmont.signals.motion.sleep import night, sleep_period, sustained_inactivity
from helmont.signals.synthetic_day import State, spans_of
from tests.signals.motion.made_up import measured, phases, worn
from tests.signals.motion.tables import DAY, HOUR, MIDNIGHT, table

MINUTE = HOUR // 60


def nights(hours: list[tuple[float, float]]) -> Epochs:
    """A day on which the angle wanders but in these hours."""
    angle = np.random.default_rng(1).uniform(-60, 60, 17280)
    for start, end in hours:
        angle[round(start * 720) : round(end * 720)] = 10.0
    return table(angle=angle)


@pytest.mark.parametrize("day", [0, 1, 2])
def test_the_night_that_was_made_up_is_found(day: int) -> None:
    noon = MIDNIGHT + DAY // 2 + day * DAY
    asleep = [each for each in spans_of(phases(worn()), State.SLEEP) if noon <= each[0] < noon + DAY]
    found = night(measured(), noon, noon + DAY)
    assert found is not None
    assert found.onset == pytest.approx(asleep[0][0], abs=10 * MINUTE)
    assert found.wake == pytest.approx(asleep[-1][1], abs=10 * MINUTE)
    slept = sum(end - start for start, end in asleep) / MINUTE
    awake = (asleep[-1][1] - asleep[0][0]) / MINUTE - slept
    assert found.sleep == pytest.approx(slept, abs=10)
    assert found.waso == pytest.approx(awake, abs=10)
    assert found.awakenings >= len(asleep) - 1
    assert found.efficiency == pytest.approx(100 * found.sleep / (found.sleep + found.waso))


def test_pauses_of_less_than_an_hour_belong_to_the_night() -> None:
    one = sleep_period(nights([(1, 3), (3.9, 6)]), MIDNIGHT, MIDNIGHT + DAY)
    assert one is not None
    assert one[0] == pytest.approx(MIDNIGHT + HOUR, abs=3 * MINUTE)
    assert one[1] == pytest.approx(MIDNIGHT + 6 * HOUR, abs=3 * MINUTE)
    two = sleep_period(nights([(1, 3), (4.2, 7)]), MIDNIGHT, MIDNIGHT + DAY)
    assert two is not None
    assert two[0] == pytest.approx(MIDNIGHT + 4.2 * HOUR, abs=3 * MINUTE)
    found = night(nights([(1, 3), (3.9, 6)]), MIDNIGHT, MIDNIGHT + DAY)
    assert found is not None
    assert (found.sleep, found.waso, found.awakenings) == (pytest.approx(246, abs=1), pytest.approx(54, abs=1), 1)


def test_short_rests_are_no_night() -> None:
    assert sleep_period(nights([(1, 1.4), (5, 5.4)]), MIDNIGHT, MIDNIGHT + DAY) is None
    assert night(nights([]), MIDNIGHT, MIDNIGHT + DAY) is None
    assert night(nights([(1, 3)]), MIDNIGHT + 2 * DAY, MIDNIGHT + 3 * DAY) is None
    assert sleep_period(nights([(1, 3)]), MIDNIGHT, MIDNIGHT + MINUTE) is None


def test_sleep_is_more_than_five_minutes_without_a_change_of_more_than_five_degrees() -> None:
    angle = np.repeat([0.0, 5.0, 10.5, 0.0], [30, 40, 61, 62])
    assert np.flatnonzero(np.diff(sustained_inactivity(angle).astype(int))).tolist() == [69, 130]
    unknown = np.zeros(200)
    unknown[100] = np.nan
    assert sustained_inactivity(unknown).sum() == 199
    unknown[50] = np.nan
    assert sustained_inactivity(unknown).sum() == 99


def test_time_not_worn_is_no_sleep() -> None:
    whole = nights([(1, 6)])
    found = night(whole.outside([(MIDNIGHT + 3 * HOUR, MIDNIGHT + 3 * HOUR + HOUR // 2)]), MIDNIGHT, MIDNIGHT + DAY)
    assert found is not None
    assert found.sleep == pytest.approx(270, abs=1)
    assert found.waso == pytest.approx(30, abs=1)
