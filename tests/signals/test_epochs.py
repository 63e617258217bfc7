"""The layer of epochs: what an epoch says of its samples, whatever the rate, the unit and the way a recording was cut up."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.signals.channels import Channel, Kind
from helmont.signals.epochs import TABLE, Calibration, Epochs, epochs, merge
from helmont.signals.errors import SignalError
from helmont.signals.folding import EPOCH, folded
from helmont.signals.gathering import joined
from helmont.signals.recording import SECOND, Signal, Stretch

START = 1_700_000_001_234_567_890
SCALE = 1 / 256


def channel(rate: float | None = 100.0, unit: str = "[g]") -> Channel:
    return Channel("wrist", Kind.ACCELERATION, unit, rate, SCALE, (-8.0, 8.0))


def counts(samples: int, seed: int = 1, spread: float = 30.0) -> np.ndarray[Any, np.dtype[np.int16]]:
    random = np.random.default_rng(seed)
    return np.asarray(random.normal([40, -30, 250], spread, (samples, 3)).round(), np.int16)


def recorded(seconds: float, rate: float = 100.0, start: int = START) -> Signal:
    return Signal(channel(rate), (Stretch(start, SECOND / rate, counts(round(seconds * rate))),))


def warm(start: int, values: list[int], step: int = SECOND) -> Signal:
    stretch = Stretch(start, float(step), np.array(values, np.int16)[:, None])
    return Signal(Channel("skin", Kind.TEMPERATURE, "Cel", SECOND / step, 0.1), (stretch,))


def same(one: Epochs, other: Epochs) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in TABLE)


@pytest.mark.parametrize("rate", [12.5, 30.0, 85.7, 100.0])
def test_an_epoch_holds_the_samples_of_whole_5_seconds_of_the_clock(rate: float) -> None:
    signal = recorded(61, rate)
    table = epochs(signal)
    times, values = signal.whole()
    assert (table.start % EPOCH == 0).all()
    assert table.samples.sum() == len(signal)
    for k in (0, 1, 5, len(table) - 1):
        mine = values[(times >= table.start[k]) & (times < table.start[k] + EPOCH)]
        norm = np.linalg.norm(mine, axis=1)
        middle = np.median(mine, axis=0)
        assert table.samples[k] == len(mine)
        assert table.mean[k] == pytest.approx(mine.mean(axis=0), abs=1e-12)
        assert table.sd[k] == pytest.approx(mine.std(axis=0, ddof=1), abs=1e-12)
        assert table.low[k].tolist() == mine.min(axis=0).tolist()
        assert table.high[k].tolist() == mine.max(axis=0).tolist()
        assert table.enmo[k] == pytest.approx(1000 * np.maximum(norm - 1, 0).mean(), abs=1e-9)
        assert table.enmoa[k] == pytest.approx(1000 * np.abs(norm - 1).mean(), abs=1e-9)
        assert table.mad[k] == pytest.approx(1000 * np.abs(norm - norm.mean()).mean(), abs=1e-9)
        assert table.angle[k] == pytest.approx(np.degrees(np.arctan2(middle[2], np.hypot(*middle[:2]))), abs=1e-9)


def test_the_unit_and_the_calibration_of_a_channel_are_applied_to_its_counts() -> None:
    metric = Signal(channel(unit="m/s2"), recorded(20).stretches, (0.01, 0.02, 0.03), (0.5, 0.0, -0.5))
    calibration = Calibration((1.01, 0.98, -1.0), (0.02, -0.01, 0.03))
    table = epochs(metric, calibration)
    _, values = metric.whole()
    wanted = values / 9.80665 * calibration.gain + calibration.offset
    first = int(table.samples[0])
    mine = wanted[first : first + int(table.samples[1])]
    assert table.mean[1] == pytest.approx(mine.mean(axis=0), abs=1e-12)
    assert table.sd[1] == pytest.approx(mine.std(axis=0, ddof=1), abs=1e-12)
    assert table.high[1] == pytest.approx(mine.max(axis=0), abs=1e-12)
    assert table.low[1] == pytest.approx(mine.min(axis=0), abs=1e-12)
    assert table.enmo[1] == pytest.approx(1000 * np.maximum(np.linalg.norm(mine, axis=1) - 1, 0).mean(), abs=1e-9)


@settings(deadline=None)  # the first example compiles
@given(
    values=st.lists(st.tuples(*[st.integers(-(2**31), 2**31 - 1)] * 3), min_size=2, max_size=40),
    spread=st.sampled_from([1, 300, 2**20, 2**31]),
)
def test_counts_of_any_size_are_summed_and_ranked_without_loss(values: list[tuple[int, int, int]], spread: int) -> None:
    array = (np.array(values, np.int64) % spread - spread // 2).astype(np.int32)
    row = folded(array, np.array([0, len(array)]), np.ones(3), np.zeros((1, 3)))[0]
    middle = np.median(array, axis=0)
    assert row[0:3] == pytest.approx(array.mean(axis=0), rel=1e-12, abs=1e-6)
    assert row[3:6] == pytest.approx(array.std(axis=0, ddof=1), rel=1e-6, abs=1e-6)
    assert row[15] == pytest.approx(np.degrees(np.arctan2(middle[2], np.hypot(*middle[:2]))), abs=1e-9)


def cut(signal: Signal, places: list[int]) -> list[Signal]:
    start, end = signal.span
    edges = [start, *sorted(start + place for place in places), end]
    return [signal.between(*each) for each in pairwise(edges)]


@settings(max_examples=30, deadline=None)
@given(
    places=st.lists(st.integers(0, 90 * SECOND), max_size=12),
    rate=st.sampled_from([12.5, 30.0, 100.0]),
    order=st.randoms(use_true_random=False),
)
def test_pieces_of_a_recording_give_the_same_epochs_to_the_last_bit(places: list[int], rate: float, order: Any) -> None:
    signal = recorded(90, rate)
    pieces = [epochs(each) for each in cut(signal, places)]
    order.shuffle(pieces)
    half = len(pieces) // 2
    nested = merge([merge(pieces[:half]), merge(pieces[half:])]) if half else merge(pieces)
    whole = epochs(signal)
    assert same(merge(pieces), whole)
    assert same(nested, whole)
    assert len(nested.loose) == len(whole.loose)


def test_many_short_stretches_are_the_same_as_one() -> None:
    signal = recorded(100)
    short = Signal(
        signal.channel, tuple(piece.stretches[0] for piece in cut(signal, [k * SECOND for k in range(1, 100)]))
    )
    assert same(epochs(short), epochs(signal))


def test_samples_with_times_of_their_own_are_the_same_as_those_at_a_rate() -> None:
    signal = recorded(100)
    times, _ = signal.whole()
    timed = Signal(signal.channel, (Stretch.at(times, signal.stretches[0].counts),))
    assert same(epochs(timed), epochs(signal))


def test_what_is_missing_in_the_middle_can_come_later() -> None:
    signal = recorded(100)
    first, late, last = cut(signal, [31 * SECOND, 33 * SECOND])
    gap = epochs(Signal(signal.channel, first.stretches + last.stretches))
    assert not same(gap, epochs(signal))
    assert same(merge([gap, epochs(late)]), epochs(signal))
    times, _ = signal.whole()
    there = (times < START + 31 * SECOND) | (times >= START + 33 * SECOND)
    timed = Signal(signal.channel, (Stretch.at(times[there], signal.stretches[0].counts[there]),))
    late_times, _ = late.whole()
    rest = Signal(signal.channel, (Stretch.at(late_times, late.stretches[0].counts),))
    assert same(merge([epochs(timed), epochs(rest)]), epochs(signal))


def test_only_what_may_miss_samples_is_kept_as_samples() -> None:
    table = epochs(recorded(3600))
    assert len(table.loose) == table.samples[0] + table.samples[-1]
    assert len(merge([table]).loose) == len(table.loose)


def test_parts_that_cannot_be_one_recording_are_refused() -> None:
    signal = recorded(60)
    table = epochs(signal)
    with pytest.raises(SignalError, match="at least one"):
        merge([])
    with pytest.raises(SignalError, match="pieces of one recording"):
        merge([table, epochs(signal, Calibration((1.1, 1.0, 1.0)))])
    with pytest.raises(SignalError, match="each sample in one part"):
        merge([table, epochs(signal.between(START + 20 * SECOND, START + 40 * SECOND))])
    with pytest.raises(SignalError, match="a channel of acceleration"):
        epochs(warm(START, [330] * 10))
    with pytest.raises(SignalError, match="a channel of temperature"):
        epochs(signal, temperature=signal)


def test_temperature_is_the_mean_of_an_epoch_or_lies_between_its_neighbours() -> None:
    start = 1_700_000_000 * SECOND
    each = epochs(recorded(20, start=start), temperature=warm(start, list(range(300, 320))))
    assert each.temperature == pytest.approx([30.2, 30.7, 31.2, 31.7])
    rare = epochs(recorded(60, start=start), temperature=warm(start, [300, 330, 390], 20 * SECOND))
    assert rare.temperature[:8] == pytest.approx(
        [30.0, 30 + 3 * 7.5 / 20, 30 + 3 * 12.5 / 20, 30 + 3 * 17.5 / 20, 33.0, 33 + 6 * 7.5 / 20, 36.75, 38.25]
    )
    assert np.isnan(rare.temperature[9:]).all()  # nothing was measured after them
    far = epochs(recorded(700, start=start), temperature=warm(start, [300, 330], 650 * SECOND))
    assert np.flatnonzero(np.isfinite(far.temperature)).tolist() == [0, 130]  # further apart than ten minutes
    none = epochs(recorded(20, start=start), temperature=warm(start - 10**15, [300]))
    assert np.isnan(none.temperature).all()


def test_a_calibration_by_temperature_moves_each_epoch_by_its_own() -> None:
    start = 1_700_000_000 * SECOND
    signal, degrees = recorded(20, start=start), warm(start, list(range(300, 320)))
    plain = epochs(signal, temperature=degrees)
    table = epochs(signal, Calibration(slope=(0.01, 0.0, -0.02), reference=30.0), degrees)
    moved = (plain.temperature - 30.0)[:, None] * [0.01, 0.0, -0.02]
    assert table.mean == pytest.approx(plain.mean + moved)
    assert epochs(signal, Calibration(slope=(0.01, 0.0, -0.02), reference=30.0)).mean == pytest.approx(plain.mean)
    pieces = [epochs(each, table.calibration, degrees) for each in cut(signal, [7 * SECOND, 8 * SECOND])]
    assert same(merge(pieces, degrees), table)
    assert merge(pieces).temperature == pytest.approx(table.temperature, abs=0.2)


def test_a_window_is_regular_with_nothing_where_nothing_was_recorded() -> None:
    table = epochs(recorded(60))
    first = int(table.start[0])
    window = table.regular(first - 2 * EPOCH, first + 3 * EPOCH)
    assert (window.start - first).tolist() == [k * EPOCH for k in range(-2, 3)]
    assert window.samples.tolist() == [0, 0, 377, 500, 500]
    assert np.isnan(window.enmo).tolist() == [True, True, False, False, False]
    assert window.mean[2:].tolist() == table.mean[:3].tolist()
    assert table.between(first + 1, first + 3 * EPOCH).start.tolist() == [first + EPOCH, first + 2 * EPOCH]
    assert len(table.regular(first, first)) == 0


def test_epochs_outside_spans_have_no_moment_in_them() -> None:
    table = epochs(recorded(60))
    first = int(table.start[0])
    kept = table.outside([(first + 2 * EPOCH + 1, first + 4 * EPOCH), (first + 8 * EPOCH - 1, first + 8 * EPOCH + 1)])
    assert ((kept.start - first) // EPOCH).tolist() == [0, 1, 4, 5, 6, 9, 10, 11, 12]
    assert len(table.outside([])) == len(table)


def test_an_epoch_with_less_than_half_its_samples_counts_as_missing() -> None:
    table = epochs(recorded(23, start=1_700_000_003 * SECOND))
    assert table.samples.tolist() == [200, 500, 500, 500, 500, 100]
    assert table.filled.tolist() == [False, True, True, True, True, False]
    unrated = Signal(channel(None), recorded(23, start=1_700_000_003 * SECOND).stretches)
    assert epochs(unrated).expected == 500


def test_a_signal_without_samples_has_no_epochs() -> None:
    table = epochs(Signal(channel(), (Stretch(START, 1e7, np.empty((0, 3), np.int16)),)))
    assert len(table) == 0
    assert len(merge([table, table])) == 0
    assert table.expected == 500
    assert epochs(Signal(channel(None), ())).expected == 1


def test_the_table_is_a_frame_with_a_column_of_each_axis() -> None:
    table = epochs(recorded(12))
    frame = table.frame()
    assert frame.columns[:5] == ["start", "samples", "mean_x", "mean_y", "mean_z"]
    assert str(frame["start"].dtype) == "Datetime(time_unit='ns', time_zone='UTC')"
    assert frame["start"].to_physical().to_list() == table.start.tolist()
    assert frame["high_z"].to_list() == table.high[:, 2].tolist()
    assert frame["temperature"].is_nan().all()


def test_counts_in_any_layout_give_the_same_epochs() -> None:
    signal = recorded(30)
    array = signal.stretches[0].counts
    frozen = array.copy()
    frozen.flags.writeable = False
    wider = array.astype(np.int32)
    for other in (np.asfortranarray(array), frozen, wider, array[:, ::-1][:, ::-1]):
        assert same(epochs(Signal(signal.channel, (Stretch(START, 1e7, other),))), epochs(signal))


def test_only_stretches_that_go_on_where_another_ends_are_put_together() -> None:
    signal = recorded(60)
    blocks = [piece.stretches[0] for piece in cut(signal, [k * 7 * SECOND for k in range(1, 8)])]
    assert [len(each) for each in joined(blocks)] == [6000]
    assert [len(each) for each in joined(blocks[:3] + blocks[4:])] == [2100, 3200]
    other = Stretch(blocks[1].start, 2e7, blocks[1].counts)
    assert len(list(joined([blocks[0], other, *blocks[2:]]))) == 3
    timed = Stretch.at(blocks[1].moments(), blocks[1].counts)
    assert len(list(joined([blocks[0], timed, *blocks[2:]]))) == 3
    assert list(joined([])) == []
