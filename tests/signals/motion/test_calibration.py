"""Calibration to gravity: errors of a sensor are found from days of wear, and it is said when they cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.signals.epochs import UNCALIBRATED, epochs
from helmont.signals.errors import SignalError
from helmont.signals.motion.calibration import Criteria, calibrate, still_windows
from helmont.signals.recording import Values
from tests.signals.motion.made_up import WRONG, measured, worn
from tests.signals.motion.tables import DAY, HOUR, MIDNIGHT, table


def test_the_errors_of_a_sensor_are_found_again() -> None:
    found = calibrate(measured(sensor=WRONG), temperature=False)
    assert found.done
    assert found.calibration.gain == pytest.approx([1 / gain for gain in WRONG.gain], abs=0.004)
    assert found.before > 15 > 1.5 > found.after
    recording = worn(sensor=WRONG)
    again = epochs(recording.signals["acceleration"], found.calibration, recording.signals["temperature"])
    still, _ = still_windows(again)
    assert 1000 * np.abs(np.linalg.norm(still, axis=1) - 1).mean() == pytest.approx(found.after, rel=1e-3)


def test_temperature_explains_what_is_left() -> None:
    """With wear at changing temperatures: made of windows in all directions."""
    random = np.random.default_rng(1)
    true = random.normal(0, 1, (400, 3))
    true /= np.linalg.norm(true, axis=1)[:, None]
    warmth = random.uniform(20, 36, 400)
    slope = np.array([0.001, -0.002, 0.0005])
    seen = (true - [0.02, 0.01, -0.03]) / [1.02, 0.97, 1.0] - (warmth[:, None] - 28) * slope
    points = table(mean=np.repeat(seen, 2, axis=0), temperature=np.repeat(warmth, 2))
    found, cold = calibrate(points), calibrate(points, temperature=False)
    assert found.after < 0.1 < 4 < cold.after
    gain = np.array([1.02, 0.97, 1.0])
    assert found.calibration.gain == pytest.approx(gain, abs=5e-4)
    assert found.calibration.slope == pytest.approx(gain * slope, abs=5e-5)
    shift = (found.calibration.reference - 28) * gain * slope
    assert found.calibration.offset == pytest.approx(np.array([0.02, 0.01, -0.03]) + shift, abs=5e-4)


def test_too_few_windows_or_directions_leave_a_recording_as_it_is() -> None:
    short = measured(sensor=WRONG).between(MIDNIGHT, MIDNIGHT + HOUR // 60)
    few = calibrate(short)
    assert (few.done, few.calibration, few.windows) == (False, UNCALIBRATED, len(still_windows(short)[0]))
    assert "windows without movement" in few.reason
    flat = calibrate(table(mean=np.tile([0.0, 0.1, 0.99], (100, 1))))
    assert not flat.done
    assert "x from 0.00 to 0.00 g, y from 0.10 to 0.10 g, z from 0.99 to 0.99 g" in flat.reason
    assert flat.before > 0
    assert np.isnan(flat.after)


def test_a_fit_that_is_not_good_enough_is_not_taken() -> None:
    random = np.random.default_rng(2)
    points = random.normal(0, 0.6, (300, 3))
    noise = calibrate(table(mean=np.repeat(points, 2, axis=0)))
    assert not noise.done
    assert "gains of" in noise.reason  # all was drawn together near one point of the sphere
    rough = points / np.linalg.norm(points, axis=1)[:, None] * random.normal(1, 0.04, (300, 1))
    coarse = calibrate(table(mean=np.repeat(rough, 2, axis=0)))
    assert not coarse.done
    assert coarse.after > 10
    assert "mean distance from 1 g" in coarse.reason
    assert calibrate(table(mean=np.repeat(rough, 2, axis=0)), Criteria(error=0.1)).done


def test_only_whole_ten_seconds_without_movement_are_looked_at() -> None:
    mean = np.tile([0.6, 0.0, 0.8], (8, 1))
    mean[3] = [0.8, 0.0, 0.6]  # turned within a window
    moving = np.zeros((8, 3))
    moving[4, 1] = 0.02
    points, _ = still_windows(table(mean=mean, sd=moving))
    assert points.tolist() == [[0.6, 0.0, 0.8]] * 2
    later, _ = still_windows(table(MIDNIGHT + 5 * 10**9, mean=mean[:3], sd=moving[:3]))
    assert len(later) == 1
    beyond, _ = still_windows(table(mean=np.tile([0.0, 2.5, 0.0], (4, 1))))
    assert len(beyond) == 0


def test_epochs_that_are_calibrated_are_refused() -> None:
    found = calibrate(measured(sensor=WRONG), temperature=False)
    again = epochs(worn(sensor=WRONG).signals["acceleration"].between(MIDNIGHT, MIDNIGHT + DAY), found.calibration)
    with pytest.raises(SignalError, match="as measured"):
        calibrate(again)


def iterated(points: Values, warmth: Values) -> Values:
    """The same fit by general least squares: rows of offset, gain and slope."""
    fit = np.tile([0.0, 1.0, 0.0], (3, 1))
    weights, before = np.full(len(points), 100.0), np.inf
    regressors = [np.column_stack([np.ones(len(points)), points[:, axis], warmth]) for axis in range(3)]
    for _ in range(1000):
        now = np.column_stack([each @ line for each, line in zip(regressors, fit, strict=True)])
        closest = now / np.linalg.norm(now, axis=1)[:, None]
        root = np.sqrt(weights)
        for axis in range(3):
            fit[axis] = np.linalg.lstsq(regressors[axis] * root[:, None], closest[:, axis] * root, rcond=None)[0]
        now = np.column_stack([each @ line for each, line in zip(regressors, fit, strict=True)])
        away = np.linalg.norm(now - closest, axis=1)
        residual = (weights * away**2).sum() / weights.sum() / len(points)
        weights = np.minimum(1 / away, 100.0)
        if abs(residual - before) < 1e-10:
            break
        before = residual
    return fit


def test_the_fit_is_that_of_general_least_squares() -> None:
    points, warmth = still_windows(measured(sensor=WRONG))
    ours = calibrate(measured(sensor=WRONG)).calibration
    assert np.column_stack([ours.offset, ours.gain, ours.slope]) == pytest.approx(
        iterated(points, warmth - warmth.mean()), abs=1e-9
    )
    cold = calibrate(measured(sensor=WRONG), temperature=False).calibration
    assert np.column_stack([cold.offset, cold.gain, cold.slope]) == pytest.approx(
        iterated(points, np.zeros(len(points))), abs=1e-9
    )


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [True, False])
def test_the_fit_is_near_that_of_scikit_digital_health(temperature: bool) -> None:
    """Given the same windows. It leaves the intercept out of the residuals that weigh them, so half a mg may lie between."""
    from skdh.preprocessing import CalibrateAccelerometer
    from skdh.preprocessing.calibrate import Store

    points, warmth = still_windows(measured(sensor=WRONG))
    store = Store(10)
    store._acc_rm, store._acc_rsd = points.copy(), np.zeros_like(points)
    store._tmp_rm = warmth if temperature else np.zeros(len(points))
    done, offset, scale, slope, _ = CalibrateAccelerometer()._do_iterative_closest_point_fit(store)
    ours = calibrate(measured(sensor=WRONG), temperature=temperature)
    assert ours.done
    assert done
    assert ours.calibration.gain == pytest.approx(scale.tolist(), abs=5e-4)
    assert ours.calibration.offset == pytest.approx((offset * scale).tolist(), abs=5e-4)
    assert ours.calibration.slope == pytest.approx(slope[0].tolist(), abs=5e-5)
