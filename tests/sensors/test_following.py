"""What came is followed without anybody asking: who waits, for what, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helmont.sensors import following
from helmont.sensors.actions.corrections import CorrectWearer
from helmont.sensors.models import Computed, Derived, EndpointResult
from tests.cast import OTHER_PARTICIPANT, STUDY
from tests.sensors.kit import WEARER, assign, do, register
from tests.sensors.sending import follow, glucose

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]

SOMEBODY = f"{STUDY}/{OTHER_PARTICIPANT}"


def later(seconds: float = 3600) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_whoever_has_something_new_waits_and_nobody_else() -> None:
    register()
    assignment, secret = assign()
    assert following.waiting(later()) == []
    glucose(secret, "g1", ["2026-01-13T09:00:00Z"], [5.0])
    follow()
    assert following.waiting(later(0)) == [WEARER]
    following.settle()
    assert Derived.objects.get().key == f"{assignment}#cgm"
    assert EndpointResult.objects.get(endpoint="glucose_mean").value is not None
    assert following.waiting(later()) == []
    glucose(secret, "g2", ["2026-01-13T09:05:00Z"], [6.0])
    follow()
    assert following.waiting(later(following.AGAIN / 2)) == []
    assert following.waiting(later()) == [WEARER]
    following.settle([WEARER])
    do(CorrectWearer(assignment, "2026-01-13T08:00:00Z", "2026-01-13T10:00:00Z", "Told", SOMEBODY), "data.manager")
    assert set(following.waiting(later())) == {WEARER, SOMEBODY}
    following.settle([WEARER, SOMEBODY])
    assert EndpointResult.objects.get(endpoint="glucose_mean").participant == SOMEBODY


def test_whose_take_long_are_computed_less_often_and_a_day_that_ends_is_closed() -> None:
    register()
    _assignment, secret = assign()
    now = datetime.now(UTC)
    glucose(secret, "g1", [(now - timedelta(minutes=5)).isoformat()], [5.0])
    follow()
    following.settle()
    assert not EndpointResult.objects.get(endpoint="glucose_mean").final
    assert following.waiting(later(2 * 86_400)) == [WEARER]
    Computed.objects.update(seconds=10_000.0)
    assert following.waiting(later(2 * 86_400)) == []
