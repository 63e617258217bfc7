"""Endpoints follow what comes: provisional while the day goes on, final with what they rest on, and the same however it came."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from helmont.core.projections.runner import rebuild
from helmont.sensors.actions.corrections import CorrectClock, CorrectWearer
from helmont.sensors.endpoints import bring_up_to_date, definitions_of
from helmont.sensors.models import Computed, Day, EndpointResult
from helmont.sensors.queries.bases import basis_of_result
from helmont.sensors.queries.results import results_of
from helmont.sensors.streams import signals_of
from helmont.signals.endpoints import Period, Zones, catalogue, compute, partition
from helmont.signals.levels import HOUR
from tests.cast import OTHER_PARTICIPANT, STUDY
from tests.sensors.kit import WEARER, assign, do, register
from tests.sensors.sending import follow, glucose, moment, moving, still, wrist

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]

NOW = datetime(2026, 1, 20, tzinfo=UTC)
SOMEBODY = f"{STUDY}/{OTHER_PARTICIPANT}"
READINGS = [f"2026-01-13T{hour:02}:{minute:02}:00+01:00" for hour in range(24) for minute in range(0, 60, 5)]


def worn() -> tuple[str, str]:
    register()
    return assign()


def values(participant: str = WEARER) -> dict[str, tuple[float | None, bool]]:
    return {row.key.partition("#")[2]: (row.value, row.evaluable) for row in results_of(participant)}


def the(endpoint: str, label: str = "2026-01-13", participant: str = WEARER) -> EndpointResult:
    return EndpointResult.objects.get(participant=participant, endpoint=endpoint, label=label)


def test_a_day_of_readings_becomes_its_endpoints() -> None:
    _assignment, secret = worn()
    glucose(secret, "g1", READINGS, [5.0] * 144 + [12.0] * 144)
    follow()
    bring_up_to_date(WEARER, NOW)
    found = the("time_in_range")
    assert (found.value, found.evaluable, found.final) == (50.0, True, True)
    assert (found.start, found.end) == (
        moment("2026-01-13T00:00:00+01:00") // 1000,
        moment("2026-01-14T00:00:00+01:00") // 1000,
    )
    assert found.digest == catalogue()["time_in_range@1"].digest
    assert (found.batches, len(found.basis)) == (1, 64)
    basis = basis_of_result(found)
    [batch] = basis.batches
    assert batch.key.endswith("/cgm/g1")
    assert basis.digest(found.digest, Zones("Europe/Brussels")) == found.basis
    assert the("enmo_mean").reason == "no_channel"


def test_a_result_is_there_while_the_day_goes_on() -> None:
    _assignment, secret = worn()
    glucose(secret, "g1", READINGS[:60], [5.0] * 60)
    follow()
    bring_up_to_date(WEARER, datetime(2026, 1, 13, 4, tzinfo=UTC))
    early = the("time_in_range")
    assert (early.value, early.evaluable, early.final, early.basis) == (100.0, False, False, "")
    assert early.reason == "too_little_wear"
    assert bring_up_to_date(WEARER, datetime(2026, 1, 13, 4, 1, tzinfo=UTC)) == 0
    glucose(secret, "g2", READINGS[60:], [12.0] * 228)
    assert bring_up_to_date(WEARER, datetime(2026, 1, 13, 22, 59, tzinfo=UTC)) > 0
    assert not the("time_in_range").final
    assert bring_up_to_date(WEARER, NOW) > 0  # nothing came, but the day is over
    assert the("time_in_range").final
    assert bring_up_to_date(WEARER, NOW) == 0


def test_endpoints_of_movement_are_those_of_the_signal() -> None:
    _assignment, secret = worn()
    for hour in range(3):
        wrist(secret, f"b{hour}", f"2026-01-13T{9 + hour:02}:00:00Z", moving(60, hour) if hour != 1 else still(60))
    follow()
    bring_up_to_date(WEARER, NOW)
    start = moment("2026-01-13T00:00:00+01:00")
    period = Period("2026-01-13", start, start + 24 * HOUR)
    signals = signals_of(WEARER, start, start + 24 * HOUR)
    partial = partition(signals, start, start + 24 * HOUR)
    for name in ("enmo_mean", "mvpa", "wear_time", "steps"):
        meant = compute(catalogue()[f"{name}@1"], partial, period)
        found = the(name)
        assert found.value == pytest.approx(meant.value, rel=1e-12), name
        assert (found.reason, found.evaluable) == (meant.reason or "", meant.evaluable)
    [day] = Day.objects.filter(participant=WEARER)
    assert list(day.calibrations) == [f"{STUDY}/devices/W-001/1#wrist"]
    assert "reason" in day.calibrations[f"{STUDY}/devices/W-001/1#wrist"]  # nobody turns a device about in three hours


def test_results_are_the_same_in_whatever_order_batches_come() -> None:
    _assignment, secret = worn()
    parts = [(number, READINGS[number * 36 : (number + 1) * 36]) for number in range(8)]
    for number, times in (parts[5], parts[0], parts[7], parts[3], parts[1], parts[2], parts[6], parts[4]):
        glucose(secret, f"g{number}", times, [4.0 + number] * 36)
        follow()
        bring_up_to_date(WEARER, NOW)
    stepwise = {row.key: (row.value, row.basis) for row in results_of(WEARER)}
    rebuild("sensor streams")
    assert not results_of(WEARER)
    shutil.rmtree(Path(settings.HOME) / "derived")
    bring_up_to_date(WEARER, NOW)
    assert {row.key: (row.value, row.basis) for row in results_of(WEARER)} == stepwise


def test_a_late_batch_and_a_correction_change_the_results_they_touch() -> None:
    assignment, secret = worn()
    glucose(secret, "g1", READINGS, [5.0] * 288)
    glucose(secret, "g2", [text.replace("-13T", "-14T") for text in READINGS], [5.0] * 288)
    follow()
    bring_up_to_date(WEARER, NOW)
    before = the("time_in_range").basis, the("time_in_range", "2026-01-14").basis
    glucose(secret, "late", ["2026-01-14T12:02:00+01:00"], [20.0])
    follow()
    bring_up_to_date(WEARER, NOW)
    assert the("time_in_range").basis == before[0]
    assert the("time_in_range", "2026-01-14").basis != before[1]
    points = {"2026-01-13T00:00:00+01:00": "2026-01-13T01:00:00+01:00"}
    do(CorrectClock(assignment, points, "An hour behind"), "data.manager")
    bring_up_to_date(WEARER, NOW)
    assert the("time_in_range").basis != before[0]
    assert the("time_in_range", "2026-01-15").value == 100.0


def test_what_somebody_else_wore_goes_to_them_with_its_results() -> None:
    assignment, secret = worn()
    glucose(secret, "g1", READINGS, [5.0] * 288)
    follow()
    bring_up_to_date(WEARER, NOW)
    span = ("2026-01-13T00:00:00+01:00", "2026-01-14T00:00:00+01:00")
    do(CorrectWearer(assignment, *span, "Told", SOMEBODY), "data.manager")
    bring_up_to_date(WEARER, NOW)
    bring_up_to_date(SOMEBODY, NOW)
    assert not results_of(WEARER)
    assert the("time_in_range", participant=SOMEBODY).value == 100.0
    assert not Day.objects.filter(participant=WEARER).exists()


def test_days_that_were_kept_may_be_deleted() -> None:
    _assignment, secret = worn()
    glucose(secret, "g1", READINGS, [5.0] * 144 + [12.0] * 144)
    follow()
    bring_up_to_date(WEARER, NOW)
    before = values()
    shutil.rmtree(Path(settings.HOME) / "derived")
    Computed.objects.all().delete()
    bring_up_to_date(WEARER, NOW)
    assert values() == before


def test_every_published_definition_is_computed() -> None:
    assert {"time_in_range@1", "sleep_time@1"} <= set(definitions_of(STUDY))
