"""Activity in a window: against plain counting, against scikit-digital-health, and where epochs are missing."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.signals.epochs import Epochs
from helmont.signals.errors import SignalError
from helmont.signals.motion import activity
from helmont.signals.motion.activity import BoutRule, Bouts, Hours
from helmont.signals.motion.cutpoints import CUT_POINTS, CutPoints, Metric, Placement
from tests.signals.motion.tables import DAY, HOUR, MIDNIGHT, table

ADULT = CUT_POINTS["hildebrand-adult-wrist-actigraph"]


def day(seed: int = 1) -> Epochs:
    """A day whose ENMO wanders from rest to running."""
    random = np.random.default_rng(seed)
    slow = np.convolve(random.normal(0, 1, 17280 + 599), np.ones(600) / 600**0.5, "valid")
    return table(enmo=np.exp(3.2 + 1.4 * slow + 0.5 * random.normal(0, 1, 17280)))


def test_means_and_minutes_are_of_the_epochs_of_the_window() -> None:
    epochs = table(enmo=[10.0, 44.8, 100.6, 428.8, 50.0, 900.0], mad=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    end = MIDNIGHT + 5 * 5_000_000_000
    assert activity.mean(epochs, MIDNIGHT, end) == pytest.approx(634.2 / 5)
    assert activity.mean(epochs, MIDNIGHT, end, Metric.MAD) == 3.0
    assert activity.recorded(epochs, MIDNIGHT, end) == pytest.approx(5 / 12)
    found = activity.minutes(epochs, MIDNIGHT, end, ADULT)
    assert [round(each * 12) for each in (found.sedentary, found.light, found.moderate, found.vigorous)] == [1, 2, 1, 1]
    assert found.mvpa == pytest.approx(2 / 12)
    assert found.below_moderate == pytest.approx(3 / 12)


def test_missing_epochs_count_for_nothing() -> None:
    full = day()
    some = full.samples.copy()
    some[1000:3000] = 249
    partial = activity.present(table(enmo=full.enmo, samples=some), MIDNIGHT, MIDNIGHT + DAY)
    assert len(partial) == 15280
    assert activity.mean(partial, MIDNIGHT, MIDNIGHT + DAY) == pytest.approx(
        np.delete(full.enmo, np.s_[1000:3000]).mean()
    )
    nothing = full.between(0, 1)
    assert isnan(activity.mean(nothing, MIDNIGHT, MIDNIGHT + DAY))
    assert activity.minutes(nothing, MIDNIGHT, MIDNIGHT + DAY, ADULT).mvpa == 0.0
    assert activity.mvpa_bouts(nothing, MIDNIGHT, MIDNIGHT + DAY, ADULT).number == 0
    assert isnan(activity.intensity_gradient(nothing, MIDNIGHT, MIDNIGHT + DAY).slope)
    assert activity.most_active(nothing, MIDNIGHT, MIDNIGHT + DAY).start is None


def test_cut_points_that_part_less_leave_the_rest_open() -> None:
    epochs = table(enmo=[10.0, 500.0], mad=[50.0, 420.0])
    found = activity.minutes(epochs, MIDNIGHT, MIDNIGHT + HOUR, CUT_POINTS["vaha-ypya-adult-hip"])
    assert isnan(found.sedentary)
    assert isnan(found.light)
    assert found.below_moderate == found.vigorous == found.mvpa == pytest.approx(1 / 12)
    older = activity.minutes(epochs, MIDNIGHT, MIDNIGHT + HOUR, CUT_POINTS["migueles-older-wrist"])
    assert isnan(older.moderate)
    assert isnan(older.vigorous)
    assert older.mvpa == pytest.approx(1 / 12)
    assert activity.sedentary_bouts(epochs, MIDNIGHT, MIDNIGHT + HOUR, CUT_POINTS["vaha-ypya-adult-hip"]) is None


@pytest.mark.parametrize("points", [(50.0, 40.0, 400.0), (None, 100.0, 100.0), (0.0, 50.0, None)])
def test_cut_points_that_do_not_rise_are_refused(points: tuple[Any, Any, Any]) -> None:
    with pytest.raises(SignalError, match="each above the one before"):
        CutPoints(Metric.ENMO, Placement.HIP, "20-30", "any", 5, *points, "none")


def test_published_cut_points_of_sums_are_given_as_means() -> None:
    """The means that the documentation of GGIR gives for them."""
    left, right = CUT_POINTS["esliger-adult-left-wrist"], CUT_POINTS["esliger-adult-right-wrist"]
    assert (left.light, left.moderate, left.vigorous) == pytest.approx((45, 134, 377), abs=0.5)
    assert (right.light, right.moderate, right.vigorous) == pytest.approx((80, 92, 437), abs=0.6)
    child = CUT_POINTS["phillips-child-hip"]
    assert (child.light, child.moderate, child.vigorous) == pytest.approx((37.5, 212.5, 637.5))


@pytest.mark.parametrize(
    ("active", "bouts"),
    [
        ("1" * 120, Bouts(1, 10.0, 10.0, 10.0)),
        ("1" * 119, Bouts(0, 0.0, 0.0, nan)),
        ("0" * 30 + "1" * 60 + "0" * 12 + "1" * 60 + "0" * 30, Bouts(1, 11.0, 11.0, 11.0)),
        ("1" * 60 + "0" * 13 + "1" * 60, Bouts(0, 0.0, 0.0, nan)),
        ("1" * 130 + "0" * 13 + "1" * 150, Bouts(2, 280 / 12, 12.5, 140 / 12)),
        ("1" * 40 + "0" * 12 + "1" * 16 + "0" * 12 + "1" * 40, Bouts(1, 10.0, 10.0, 10.0)),
        ("1" * 40 + "0" * 12 + "1" * 15 + "0" * 13 + "1" * 40, Bouts(0, 0.0, 0.0, nan)),
    ],
)
def test_a_bout_has_enough_of_its_level_and_no_long_pause(active: str, bouts: Bouts) -> None:
    found = activity.counted(activity.in_bouts(np.array(list(active)) == "1", BoutRule(10.0, 0.8)))
    assert (found.number, found.minutes, found.longest) == pytest.approx((bouts.number, bouts.minutes, bouts.longest))
    assert found.mean == pytest.approx(bouts.mean, nan_ok=True)


@settings(max_examples=50, deadline=None)
@given(
    runs=st.lists(st.integers(1, 30), min_size=1, max_size=20),
    minutes=st.sampled_from([0.5, 1.0, 2.0, 5.0]),
    share=st.sampled_from([0.5, 0.8, 1.0]),
    pause=st.sampled_from([0.0, 0.25, 1.0]),
)
def test_bouts_are_the_windows_that_keep_the_rule(runs: list[int], minutes: float, share: float, pause: float) -> None:
    active = np.concatenate([np.full(length, i % 2 == 0) for i, length in enumerate(runs)])
    length = round(minutes * 12)
    wanted = np.zeros(len(active), bool)
    for first in range(len(active) - length + 1):
        window = active[first : first + length]
        pauses = "".join("01"[int(each)] for each in window).split("1")
        if window[0] and window[-1] and window.mean() >= share and max(map(len, pauses)) <= pause * 12:
            wanted[first : first + length] = True
    assert activity.in_bouts(active, BoutRule(minutes, share, pause)).tolist() == wanted.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [1, 5, 10])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_minutes_in_bouts_are_those_of_scikit_digital_health(minutes: int, seed: int) -> None:
    """Its criterion 4: the share must be exceeded, so one is asked for that no window can equal. It looks for pauses around
    the epochs at its ends, so that these have none here."""
    from skdh.activity.endpoints import get_activity_bouts

    values = day(seed).enmo
    values[:12] = values[-12:] = 0.0
    theirs = get_activity_bouts(values, 100.6, np.inf, 5, minutes, 0.801, False, boutmetric=4)
    ours = activity.counted(activity.in_bouts(values >= 100.6, BoutRule(minutes, 0.801)))
    assert ours.minutes == pytest.approx(theirs, abs=1e-9)


@pytest.mark.slow
def test_the_intensity_gradient_is_that_of_scikit_digital_health() -> None:
    from skdh.activity.endpoints import IntensityGradient

    epochs = day()
    endpoint = IntensityGradient()
    results = {name: np.zeros(1) for name in endpoint.name}
    endpoint.predict(results, 0, epochs.enmo / 1000, None, 5, 12)
    endpoint.reset_cached()
    found = activity.intensity_gradient(epochs, MIDNIGHT, MIDNIGHT + DAY)
    theirs = [float(results[name][0]) for name in endpoint.name]
    assert [found.slope, found.intercept, found.r_squared] == pytest.approx(theirs, rel=1e-9)


def test_extreme_hours_are_the_spans_with_the_least_and_the_most() -> None:
    enmo = np.full(17280, 30.0)
    enmo[2000:5600] = 5.0  # five hours
    enmo[8000:15200] = 80.0  # ten hours
    epochs = table(enmo=enmo)
    low = activity.least_active(epochs, MIDNIGHT, MIDNIGHT + DAY)
    high = activity.most_active(epochs, MIDNIGHT, MIDNIGHT + DAY)
    assert (low.enmo, low.start) == (pytest.approx(5.0), MIDNIGHT + 2000 * 5_000_000_000)
    assert (high.enmo, high.start) == (pytest.approx(80.0), MIDNIGHT + 8000 * 5_000_000_000)
    gap = epochs[(np.arange(17280) < 9000) | (np.arange(17280) > 12500)]
    assert activity.most_active(gap, MIDNIGHT, MIDNIGHT + DAY).enmo == pytest.approx(80.0)
    assert activity.most_active(gap, MIDNIGHT, MIDNIGHT + DAY, share=0.9).enmo < 79.0
    assert activity.most_active(epochs, MIDNIGHT, MIDNIGHT + 9 * HOUR) == Hours(pytest.approx(nan, nan_ok=True), None)


def test_every_cut_point_names_its_study() -> None:
    assert len(CUT_POINTS) >= 20
    assert all(cuts.reference and cuts.ages and cuts.moderate for cuts in CUT_POINTS.values())
