"""Made-up recordings: the same however they are made, and what is said to be done shows in them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from helmont.signals.epochs import epochs
from helmont.signals.recording import SECOND
from helmont.signals.synthetic_day import State, spans_of, steps_during, synthetic_days
from helmont.signals.synthetic_motion import Sensor, synthetic_recording
from tests.signals.motion.made_up import measured, phases, worn
from tests.signals.motion.tables import DAY, HOUR, MIDNIGHT

EARLY, LATE = MIDNIGHT + 7 * HOUR, MIDNIGHT + 8 * HOUR


@pytest.mark.parametrize("rate", [12.5, 30.0, 100.0])
def test_a_recording_made_in_pieces_is_the_one_made_at_once(rate: float) -> None:
    sensor = Sensor(rate, slope=(0.001, 0.0, 0.0))
    whole = synthetic_recording(3, EARLY, LATE, sensor).signals
    edges = [EARLY, EARLY + 17 * SECOND, EARLY + 700 * SECOND + 123_456_789, LATE]
    parts = [synthetic_recording(3, *each, sensor).signals for each in pairwise(edges)]
    for name in ("acceleration", "temperature"):
        pieces = [part[name].stretches[0] for part in parts]
        assert np.array_equal(np.concatenate([piece.counts for piece in pieces]), whole[name].stretches[0].counts)
        moments = np.concatenate([piece.moments() for piece in pieces])
        assert np.abs(moments - whole[name].stretches[0].moments()).max() <= 1


def test_another_seed_is_another_person() -> None:
    one, other = (synthetic_recording(seed, EARLY, LATE, Sensor(20.0)).signals["acceleration"] for seed in (1, 2))
    assert not np.array_equal(one.stretches[0].counts, other.stretches[0].counts)


def test_days_follow_each_other_without_a_gap_and_hold_all_states() -> None:
    found = synthetic_days(5, MIDNIGHT + 1, MIDNIGHT + 30 * DAY, zone=2 * HOUR)
    assert (found[0].start, found[-1].end) == (MIDNIGHT + 1, MIDNIGHT + 30 * DAY)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert {each.state for each in found} == set(State)
    part = synthetic_days(5, MIDNIGHT + 3 * DAY, MIDNIGHT + 4 * DAY, zone=2 * HOUR)
    assert set(part[1:-1]) <= set(found)
    asleep = sum(end - start for start, end in spans_of(found, State.SLEEP)) / 30 / HOUR
    assert 6.5 < asleep < 8.5
    steps = steps_during(found, MIDNIGHT, MIDNIGHT + 30 * DAY)
    assert steps == pytest.approx(sum(each.steps for each in found))
    assert steps_during(found, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY) < steps


def test_what_is_done_shows_in_the_epochs() -> None:
    table, done = measured(), phases(worn())

    def during(state: State) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        inside = np.zeros(len(table), bool)
        for start, end in spans_of(done, state):
            inside |= (table.start >= start) & (table.start + 5 * SECOND <= end)
        return inside

    enmo = [float(np.median(table.enmo[during(state)])) for state in (State.SLEEP, State.SIT, State.LIGHT, State.WALK)]
    assert enmo == sorted(enmo)
    assert enmo[0] < 5 < 30 < enmo[2]
    assert np.median(table.sd[during(State.OFF)]) < 0.005
    assert table.temperature[during(State.OFF)].min() < 23 < 32.9 < np.median(table.temperature[during(State.SLEEP)])
    turned = np.abs(np.diff(table.angle, append=0.0))
    assert np.median(turned[during(State.SLEEP)]) < 0.1 < 2 < np.median(turned[during(State.SIT)])


def test_a_sensor_measures_with_its_errors_within_its_reach() -> None:
    right = epochs(synthetic_recording(3, EARLY, LATE, Sensor(20.0)).signals["acceleration"])
    wrong = Sensor(20.0, gain=(1.1, 1.0, 0.9), offset=(0.0, 0.2, 0.0))
    table = epochs(synthetic_recording(3, EARLY, LATE, wrong).signals["acceleration"])
    assert table.mean == pytest.approx(right.mean * [1.1, 1.0, 0.9] + [0.0, 0.2, 0.0], abs=0.002)
    near = synthetic_recording(3, EARLY, LATE, Sensor(20.0, reach=0.5)).signals["acceleration"]
    assert np.abs(near.stretches[0].counts).max() == 128
