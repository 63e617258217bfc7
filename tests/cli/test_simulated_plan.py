"""What simulated devices send is a function of the seed: plans with their faults, clocks, patterns and bodies."""

from __future__ import annotations

import io
from collections import Counter
from itertools import pairwise

import fastavro
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.cli.sensors.simulating.bodies import FORMATS, Samples, fitting, samples_of
from helmont.cli.sensors.simulating.furnishing import begun
from helmont.cli.sensors.simulating.patterns import BY_TIME, KINDS, Pattern, pattern
from helmont.cli.sensors.simulating.plan import MINUTE, RESTARTING, Faults, Sending, Timing, clock_of, plan
from helmont.signals.channels import UNITS, Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import AVRO, decode

BEGIN = 1_741_600_800 * SECOND  # 2025-03-10T10:00:00Z
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", 100, 1 / 256, (-8, 8))
CGM = Channel("cgm", Kind.GLUCOSE, "mmol/L", None, 0.1, (1.1, 33.3))
TIMING = Timing(BEGIN, BEGIN + 24 * 60 * MINUTE)
EVERY = Faults(duplicates=0.1, reorder=0.1, delay=0.1, drift=50, truncate=0.1, restart=0.02)


def sent(seed: int = 1, device: int = 0, faults: Faults = EVERY, timing: Timing = TIMING) -> list[Sending]:
    return list(plan(seed, device, [WRIST, CGM], timing, faults))


@given(st.integers(0, 2**32), st.integers(0, 500))
@settings(max_examples=10, deadline=None)
def test_a_plan_is_that_of_its_seed_and_in_the_order_of_time(seed: int, device: int) -> None:
    found = sent(seed, device)
    assert found == sent(seed, device)
    assert found != sent(seed + 1, device)
    assert found != sent(seed, device + 1)
    assert all(one.due <= other.due for one, other in pairwise(found))


def test_without_faults_each_batch_is_sent_once_when_the_device_has_all_of_it() -> None:
    found = sent(faults=Faults())
    assert len(found) == 2 * (24 * 60 + 1)
    first = found[0].due
    assert BEGIN <= first < BEGIN + MINUTE
    for number, one in enumerate(found[:-2:2]):
        due = first + number * MINUTE
        assert one == Sending(due, number, "cgm", due - MINUTE, due)
    assert found[-1].end == TIMING.end


def test_devices_do_not_send_all_at_once() -> None:
    seconds = [next(plan(1, device, [WRIST], TIMING, Faults())).due // SECOND % 60 for device in range(500)]
    assert len(set(seconds)) == 60


@pytest.mark.parametrize("name", ["duplicates", "reorder", "delay", "truncate", "restart"])
def test_each_fault_comes_as_often_as_is_said_and_leaves_nothing_out(name: str) -> None:
    faults = Faults(**{name: 0.2})
    found = sent(faults=faults)
    whole = [one for one in found if one.cut == 1 and one.channel == "wrist"]
    spans = {one.number: (one.start, one.end) for one in whole}
    many = len(spans)
    assert sorted(spans) == list(range(many))
    assert all((one.start, one.end) == spans[one.number] for one in found)
    gaps = [after[0] - before[1] for before, after in pairwise(spans[number] for number in range(many))]
    again = len(whole) - many
    late = sum(one.due > one.end for one in whole)
    cut = [one for one in found if one.cut < 1 and one.channel == "wrist"]
    assert {
        "duplicates": 0.15 < again / many < 0.35,
        "reorder": 0.14 < late / many < 0.26,
        "delay": 0.14 < late / many < 0.26,
        "truncate": 0.14 < len(cut) / many < 0.26,
        "restart": 0.14 < sum(gap > 0 for gap in gaps) / many < 0.26,
    }[name]
    if name == "restart":
        assert {gap for gap in gaps if gap} <= {each * SECOND for each in range(RESTARTING[0], RESTARTING[1] + 1)}
        fresh = sum(one.fresh for one in whole)  # the last batch again, and the next one if there is one
        assert 2 * again - 1 <= fresh <= 2 * again
    else:
        assert not any(gaps)
    for one in cut:  # it comes whole directly afterwards
        assert any(other.number == one.number and other.due == one.due + 1 for other in whole)


def test_clocks_drift_apart_within_what_is_said() -> None:
    clocks = [clock_of(1, device, TIMING, Faults(drift=20)) for device in range(200)]
    day = 24 * 3600 * SECOND
    gained = [clock.shows(BEGIN + day) - clock.shows(BEGIN) - day for clock in clocks]
    assert max(map(abs, gained)) <= 20e-6 * day
    assert max(gained) > 15e-6 * day
    assert min(gained) < -15e-6 * day
    for clock in clocks:
        assert abs(clock.true(clock.shows(BEGIN + day)) - (BEGIN + day)) <= 1
    drifting = [one for one in sent(faults=Faults(drift=20), device=3) if one.channel == "wrist"]
    assert len({one.start % MINUTE for one in drifting}) == 1  # by its own clock it is always on time
    assert len({one.due % MINUTE for one in drifting}) > 1000


@pytest.mark.parametrize(("name", "share"), [("duplicates", 1.1), ("delay", -0.1), ("drift", 2000.0)])
def test_faults_that_cannot_be_are_refused(name: str, share: float) -> None:
    with pytest.raises(SignalError, match=name):
        Faults(**{name: share})


def channel_of(kind: Kind, rate: float | None) -> Channel:
    unit = next(iter(UNITS[kind]))
    resolution = {
        Kind.ACCELERATION: 1 / 256,
        Kind.TEMPERATURE: 0.1,
        Kind.GLUCOSE: 0.1,
        Kind.ECG: 0.005,
        Kind.PPG: 0.001,
    }
    return Channel(f"one_{kind}", kind, unit, rate, resolution.get(kind, 1.0))


@pytest.fixture(scope="module")
def patterns() -> dict[Kind, Pattern]:
    return {kind: pattern(1, channel_of(kind, None), 2) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_batches_of_a_pattern_lie_one_after_the_other_whatever_they_are_sent_in(
    kind: Kind, patterns: dict[Kind, Pattern]
) -> None:
    made = patterns[kind]
    assert np.ptp(made.counts) > 0
    origin, shift, length = BEGIN + 123_000_000, 4000 * SECOND, 7 * MINUTE + 300_000_000
    whole = samples_of(made, origin, shift, origin, origin + 3 * length)
    parts = [samples_of(made, origin, shift, origin + n * length, origin + (n + 1) * length) for n in range(3)]
    assert np.array_equal(np.concatenate([part.counts for part in parts]), whole.counts)
    if kind in BY_TIME:
        assert all(part.times is not None for part in parts)
        assert np.array_equal(np.concatenate([part.times for part in parts]), whole.times)  # type: ignore[arg-type]  # not None
    for number, part in enumerate(parts):
        if not len(part.counts):
            continue
        assert origin + number * length <= part.start < origin + (number + 1) * length
        for name, form in FORMATS.items():
            told = fitting(name, part)
            body = form(told)
            batch = decode(made.channel, body.content_type, body.encoding, body.content, body.topic)
            assert (batch.digest, batch.rows) == (told.digest, len(part.counts)), name
            assert sum(int(stretch.counts.sum()) for stretch in batch.stretches) == told.sum
            cut = body.content[: len(body.content) * 2 // 3]
            with pytest.raises(SignalError):
                decode(made.channel, body.content_type, body.encoding, cut, body.topic)


@pytest.mark.parametrize("rate", [30.0, 64.0, 100.0])
@pytest.mark.parametrize("unit", ["[g]", "m/s2"])
def test_records_of_radar_base_are_read_as_the_samples_that_were_meant(rate: float, unit: str) -> None:
    made = pattern(1, Channel("wrist", Kind.ACCELERATION, unit, rate, 0.005, (-40, 40)), 1)
    for number in range(3):
        start = BEGIN + 123_000_000 + number * 7 * SECOND
        samples = samples_of(made, BEGIN, 1000 * SECOND, start, start + 61 * SECOND)
        told = fitting("radar", samples)
        body = FORMATS["radar"](told)
        assert (body.content_type, body.topic) == (AVRO, "android_empatica_e4_acceleration")
        [first, *_] = fastavro.reader(io.BytesIO(body.content))
        assert first["value"]["time"] == pytest.approx(samples.start / SECOND, abs=1e-6)
        batch = decode(made.channel, body.content_type, body.encoding, body.content, body.topic)
        assert batch.digest == told.digest
        [kept] = batch.stretches  # at its rate, without a gap
        assert np.array_equal(kept.counts, samples.counts)
        assert abs(batch.first - samples.start) <= 500
        assert abs(batch.last - samples.last) <= 1000


def test_fields_of_radar_base_that_are_whole_are_sent_whole() -> None:
    pulse = Channel("pulse", Kind.HEART_RATE, "/min", None, 0.1, (20, 250))
    samples = Samples(pulse, BEGIN, 0.2, np.arange(600, 1200, 7, dtype=np.int16)[:, None])
    told = fitting("radar", samples)
    assert not (told.counts % 10).any()
    assert np.abs(told.counts - samples.counts).max() <= 5
    body = FORMATS["radar"](told)
    assert all(type(each["value"]["heartRate"]) is int for each in fastavro.reader(io.BytesIO(body.content)))  # type: ignore[index]  # records
    assert decode(pulse, body.content_type, body.encoding, body.content, body.topic).digest == told.digest


def test_a_pattern_goes_on_from_its_beginning(patterns: dict[Kind, Pattern]) -> None:
    made = patterns[Kind.GLUCOSE]
    one = samples_of(made, BEGIN, 0, BEGIN, BEGIN + made.period)
    next_one = samples_of(made, BEGIN, 0, BEGIN + made.period, BEGIN + 2 * made.period)
    assert np.array_equal(one.counts, next_one.counts)
    assert one.times is not None
    assert next_one.times is not None
    assert set((next_one.times - one.times).tolist()) == {made.period}


def test_a_channel_with_a_rate_is_sampled_at_it_and_within_its_range() -> None:
    made = pattern(1, Channel("cgm", Kind.GLUCOSE, "mg/dL", 1 / 60, 1.0, (100, 120)), 1)
    assert (made.times, len(made.counts)) == (None, 60)
    assert (made.counts.min(), made.counts.max()) >= (100, 100)
    assert made.counts.max() <= 120
    still = Counter(np.diff(made.counts[:, 0]).tolist())
    assert still[0] >= 45  # readings of five minutes, each repeated
    with pytest.raises(SignalError, match="not simulated"):
        pattern(1, Channel("scale", Kind.WEIGHT, "kg"), 1)


@pytest.mark.parametrize(("speed", "before"), [(0.0, 24), (1.0, 0), (2.0, 12), (60.0, 23.6)])
def test_made_up_time_never_runs_ahead(speed: float, before: float) -> None:
    now = BEGIN + 5
    assert begun(now, 24, speed) == BEGIN - round(before * 3600) * SECOND
