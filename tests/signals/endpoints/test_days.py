"""A participant's days and nights: clocks that change, travel, and every moment in exactly one of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.endpoints import Period, Zones, days, nights
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND


def at(text: str) -> int:
    """Nanoseconds of a UTC time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def hours(periods: tuple[Period, ...]) -> dict[str, float]:
    return {period.label: period.hours for period in periods}


BRUSSELS = Zones("Europe/Brussels")


def test_days_have_23_hours_when_clocks_go_forward_and_25_when_they_go_back() -> None:
    spring = days(BRUSSELS, at("2024-03-30T12:00"), at("2024-04-01T12:00"))
    assert hours(spring) == {"2024-03-30": 24, "2024-03-31": 23, "2024-04-01": 24}
    assert spring[0].start == at("2024-03-29T23:00")
    autumn = days(BRUSSELS, at("2024-10-26T12:00"), at("2024-10-28T12:00"))
    assert hours(autumn) == {"2024-10-26": 24, "2024-10-27": 25, "2024-10-28": 24}


def test_a_night_lasts_from_noon_to_noon_and_bears_the_date_of_its_evening() -> None:
    found = nights(BRUSSELS, at("2024-03-30T12:00"), at("2024-03-31T12:00"))
    assert hours(found) == {"2024-03-30": 23, "2024-03-31": 24}
    assert found[0].start == at("2024-03-30T11:00")


def test_a_flight_west_makes_the_day_longer_and_one_east_makes_it_shorter() -> None:
    west = Zones("Europe/Brussels", ((at("2024-06-05T14:00"), "America/New_York"),))
    assert hours(days(west, at("2024-06-04T12:00"), at("2024-06-06T12:00"))) == {
        "2024-06-04": 24,
        "2024-06-05": 30,
        "2024-06-06": 24,
    }
    east = Zones("America/New_York", ((at("2024-06-05T14:00"), "Europe/Brussels"),))
    assert hours(days(east, at("2024-06-04T14:00"), at("2024-06-06T12:00"))) == {
        "2024-06-04": 24,
        "2024-06-05": 18,
        "2024-06-06": 24,
    }


def test_over_the_date_line_a_date_that_has_begun_does_not_begin_again() -> None:
    """18:00 on 2 June in Auckland is 23:00 on 1 June in Los Angeles."""
    change = at("2024-06-02T06:00")
    back = Zones("Pacific/Auckland", ((change, "America/Los_Angeles"),))
    assert hours(days(back, at("2024-06-01T00:00"), at("2024-06-03T12:00"))) == {
        "2024-06-01": 24,
        "2024-06-02": 43,
        "2024-06-03": 24,
    }
    forth = Zones("America/Los_Angeles", ((at("2024-06-02T10:00"), "Pacific/Auckland"),))
    assert hours(days(forth, at("2024-06-01T12:00"), at("2024-06-03T13:00"))) == {
        "2024-06-01": 24,
        "2024-06-02": 5,
        "2024-06-03": 24,
        "2024-06-04": 24,
    }


def test_a_jump_over_a_whole_date_leaves_it_out() -> None:
    """Samoa went over the date line at the end of 29 December 2011; there was no 30 December."""
    samoa = Zones("Pacific/Apia")
    assert list(hours(days(samoa, at("2011-12-29T12:00"), at("2012-01-01T00:00")))) == [
        "2011-12-29",
        "2011-12-31",
        "2012-01-01",
    ]


def test_where_midnight_does_not_exist_the_day_begins_with_its_first_moment() -> None:
    """In Beirut clocks went from 24:00 on 26 March 2022 to 1:00."""
    found = days(Zones("Asia/Beirut"), at("2022-03-26T12:00"), at("2022-03-27T12:00"))
    assert hours(found) == {"2022-03-26": 24, "2022-03-27": 23}
    assert found[1].start == at("2022-03-26T22:00")


ZONES = st.sampled_from(
    ["UTC", "Europe/Brussels", "America/St_Johns", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Apia", "Asia/Beirut"]
)
MOMENTS = st.integers(at("1971-01-01T00:00") // SECOND, at("2037-01-01T00:00") // SECOND).map(
    lambda moment: moment * SECOND
)


@given(MOMENTS, st.integers(1, 20 * 86_400), ZONES, st.lists(st.tuples(st.integers(0, 30 * 86_400), ZONES), max_size=4))
def test_every_moment_is_in_exactly_one_day_and_one_night(
    start: int, length: int, first: str, changes: list[tuple[int, str]]
) -> None:
    moments = {start + (after - 5 * 86_400) * SECOND: zone for after, zone in changes}
    zones = Zones(first, tuple(sorted(moments.items())))
    end = start + length * SECOND
    for found in (days(zones, start, end), nights(zones, start, end)):
        assert found[0].start <= start
        assert found[-1].end >= end
        for before, after in pairwise(found):
            assert before.end == after.start
            assert before.label < after.label
        assert all(0 < one.hours <= 52 for one in found)
    for whole in days(zones, start, end):  # a day is the same whichever part of it is asked for
        assert days(zones, whole.start, whole.start + SECOND) == (whole,)
        assert days(zones, whole.end - SECOND, whole.end) == (whole,)


def test_the_clock_of_a_moment_is_that_of_its_zone() -> None:
    zones = Zones("Europe/Brussels", ((at("2024-06-05T14:00"), "America/New_York"),))
    assert zones.at(at("2024-06-05T13:59")) == "Europe/Brussels"
    assert zones.local(at("2024-06-05T13:59")).isoformat() == "2024-06-05T15:59:00+02:00"
    assert zones.local(at("2024-06-05T14:00")).isoformat() == "2024-06-05T10:00:00-04:00"
    assert days(zones, 5, 5) == ()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (lambda: Zones("Europe/Bruxelles"), "zone"),
        (lambda: Zones("../etc/passwd"), "zone"),
        (lambda: Zones(""), "zone"),
        (lambda: Zones("Europe"), "zone"),
        (lambda: Zones("UTC", ((5, "Mars/Olympus"),)), r"changes\[0\]"),
        (lambda: Zones("UTC", ((5, "UTC"), (5, "Europe/Brussels"))), "changes"),
        (lambda: days(Zones(), -5, 5), "time"),
        (lambda: days(Zones(), 5, 2**62), "time"),
        (lambda: Period("visit", 5, 5), "visit"),
    ],
)
def test_what_cannot_be_is_refused(wrong: object, place: str) -> None:
    with pytest.raises(SignalError, match=place):
        wrong()  # type: ignore[operator]
