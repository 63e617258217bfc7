"""What devices recorded comes back from its blocks as it was, and takes at most three bytes a sample of three axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helmont.signals.channels import Kind
from helmont.signals.files import read
from helmont.signals.packing import pack_all, unpack_all
from helmont.signals.recording import Signal
from tests.signals.real import found

FILES = [*found("skdh/tests/io/data/*.cwa"), *found("skdh/tests/io/data/*.bin"), *found("ggir/inst/testfiles/*.gt3x")]


def packed(path: Path) -> dict[str, tuple[Signal, list[bytes]]]:
    """Every signal of a file, and the blocks of each of its stretches."""
    signals = read(path).signals
    return {name: (signal, [pack_all([each]) for each in signal.stretches]) for name, signal in signals.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", FILES, ids=lambda path: path.name)


if FILES:

    def test_every_sample_of_a_file_comes_back(path: Path) -> None:
        for signal, blocks in packed(path).values():
            for stretch, data in zip(signal.stretches, blocks, strict=True):
                parts = unpack_all(data)
                assert np.array_equal(np.concatenate([part.counts for part in parts]), stretch.counts)
                moments = np.concatenate([part.moments() for part in parts])
                assert np.abs(moments - stretch.moments()).max() <= 1

    def test_movement_takes_at_most_three_bytes_a_sample() -> None:
        """Of all files together. Those of a sensor of 16 bits that is shaken all the time take up to four."""
        rows, size = 0, 0
        for path in FILES:
            for signal, blocks in packed(path).values():
                if signal.channel.kind in (Kind.ACCELERATION, Kind.ANGULAR_RATE):
                    used = sum(map(len, blocks))
                    assert used <= 4 * len(signal)
                    rows, size = rows + len(signal), size + used
        assert size <= 3 * rows
