"""How devices and sites do over some days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmont.core.errors import NotFound
from helmont.core.projections.runner import rebuild
from helmont.sensors.actions.devices import EndAssignment
from helmont.sensors.models import Delay, EndpointResult
from helmont.sensors.queries.overview import by_site, overview
from helmont.sensors.queries.traces import live
from tests.cast import OTHER_PARTICIPANT, STUDY, actor
from tests.sensors.kit import WEARER, assign, do, register
from tests.sensors.sending import follow, glucose, still, wrist

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "home")]

OTHER = f"{STUDY}/{OTHER_PARTICIPANT}"
TODAY = datetime.now(UTC).date()
NOON = datetime(2026, 1, 13, 12, tzinfo=UTC)


def sent() -> str:
    """Half an hour of a wrist at one site, and a device that is silent at the other."""
    register()
    register("W-002")
    first, secret = assign()
    do_elsewhere()
    wrist(secret, "b1", "2026-01-13T09:00:00Z", still(20))
    wrist(secret, "b2", "2026-01-13T11:00:00Z", still(10))
    glucose(secret, "g1", ["2026-01-13T11:00:00Z"], [5.0])
    follow()
    live(WEARER, NOON)
    return first


def do_elsewhere() -> None:
    from helmont.sensors.actions.devices import AssignDevice
    from helmont.sensors.secrets import new_secret

    action = AssignDevice(OTHER, "W-002", "2026-01-12T08:00:00Z", "Europe/Amsterdam", digest=new_secret()[1])
    do(action, "elsewhere")


def worn(label: str, minutes: float) -> None:
    start = int(datetime.fromisoformat(f"{label}T00:00:00+01:00").timestamp() * 1e6)
    EndpointResult.objects.create(
        key=f"{WEARER}#wear_time@1#day#{label}",
        study=STUDY,
        participant=WEARER,
        endpoint="wear_time",
        version=1,
        digest="",
        window="day",
        label=label,
        start=start,
        end=start + 86_400_000_000,
        unit="min",
        value=minutes,
        evaluable=True,
        reason="",
        wear=minutes,
        channel="wrist",
        final=True,
        batches=1,
        computed="2026-01-14T00:00:00Z",
    )


def test_what_came_of_what_was_due_and_how_long_it_was_worn() -> None:
    sent()
    worn("2026-01-12", 900)
    worn("2026-01-13", 30)  # a day that is not over says nothing yet
    [mine, theirs] = overview(actor("data.manager"), STUDY, TODAY, NOON, 1)
    assert (mine.worn.assignment.device, mine.site, theirs.site) == ("W-001", "701", "702")
    assert mine.figures.due == 86_400
    assert mine.figures.received == 1800  # of the wrist, of which most came
    assert mine.figures.hours_a_day == 15
    assert (theirs.figures.share, theirs.figures.silent) == (0.0, 1)
    assert theirs.figures.delay(0.5) is None
    sites = by_site([mine, theirs])
    assert (sites["701"].devices, sites["702"].silent) == (1, 1)


def test_delays_are_counted_once_and_again_when_they_are_made_anew() -> None:
    sent()
    counted = sorted(Delay.objects.values_list("key", "batches"))
    assert sum(batches for _key, batches in counted) == 3
    rebuild("sensor streams")
    assert sorted(Delay.objects.values_list("key", "batches")) == counted
    # They came just now, long after January 2026: however long that is, half of them came as late as 95 % or sooner.
    [mine, _theirs] = overview(actor("data.manager"), STUDY, TODAY, datetime.now(UTC), 1)
    half, most = mine.figures.delay(0.5), mine.figures.delay(0.95)
    assert half is not None
    assert most is not None
    assert 0 < half <= most


def test_one_sees_the_devices_of_ones_own_site() -> None:
    sent()
    assert [line.site for line in overview(actor("coordinator"), STUDY, TODAY, NOON, 7)] == ["701"]
    assert [line.site for line in overview(actor("elsewhere"), STUDY, TODAY, NOON, 7)] == ["702"]
    with pytest.raises(NotFound):
        overview(actor("privacy.officer"), STUDY, TODAY, NOON, 7)


def test_a_device_that_was_given_back_counts_until_then() -> None:
    first = sent()
    do(EndAssignment(first, "2026-01-13T06:00:00Z"))
    [mine, _theirs] = overview(actor("data.manager"), STUDY, TODAY, NOON, 1)
    assert (mine.figures.due, mine.figures.silent) == (18 * 3600, 0)
    assert len(overview(actor("data.manager"), STUDY, TODAY, NOON + timedelta(days=3), 1)) == 1


def test_the_number_of_queries_does_not_grow_with_the_devices() -> None:
    sent()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            overview(actor("data.manager"), STUDY, TODAY, NOON, 7)
        return len(captured)

    few = queries()
    register("W-003")
    _third, secret = assign("W-003")
    glucose(secret, "g1", ["2026-01-13T11:00:00Z"], [5.0])
    follow()
    assert queries() == few
