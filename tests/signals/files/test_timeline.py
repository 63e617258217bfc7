"""Blocks with times become stretches: what is one stretch, what a gap, and what of a clock's faults is mended."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.channels import Channel, Kind
from helmont.signals.files.timeline import Blocks, lay
from helmont.signals.recording import SECOND, Signal

START = 1_700_000_000 * SECOND
CHANNEL = Channel("light", Kind.LIGHT, "lx", rate=100.0)


def blocks(starts: list[int] | np.ndarray, samples: int = 100, rate: float = 100.0) -> Blocks:
    times = np.asarray(starts, np.int64)
    return Blocks(times, np.full(len(times), samples, np.int64), np.ones(len(times), np.bool_), rate)


def signal(given: Blocks) -> Signal:
    """The samples are numbered in the order of the file."""
    counts = np.arange(int(given.samples.sum()), dtype=np.int32).reshape(-1, 1)
    return Signal(CHANNEL, lay(given).stretches(counts))


def test_a_rate_that_wanders_is_followed_within_two_samples() -> None:
    pace = 1 + 0.02 * np.sin(np.arange(5000) / 400)
    starts = START + np.rint(np.concatenate([[0], np.cumsum(pace)])[:-1] * SECOND).astype(np.int64)
    told = signal(blocks(starts))
    moments = told.whole()[0][::100]
    assert np.abs(moments - starts).max() <= SECOND // 50
    assert 2 < len(told.stretches) < 300
    assert list(told.gaps(0)) == []


@pytest.mark.parametrize(("late", "gap"), [(0.06, False), (0.08, True), (-0.06, False)])
def test_a_block_may_be_late_by_a_twentieth_and_two_samples(late: float, gap: bool) -> None:
    starts = START + np.array([0, 1, 2 + late, 3 + late]) * SECOND
    assert bool(list(signal(blocks(starts)).gaps(0))) is gap


def test_a_long_jump_that_comes_back_is_mended_and_samples_keep_their_order() -> None:
    seconds = np.arange(30.0)
    seconds[10:14] += 5_000_000
    timeline = lay(blocks(START + seconds * SECOND))
    assert (timeline.mended, timeline.overlapping, len(timeline.pieces)) == (4, 0, 1)


def test_blocks_between_two_pauses_are_not_taken_for_a_jump() -> None:
    seconds = np.concatenate([np.arange(0, 100), np.arange(102, 202), np.arange(204, 300)])
    told = signal(blocks(START + seconds * SECOND))
    assert [round((end - start) / SECOND, 6) for start, end in told.gaps(0)] == [2, 2]


def test_blocks_without_a_time_are_left_out() -> None:
    timeline = lay(blocks([0, START, START + SECOND]))
    assert (timeline.timeless, timeline.blocks.tolist()) == (1, [1, 2])
    assert timeline.messages() == ["1 blocks were left out because they have no time"]


def test_sessions_in_the_wrong_order_are_put_in_the_order_of_time() -> None:
    seconds = np.concatenate([np.arange(100, 110), np.arange(0, 10)])
    told = signal(blocks(START + seconds * SECOND))
    assert [int(part.counts[0, 0]) for part in told.stretches] == [1000, 0]


@given(st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=60), st.integers(1, 40))
def test_whatever_a_clock_does_the_stretches_are_in_order_and_no_sample_is_doubled(
    steps: list[int], samples: int
) -> None:
    starts = START + np.cumsum(steps) * (SECOND // 100)
    given = blocks(starts, samples)
    timeline = lay(given)
    told = signal(given)  # raises unless the stretches are in order
    kept = [int(value) for part in told.stretches for value in part.counts[:, 0]]
    assert len(kept) == len(set(kept))
    assert len(kept) // samples + timeline.overlapping == len(steps)
    assert (np.diff(timeline.starts) > 0).all()
