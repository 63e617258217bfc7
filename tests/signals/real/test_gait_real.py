"""A walk of 50 s with a device at the lower back, which comes with scikit-digital-health, against what that library finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helmont.signals.channels import Channel, Kind
from helmont.signals.motion.gait import LEG, bouts, gait
from helmont.signals.recording import SECOND, Signal, Stretch
from tests.signals.real import found

STEPS, CADENCE, STRIDE, SPEED = 90, 104.98, 1.126, 1.318
"""Of scikit-digital-health 0.17.18 (``GaitLumbar``, height 1.88 m):
how many steps, the mean cadence, the median stride, the mean speed."""


@pytest.mark.parametrize("path", found("skdh/**/gait_input.npz"), ids=lambda path: path.name)
def test_a_walk_has_as_many_steps_and_nearly_the_speed(path: Path) -> None:
    """Cadence and stride agree within 2 %; speed within 6 %, though the other library's
    pendulum has a second part for the foot in place of a factor."""
    with np.load(path) as held:
        times, values = held["time"], held["accel"]
    step = (times[-1] - times[0]) / (len(times) - 1) * SECOND
    channel = Channel("back", Kind.ACCELERATION, "[g]", SECOND / step, 1 / 4096)
    counts = np.rint(values * 4096).astype(np.int16)
    steps = gait(Signal(channel, (Stretch(int(times[0] * SECOND), step, counts),)))
    walked = bouts(steps, LEG * 1.88)
    assert len(steps) == pytest.approx(STEPS, abs=3)
    seconds = sum(each.seconds for each in walked)
    assert 60 * sum(each.steps for each in walked) / seconds == pytest.approx(CADENCE, rel=0.02)
    assert np.median([each.stride for each in walked]) == pytest.approx(STRIDE, rel=0.02)
    assert sum(each.speed * each.seconds for each in walked) / seconds == pytest.approx(SPEED, rel=0.06)
