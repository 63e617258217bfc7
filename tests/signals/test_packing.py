"""Blocks of counts: what goes in comes out, whatever it is; what is damaged is refused."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helmont.signals import packing
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Stretch

START = 1_700_000_000_123_456_789
UNHURRIED = settings(deadline=None)  # the first call compiles the kernels
MOMENTS = st.integers(-(1 << 61), 1 << 61)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    """Any counts of both types, with a step or with times."""
    dtype = draw(st.sampled_from([np.int16, np.int32]))
    shape = draw(st.tuples(st.integers(0, 40), st.integers(1, 4)))
    whole = st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    counts = draw(arrays.arrays(dtype, shape, elements=draw(st.sampled_from([whole, st.integers(-3, 3)]))))
    if draw(st.booleans()):
        return Stretch(draw(MOMENTS), draw(st.floats(0.001, 1e12)), counts)
    times = sorted(draw(st.lists(MOMENTS, min_size=shape[0], max_size=shape[0])))
    return Stretch.at(np.array(times, np.int64), counts)


def same(one: Stretch, other: Stretch) -> bool:
    """The same samples at the same times, of the same type."""
    times = (one.times is None) == (other.times is None) and (
        one.times is None or other.times is None or np.array_equal(one.times, other.times)
    )
    counts = one.counts.dtype == other.counts.dtype and np.array_equal(one.counts, other.counts)
    return times and counts and (one.start, one.step) == (other.start, other.step)


def recorded(samples: int, noise: float = 3.0, dtype: type = np.int16) -> Stretch:
    """Samples of a sensor at rest, 100 a second."""
    generator = np.random.default_rng(7)
    counts = np.rint(generator.normal([12.0, -40.0, 256.0], noise, (samples, 3)))
    return Stretch(START, SECOND / 100, counts.astype(dtype))


@UNHURRIED
@given(stretches())
def test_a_stretch_comes_back_from_its_block_as_it_was(stretch: Stretch) -> None:
    block = packing.pack(stretch)
    assert same(packing.unpack(block), stretch)
    head = packing.head(block)
    moments = stretch.moments()
    assert (head.rows, head.axes, head.length) == (*stretch.counts.shape, len(block))
    if len(stretch):
        assert (head.first, head.last) == (moments[0], moments[-1])


@UNHURRIED
@given(st.lists(stretches(), max_size=4), st.integers(0, 3))
def test_blocks_follow_each_other_and_are_read_where_they_lie(several: list[Stretch], room: int) -> None:
    data = b"".join(packing.pack(stretch) for stretch in several)
    heads = packing.heads(data)
    assert [head.rows for head in heads] == [len(stretch) for stretch in several]
    for head, stretch in zip(heads, several, strict=True):
        out = np.full((head.rows + room, head.axes), 7, f"i{head.width}")
        into = packing.unpack(memoryview(data), head, out[: head.rows])
        assert same(into, stretch)
        assert (out[head.rows :] == 7).all()


@settings(max_examples=300, deadline=None)
@given(st.data(), st.booleans())
def test_a_damaged_block_is_refused_or_gives_what_was_written(data: st.DataObject, timed: bool) -> None:
    stretch = recorded(50)
    if timed:
        stretch = Stretch.at(stretch.moments(), stretch.counts)
    block = bytearray(packing.pack(stretch))
    match data.draw(st.sampled_from(["flip", "cut", "insert"])):
        case "flip":
            block[data.draw(st.integers(0, len(block) - 1))] ^= data.draw(st.integers(1, 255))
        case "cut":
            del block[data.draw(st.integers(0, len(block) - 1)) :]
        case _:
            at = data.draw(st.integers(0, len(block) - 1))
            block[at:at] = data.draw(st.binary(min_size=1, max_size=8))
    try:
        found = packing.unpack(bytes(block))
    except SignalError:
        return
    assert same(found, stretch)


@given(st.binary(max_size=200), st.integers(-2, 300))
def test_bytes_that_are_no_block_are_refused(data: bytes, offset: int) -> None:
    with pytest.raises(SignalError):
        packing.unpack(data, offset)


def with_header(block: bytes, **changes: int) -> bytes:
    """The block with other fields in its header, whose checksum is right again."""
    names = ["magic", "width", "axes", "flags", "planes", "planes_of_times"]
    names += ["rows", "size", "size_of_times", "first", "last", "step"]
    fields = dict(zip(names, packing.FIXED.unpack_from(block), strict=True)) | changes
    head = packing.head(block)
    described = head.length - sum(head.sizes) - packing.CHECK.size
    start = packing.FIXED.pack(*fields.values()) + block[packing.FIXED.size : described]
    return start + struct.pack("<I", zlib.crc32(start)) + block[described + packing.CHECK.size :]


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 1 << 31},
        {"rows": 49},
        {"rows": 51},
        {"planes": 2},
        {"planes": 0},
        {"width": 3},
        {"width": 4, "planes": 3},
        {"axes": 200},
        {"flags": 9},
        {"size": 1},
        {"size_of_times": 5},
        {"last": START - 1},
        {"first": -(1 << 63)},
    ],
)
def test_a_header_that_lies_is_refused_before_room_is_made(changes: dict[str, int]) -> None:
    block = packing.pack(recorded(50))
    assert packing.head(with_header(block)).rows == 50
    with pytest.raises(SignalError):
        packing.unpack(with_header(block, **changes))


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan"), float("inf")])
def test_a_step_that_leads_nowhere_is_refused_in_a_block_and_before(step: float) -> None:
    with pytest.raises(SignalError, match="step"):
        packing.pack(Stretch(START, step, np.zeros((2, 1), np.int16)))
    with pytest.raises(SignalError, match="contradicts itself"):
        packing.unpack(with_header(packing.pack(recorded(50)), step=step))  # type: ignore[arg-type]


def test_a_small_block_that_would_fill_the_memory_is_refused() -> None:
    block = packing.pack(recorded(50))
    head = packing.head(block)
    bomb = zstandard.ZstdCompressor(level=19, write_content_size=True).compress(bytes(1 << 24))
    inside = with_header(block, size=len(bomb))[: -head.sizes[0]] + bomb
    with pytest.raises(SignalError, match="another size"):
        packing.unpack(inside)


@pytest.mark.parametrize(
    ("stretch", "place"),
    [
        (Stretch(START, 1.0, np.zeros((2, 3), np.int64)), "counts"),  # type: ignore[arg-type]
        (Stretch(START, 1.0, np.zeros(6, np.int16)), "counts"),
        (Stretch(START, 1.0, np.zeros((packing.MOST // 2 + 1, 2), np.int16)), "counts"),
        (Stretch(1 << 62, 1.0, np.zeros((2, 3), np.int16)), "start"),
        (Stretch.at(np.array([5, 4]), np.zeros((2, 1), np.int16)), "times"),
        (Stretch(5, 0.0, np.zeros((2, 1), np.int16), np.array([5], np.int64)), "times"),
    ],
)
def test_what_no_block_can_hold_is_refused(stretch: Stretch, place: str) -> None:
    with pytest.raises(SignalError) as refused:
        packing.pack(stretch)
    assert refused.value.place == place


@pytest.mark.parametrize("seconds", [1.0, 60.0, 1e6])
@pytest.mark.parametrize("timed", [False, True])
def test_a_long_stretch_is_cut_into_blocks_and_together_they_are_the_stretch(seconds: float, timed: bool) -> None:
    stretch = recorded(12_345)
    if timed:
        stretch = Stretch.at(stretch.moments(), stretch.counts)
    parts = packing.unpack_all(packing.pack_all([stretch], seconds))
    assert all(part.end - part.start <= seconds * SECOND + 2 for part in parts)
    assert len(parts) == -(-12_345 // min(round(seconds * 100), 12_345))
    assert np.array_equal(np.concatenate([part.counts for part in parts]), stretch.counts)
    assert np.array_equal(np.concatenate([part.moments() for part in parts]), stretch.moments())


def test_two_moments_far_apart_are_not_in_one_block() -> None:
    stretch = Stretch.at(np.array([0, 1, 90 * SECOND, 600 * SECOND]), np.zeros((4, 1), np.int32))
    assert [len(part) for part in packing.cut(stretch)] == [2, 1, 1]


def test_numbers_at_rest_are_packed_as_closely_as_their_noise_permits() -> None:
    """The entropy of normal noise of deviation s is log2(s * sqrt(2 pi e)) bits an axis; Zstandard needs a little more."""
    for noise, dtype in ((3.0, np.int16), (12.0, np.int16), (12.0, np.int32)):
        least = 3 * np.log2(noise * np.sqrt(2 * np.pi * np.e)) / 8
        used = len(packing.pack(recorded(6000, noise, dtype))) / 6000
        assert least < used < 1.06 * least


def test_a_straight_line_takes_next_to_nothing() -> None:
    ramp = Stretch(START, SECOND / 100, np.arange(0, 30_000, 5, dtype=np.int32).reshape(-1, 1))
    assert len(packing.pack(ramp)) < 200
