"""Parts come back from a file as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints import Period, catalogue, compute, joined, partition
from helmont.signals.endpoints.keeping import pack, unpack
from helmont.signals.endpoints.movement import Movement
from helmont.signals.epochs import Calibration
from helmont.signals.errors import SignalError
from helmont.signals.levels import HOUR
from helmont.signals.recording import SECOND, Signal, Stretch

START = 1_767_225_600 * SECOND
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", 25.0, 1 / 256, (-8, 8))
CGM = Channel("cgm", Kind.GLUCOSE, "mmol/L", None, 0.1, (1, 33))
BEATS = Channel("ibi", Kind.INTERBEAT_INTERVAL, "ms", None, 1.0, (200, 3000))
SCALE = Channel("scale", Kind.WEIGHT, "kg", None, 0.1, (20, 300))


def signals(hours: int = 2) -> dict[str, Signal]:
    noise = np.random.default_rng(5)
    swing = noise.normal(0, 60, (hours * 3600 * 25, 3)).astype(np.int16)
    readings = START + np.arange(hours * 12, dtype=np.int64) * 300 * SECOND
    beats = START + np.cumsum(noise.integers(700, 900, hours * 4000)) * 1_000_000
    counts = (np.diff(beats, prepend=START) // 1_000_000).astype(np.int16)[:, None]
    return {
        "wrist": Signal(WRIST, (Stretch(START, SECOND / 25, swing),)),
        "cgm": Signal(CGM, (Stretch.at(readings, noise.integers(40, 150, (len(readings), 1)).astype(np.int16)),)),
        "ibi": Signal(BEATS, (Stretch.at(beats, counts),)),
        "scale": Signal(SCALE, (Stretch.at(readings[:1], np.array([[801]], np.int16)),)),
    }


def test_every_endpoint_is_the_same_after_a_file() -> None:
    end = START + 2 * HOUR
    partial = partition(signals(), START, end, {"wrist": Calibration((1.01, 0.99, 1.0), (0.01, 0.0, -0.02))})
    again = unpack(pack(partial))
    assert dict(again.kinds) == dict(partial.kinds)
    for definition in catalogue().values():
        period = Period("then", START, end)
        assert compute(definition, again, period) == compute(definition, partial, period), definition.key


def test_days_of_other_calibrations_are_put_together() -> None:
    whole = signals(2)
    parts = [
        partition(whole, START + n * HOUR, START + (n + 1) * HOUR, {"wrist": Calibration(offset=(0.001 * n, 0.0, 0.0))})
        for n in range(2)
    ]
    found = joined([unpack(pack(part)) for part in parts]).parts["wrist"]
    assert isinstance(found, Movement)
    assert len(found.epochs) == 2 * 720
    assert found.epochs.samples.sum() == len(whole["wrist"])


@given(st.binary(max_size=200))
def test_another_file_is_refused(noise: bytes) -> None:
    with pytest.raises(SignalError):
        unpack(noise)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_file_is_refused_or_the_same(at: int, byte: int) -> None:
    data = bytearray(pack(partition({"scale": signals()["scale"]}, START, START + HOUR)))
    data[at % len(data)] = byte
    try:
        found = unpack(bytes(data))
    except SignalError:
        return
    assert set(found.parts) <= {"scale"}
