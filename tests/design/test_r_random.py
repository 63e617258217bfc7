"""R's numbers, as R 4 prints them for well-known seeds."""

from __future__ import annotations

import numpy as np
import pytest

from helmont.design import DesignError
from helmont.design.r_random import RRandom


def test_uniform_numbers() -> None:
    assert RRandom(42).uniform(3) == pytest.approx([0.9148060, 0.9370754, 0.2861395], abs=5e-8)
    assert RRandom(1).uniform(3) == pytest.approx([0.2655087, 0.3721239, 0.5728534], abs=5e-8)
    assert RRandom(123).uniform(3) == pytest.approx([0.2875775, 0.7883051, 0.4089769], abs=5e-8)


def test_a_stream_goes_on_across_calls() -> None:
    random = RRandom(6)
    parts = [random.uniform(size) for size in (1, 700, 3)]
    assert np.array_equal(np.concatenate(parts), RRandom(6).uniform(704))


def test_normal_numbers() -> None:
    assert RRandom(42).normal(3) == pytest.approx([1.37095845, -0.56469817, 0.36312841], abs=5e-9)


def test_binomial_numbers() -> None:
    assert RRandom(123).binomial(5, 10, 0.5).tolist() == [4, 6, 5, 7, 7]
    assert RRandom(1).binomial(2, 4, 1.0).tolist() == [4, 4]
    with pytest.raises(DesignError, match="trials is 100; it must be below 60"):
        RRandom(1).binomial(1, 100, 0.5)


def test_permutations() -> None:
    assert RRandom(42).permutation(10).tolist() == [1, 5, 10, 8, 2, 4, 6, 9, 7, 3]
    assert RRandom(123).permutation(10).tolist() == [3, 10, 2, 8, 6, 9, 1, 7, 5, 4]
