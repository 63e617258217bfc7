"""The days around an encounter over which results are computed: the participant's own, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helmont.participants.actions import BeginEncounter
from helmont.sensors.streams import sensors_in
from helmont.sensors.windows import VisitWindow, over, visit_windows, zones_of
from tests.sensors.worn import HER, HIM, IMPORT, TRIAL, WEEK_2, WORN, begin_trial, definition, do, row, wear

pytestmark = pytest.mark.database
HOUR = 3600 * 10**9


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()


def windows(participant: str = HIM) -> list[VisitWindow]:
    sensors = sensors_in(TRIAL, definition().version)
    assert sensors is not None
    return visit_windows(row(participant), sensors)


def utc(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%dT%H:%M")


def test_a_window_has_the_days_before_the_visit_by_the_participants_clock() -> None:
    wear()
    [window] = windows()
    assert (window.label, window.form) == (WEEK_2, WORN)
    assert (utc(window.start), utc(window.end)) == ("2026-03-26T23:00", "2026-03-29T22:00")
    hours = [(day.label, (day.end - day.start) // HOUR) for day in window.days]
    assert hours == [("2026-03-27", 24), ("2026-03-28", 24), ("2026-03-29", 23)]  # clocks change on the 29th
    assert window.endpoints == ("heart_rate_mean_visit@2", "time_in_range_visit@1")


def test_without_a_device_the_clock_is_that_of_the_site_and_a_visit_that_has_not_begun_has_no_window() -> None:
    assert [utc(window.start) for window in windows()] == ["2026-03-26T23:00"]
    assert windows(HER) == []
    do(BeginEncounter(TRIAL, "702-001", "WEEK_2", "2026-03-29"), IMPORT)
    assert [utc(window.end) for window in windows(HER)] == ["2026-03-28T23:00"]
    assert zones_of(row(HER)).first == "Europe/Amsterdam"


def test_a_participant_who_travels_has_the_days_of_where_they_are() -> None:
    wear()
    wear(label="W-002", zone="Asia/Tokyo", starts="2026-03-28T06:00:00Z")
    wear(label="W-003", zone="Asia/Tokyo", starts="2026-03-28T09:00:00Z")
    zones = zones_of(row())
    assert (zones.first, [name for _moment, name in zones.changes]) == ("Europe/Brussels", ["Asia/Tokyo"])
    [window] = windows()
    assert (utc(window.start), utc(window.end)) == ("2026-03-26T23:00", "2026-03-29T15:00")
    assert [(day.end - day.start) // HOUR for day in window.days] == [24, 16, 24]


def test_a_window_is_over_when_its_last_day_is() -> None:
    [window] = windows()
    assert over([window], window.end - 1) == []
    assert over([window], window.end) == [window]
