"""Tables of endpoints: wear above those that share it, marks with their reasons, days over several tables."""

from __future__ import annotations

import sys
from io import StringIO

import pytest
from rich.console import Console

from helmont.cli.sensors.printing import number, printed
from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints import Zones
from helmont.signals.endpoints.analysing import WHOLE, analyse
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Finding, Recording, Signal, Stretch
from helmont.signals.synthetic_vitals import synthetic_glucose, synthetic_intervals

START = 1_700_002_800 * SECOND
BRUSSELS = Zones("Europe/Brussels")


@pytest.fixture(scope="module")
def signals() -> dict[str, Signal]:
    return {"cgm": synthetic_glucose(1, START, 9.4), "strap": synthetic_intervals(1, START, 8 * 3600).signal}


def shown(signals: dict[str, Signal], monkeypatch: pytest.MonkeyPatch, columns: int) -> str:
    said = StringIO()
    module = sys.modules["helmont.cli.sensors.printing"]  # by its path the group of commands is found instead
    monkeypatch.setattr(module, "Console", lambda **_: Console(file=said, width=columns))
    monkeypatch.setattr("click.echo", lambda text: said.write(f"{text}\n"))
    recording = Recording(signals, findings=(Finding("byte 512", "3 readings were left out"),))
    printed(recording, analyse(signals, BRUSSELS), BRUSSELS)
    return said.getvalue()


def test_values_wear_reasons_and_findings(signals: dict[str, Signal], monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(signals, monkeypatch, 200)
    lines = text.splitlines()
    wear = next(line for line in lines if "cgm: hours with data" in line)
    assert wear.count("23.") >= 7
    last = next(line for line in lines if "Mean glucose" in line).split("│")[-2]
    assert last.strip().endswith("*"), "the day that is not over"
    assert "* does not count: There is less usable data than the definition asks for." in text
    assert "byte 512: 3 readings were left out" in text
    assert sum("strap: hours with data" in line for line in lines) == 3


def test_days_that_have_no_room_beside_each_other_come_below(
    signals: dict[str, Signal], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(signals, monkeypatch, 80)
    assert next(line for line in text.splitlines() if "2023-11-15" in line).count("2023-") == 2
    for day in range(15, 25):
        assert f"2023-11-{day}" in text


def test_numbers_have_four_digits_that_matter() -> None:
    assert [number(value) for value in (0, 0.00042, 0.1234567, 12.345678, 999.96, 86_400.4)] == [
        "0",
        "0.0004",
        "0.1235",
        "12.35",
        "1000",
        "86,400",
    ]


def test_threads_and_days_give_the_same(signals: dict[str, Signal]) -> None:
    told: list[tuple[int, int]] = []
    one = analyse(signals, BRUSSELS, told=lambda done, of: told.append((done, of)))
    assert told == [(done, 10) for done in range(1, 11)]
    assert analyse(signals, BRUSSELS, threads=3).results == one.results
    whole = [result for result in one.results if result.label == WHOLE]
    assert all((result.start, result.end) == (one.start, one.end) for result in whole)


def test_a_channel_that_cannot_be_used_is_told_and_the_others_are_used(signals: dict[str, Signal]) -> None:
    [stretch] = synthetic_intervals(1, START, 60).signal.stretches
    slow = Signal(Channel("lead", Kind.ECG, "mV"), (Stretch(START, SECOND / 10, stretch.counts.astype("int16")),))
    found = analyse({**signals, "lead": slow}, BRUSSELS)
    assert list(found.refused) == ["lead"]
    days = [result for result in found.results if result.label != WHOLE]
    assert days == [result for result in analyse(signals, BRUSSELS).results if result.label != WHOLE]
    with pytest.raises(SignalError, match="no samples"):
        analyse({"cgm": signals["cgm"].between(0, 1)}, BRUSSELS)
