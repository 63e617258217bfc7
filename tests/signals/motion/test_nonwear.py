"""Non-wear: found where a device lay somewhere, not where its wearer slept; and as others compute it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from helmont.signals.epochs import Epochs
from helmont.signals.errors import SignalError
from helmont.signals.motion.nonwear import detach, relabelled, runs, van_hees
from helmont.signals.synthetic_day import State, spans_of
from tests.signals.motion.made_up import measured, phases, worn
from tests.signals.motion.tables import DAY, HOUR, MIDNIGHT, table

QUARTER = HOUR // 4


def rested(hours: float, quiet: list[tuple[float, float]]) -> Epochs:
    """Hours of movement with hours in between in which nothing moved."""
    random = np.random.default_rng(1)
    length = round(hours * 720)
    moving = np.ones(length, bool)
    for start, end in quiet:
        moving[round(start * 720) : round(end * 720)] = False
    sd = np.where(moving[:, None], random.uniform(0.05, 0.3, (length, 3)), 0.002)
    mean = np.where(moving[:, None], random.normal(0, 0.5, (length, 3)), [0.0, 0.0, 1.0])
    return table(mean=mean, sd=sd, low=mean - 3 * sd, high=mean + 3 * sd)


def hours(spans: tuple[tuple[int, int], ...]) -> list[tuple[float, float]]:
    return [((start - MIDNIGHT) / HOUR, (end - MIDNIGHT) / HOUR) for start, end in spans]


def test_blocks_in_whose_hour_nothing_moves_are_not_worn() -> None:
    assert hours(van_hees(rested(24, [(10, 14)]))) == [(10.5, 13.5)]
    assert hours(van_hees(rested(24, [(10, 10.99)]))) == []
    assert hours(van_hees(rested(24, [(10.125, 11.125)]))) == [(10.5, 10.75)]
    assert hours(van_hees(rested(24, [(0, 3), (21, 24)]))) == [(0.0, 2.5), (21.5, 24.0)]
    assert van_hees(rested(24, []).between(0, 1)) == ()


def test_two_axes_must_be_quiet_by_deviation_and_range() -> None:
    one = rested(24, [(10, 14)])
    one.sd[7200:10080, 0] = 0.02
    assert hours(van_hees(one)) == [(10.5, 13.5)]
    one.sd[7200:10080, 1] = 0.02
    assert hours(van_hees(one)) == []
    assert hours(van_hees(one, axes=1)) == [(10.5, 13.5)]
    wide = rested(24, [(10, 14)])
    wide.high[7200:10080:360, :2] = 0.06  # a knock each half hour
    assert hours(van_hees(wide)) == []
    assert hours(van_hees(wide, spread=0.07)) == [(10.5, 13.5)]


def test_where_nothing_was_recorded_nothing_is_said() -> None:
    whole = rested(24, [(10, 14)])
    gap = whole[(whole.start < MIDNIGHT + 11 * HOUR) | (whole.start >= MIDNIGHT + 12 * HOUR)]
    assert hours(van_hees(gap)) == [(10.5, 11.0), (12.0, 13.5)]
    half = whole[(whole.start < MIDNIGHT + 11 * HOUR) | (whole.start >= MIDNIGHT + 14 * HOUR)]
    assert hours(van_hees(half)) == [(10.5, 11.0)]


@pytest.mark.parametrize(
    ("blocks", "wanted"),
    [
        ("1" * 40 + "0" * 20 + "1" * 40, "1" * 100),  # 5 hours between 20
        ("1" * 40 + "0" * 23 + "1" * 20, "1" * 40 + "0" * 23 + "1" * 20),  # 38%
        ("1" * 8 + "0" * 11 + "1" * 8 + "0" * 200, "1" * 27 + "0" * 200),  # less than 3 hours, 69%
        ("1" * 6 + "0" * 10 + "1" * 6 + "0" * 200, "1" * 6 + "0" * 10 + "1" * 6 + "0" * 200),  # 83%
        ("0" * 11 + "1" * 4 + "0" * 200, "1" * 15 + "0" * 200),  # set up, then put aside
        ("0" * 12 + "1" * 4 + "0" * 200, "0" * 12 + "1" * 4 + "0" * 200),
        ("0" * 200 + "1" * 4 + "0" * 11, "0" * 200 + "1" * 15),  # read out at the end
        ("0" * 200 + "1" * 3 + "0" * 11, "0" * 200 + "1" * 3 + "0" * 11),
        ("0" * 200, "0" * 200),
        ("1" * 200, "1" * 200),
    ],
)
def test_short_wear_between_non_wear_is_handling(blocks: str, wanted: str) -> None:
    off = np.array(list(blocks)) == "1"
    assert "".join("01"[int(each)] for each in relabelled(off)) == wanted


def test_the_beginning_is_kept_when_it_is_asked() -> None:
    off = np.array([False] * 4 + [True] * 8 + [False] * 200)
    assert relabelled(off, setup=False).tolist() == off.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_short_wear_is_relabelled_as_by_scikit_digital_health(seed: int) -> None:
    """For days that begin and end without wear, and lengths that differ from the limits: it takes 3 and 6 hours as short."""
    from skdh.preprocessing import AccelThresholdWearDetection

    random = np.random.default_rng(seed)
    lengths = [int(each) for each in random.integers(1, 40, 21) if each not in (12, 24)]
    off = np.concatenate([np.full(each, i % 2 == 0) for i, each in enumerate(lengths[: len(lengths) // 2 * 2 - 1])])
    starts, stops = AccelThresholdWearDetection._modify_wear_times(off, 15, False, [0, 24])
    theirs = np.ones(len(off), bool)
    for start, stop in zip(starts, stops, strict=True):
        theirs[start:stop] = False
    ours = relabelled(off, setup=False)
    borders = {(start, end) for start, end in runs(~off)}
    assert ours.tolist() == theirs.tolist(), borders


def test_a_device_that_lay_somewhere_is_found_and_a_sleeper_is_not() -> None:
    table, done = measured(), phases(worn())
    away, asleep = spans_of(done, State.OFF), spans_of(done, State.SLEEP)
    assert len(away) >= 1
    for found in (van_hees(table), detach(table)):
        assert len(found) == len(away)
        for one, true in zip(found, away, strict=True):
            assert one[0] == pytest.approx(true[0], abs=HOUR)
            assert one[1] == pytest.approx(true[1], abs=HOUR)
        assert not any(start < end_asleep and begin < end for start, end in found for begin, end_asleep in asleep)
    first, last = detach(table)[0]
    assert first == pytest.approx(away[0][0], abs=7 * HOUR // 60)
    assert last == pytest.approx(away[0][1], abs=3 * HOUR // 60)


def test_stillness_without_cooling_is_wear_for_detach() -> None:
    quiet = rested(6, [(2, 4)])
    quiet.temperature[:] = 33.0
    assert detach(quiet) == ()
    quiet.temperature[:] = 24.0
    assert hours(detach(quiet))[0] == pytest.approx((2.0, 6.0), abs=0.02)  # it never warms up again


def test_detach_needs_a_temperature_and_ten_minutes() -> None:
    with pytest.raises(SignalError, match="temperature"):
        detach(rested(2, []))
    cold = rested(2, [(0.5, 1.5)])
    cold.temperature[:] = 24.0
    assert len(detach(cold)) == 1
    short = cold[np.arange(len(cold)) % 120 < 100]
    assert detach(short) == ()


@pytest.mark.slow
def test_detach_is_that_of_scikit_digital_health() -> None:
    """It takes deviations at each sample where epochs have them each 5 seconds: spans may differ by 2 of these."""
    from skdh.preprocessing import DETACH

    recording, table = worn(), measured()
    ours = detach(table)
    moments, values = recording.signals["acceleration"].whole()
    warmth = np.repeat(recording.signals["temperature"].whole()[1][:, 0], 80)[: len(moments)]
    wear = DETACH(window_size=5).predict(time=moments / 1e9, accel=values, fs=20.0, temperature=warmth)["wear"]
    theirs = [(int(moments[one[1]]), int(moments[other[0]])) for one, other in pairwise(wear)]
    assert len(ours) == len(theirs) >= 1
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, abs=10 * 10**9)
    assert DAY > ours[0][1] - ours[0][0] > QUARTER
