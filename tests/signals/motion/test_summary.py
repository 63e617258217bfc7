"""The numbers of a day are those of the functions they come from."""

from __future__ import annotations

from math import isnan

import pytest

from helmont.signals.motion import activity
from helmont.signals.motion.cutpoints import CUT_POINTS
from helmont.signals.motion.nonwear import van_hees
from helmont.signals.motion.summary import USUAL, Settings, day
from tests.signals.motion.made_up import measured
from tests.signals.motion.tables import DAY, MIDNIGHT


def test_a_day_in_numbers() -> None:
    epochs = measured()
    worn = epochs.outside(van_hees(epochs))
    window = (MIDNIGHT, MIDNIGHT + DAY)
    found = day(worn, *window)
    assert found["wear"] == activity.recorded(worn, *window) < 1440
    assert found["enmo"] == activity.mean(worn, *window)
    assert found["mvpa"] == activity.minutes(worn, *window, USUAL.cuts).mvpa > 0
    assert found["sedentary"] + found["light"] + found["mvpa"] == pytest.approx(found["wear"])
    assert found["l5"] < found["enmo"] < found["m10"]
    assert found["mvpa_in_bouts"] >= 10 * found["mvpa_bouts"] > 0
    assert found["intensity_gradient"] < 0


def test_what_cut_points_do_not_say_is_not_a_number() -> None:
    found = day(measured(), MIDNIGHT, MIDNIGHT + DAY, Settings(CUT_POINTS["vaha-ypya-adult-hip"]))
    assert all(isnan(found[name]) for name in ("sedentary", "light", "sedentary_bouts", "sedentary_in_bouts"))
    assert found["mvpa"] > 0
