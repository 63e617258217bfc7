"""Stretches of samples: their times, what lies between two moments, gaps and values."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Signal, Stretch

WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", rate=30.0, resolution=1 / 256, range=(-8.0, 8.0))


def stretch(start: int, samples: int, rate: float = 30.0) -> Stretch:
    counts = np.arange(3 * samples, dtype=np.int16).reshape(-1, 3)
    return Stretch(start, SECOND / rate, counts)


@pytest.mark.parametrize("rate", [12.5, 30.0, 85.7, 100.0, 128.0])
def test_the_samples_between_two_moments_are_those_whose_times_lie_there(rate: float) -> None:
    whole = stretch(1_700_000_000_123_456_789, 500, rate)
    moments = whole.moments()
    for start, end in (
        (moments[0], moments[-1]),
        (moments[17], moments[18]),
        (moments[3] + 1, moments[90] + 1),
        (0, 10),
    ):
        part = whole.between(int(start), int(end))
        wanted = (moments >= start) & (moments < end)
        assert np.array_equal(part.counts, whole.counts[wanted])
        assert np.abs(part.moments() - moments[wanted]).max(initial=0) <= 1


def test_samples_with_times_of_their_own_are_cut_by_them() -> None:
    whole = Stretch.at(np.array([5, 9, 9, 40]), np.array([[1], [2], [3], [4]], np.int32))
    assert whole.between(9, 40).counts.ravel().tolist() == [2, 3]
    assert (whole.start, whole.end) == (5, 41)


def test_a_signal_knows_its_gaps_and_gives_values_in_its_unit() -> None:
    first, second = stretch(0, 30), stretch(5 * SECOND, 30)
    signal = Signal(WRIST, (first, second))
    assert list(signal.gaps(SECOND)) == [(SECOND, 5 * SECOND)]
    assert list(signal.gaps(10 * SECOND)) == []
    assert signal.span == (0, 6 * SECOND)
    assert signal.values(first)[1].tolist() == [3 / 256, 4 / 256, 5 / 256]
    moments, values = signal.whole()
    assert len(moments) == len(values) == len(signal) == 60
    assert [len(part) for part in signal.between(0, SECOND // 2).stretches] == [15]


def test_stretches_that_overlap_or_have_other_axes_are_refused() -> None:
    with pytest.raises(SignalError, match="in order of time"):
        Signal(WRIST, (stretch(0, 30), stretch(0, 30)))
    with pytest.raises(SignalError, match=r"\(samples, 3\)"):
        Signal(WRIST, (Stretch(0, 1.0, np.zeros((4, 2), np.int16)),))


@pytest.mark.parametrize(
    ("setting", "change"),
    [
        ("name", {"name": "Left wrist"}),
        ("unit", {"unit": "mmol/L"}),
        ("rate", {"rate": 0.0}),
        ("resolution", {"resolution": 0.0}),
        ("range", {"range": (1.0, 1.0)}),
    ],
)
def test_a_channel_that_cannot_be_is_refused_with_what_may_be(setting: str, change: dict[str, object]) -> None:
    declared: dict[str, object] = {"name": "wrist", "kind": Kind.ACCELERATION, "unit": "[g]"}
    with pytest.raises(SignalError) as refused:
        Channel(**(declared | change))  # type: ignore[arg-type]
    assert refused.value.place == setting
    assert refused.value.accepted


def test_pieces_of_a_stretch_follow_each_other_although_their_times_are_rounded() -> None:
    whole = stretch(1_700_000_000_000_000_001, 900, 85.7)
    places = [whole.start + 99_999_999 * k for k in range(1, 80)]
    pieces = [whole.between(*each) for each in zip([0, *places], [*places, whole.end], strict=True)]
    assert any(after.start < before.end for before, after in pairwise(pieces))
    assert len(Signal(WRIST, tuple(pieces))) == 900
