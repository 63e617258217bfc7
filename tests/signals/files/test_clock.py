"""Clocks that do not say where they are: the hour that occurs twice, the one that never does, and zones."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds, running, walls, zone
from helmont.signals.recording import SECOND

HOUR = 3600 * SECOND


def local(*times: str) -> np.ndarray:
    return np.array([nanoseconds(datetime.fromisoformat(time)) for time in times], np.int64)


def test_the_hour_that_occurs_twice_is_the_first_until_times_go_back() -> None:
    """Amsterdam, 27 October 2024: at 03:00 summer time the clocks go back to 02:00."""
    times = local("2024-10-27T01:55", "2024-10-27T02:10", "2024-10-27T02:50", "2024-10-27T02:05", "2024-10-27T03:00")
    offsets = (times - walls(times, "Europe/Amsterdam")) / HOUR
    assert offsets.tolist() == [2, 2, 2, 1, 1]


def test_without_going_back_the_doubled_hour_is_the_first() -> None:
    times = local("2024-10-27T02:10", "2024-10-27T02:50", "2024-10-27T03:10")
    assert ((times - walls(times, "Europe/Amsterdam")) / HOUR).tolist() == [2, 2, 1]


def test_a_time_that_never_occurs_is_taken_with_the_offset_before() -> None:
    """Amsterdam, 31 March 2024: at 02:00 the clocks go on to 03:00."""
    times = local("2024-03-31T01:59", "2024-03-31T02:30", "2024-03-31T03:30")
    moments = walls(times, "Europe/Amsterdam")
    assert ((times - moments) / HOUR).tolist() == [1, 1, 2]
    assert moments[1] == moments[2]


def test_half_an_hour_of_daylight_saving_is_known() -> None:
    """Lord Howe Island changes by half an hour, on 6 October 2024 at 02:00."""
    times = local("2024-10-06T01:59", "2024-10-06T02:31")
    assert ((times - walls(times, "Australia/Lord_Howe")) / HOUR).tolist() == [10.5, 11]


def test_a_running_clock_keeps_its_offset() -> None:
    assert running(int(local("2024-03-30T12:00")[0]), "Europe/Amsterdam") == HOUR
    assert running(int(local("2024-03-31T12:00")[0]), "Europe/Amsterdam") == 2 * HOUR


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)), st.sampled_from(["Europe/Dublin", "America/Sao_Paulo"])
)
def test_single_times_agree_with_the_zone_itself(time: datetime, name: str) -> None:
    moment = int(walls(np.array([nanoseconds(time)], np.int64), name)[0])
    aware = time.replace(tzinfo=ZoneInfo(name))
    before = (time - timedelta(hours=3)).replace(tzinfo=ZoneInfo(name)).utcoffset()
    fits = nanoseconds(aware)
    exists = datetime.fromtimestamp(aware.timestamp(), ZoneInfo(name)).replace(tzinfo=None) == time.replace(
        microsecond=0
    )
    assert before is not None
    if exists or abs(moment - fits) == 0:
        assert moment == fits
    else:
        assert moment == nanoseconds(time) - round(before.total_seconds()) * SECOND


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "Europe/"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SignalError, match=r"accepted: an IANA name"):
        zone(name)
