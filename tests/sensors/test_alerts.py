"""Alerts of devices: found from what came and what did not, written about once, acknowledged by whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail

from helmont.core.errors import Conflict, Invalid, NotFound, NotPermitted
from helmont.core.jobs.schedule import run_due
from helmont.sensors.actions.alerts import AcknowledgeDeviceAlert
from helmont.sensors.actions.corrections import CorrectWearer
from helmont.sensors.actions.devices import AssignDevice, EndAssignment
from helmont.sensors.alert_models import DeviceAlert, DeviceAlertNotice, DeviceAlertSeen
from helmont.sensors.alerting import look, notify, rules_of, update
from helmont.sensors.following import catch_up_hours
from helmont.sensors.queries import traces
from helmont.sensors.queries.alerts import visible_alerts, waiting
from helmont.sensors.secrets import new_secret
from helmont.signals.errors import SignalError
from tests.cast import OTHER_PARTICIPANT, PARTICIPANT, STUDY, actor
from tests.sensors.kit import WEARER, assign, do, register
from tests.sensors.sending import follow, glucose, send

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]

EVENING = datetime(2026, 1, 13, 20, tzinfo=UTC)


def microseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def readings(secret: str, batch: str, start: str, values: Sequence[float]) -> None:
    """Glucose each five minutes, followed as a server would."""
    first = datetime.fromisoformat(start)
    times = [(first + timedelta(minutes=5 * number)).isoformat() for number in range(len(values))]
    glucose(secret, batch, times, values)
    follow()
    catch_up_hours()


def battery(secret: str, batch: str, time: str, value: int) -> None:
    send(secret, "battery", batch, {"times": [time], "values": [value], "unit": "%"})
    follow()
    catch_up_hours()


def found(now: datetime = EVENING, rule: str = "") -> list[DeviceAlert]:
    update(STUDY, now, {name: each for name, each in rules_of(STUDY).items() if rule in ("", name)})
    return [alert for alert in DeviceAlert.objects.order_by("since", "key") if rule in ("", alert.rule)]


def low(secret: str) -> DeviceAlert:
    """An episode of 20 minutes at 2.5 mmol/L."""
    readings(secret, "low", "2026-01-13T09:00:00+00:00", [5, 5, 2.7, 2.5, 2.6, 2.8, 5, 5])
    [alert] = found(rule="range_cgm")
    return alert


@pytest.fixture
def secret() -> str:
    register()
    return assign()[1]


def test_glucose_that_stays_low_is_an_alert_with_its_time_and_lowest_value(secret: str) -> None:
    alert = low(secret)
    begins = microseconds("2026-01-13T09:10:00Z")
    assert alert.key == f"{WEARER}/device-alerts/range_cgm/{begins}"
    assert (alert.since, alert.value, alert.channel, alert.site) == (begins, pytest.approx(2.5), "cgm", "701")
    assert alert.until is not None
    assert alert.until - begins < 16 * 60 * 1_000_000
    assert [each.key for each in found(rule="range_cgm")] == [alert.key]  # again: the same


def test_a_short_time_out_of_range_is_none(secret: str) -> None:
    readings(secret, "g", "2026-01-13T09:00:00+00:00", [5, 2.5, 2.5, 5, 15, 15, 5])
    assert found(rule="range_cgm") == []


def test_an_episode_goes_on_with_what_comes_and_late_readings_move_its_beginning(secret: str) -> None:
    readings(secret, "g1", "2026-01-13T09:10:00+00:00", [14, 15, 16, 15])
    [alert] = found(rule="range_cgm")
    assert alert.until is None
    readings(secret, "g2", "2026-01-13T09:30:00+00:00", [14.5, 18, 9])
    readings(secret, "g0", "2026-01-13T09:00:00+00:00", [9, 14])
    [same] = found(rule="range_cgm")
    assert same.key == alert.key
    assert same.value == pytest.approx(18)
    assert same.until == microseconds("2026-01-13T09:35:05Z")


def test_what_somebody_else_wore_alerts_about_them(secret: str) -> None:
    alert = low(secret)
    other = f"{STUDY}/{OTHER_PARTICIPANT}"
    span = {"starts": "2026-01-13T08:00:00Z", "ends": "2026-01-13T12:00:00Z"}
    do(CorrectWearer(f"{STUDY}/devices/W-001/1", **span, reason="Swapped", participant=other), "data.manager")
    catch_up_hours()
    [about] = [each for each in found(rule="range_cgm") if each.key != alert.key]
    assert (about.participant, about.site, about.since) == (other, "702", alert.since)


def test_damaged_samples_of_one_participant_keep_nobody_else_s_alerts_waiting(
    secret: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    register("W-002")
    other = f"{STUDY}/{OTHER_PARTICIPANT}"
    theirs, digest = new_secret()
    do(AssignDevice(other, "W-002", "2026-01-12T08:00:00Z", "Europe/Amsterdam", digest=digest), "elsewhere")
    for each in (secret, theirs):
        readings(each, "high", "2026-01-13T09:00:00+00:00", [15, 16, 17, 15, 5, 5])
    whole = traces.trace

    def damaged(participant: str, *rest: Any) -> traces.Trace:
        if participant == WEARER:
            raise SignalError("a segment", "damaged", "a record")
        return whole(participant, *rest)

    monkeypatch.setattr(traces, "trace", damaged)
    assert [alert.participant for alert in found(rule="range_cgm")] == [other]
    assert f"the samples of {WEARER} cannot be looked at" in caplog.text


def test_a_battery_that_runs_low_is_an_alert_until_it_is_charged(secret: str) -> None:
    for number, (time, left) in enumerate((("08:00", 20), ("09:00", 14), ("10:00", 9))):
        battery(secret, f"b{number}", f"2026-01-13T{time}:00Z", left)
    [alert] = found(rule="battery_battery")
    assert (alert.since, alert.until, alert.value) == (microseconds("2026-01-13T09:00:00Z"), None, 9)
    assert (alert.device, alert.key.split("/")[3]) == ("W-001", "battery_battery-W-001")
    battery(secret, "b9", "2026-01-13T11:00:00Z", 80)
    [charged] = found(rule="battery_battery")
    assert charged.until == int(EVENING.timestamp()) * 1_000_000


def test_a_device_of_which_nothing_came_for_a_day_is_silent_until_something_comes(secret: str) -> None:
    [alert] = found(rule="silent")
    assert alert.since == microseconds("2026-01-13T08:00:00Z")  # 24 hours after it was given out
    assert found(datetime(2026, 1, 13, 7, tzinfo=UTC), "silent") == [alert]
    readings(secret, "g", "2026-01-13T09:00:00+00:00", [5])
    [ended] = found(datetime.now(UTC), "silent")
    assert ended.until is not None
    tomorrow = datetime.now(UTC) + timedelta(hours=24, minutes=1)
    assert [each.until is None for each in found(tomorrow, "silent")] == [False, True]


def test_a_device_that_was_given_back_is_not_silent(secret: str) -> None:
    assert secret
    do(EndAssignment(f"{STUDY}/devices/W-001/1", "2026-01-13T07:00:00Z"))
    assert found(rule="silent") == []


def test_those_who_must_look_are_written_to_once_and_the_message_holds_nothing_of_it(secret: str) -> None:
    low(secret)
    rules = rules_of(STUDY)
    assert notify(STUDY, rules, datetime.now(UTC)) == 1
    assert notify(STUDY, rules, datetime.now(UTC)) == 0
    [message] = mail.outbox
    assert message.to == ["investigator@example.org"]
    assert f"{settings.HELMONT_ADDRESS}/studies/{STUDY}/devices/alerts" in message.body
    for private in (PARTICIPANT, "701", "cgm", "2.5", "W-001", "range"):
        assert private not in f"{message.subject}\n{message.body}"
    assert set(DeviceAlertNotice.objects.get().told) == {"investigator"}


def test_silence_is_for_the_site_s_coordinators_and_nurses(secret: str) -> None:
    assert secret
    assert look(STUDY, datetime.now(UTC)) == 2
    assert sorted(message.to[0] for message in mail.outbox) == ["coordinator@example.org", "nurse@example.org"]


def test_the_schedule_looks(secret: str) -> None:
    assert secret
    assert "device alerts" in run_due()
    assert DeviceAlert.objects.filter(kind="silent").count() == 1
    assert sum("alert" in message.subject for message in mail.outbox) == 2


def test_whoever_may_acknowledges_an_alert_and_it_waits_no_more(secret: str) -> None:
    alert = low(secret)
    person, day = actor("coordinator"), datetime.now(UTC).date()
    assert waiting(person, STUDY, day) == 1
    with pytest.raises(Invalid):
        do(AcknowledgeDeviceAlert(alert.key, " "))
    with pytest.raises(NotPermitted):
        do(AcknowledgeDeviceAlert(alert.key, "Seen"), "monitor")
    with pytest.raises(NotFound):
        do(AcknowledgeDeviceAlert(f"{WEARER}/device-alerts/range_cgm/1", "Seen"))
    do(AcknowledgeDeviceAlert(alert.key, "Called: ate something"))
    row = DeviceAlertSeen.objects.get()
    assert (row.by, row.note, row.alert) == ("coordinator", "Called: ate something", "range_cgm")
    assert waiting(person, STUDY, day) == 0
    assert notify(STUDY, rules_of(STUDY), datetime.now(UTC)) == 0
    with pytest.raises(Conflict):
        do(AcknowledgeDeviceAlert(alert.key, "Me too"), "nurse")


def test_alerts_of_hidden_channels_and_of_other_sites_are_not_there(secret: str) -> None:
    times = [f"2026-01-13T09:{minute:02}:00Z" for minute in (0, 1, 2)]
    send(secret, "pulse", "p", {"times": times, "values": [160, 170, 165], "unit": "/min"})
    follow()
    catch_up_hours()
    [alert] = found(rule="range_pulse")
    day = datetime.now(UTC).date()
    assert visible_alerts(actor("coordinator"), STUDY, day) == []
    assert visible_alerts(actor("unblinded.statistician"), STUDY, day) == [alert]
    with pytest.raises(NotFound):
        do(AcknowledgeDeviceAlert(alert.key, "Seen"))
    assert notify(STUDY, rules_of(STUDY), datetime.now(UTC)) == 0  # for the safety physician, of whom there is none
    low_one = low(secret)
    assert visible_alerts(actor("elsewhere"), STUDY, day) == []
    assert low_one in visible_alerts(actor("monitor"), STUDY, day)
