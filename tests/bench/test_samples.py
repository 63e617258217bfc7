"""The measures of the log of samples keep what they were given, and each is noted with its promise and its ratio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helmont.bench import samples
from helmont.bench.figures import Figure
from tools.postgres import cluster


@contextmanager
def server() -> Iterator[str]:
    yield "postgresql://somewhere"


def test_each_measure_is_noted_with_its_promise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[object, ...]] = []

    def run(name: str, _folder: Path, *arguments: object) -> dict[str, float]:
        asked.append((name, *arguments))
        rates = {"engine": 30.0, "duckdb": 6.0, "postgresql": 2.0}
        names = ("together", "alone", "bytes", "read", "compacted", "parquet", "archived")
        return dict.fromkeys(names, rates.get(name, 0.0))

    def note(*figure: Any, at_least: bool = False) -> None:
        noted.append(Figure("", *figure, at_least=at_least))

    noted: list[Figure] = []
    monkeypatch.setattr(samples, "_run", run)
    samples.measure(tmp_path, note, quick=True, postgres=server)
    assert asked == [("prepare", 1), ("engine", 1), ("duckdb", 1), ("postgresql", 1, "postgresql://somewhere")]
    ratios = [(figure.name, figure.value, figure.met) for figure in noted if figure.unit == "x"]
    assert ratios == [
        ("… the log of samples, times DuckDB", 5.0, None),
        ("… the log of samples, times DuckDB", 5.0, None),
        ("… the log of samples, times PostgreSQL", 15.0, True),
        ("… the log of samples, times PostgreSQL", 15.0, None),
    ]
    assert (noted[0].value, noted[0].target, noted[0].met) == (30.0, 20.0, True)
    assert (noted[2].unit, noted[2].target, noted[2].met) == ("B/row", 3.0, False)
    asked.clear()
    samples.measure(tmp_path, note, quick=False, postgres=None)
    assert asked == [("prepare", 10)] + 3 * [("engine", 10)] + 3 * [("duckdb", 10)]


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four batches, two to a commit."""
    monkeypatch.setattr(samples, "GROUP", 2)
    np.save(tmp_path / "counts.npy", np.random.default_rng(1).integers(-99, 99, (4 * 6000, 3)).astype(np.int16))
    return tmp_path


def test_the_log_and_what_is_compacted_of_it_are_measured(few: Path) -> None:
    found = samples.engine(few, 2)
    assert sorted(found) == ["alone", "archived", "bytes", "compacted", "parquet", "read", "together"]
    assert all(value > 0 for value in found.values())
    assert 2.86 < found["bytes"] < 3.1  # three numbers of 198 equally likely ones have an entropy of 2.86 bytes


def test_tables_are_filled_with_the_same_rows(few: Path) -> None:
    found = samples.duckdb(few, 2)
    assert sorted(found) == ["alone", "bytes", "together"]
    with cluster() as url:
        beside = samples.postgresql(few, 2, url)
        import psycopg

        with psycopg.connect(url) as connection:
            counts = np.load(few / "counts.npy")
            query = "SELECT count(*), sum(x), sum(y), sum(z), min(time), max(time) FROM samples WHERE stream = 1"
            [(rows, *sums, first, last)] = connection.execute(query).fetchall()
    times = [len(counts), 6000, 2 * 6000]  # together, to begin with, and one by one
    wanted = counts.sum(axis=0) + counts[:6000].sum(axis=0) + counts[: 2 * 6000].sum(axis=0)
    assert rows == sum(times)
    assert sums == wanted.tolist()
    assert (first, last) == (samples.START, samples.START + 4 * samples.MINUTE - int(samples.STEP))
    assert beside["together"] > 0
    assert beside["bytes"] > 20
