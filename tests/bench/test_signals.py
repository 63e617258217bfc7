"""The measures of movement compute what they name, and each is noted with its promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from helmont.bench import signals
from helmont.bench.figures import Figure


def test_each_measure_is_noted_with_its_promise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def run(name: str, _folder: Path, days: int) -> dict[str, float]:
        asked.append((name, days))
        return {"seconds": 2.0, "memory": 400.0}

    noted: list[Figure] = []
    monkeypatch.setattr(signals, "_run", run)
    signals.measure(tmp_path, lambda *figure: noted.append(Figure("", *figure)), quick=True)
    assert asked == [("week", 1), ("activity", 1), ("everything", 1)]
    assert [(figure.value, figure.target) for figure in noted] == [
        (2.0, 3.0),
        (400.0, 500.0),
        (2.0, 15.0),
        (400.0, 1500.0),
    ]
    assert all(figure.met for figure in noted)
    signals.measure(tmp_path, lambda *figure: noted.append(Figure("", *figure)), quick=False)
    assert ("peer", 7) in asked
    assert all(figure.target is None for figure in noted[8:])
    assert [figure.value for figure in noted if "not of this run" in figure.name] == [47.0, 8000.0, 217.0, 2100.0]


@pytest.mark.slow
def test_a_day_is_computed_from_its_file(tmp_path: Path) -> None:
    signals.week(tmp_path, 1)
    [(enmo, sedentary, mvpa)] = signals.activity(tmp_path, 1)
    [numbers] = signals.everything(tmp_path, 1)
    assert numbers["wear"] == 1440
    assert numbers["sedentary"] + numbers["light"] + numbers["mvpa"] == pytest.approx(1440)
    assert numbers["enmo"] == pytest.approx(enmo, abs=3)
    assert numbers["mvpa"] == pytest.approx(mvpa, abs=30)
    assert sedentary > 600
    assert numbers["steps"] > 1000
