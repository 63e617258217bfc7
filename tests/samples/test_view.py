"""What a stream holds: what was acknowledged first stays, the rest fills; clocks and wearers are put right on reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.samples.correcting import Drift, Worn, common, spans_of
from helmont.samples.log import Limits, SegmentLog
from helmont.samples.pieces import Entry, FromLog
from helmont.samples.records import Location, Record
from helmont.samples.view import View, view
from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Stretch

PULSE = Channel("pulse", Kind.PPG, "1", rate=1.0)
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", rate=50.0, resolution=1 / 256)
STEP = 10
ALWAYS = (-(1 << 61), 1 << 61)


class Kept:
    """Batches in memory, in the order they were acknowledged."""

    def __init__(self, *batches: Sequence[Stretch]) -> None:
        self.records = [Record.of(1, number, batch) for number, batch in enumerate(batches)]
        self.entries = [
            Entry(record.batch, record.first, record.last, Location(1, record.batch, 0)) for record in self.records
        ]

    def view(self, start: int, end: int, channel: Channel = PULSE, **changes: object) -> View:
        source = FromLog(lambda location: self.records[location.offset])
        return view(self.entries, source, channel, start, end, **changes)  # type: ignore[arg-type]


def steps(start: int, values: Sequence[int], step: float = STEP) -> Stretch:
    """Samples with a step, of one axis."""
    return Stretch(start, step, np.array(values, np.int16).reshape(-1, 1))


def moments(times: Sequence[int], values: Sequence[int]) -> Stretch:
    """Samples with times of their own."""
    return Stretch.at(np.array(times, np.int64), np.array(values, np.int16).reshape(-1, 1))


def samples(found: View) -> list[tuple[int, int]]:
    """Every sample's moment and count."""
    return [
        (int(moment), int(count))
        for stretch in found.signal.stretches
        for moment, count in zip(stretch.moments(), stretch.counts[:, 0], strict=True)
    ]


def test_a_batch_sent_twice_counts_once() -> None:
    batch = steps(100, [1, 2, 3])
    found = Kept([batch], [batch], [batch]).view(0, 1000)
    assert samples(found) == [(100, 1), (110, 2), (120, 3)]
    assert (found.duplicates, found.batches) == (6, (0,))


def test_what_was_acknowledged_first_stays_and_a_later_batch_fills_what_is_not_there() -> None:
    found = Kept([steps(120, [1, 2, 3])], [steps(100, [7, 7, 8, 8, 8, 9, 9])]).view(0, 1000)
    assert samples(found) == [(100, 7), (110, 7), (120, 1), (130, 2), (140, 3), (150, 9), (160, 9)]
    assert (found.duplicates, found.batches) == (3, (0, 1))


def test_the_order_in_which_batches_are_listed_does_not_matter() -> None:
    kept = Kept([steps(120, [1, 2, 3])], [steps(100, [7] * 7)], [steps(170, [5, 5])], [steps(90, [4] * 12)])
    found = samples(kept.view(0, 1000))
    kept.entries.reverse()
    assert samples(kept.view(0, 1000)) == found


def test_a_batch_that_a_correction_took_back_makes_room() -> None:
    found = Kept([steps(100, [1, 2, 3])], [steps(100, [7, 8, 9])]).view(0, 1000, withdrawn={0})
    assert samples(found) == [(100, 7), (110, 8), (120, 9)]
    assert (found.duplicates, found.batches) == (0, (1,))


def test_samples_with_times_of_their_own_are_duplicates_only_at_the_same_moment() -> None:
    found = Kept([moments([10, 30, 50], [1, 2, 3])], [moments([10, 20, 50, 50], [7, 8, 9, 9])]).view(0, 1000)
    assert samples(found) == [(10, 1), (20, 8), (30, 2), (50, 3)]
    assert found.duplicates == 3


def test_two_samples_of_one_batch_at_the_same_moment_are_both_kept() -> None:
    assert samples(Kept([moments([10, 10], [1, 2])]).view(0, 1000)) == [(10, 1), (10, 2)]


def test_times_and_steps_in_one_stream_are_resolved_by_the_same_rule() -> None:
    timed_later = Kept([steps(100, [1, 2, 3])], [moments([80, 104, 118, 125, 130], [7] * 5)]).view(0, 1000)
    assert samples(timed_later) == [(80, 7), (100, 1), (110, 2), (120, 3), (125, 7), (130, 7)]
    steps_later = Kept([moments([111], [7])], [steps(100, [1, 2, 3])]).view(0, 1000)
    assert samples(steps_later) == [(100, 1), (111, 7), (120, 3)]
    assert (timed_later.duplicates, steps_later.duplicates) == (2, 1)


@pytest.mark.parametrize(("early", "late"), [(0, 1), (1, 0)])
def test_stretches_that_nearly_meet_do_not_lose_a_sample(early: int, late: int) -> None:
    """The second begins 4 ns before the first's next sample is due, less than half of its step of 10 ns."""
    batches = [[steps(100, [1, 2, 3])], [steps(126, [4, 5, 6])]]
    found = Kept(batches[early], batches[late]).view(0, 1000)
    assert found.duplicates == 0
    assert [count for _, count in samples(found)] == [1, 2, 3, 4, 5, 6]
    first, second = found.signal.stretches
    kept, moved = (first, second) if early == 0 else (second, first)
    assert kept.step == STEP
    assert moved.step == pytest.approx(26 / 3)
    assert first.end == second.start


def test_a_stretch_cut_into_blocks_and_batches_is_one_stretch_again() -> None:
    whole = Stretch(1_700_000_000 * SECOND + 5, SECOND / 85.7, np.arange(60_000, dtype=np.int16).reshape(-1, 3) % 99)
    edges = [0, 1, 6_000, 13_211, 20_000]
    batches = [
        [Stretch(whole.start + round(a * whole.step), whole.step, whole.counts[a:b])] for a, b in pairwise(edges)
    ]
    [found] = Kept(*reversed(batches)).view(*ALWAYS, channel=WRIST).signal.stretches
    assert np.array_equal(found.counts, whole.counts)
    assert np.abs(found.moments() - whole.moments()).max() <= 2


def naive(batches: Sequence[Sequence[Stretch]], start: int, end: int) -> tuple[dict[int, int], int]:
    """The rule said sample by sample: half steps around those with a step, the moment itself for the others."""
    taken: list[tuple[float, float]] = []
    points: list[int] = []
    found: dict[int, int] = {}
    left_out = 0
    for batch in batches:
        for stretch in batch:
            half = int(stretch.step / 2)
            mine = [int(moment) for moment in stretch.moments()]
            for moment, [count] in zip(mine, stretch.counts, strict=True):
                there = any(a <= moment < b for a, b in taken)
                if stretch.times is None:
                    there = there or any(abs(moment - point) <= half for point in points)
                else:
                    there = there or moment in points
                if start <= moment < end:
                    left_out += there
                    if not there:
                        found[moment] = int(count)
            if stretch.times is None:
                taken.append((mine[0] - half, mine[-1] + half))
            else:
                points += mine
    return found, left_out


@st.composite
def stretches(draw: st.DrawFn, timed: bool | None = None) -> Stretch:
    """A few samples on a grid coarse enough that nearly meeting stretches do not occur."""
    values = draw(st.lists(st.integers(-9, 9), min_size=1, max_size=12))
    start = draw(st.integers(0, 30)) * STEP
    if draw(st.booleans()) if timed is None else timed:
        every = draw(st.lists(st.integers(0, 80), min_size=len(values), max_size=len(values), unique=True))
        return moments([start + STEP * each // (2 if timed else 1) for each in sorted(every)], values)
    return steps(start, values)


@settings(deadline=None)
@given(st.data(), st.sampled_from([False, True, None]), st.integers(0, 50), st.integers(1, 40))
def test_the_rule_holds_for_any_batches(data: st.DataObject, timed: bool | None, first: int, length: int) -> None:
    batch = st.lists(stretches(timed), min_size=1, max_size=2)
    batches = data.draw(st.lists(batch, min_size=1, max_size=6))
    start, end = first * STEP, (first + length) * STEP
    found = Kept(*batches).view(start, end)
    wanted, left_out = naive(batches, start, end)
    assert dict(samples(found)) == wanted
    assert len(samples(found)) == len(wanted)
    assert found.duplicates == left_out


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            steps,
            st.integers(0, 400),
            st.lists(st.integers(-9, 9), min_size=1, max_size=9),
            st.sampled_from([7.0, 10.0, 9.9, 31.3]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 300),
    st.integers(1, 300),
)
def test_any_steps_at_any_moments_give_a_signal_in_order(batches: list[Stretch], start: int, length: int) -> None:
    kept = Kept(*([batch] for batch in batches))
    whole = kept.view(0, 1_000)
    assert len(whole.signal) + whole.duplicates == sum(map(len, batches))
    there = dict(samples(whole))
    first = batches[0]  # acknowledged first, so that nothing of it is left out or moved
    assert all(there[moment] == count for moment, [count] in zip(first.moments(), first.counts, strict=True))
    assert len(kept.view(start, start + length).signal) <= len(whole.signal)


def test_gaps_are_known_at_the_ends_between_stretches_and_among_samples_with_times() -> None:
    kept = Kept([steps(100, [1, 2, 3])], [moments([300, 310, 400, 405], [1, 2, 3, 4])])
    found = kept.view(0, 1000)
    assert list(found.gaps(20)) == [(0, 100), (130, 300), (311, 400), (406, 1000)]
    assert list(found.gaps(100)) == [(130, 300), (406, 1000)]
    assert list(Kept().view(0, 1000).gaps(20)) == [(0, 1000)]
    worn = kept.view(0, 1000, only=[(110, 125), (380, 450)])
    assert samples(worn) == [(110, 2), (120, 3), (400, 3), (405, 4)]
    assert list(worn.gaps(10)) == [(380, 400), (406, 450)]
    assert worn.batches == (0, 1)
    assert kept.view(0, 1000, only=[(100, 120)]).batches == (0,)


def test_a_clock_that_drifts_is_put_right_between_what_is_known_of_it() -> None:
    """Set right at 0, 2 s fast after 1000 s, 1 s fast after 2000 s of its own time."""
    drift = Drift(((0, 0), (1000 * SECOND, 998 * SECOND), (2000 * SECOND, 1999 * SECOND)))
    assert drift.true(500 * SECOND) == 499 * SECOND
    assert drift.true(1500 * SECOND) == 1498 * SECOND + SECOND // 2
    assert drift.true(3000 * SECOND) == 3000 * SECOND
    assert drift.true(-500 * SECOND) == -499 * SECOND
    stretch = Stretch(0, SECOND, np.arange(2001, dtype=np.int16).reshape(-1, 1))
    found = Kept([stretch]).view(0, 3000 * SECOND, drift=drift)
    times, counts = found.signal.whole()
    assert len(found.signal.stretches) == 2
    assert counts.ravel().tolist() == list(range(2001))
    wanted = np.interp(np.arange(2001.0), [0, 1000, 2000], [0, 998, 1999]) * SECOND
    assert np.abs(times - wanted).max() < SECOND / 2  # where the pace changes one sample gives way
    assert np.abs(times - wanted)[[0, 500, 999, 1500, 2000]].max() < 5e6
    part = Kept([stretch]).view(100 * SECOND, 200 * SECOND, drift=drift)
    assert part.signal.span == pytest.approx((100 * SECOND, 200 * SECOND), abs=SECOND)
    assert len(part.signal) in (100, 101)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**15), st.floats(0.91, 1.09)), max_size=5),
    st.integers(-(10**18), 10**18),
    st.integers(-(10**9), 10**9),
    st.integers(-(10**15), 6 * 10**15),
)
def test_true_time_and_the_time_of_the_device_are_each_other_s_inverse(
    parts: list[tuple[int, float]], start: int, shift: int, moment: int
) -> None:
    pairs = [(start, start + shift)]
    for length, pace in parts:
        before = pairs[-1]
        pairs.append((before[0] + 1000 * length, before[1] + round(1000 * length * pace)))
    drift = Drift(tuple(pairs))
    assert abs(drift.device(drift.true(start + moment)) - start - moment) <= 2
    assert drift.true(start) == start + shift


@pytest.mark.parametrize("timed", [False, True])
def test_one_known_moment_shifts_everything(timed: bool) -> None:
    batch = moments([100, 112], [1, 2]) if timed else steps(100, [1, 2], 12)
    assert samples(Kept([batch]).view(0, 1000, drift=Drift(((50, 150),)))) == [(200, 1), (212, 2)]


@pytest.mark.parametrize("pairs", [(), ((0, 0), (0, 5)), ((0, 0), (5, 0)), ((0, 0), (100, 150))])
def test_a_clock_that_cannot_be_is_refused(pairs: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(SignalError, match="clock"):
        Drift(pairs)


def test_who_wore_the_device_can_be_corrected() -> None:
    assigned = Worn(0, 100, "01-001")
    wrong = [Worn(20, 40, "01-002"), Worn(30, 35, None), Worn(90, 200, "01-002")]
    assert spans_of("01-001", assigned, wrong) == ((0, 20), (40, 90))
    assert spans_of("01-002", assigned, wrong) == ((20, 30), (35, 40), (90, 100))
    assert spans_of("01-003", assigned, wrong) == ()
    assert spans_of("01-001", assigned, [*wrong, Worn(0, 100, "01-001")]) == ((0, 100),)
    assert common([(0, 10), (20, 30)], [(5, 22), (28, 40)]) == ((5, 10), (20, 22), (28, 30))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SegmentLog]:
    with SegmentLog(tmp_path / "samples", Limits(reserve=0)) as opened:
        yield opened


def test_a_view_of_the_log_has_only_what_was_acknowledged(log: SegmentLog) -> None:
    """A batch without an entry is what a crash left: on the disk, but nobody was told."""
    batches = [Record.of(1, number, [steps(100 * number, [number] * 5)]) for number in range(4)]
    places = log.append(batches).result()
    entries = [Entry(each.batch, each.first, each.last, place) for each, place in zip(batches, places, strict=True)]
    found = view([entries[3], entries[1]], FromLog(log.read), PULSE, 0, 1000)
    assert samples(found) == [(100 * n + 10 * i, n) for n in (1, 3) for i in range(5)]
    with pytest.raises(SignalError, match=r"\(samples, 3\)"):
        view(entries, FromLog(log.read), WRIST, 0, 1000)


def test_the_span_ends_before_its_end_and_other_batches_are_not_read(log: SegmentLog) -> None:
    [place] = log.append([Record.of(1, 1, [steps(100, [1, 2, 3, 4])])]).result()
    elsewhere = Entry(2, 500, 600, Location(77, 0, 0))
    found = view([Entry(1, 100, 130, place), elsewhere], FromLog(log.read), PULSE, 110, 130)
    assert samples(found) == [(110, 2), (120, 3)]
    assert found.batches == (1,)
    assert view([Entry(1, 100, 130, place)], FromLog(log.read), PULSE, 130, 110).spans == ()


def test_counts_are_given_with_the_scale_of_the_stream() -> None:
    found = Kept([Stretch(0, 20_000_000.0, np.full((4, 3), 128, np.int16))]).view(
        0, SECOND, channel=WRIST, scale=(0.5, 1.0, 2.0), offset=(0.0, 1.0, 2.0)
    )
    assert found.signal.values(found.signal.stretches[0])[0].tolist() == [64.0, 129.0, 258.0]
