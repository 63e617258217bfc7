"""Endpoints of movement: those of the activity functions, worn time, calibration, and the same whichever way time is parted."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from helmont.signals.channels import Kind
from helmont.signals.endpoints import (
    Partial,
    Period,
    Reason,
    Zones,
    catalogue,
    compute,
    joined,
    newest,
    partition,
    sensors_of,
    summarise,
)
from helmont.signals.endpoints.analysing import analyse
from helmont.signals.endpoints.movement import Movement
from helmont.signals.epochs import Calibration, epochs
from helmont.signals.errors import SignalError
from helmont.signals.motion import activity, nonwear, sleep, steps
from helmont.signals.motion.cutpoints import CUT_POINTS, Metric
from helmont.signals.recording import SECOND, Signal
from helmont.signals.synthetic_motion import WRIST, synthetic_recording

HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
START = 1_700_006_400 * SECOND
CUTS = CUT_POINTS["hildebrand-adult-wrist-actigraph"]
SLOW = replace(WRIST, rate=12.5)


@pytest.fixture(scope="module")
def signals() -> dict[str, Signal]:
    """Three days of a wrist, sampled slowly."""
    return dict(synthetic_recording(1, START, START + 3 * DAY, SLOW).signals)


@pytest.fixture(scope="module")
def partial(signals: dict[str, Signal]) -> Partial:
    return partition(signals, START, START + 3 * DAY)


def the(name: str, partial: Partial, number: int = 1) -> float | None:
    return compute(
        catalogue()[f"{name}@1"], partial, Period("day", START + number * DAY, START + (number + 1) * DAY)
    ).value


def test_values_are_those_of_the_activity_functions(signals: dict[str, Signal], partial: Partial) -> None:
    acceleration = next(one for one in signals.values() if one.channel.kind is Kind.ACCELERATION)
    warmth = next((one for one in signals.values() if one.channel.kind is Kind.TEMPERATURE), None)
    table = epochs(acceleration, temperature=warmth)
    worn = table.outside(nonwear.van_hees(table))
    day = (START + DAY, START + 2 * DAY)
    minutes = activity.minutes(worn, *day, CUTS)
    assert the("enmo_mean", partial) == pytest.approx(activity.mean(worn, *day))
    assert the("mad_mean", partial) == pytest.approx(activity.mean(worn, *day, Metric.MAD))
    names = {"sedentary_time": minutes.sedentary, "light_activity": minutes.light, "mvpa": minutes.mvpa}
    names |= {"moderate_activity": minutes.moderate, "vigorous_activity": minutes.vigorous}
    for name, value in names.items():
        assert the(name, partial) == pytest.approx(value), name
    assert the("mvpa_bouts", partial) == activity.mvpa_bouts(worn, *day, CUTS).minutes
    bouts = activity.sedentary_bouts(worn, *day, CUTS)
    assert bouts is not None
    assert the("sedentary_bouts", partial) == bouts.number
    assert the("most_active_hours", partial) == pytest.approx(activity.most_active(worn, *day).enmo)
    assert the("least_active_hours", partial) == pytest.approx(activity.least_active(worn, *day).enmo)
    assert the("intensity_gradient", partial) == pytest.approx(activity.intensity_gradient(worn, *day).slope)
    assert the("wear_time", partial) == activity.recorded(worn, *day)
    assert the("nonwear_time", partial) == pytest.approx(1440 - activity.recorded(worn, *day), abs=1)


def test_sleep_is_that_of_the_night_and_steps_are_counted(signals: dict[str, Signal], partial: Partial) -> None:
    [part] = [one for one in partial.parts.values() if isinstance(one, Movement)]
    noon = START + 12 * HOUR
    night = sleep.night(part.worn("van_hees"), noon, noon + DAY)
    assert night is not None
    window = Period("night", noon, noon + DAY)
    of = {
        name: compute(catalogue()[f"{name}@1"], partial, window).value
        for name in ("sleep_time", "wake_after_sleep_onset")
    }
    assert of == {"sleep_time": night.sleep, "wake_after_sleep_onset": night.waso}
    period = compute(catalogue()["sleep_period@1"], partial, window).value
    assert period == pytest.approx(night.sleep + night.waso)
    assert compute(catalogue()["sleep_efficiency@1"], partial, window).value == night.efficiency
    assert compute(catalogue()["awakenings@1"], partial, window).value == night.awakenings
    acceleration = next(one for one in signals.values() if one.channel.kind is Kind.ACCELERATION)
    times = steps.steps(acceleration)
    counted = ((times >= START + DAY) & (times < START + 2 * DAY)).sum()
    assert the("steps", partial) == counted > 1000
    waist = replace(catalogue()["steps@1"], settings={"placement": "waist"})
    assert compute(waist, partial, Period("day", START, START + DAY)).reason is Reason.NOT_POSSIBLE


def test_a_day_counts_with_sixteen_hours_of_wear(partial: Partial) -> None:
    found = compute(catalogue()["enmo_mean@1"], partial, Period("day", START, START + 10 * HOUR))
    assert found.reason is Reason.TOO_LITTLE_WEAR
    assert found.value is not None
    assert found.details["recorded"] == pytest.approx(600, abs=1)


def test_days_parted_and_joined_give_what_the_whole_gives(signals: dict[str, Signal], partial: Partial) -> None:
    parts = [partition(signals, START + day * DAY, START + (day + 1) * DAY) for day in range(3)]
    definitions = [one for one in newest() if Kind.ACCELERATION in one.kinds]
    assert len(definitions) > 15
    again = pickle.loads(pickle.dumps(joined(parts)))
    ours, theirs = (summarise(definitions, one, Zones()) for one in (again, partial))
    for one, other in zip(ours, theirs, strict=True):
        assert (one.endpoint, one.reason, one.wear) == (other.endpoint, other.reason, other.wear)
        apart = 3 if one.endpoint == "steps" else 0  # at midnight the filter has less around it
        assert (one.value or 0) == pytest.approx(other.value or 0, rel=1e-9, abs=apart), one.endpoint


def test_without_temperature_non_wear_by_temperature_is_not_possible(signals: dict[str, Signal]) -> None:
    alone = {name: one for name, one in signals.items() if one.channel.kind is Kind.ACCELERATION}
    partial = partition(alone, START, START + DAY)
    found = compute(catalogue()["nonwear_time_detach@1"], partial, Period("day", START, START + DAY))
    assert (found.evaluable, found.reason, found.value) == (False, Reason.NOT_POSSIBLE, None)
    [part] = partial.parts.values()
    assert isinstance(part, Movement)
    assert part.worn("none") is part.epochs
    with pytest.raises(SignalError, match="van_hees, detach, none"):
        part.worn("guess")


def test_a_calibration_is_applied_on_reading(signals: dict[str, Signal], partial: Partial) -> None:
    name = next(name for name, kind in partial.kinds.items() if kind is Kind.ACCELERATION)
    shifted = partition(signals, START, START + DAY, {name: Calibration(offset=(0.0, 0.0, 0.05))})
    assert the("enmo_mean", shifted, 0) != the("enmo_mean", partial, 0)


def test_a_recording_is_calibrated_to_gravity_before_anything_is_computed(signals: dict[str, Signal]) -> None:
    told: list[tuple[int, int]] = []
    found = analyse(signals, Zones(), told=lambda done, of: told.append((done, of)))
    [(name, calibrated)] = found.calibrations.items()
    assert told[-1][0] == told[-1][1] == 6 if calibrated.done else 3
    used = {name: calibrated.calibration} if calibrated.done else {}
    ours = partition(signals, START, START + 3 * DAY, used)
    value = next(one.value for one in found.results if (one.endpoint, one.label) == ("enmo_mean", "2023-11-16"))
    day = Period("day", START + DAY, START + 2 * DAY)
    assert value == pytest.approx(compute(catalogue()["enmo_mean@1"], ours, day).value)


@pytest.mark.parametrize(
    ("method", "settings", "place"),
    [
        ("movement_enmo", {"nonwear": "guess"}, "settings.nonwear"),
        ("movement_minutes", {"cuts": "mine"}, "settings.cuts"),
        ("movement_minutes", {"level": "brisk"}, "settings.level"),
        ("movement_bouts", {"level": "light"}, "settings.level"),
        ("movement_bouts", {"level": "sedentary", "cuts": "vaha-ypya-adult-hip"}, "settings.cuts"),
        ("movement_bouts", {"share": 2}, "settings.minutes"),
        ("movement_bouts", {"measure": "all"}, "settings.measure"),
        ("movement_hours", {"hours": 0}, "settings.hours"),
        ("movement_hours", {"which": "all"}, "settings.which"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_their_place(
    method: str, settings: dict[str, object], place: str
) -> None:
    entry = {"from": "enmo_mean@1", "id": "own", "version": 1, "method": method, "settings": settings}
    entry |= {"unit": "min"} if method == "movement_bouts" else {}
    with pytest.raises(SignalError) as raised:
        sensors_of({"endpoints": [entry]}, catalogue())
    assert raised.value.place == f"endpoints[0].{place}"
