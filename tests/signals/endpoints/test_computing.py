"""Endpoints of partitions: values, wear, reasons, provenance, and the same whichever way the time is parted."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints import (
    MARGIN,
    REASONS,
    EndpointDefinition,
    Partial,
    Period,
    Reason,
    Result,
    Zones,
    catalogue,
    compute,
    days,
    joined,
    newest,
    partition,
    sensors_of,
    summarise,
)
from helmont.signals.errors import SignalError
from helmont.signals.glucose import Readings, mean, readings_of, share
from helmont.signals.glucose.ranges import CONSENSUS
from helmont.signals.heart import ArtefactRule, intervals_of, kept, rmssd
from helmont.signals.heart.correcting import corrected
from helmont.signals.recording import SECOND, Signal, Stretch
from helmont.signals.synthetic_vitals import (
    synthetic_ecg,
    synthetic_glucose,
    synthetic_intervals,
    synthetic_rates,
)

BRUSSELS = Zones("Europe/Brussels")
DAY = 86_400 * SECOND
START = 1_700_002_800 * SECOND  # 2023-11-15 00:00 in Brussels
HOUR = 3600 * SECOND


def definition(key: str, **changes: Any) -> EndpointDefinition:
    return replace(catalogue()[key], **changes)


def day(number: int = 0) -> Period:
    return days(BRUSSELS, START + number * DAY, START + number * DAY + 1)[0]


def signals() -> dict[str, Signal]:
    """Three days of glucose and heart rates, and some hours of beats over the first midnight."""
    return {
        "cgm": synthetic_glucose(1, START, 3),
        "watch": synthetic_rates(1, START, 3 * 86_400, every=30),
        "strap": synthetic_intervals(1, START + 20 * HOUR, 8 * 3600).signal,
        "chest": synthetic_ecg(1, START + DAY - HOUR // 2, 3600, sampled=128).signal,
    }


def whole(parts: dict[str, Signal] | None = None) -> Partial:
    return partition(parts or signals(), START, START + 3 * DAY)


def test_a_result_has_value_wear_span_and_the_definition_it_comes_from() -> None:
    found = compute(catalogue()["time_in_range@1"], whole(), day(1))
    readings = readings_of(signals()["cgm"]).between(START + DAY, START + 2 * DAY)
    assert found.value == share(readings, CONSENSUS["in_range"])
    assert found.wear == pytest.approx(len(readings) * 5, abs=5)
    assert (found.endpoint, found.version, found.unit, found.channel) == ("time_in_range", 1, "%", "cgm")
    assert found.digest == catalogue()["time_in_range@1"].digest
    assert (found.label, found.start, found.end) == ("2023-11-16", START + DAY, START + 2 * DAY)
    assert (found.evaluable, found.reason) == (True, None)
    assert json.loads(json.dumps(found.to_dict()))["value"] == found.value


def test_a_day_that_is_not_over_has_a_value_that_does_not_count() -> None:
    so_far = partition({"cgm": signals()["cgm"].between(START, START + 10 * HOUR)}, START, START + 10 * HOUR)
    found = compute(catalogue()["glucose_mean@1"], so_far, day())
    assert found.value is not None
    assert (found.evaluable, found.reason) == (False, Reason.TOO_LITTLE_WEAR)
    assert found.wear == pytest.approx(600, abs=40)


def test_every_reason_is_told_and_has_its_words() -> None:
    partial = whole()
    later = Period("later", START + 10 * DAY, START + 11 * DAY)
    flat = Signal(
        Channel("cgm", Kind.GLUCOSE, "mg/dL", rate=1 / 300),
        (Stretch(START, 300 * SECOND, np.full((288, 1), 100, np.int16)),),
    )
    weekly = definition_of(each="day", summary="mean", minimum={"share": 0.7, "periods": 4})
    cases = {
        Reason.NO_CHANNEL: compute(catalogue()["systolic_pressure@1"], partial, day()),
        Reason.NO_DATA: compute(catalogue()["glucose_mean@1"], partial, later),
        Reason.TOO_LITTLE_WEAR: compute(
            catalogue()["heart_rmssd@1"], partial, Period("x", START + 21 * HOUR, START + 22 * HOUR)
        ),
        Reason.NO_VALUE: compute(catalogue()["glucose_mage@1"], whole({"cgm": flat}), day()),
        Reason.TOO_FEW_PERIODS: compute(weekly, partial, Period("visit", START, START + 3 * DAY), BRUSSELS),
    }
    for reason, found in cases.items():
        assert (found.evaluable, found.reason) == (False, reason)
        assert REASONS[reason].endswith(".")
    assert set(REASONS) == set(Reason) == {*cases, Reason.NOT_POSSIBLE, Reason.NOT_IN_RECORD}


def definition_of(**changes: Any) -> EndpointDefinition:
    entry = {"from": "glucose_mean@1", "id": "own", "version": 1, "window": "visit window", **changes}
    return sensors_of({"endpoints": [entry]}, catalogue()).endpoints[0]


@pytest.mark.parametrize(
    ("summary", "expected"), [("mean", np.mean), ("median", np.median), ("lowest", min), ("highest", max), ("sum", sum)]
)
def test_a_visit_window_summarises_its_evaluable_days(summary: str, expected: Any) -> None:
    partial = whole({"cgm": signals()["cgm"].between(START, START + 2 * DAY + 10 * HOUR)})
    found = compute(
        definition_of(each="day", summary=summary, minimum={"share": 0.7, "periods": 2}),
        partial,
        Period("V2", START, START + 3 * DAY),
        BRUSSELS,
    )
    of_days = [compute(catalogue()["glucose_mean@1"], partial, day(number)).value for number in range(2)]
    assert found.value == pytest.approx(expected(of_days))
    assert found.details == {"periods": 2, "of": 3}
    assert (found.label, found.evaluable) == ("V2", True)


def test_a_day_that_a_visit_window_cuts_has_what_lies_in_the_window_and_the_minimum_of_a_day() -> None:
    half = Period("V2", START + DAY // 2, START + 2 * DAY)
    by_share = compute(definition_of(each="day", summary="mean", minimum={"share": 0.7}), whole(), half, BRUSSELS)
    assert by_share.details["periods"] == 1
    by_hours = compute(definition_of(each="day", summary="mean", minimum={"hours": 8}), whole(), half, BRUSSELS)
    assert by_hours.details["periods"] == 2
    readings = readings_of(signals()["cgm"])
    parts = [readings.between(half.start, START + DAY), readings.between(START + DAY, half.end)]
    assert by_hours.value == pytest.approx(np.mean([mean(part, "mg/dL") for part in parts]))


def test_a_visit_window_as_a_whole_pools_all_readings() -> None:
    found = compute(catalogue()["glucose_mean_visit@1"], whole(), Period("V2", START, START + 3 * DAY))
    assert found.value == pytest.approx(mean(readings_of(signals()["cgm"]), "mg/dL"))


def test_a_night_reaches_over_midnight_and_takes_the_channel_that_is_preferred() -> None:
    found = [one for one in summarise([catalogue()["heart_rmssd@1"]], whole(), BRUSSELS) if one.value is not None]
    assert [one.label for one in found] == ["2023-11-15"]
    assert found[0].channel == "strap"
    assert found[0].value == pytest.approx(rmssd(kept(intervals_of(signals()["strap"]), ArtefactRule())))
    assert found[0].details["removed"] < 5
    chest = compute(definition("heart_rmssd@1", kinds=(Kind.ECG,)), whole(), Period("n", START, START + 2 * DAY))
    assert chest.channel == "chest"


def test_intervals_may_be_corrected_instead_of_left_out() -> None:
    entry = {
        "from": "heart_rmssd@1",
        "id": "own",
        "version": 1,
        "settings": {"correction": "lipponen_tarvainen", "difference": 0},
    }
    own = sensors_of({"endpoints": [entry]}, catalogue()).endpoints[0]
    night = Period("n", START, START + 2 * DAY)
    found = compute(own, whole(), night)
    better = corrected(intervals_of(signals()["strap"]))
    assert found.value == pytest.approx(rmssd(kept(better.intervals, ArtefactRule(difference=None))))
    assert found.details["removed"] == pytest.approx(better.share)
    assert own.digest != catalogue()["heart_rmssd@1"].digest
    with pytest.raises(SignalError, match=r"settings\.correction"):
        sensors_of({"endpoints": [{**entry, "settings": {"correction": "guess"}}]}, catalogue())


def test_a_named_channel_is_the_only_one_that_counts() -> None:
    two = {"left": synthetic_glucose(1, START, 1), "right": synthetic_glucose(2, START, 1)}
    values = {
        name: compute(definition("glucose_mean@1", channel=name), whole(two), day()).value
        for name in (None, "left", "right", "third")
    }
    assert values[None] == values["left"] != values["right"]
    assert values["third"] is None


def test_days_parted_and_joined_give_what_the_whole_gives() -> None:
    """Readings and rates to the last digit; beats near midnight too, since each part is given a little of its neighbours."""
    its, visit = signals(), Period("all", START, START + 3 * DAY)
    parts = [
        partition(cut(its, begin - MARGIN, begin + DAY + MARGIN), begin, begin + DAY)
        for begin in (START, START + DAY, START + 2 * DAY)
    ]
    together, at_once = joined(reversed(parts)), whole(its)
    ours, theirs = (summarise(newest(), one, BRUSSELS, [visit]) for one in (together, at_once))
    assert len(ours) == len(theirs) > 90
    for one, other in zip(ours, theirs, strict=True):
        assert (one.endpoint, one.label, one.reason) == (other.endpoint, other.label, other.reason)
        for ours_, theirs_ in ((one.value, other.value), (one.wear, other.wear)):
            assert (ours_ is None) == (theirs_ is None)
            assert (ours_ or 0) == pytest.approx(theirs_ or 0, rel=1e-6), one.endpoint


def cut(its: dict[str, Signal], begin: int, end: int) -> dict[str, Signal]:
    return {name: signal.between(begin, end) for name, signal in its.items()}


def _of_day(task: tuple[dict[str, Signal], int, int]) -> tuple[Result, ...]:
    its, begin, end = task
    return summarise(newest(), partition(its, begin, end), BRUSSELS)


def test_a_pool_of_processes_gives_the_same_to_the_last_digit() -> None:
    its = {name: signal for name, signal in signals().items() if name != "chest"}
    tasks = [(cut(its, begin, begin + DAY), begin, begin + DAY) for begin in (START, START + DAY)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert list(pool.map(_of_day, tasks)) == [_of_day(task) for task in tasks]


def test_partials_pass_between_processes() -> None:
    partial = whole()
    again = pickle.loads(pickle.dumps(partial))
    assert summarise(newest(), again, BRUSSELS) == summarise(newest(), partial, BRUSSELS)
    assert len(pickle.dumps(partial)) < 2_000_000


def test_recomputing_with_a_new_version_keeps_the_old_results_apart() -> None:
    old = definition("glucose_mage@1")
    new = replace(old, version=2, settings={**old.settings, "direction": "first"})
    found = [compute(one, whole(), day()) for one in (old, new, old)]
    assert found[0] == found[2]
    assert len({(one.version, one.digest) for one in found}) == 2


def test_blood_pressure_weight_steps_and_temperature() -> None:
    def timed(channel: Channel, values: list[list[int]]) -> Signal:
        times = START + np.arange(len(values)) * HOUR
        return Signal(channel, (Stretch.at(times, np.array(values, np.int16)),))

    its = {
        "cuff": timed(Channel("cuff", Kind.BLOOD_PRESSURE, "mm[Hg]"), [[120, 80], [130, 84]]),
        "scale": timed(Channel("scale", Kind.WEIGHT, "g", resolution=100), [[700], [702]]),
        "phone": timed(Channel("phone", Kind.STEPS, "{steps}"), [[100], [250], [0]]),
        "skin": timed(Channel("skin", Kind.TEMPERATURE, "[degF]"), [[98], [99]]),
    }
    partial = whole(its)
    names = ("systolic_pressure", "diastolic_pressure", "body_weight", "steps_counted", "temperature_mean")
    found = {name: compute(catalogue()[f"{name}@1"], partial, day()) for name in names}
    assert [one.value for one in found.values()] == pytest.approx([125, 82, 70.1, 350, (98.5 - 32) / 1.8])
    assert all(one.wear is None and one.evaluable for one in found.values())
    assert compute(catalogue()["body_weight@1"], partial, day(1)).reason is Reason.NO_DATA
    in_grams = replace(catalogue()["body_weight@1"], unit="g")
    assert compute(in_grams, partial, day()).value == pytest.approx(70_100)


def test_partials_that_do_not_fit_together_are_refused() -> None:
    one, two = whole(), whole()
    with pytest.raises(SignalError, match="overlap"):
        joined([one, two])
    with pytest.raises(SignalError, match="at least one"):
        joined([])
    with pytest.raises(SignalError, match="rising"):
        partition({}, 5, 5)
    later = partition({"cgm": synthetic_rates(1, START + 4 * DAY, 3600)}, START + 4 * DAY, START + 5 * DAY)
    with pytest.raises(SignalError, match="one kind"):
        joined([one, later])
    readings = Readings(np.array([START + 4 * DAY]), np.array([5.0]), "mmol/L", 300 * SECOND)
    other_unit = Partial(START + 4 * DAY, START + 5 * DAY, {"cgm": Kind.GLUCOSE}, {"cgm": readings})
    with pytest.raises(SignalError, match="one unit"):
        joined([one, other_unit])
