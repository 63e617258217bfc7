"""Rules of alerts are read with the place of every fault; a signal meets them where it stays out of range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.endpoints.alerts import AlertKind, AlertRule, Episode, episodes
from helmont.signals.endpoints.reading import sensors_of
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

MINUTE = 60 * SECOND
CHANNELS = [
    {"name": "cgm", "kind": "glucose", "unit": "mmol/L"},
    {"name": "battery", "kind": "battery", "unit": "%"},
]


def read(*alerts: Any) -> tuple[AlertRule, ...]:
    return sensors_of({"channels": CHANNELS, "alerts": list(alerts)}, {}).alerts


def test_rules_are_read_with_names_of_their_own() -> None:
    found = read(
        {"kind": "silent", "hours": "24"},
        {"kind": "silent", "channel": "cgm", "hours": 6, "roles": ["investigator"]},
        {"kind": "battery", "channel": "battery", "below": 15},
        {"kind": "range", "channel": "cgm", "below": 3.0, "above": 13.9, "minutes": 15},
        {"kind": "range", "id": "very_low", "channel": "cgm", "below": 2.5},
    )
    assert [rule.id for rule in found] == ["silent", "silent_cgm", "battery_battery", "range_cgm", "very_low"]
    assert found[1] == AlertRule("silent_cgm", AlertKind.SILENT, "cgm", 6.0, roles=("investigator",))
    assert found[3] == AlertRule("range_cgm", AlertKind.RANGE, "cgm", below=3.0, above=13.9, minutes=15.0)


@pytest.mark.parametrize(
    ("alert", "place"),
    [
        ({"kind": "loud"}, "alerts[0].kind"),
        ({"kind": "silent"}, "alerts[0].hours"),
        ({"kind": "silent", "hours": 0}, "alerts[0].hours"),
        ({"kind": "silent", "hours": 24, "below": 3}, "alerts[0].below"),
        ({"kind": "battery", "below": 15}, "alerts[0].channel"),
        ({"kind": "battery", "channel": "cgm", "below": 15}, "alerts[0].channel"),
        ({"kind": "range", "channel": "ecg", "below": 3}, "alerts[0].channel"),
        ({"kind": "range", "channel": "cgm"}, "alerts[0]"),
        ({"kind": "range", "channel": "cgm", "below": 9, "above": 3}, "alerts[0].below"),
        ({"kind": "range", "id": "Very low", "channel": "cgm", "below": 9}, "alerts[0].id"),
        ("silent", "alerts[0]"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_place(alert: Any, place: str) -> None:
    with pytest.raises(SignalError) as refused:
        read(alert)
    assert refused.value.place == place


def test_two_rules_have_two_names() -> None:
    rule = {"kind": "range", "channel": "cgm", "below": 3}
    with pytest.raises(SignalError) as refused:
        read(rule, {**rule, "below": 2})
    assert refused.value.place == "alerts[1].id"


def found(rule: AlertRule, *values: float, every: int = 5 * MINUTE) -> list[Episode]:
    times = np.arange(len(values), dtype=np.int64) * every
    return episodes(rule, times, np.array(values, np.float32)[:, None], every)


RANGE = AlertRule("range_cgm", AlertKind.RANGE, "cgm", below=3.0, above=13.9, minutes=15)


def test_an_episode_is_long_enough_and_on_one_side() -> None:
    assert found(RANGE, 5, 2.5, 2.5, 5) == []
    assert found(RANGE, 5, 2.5, 2, 2.75, 5) == [Episode(5 * MINUTE, 20 * MINUTE, 2.0)]
    assert found(RANGE, 2.5, 2.5, 15, 15) == []
    assert found(RANGE, 3.0, 3.0, 3.0, 3.0) == []  # at the limit is within
    low, high = found(RANGE, 2, 2, 2, 14, 15, 14)
    assert (low.value, high.value) == (2.0, 15.0)
    assert low.end == high.start == 15 * MINUTE


def test_an_episode_does_not_bridge_a_time_without_samples() -> None:
    times = np.array([0, 5, 40, 45], np.int64) * MINUTE
    values = np.full((4, 1), 2.0, np.float32)
    assert episodes(RANGE, times, values, 5 * MINUTE) == []
    once = AlertRule("low", AlertKind.RANGE, "cgm", below=3.0)
    assert [each.start for each in episodes(once, times, values, 5 * MINUTE)] == [0, 40 * MINUTE]
    assert episodes(once, times[:0], values[:0], MINUTE) == []


@given(st.lists(st.sampled_from([1.0, 5.0, 20.0]), max_size=60))
def test_every_value_beyond_a_limit_lies_in_one_episode(values: list[float]) -> None:
    rule = AlertRule("any", AlertKind.RANGE, "cgm", below=3.0, above=13.9)
    spans = [(each.start, each.end, each.value) for each in found(rule, *values)]
    for number, value in enumerate(values):
        inside = [span for span in spans if span[0] <= number * 5 * MINUTE < span[1]]
        assert [span[2] for span in inside] == ([] if value == 5.0 else [value])
