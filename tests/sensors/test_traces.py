"""What was sent is shown, at whatever level, corrected, and as soon as it was acknowledged."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helmont.core.errors import Invalid, NotFound
from helmont.core.projections.runner import rebuild
from helmont.sensors import hours
from helmont.sensors.actions.corrections import CorrectClock, CorrectWearer, WithdrawCorrection
from helmont.sensors.actions.devices import EndAssignment
from helmont.sensors.models import Derived, Hour
from helmont.sensors.queries.traces import channels_of, live, trace
from helmont.sensors.streams import signals_of, stream_of
from helmont.signals import levels
from helmont.signals.recording import SECOND
from tests.cast import OTHER_PARTICIPANT, STUDY
from tests.sensors.kit import WEARER, assign, do, register
from tests.sensors.sending import RATE, follow, glucose, moment, moving, still, wrist

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]

NINE, TEN = moment("2026-01-12T09:00:00Z"), moment("2026-01-12T10:00:00Z")
HOUR, MINUTE = levels.HOUR, levels.MINUTE
SOMEBODY = f"{STUDY}/{OTHER_PARTICIPANT}"


def worn() -> tuple[str, str]:
    register()
    return assign()


def test_a_batch_is_in_the_picture_once_it_is_acknowledged() -> None:
    assignment, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", moving(10))
    follow()
    [channel] = channels_of(WEARER)
    assert (channel.name, channel.unit, channel.axes) == ("wrist", "[g]", ("x", "y", "z"))
    first = trace(WEARER, "wrist", NINE, TEN)
    assert (first.level, len(first.times), first.seconds) == ("5 s", 120, 5.0)
    assert first.gaps == ((NINE + 10 * MINUTE, TEN),)
    wrist(secret, "b3", "2026-01-12T09:20:00Z", moving(10, 3))
    wrist(secret, "b2", "2026-01-12T09:10:00Z", moving(10, 2))
    second = trace(WEARER, "wrist", NINE, TEN)
    assert len(second.times) == 360
    np.testing.assert_array_equal(second.mean[:120], first.mean)
    assert Hour.objects.get(stream=f"{assignment}#wrist").samples == 30 * 60 * RATE


def test_levels_agree_and_are_chosen_by_the_length_of_time() -> None:
    _assignment, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", moving(60))
    follow()
    raw = trace(WEARER, "wrist", NINE, NINE + 60 * SECOND)
    fine = trace(WEARER, "wrist", NINE, NINE + 12 * HOUR)
    minutes = trace(WEARER, "wrist", NINE - 24 * HOUR, NINE + 6 * 24 * HOUR)
    wide = trace(WEARER, "wrist", NINE - 90 * 24 * HOUR, NINE + 90 * 24 * HOUR)
    assert [each.level for each in (raw, fine, minutes, wide)] == ["raw", "5 s", "1 min", "1 h"]
    assert len(raw.times) == 60 * RATE
    np.testing.assert_allclose(raw.mean.mean(axis=0), minutes.mean[0], atol=1e-6)
    np.testing.assert_allclose(fine.mean.mean(axis=0), wide.mean[0], atol=1e-5)
    assert wide.high[0].tolist() == pytest.approx(fine.high.max(axis=0).tolist(), abs=1e-6)
    assert wide.extra["enmo"][0] == pytest.approx(fine.extra["enmo"].mean(), rel=1e-4)
    few = trace(WEARER, "wrist", NINE, TEN, points=100)
    assert few.level == "40 s"
    assert len(few.times) == 90


def test_a_picture_is_the_same_whatever_the_order_of_batches() -> None:
    _assignment, secret = worn()
    sizes = [7, 3, 11, 2, 17]
    starts = np.cumsum([0, *sizes[:-1]])
    for at in (3, 0, 4, 2, 1):
        wrist(secret, f"b{at}", f"2026-01-12T09:{starts[at]:02}:00Z", moving(sizes[at], at))
        follow()
        trace(WEARER, "wrist", NINE, TEN)
    made = trace(WEARER, "wrist", NINE, TEN)
    rebuild("sensor streams")
    shutil.rmtree(hours.folder())
    again = trace(WEARER, "wrist", NINE, TEN)
    for name in ("times", "low", "mean", "high"):
        np.testing.assert_array_equal(getattr(made, name), getattr(again, name))


def test_what_was_made_may_be_deleted() -> None:
    _assignment, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", moving(10))
    follow()
    made = trace(WEARER, "wrist", NINE, TEN)
    shutil.rmtree(hours.folder())
    np.testing.assert_array_equal(trace(WEARER, "wrist", NINE, TEN).mean, made.mean)
    wrist(secret, "b2", "2026-01-12T09:30:00Z", moving(10))
    assert len(trace(WEARER, "wrist", NINE, TEN).times) == 240


def test_a_clock_that_was_wrong_moves_the_picture_and_not_the_samples() -> None:
    assignment, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:50:00Z", moving(10))
    follow()
    before = trace(WEARER, "wrist", NINE, TEN + HOUR)
    key = do(CorrectClock(assignment, {"2026-01-12T09:00:00Z": "2026-01-12T09:05:00Z"}, "Seen"), "data.manager")
    after = trace(WEARER, "wrist", NINE, TEN + HOUR)
    np.testing.assert_array_equal(after.times, before.times + 5 * MINUTE)
    np.testing.assert_array_equal(after.mean, before.mean)
    assert sorted(Hour.objects.values_list("hour", flat=True)) == [NINE // HOUR, TEN // HOUR]
    do(WithdrawCorrection(assignment, key, "It was right"), "data.manager")
    np.testing.assert_array_equal(trace(WEARER, "wrist", NINE, TEN + HOUR).times, before.times)


def test_what_somebody_else_wore_is_theirs() -> None:
    assignment, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", moving(60))
    follow()
    do(CorrectWearer(assignment, "2026-01-12T09:20:00Z", "2026-01-12T09:30:00Z", "Told", SOMEBODY), "data.manager")
    do(CorrectWearer(assignment, "2026-01-12T09:50:00Z", "2026-01-12T09:55:00Z", "Told"), "data.manager")
    mine, theirs = trace(WEARER, "wrist", NINE, TEN), trace(SOMEBODY, "wrist", NINE, TEN)
    assert (len(mine.times), len(theirs.times)) == (540, 120)
    assert theirs.times[0] == NINE + 20 * MINUTE
    assert not set(mine.times.tolist()) & set(theirs.times.tolist())
    assert len(signals_of(WEARER, NINE, TEN)["wrist"]) == 45 * 60 * RATE
    assert len(signals_of(SOMEBODY, NINE, TEN)["wrist"]) == 10 * 60 * RATE


def test_of_two_devices_the_one_given_out_later_counts() -> None:
    first, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", still(40))
    register("W-002")
    _second, other = assign("W-002", starts="2026-01-12T09:30:00Z")
    wrist(other, "b1", "2026-01-12T09:30:00Z", moving(10))
    follow()
    shown = trace(WEARER, "wrist", NINE, TEN)
    assert len(shown.times) == 480
    assert shown.extra["enmo"][:360].max() == 0 < shown.extra["enmo"][360:].min()
    do(EndAssignment(first, "2026-01-12T09:45:00Z"))
    assert stream_of(f"{first}#wrist") is not None


def test_time_not_worn_is_marked() -> None:
    _assignment, secret = worn()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", moving(60))
    wrist(secret, "b2", "2026-01-12T10:00:00Z", still(120))
    wrist(secret, "b3", "2026-01-12T12:00:00Z", moving(60, 4))
    follow()
    [(start, end)] = trace(WEARER, "wrist", NINE, NINE + 4 * HOUR).nonwear
    assert abs(start - TEN) <= 30 * MINUTE
    assert end >= TEN + 2 * HOUR - 30 * MINUTE


def test_a_day_goes_on_while_readings_come() -> None:
    _assignment, secret = worn()
    glucose(secret, "g1", ["2026-01-12T09:00:00Z", "2026-01-12T09:05:00Z"], [5.0, 7.0])
    follow()
    now = datetime(2026, 1, 12, 9, 10, tzinfo=UTC)
    [channel] = live(WEARER, now)
    assert (channel.name, channel.last, channel.last_at) == ("cgm", (7.0,), moment("2026-01-12T09:05:00Z") // 1000)
    assert channel.day_mean == pytest.approx((6.0,))
    assert channel.hour_share == 1.0
    glucose(secret, "g2", ["2026-01-12T10:00:00Z"], [12.0])
    [channel] = live(WEARER, datetime(2026, 1, 12, 10, 30, tzinfo=UTC))
    assert (channel.last, channel.hour_mean, channel.day_high) == ((12.0,), (12.0,), (12.0,))
    assert channel.hour_share == pytest.approx(300 / 1800)
    [tomorrow] = live(WEARER, datetime(2026, 1, 12, 23, 30, tzinfo=UTC))  # half past midnight in Brussels
    assert (tomorrow.day_mean, tomorrow.last) == ((), (12.0,))


def test_a_long_history_is_read_by_the_week_and_is_the_same() -> None:
    assignment, secret = worn()
    begin = datetime(2026, 1, 20, tzinfo=UTC)
    times = [(begin + timedelta(minutes=20 * step)).isoformat() for step in range(240)]
    values = [round(5 + np.sin(step / 9), 1) for step in range(240)]
    glucose(secret, "whole", times, values)
    follow()
    with CaptureQueriesContext(connection) as captured:
        hours.catch_up(stream_of(f"{assignment}#cgm"))  # type: ignore[arg-type]
    assert len(captured) < 60  # of 80 hours
    columns = ("hour", "samples", "seconds", "low", "mean", "high", "last", "last_at")
    made = list(Hour.objects.order_by("hour").values_list(*columns))
    assert len(made) == 80
    rebuild("sensor streams")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hours, "FEW", 1000)  # hour by hour
        hours.catch_up(stream_of(f"{assignment}#cgm"))  # type: ignore[arg-type]
    assert list(Hour.objects.order_by("hour").values_list(*columns)) == made


def test_what_cannot_be_shown_is_refused() -> None:
    _assignment, secret = worn()
    glucose(secret, "g1", ["2026-01-12T09:00:00Z"], [5.0])
    follow()
    with pytest.raises(NotFound):
        trace(WEARER, "wrist", NINE, TEN)
    with pytest.raises(Invalid):
        trace(WEARER, "cgm", TEN, NINE)
    assert live(SOMEBODY, datetime.now(UTC)) == []


def test_redacted_batches_leave_no_trace() -> None:
    _assignment, secret = worn()
    glucose(secret, "g1", ["2026-01-12T09:00:00Z"], [5.0])
    follow()
    trace(WEARER, "cgm", NINE, NINE + 24 * HOUR)
    assert Derived.objects.exists()
    rebuild("sensor streams")
    assert not Derived.objects.exists()
    assert not Hour.objects.exists()
