"""The measures of trial designs run what they name, and what loads a module first is not charged to them."""

from __future__ import annotations

from typing import Any

import pytest

from helmont.bench import designs
from helmont.bench.figures import Figure

QUICK = [name for name, each in designs.MEASURES.items() if each.trials]


@pytest.mark.parametrize("name", QUICK)
def test_a_measure_simulates_as_many_trials_as_it_is_told(name: str) -> None:
    found: Any = designs.MEASURES[name].load(20)()
    assert found.trials == 20


def test_enumerations_and_bounds_are_complete() -> None:
    few, page = (designs.MEASURES[name].load(0)() for name in ("BOIN exact, 5 doses, 10 cohorts of 3", designs.PAGE))
    assert few.endings > 1000  # type: ignore[attr-defined]
    shown, averages = page  # type: ignore[misc]
    assert len(shown) == 1
    assert len(averages) == 2


def test_processor_time_is_that_of_the_work_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    def load(trials: int) -> designs.Work:
        loaded.append(sum(range(3_000_000)))
        return lambda: sum(range(trials))

    monkeypatch.setitem(designs.MEASURES, "sum", designs.Measure(load))
    little, much = designs.seconds("sum", 10), designs.seconds("sum", 3_000_000)
    assert len(loaded) == 2
    assert all(here > there for here, there in zip(much, little, strict=True))


def test_each_measure_is_noted_with_its_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    class Home:
        def call(self, _function: str, name: str, trials: int) -> tuple[float, float]:
            asked.append((name, trials))
            return 0.1 * len(asked), 2.0

    asked: list[tuple[str, int]] = []
    noted: list[Figure] = []
    monkeypatch.setattr(designs, "_first", lambda: 0.5)
    designs.measure(Home(), lambda *figure: noted.append(Figure("", *figure)), quick=True)  # type: ignore[arg-type]
    assert asked == [(name, each.trials // 100) for name, each in designs.MEASURES.items()]
    assert noted[0] == Figure("", "BOIN, 5 doses, 10 cohorts of 3, 100 trials (4.5 s: BOIN 2.7.2 of R)", 0.1, "s", 0.05)
    assert noted[-1].met
    assert len(noted) == len(asked) + 2  # the time elapsed of what runs on all processors; the first answer
