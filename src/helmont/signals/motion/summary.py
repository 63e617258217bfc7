"""Everything that epochs say of a window of time, by name."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from helmont.signals.epochs import Epochs
from helmont.signals.motion import activity
from helmont.signals.motion.activity import MVPA_BOUT, SEDENTARY_BOUT, BoutRule
from helmont.signals.motion.cutpoints import CUT_POINTS, CutPoints, Metric


@dataclass(frozen=True, slots=True)
class Settings:
    """What the numbers of a day depend on."""

    cuts: CutPoints = CUT_POINTS["hildebrand-adult-wrist-actigraph"]
    mvpa: BoutRule = MVPA_BOUT
    sedentary: BoutRule = SEDENTARY_BOUT


USUAL = Settings()


def day(epochs: Epochs, start: int, end: int, settings: Settings = USUAL) -> dict[str, float]:
    """The numbers of a window from ``start`` until before ``end`` (nanoseconds since 1970), of epochs without non-wear.

    Means in mg, durations in minutes; NaN for what cannot be said. ``wear`` is how long epochs were there.
    """
    minutes = activity.minutes(epochs, start, end, settings.cuts)
    bouts = activity.mvpa_bouts(epochs, start, end, settings.cuts, settings.mvpa)
    still = activity.sedentary_bouts(epochs, start, end, settings.cuts, settings.sedentary)
    gradient = activity.intensity_gradient(epochs, start, end)
    return {
        "wear": activity.recorded(epochs, start, end),
        "enmo": activity.mean(epochs, start, end),
        "mad": activity.mean(epochs, start, end, Metric.MAD),
        "sedentary": minutes.sedentary,
        "light": minutes.light,
        "moderate": minutes.moderate,
        "vigorous": minutes.vigorous,
        "mvpa": minutes.mvpa,
        "mvpa_bouts": float(bouts.number),
        "mvpa_in_bouts": bouts.minutes,
        "sedentary_bouts": float(still.number) if still else nan,
        "sedentary_in_bouts": still.minutes if still else nan,
        "intensity_gradient": gradient.slope,
        "intensity_intercept": gradient.intercept,
        "m10": activity.most_active(epochs, start, end).enmo,
        "l5": activity.least_active(epochs, start, end).enmo,
    }
