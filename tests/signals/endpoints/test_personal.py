"""Settings that are each participant's own: an item of the record in place of a number, and which value holds when."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from helmont.signals.channels import Kind
from helmont.signals.endpoints import EndpointDefinition, Period, Zones, catalogue, compute, days, sensors_of
from helmont.signals.endpoints.computing import Reason, taken_over
from helmont.signals.endpoints.movement import Movement
from helmont.signals.endpoints.partition import Partial, partition
from helmont.signals.endpoints.personal import Personal, Taken, items_of
from helmont.signals.endpoints.settings import ItemOf
from helmont.signals.errors import SignalError
from helmont.signals.motion.gait import FACTOR, Gait
from helmont.signals.recording import SECOND, Stretch
from tests.signals.motion.test_gait import of

DAY = 86_400 * SECOND
START = 1_710_028_800 * SECOND  # 2024-03-10, midnight UTC
LEG, TALL = ItemOf("VS", "LEGLEN", "m"), ItemOf("VS", "HEIGHT", "m")
RISE = 0.04


def speed(leg: float) -> float:
    """Of steps of half a second."""
    return float(FACTOR * 2 * np.sqrt(2 * leg * RISE - RISE**2) / 0.5)


def endpoint(settings: Any = None, **changes: Any) -> EndpointDefinition:
    said = {"from": "gait_speed@1", "id": "speed", "version": 1, "minimum": {"hours": 0}, **changes}
    said["settings"] = {"leg_length": {"form": "VS", "item": "LEGLEN"}} if settings is None else settings
    [found] = sensors_of({"endpoints": [said]}, catalogue()).endpoints
    return found


@cache
def walked() -> Partial:
    """Three days, with a walk of fifteen seconds at each noon."""
    noons = [START + number * DAY + DAY // 2 for number in range(3)]
    still = np.tile(np.array([0, 0, 2048], np.int16), (25 * 600, 1))
    still[::2, 0] = 40  # a device that does not move at all is not worn
    signal = of(*(Stretch(noon, SECOND / 25, still) for noon in noons), rate=25.0)
    found = partition({"back": signal}, START, START + 3 * DAY)
    part = found.parts["back"]
    assert isinstance(part, Movement)
    starts = np.concatenate([noon + np.arange(30) * SECOND // 2 for noon in noons])
    steps = Gait(starts, np.repeat(noons, 30), np.full(90, 0.5), np.full(90, RISE))
    return Partial(found.start, found.end, found.kinds, {"back": Movement(part.epochs, {}, steps)})


def day(number: int) -> Period:
    return days(Zones(), START, START + 3 * DAY)[number]


def record(**lengths: float) -> Personal:
    return {LEG: [Taken(value, "m", f"2024-03-{since[1:]}", "VS") for since, value in lengths.items()]}


def test_a_definition_names_the_item_and_another_item_is_another_definition() -> None:
    found = endpoint()
    assert items_of(found) == {"leg_length": LEG}
    assert found.settings["leg_length"] == {"form": "VS", "item": "LEGLEN"}
    others = [endpoint({}), endpoint({"leg_length": 0.9}), endpoint({"height": {"form": "VS", "item": "LEGLEN"}})]
    assert len({found.digest, *(each.digest for each in others)}) == 4
    assert items_of(others[0]) == items_of(others[1]) == {}
    assert items_of(others[2]) == {"height": ItemOf("VS", "LEGLEN", "m")}


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"leg_length": {"form": "VS"}}, "leg_length.item"),
        ({"leg_length": {"form": "VS", "item": "LEGLEN", "unit": "cm"}}, "leg_length.unit"),
        ({"leg_length": 92}, "leg_length"),
        ({"height": 0.2}, "height"),
        ({"seconds": {"form": "VS", "item": "LEGLEN"}}, "seconds"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(settings: dict[str, Any], place: str) -> None:
    with pytest.raises(SignalError) as raised:
        endpoint(settings)
    assert raised.value.place == f"endpoints[0].settings.{place}"


def test_a_day_has_the_latest_value_of_that_day_or_before() -> None:
    personal = record(_09=0.8, _11=0.9, _12=1.0)
    for number, leg in enumerate((0.8, 0.9, 1.0)):
        found = compute(endpoint(), walked(), day(number), Zones(), personal)
        assert (found.value, found.evaluable) == (pytest.approx(speed(leg)), True)
        assert found.details["leg_length"] == leg
    west = Zones("America/New_York")  # its 10 March ends at four in the morning of 11 March UTC
    [first, *_] = days(west, START + DAY // 2, START + DAY)
    assert compute(endpoint(), walked(), first, west, personal).value == pytest.approx(speed(0.8))


def test_a_day_without_a_value_that_can_be_is_not_evaluable_and_says_so() -> None:
    for personal in (record(_11=0.9), record(_09=92.0), {}, {TALL: [Taken(1.8, "m", "2024-03-01")]}):
        found = compute(endpoint(), walked(), day(0), Zones(), personal)
        assert (found.value, found.evaluable, found.reason) == (None, False, Reason.NOT_IN_RECORD)
    tall = endpoint({"height": {"form": "VS", "item": "HEIGHT"}})
    height = {TALL: [Taken(1.8, "m", "2024-03-01")]}
    assert compute(tall, walked(), day(0), Zones(), height).value == pytest.approx(speed(0.53 * 1.8))
    elsewhere = Partial(START, START + 3 * DAY, {"cgm": Kind.GLUCOSE}, {})
    assert compute(endpoint(), elsewhere, day(0), Zones(), {}).reason is Reason.NO_CHANNEL


def test_each_day_of_a_visit_window_has_its_own_value() -> None:
    weekly = endpoint(window="visit window", each="day", summary="mean", minimum={"hours": 0, "periods": 2})
    window = Period("visit", START, START + 3 * DAY)
    personal = record(_01=0.7, _11=0.9)
    found = compute(weekly, walked(), window, Zones(), personal)
    assert found.value == pytest.approx((speed(0.7) + 2 * speed(0.9)) / 3)
    used = taken_over(weekly, window, Zones(), personal)
    assert [each.value for each in used["leg_length"]] == [0.7, 0.9]
    assert taken_over(endpoint(), day(0), Zones(), record(_11=0.9)) == {}
    assert compute(weekly, walked(), window, Zones(), record(_13=0.9)).reason is Reason.NOT_IN_RECORD
    assert compute(weekly, walked(), window, Zones(), record(_12=0.9)).reason is Reason.TOO_FEW_PERIODS
    whole = replace(weekly, each=None, summary=None, minimum=endpoint().minimum)
    assert compute(whole, walked(), window, Zones(), personal).value == pytest.approx(speed(0.9))
