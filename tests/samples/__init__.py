"""Batches of samples that are easily told from one another, and processes of their own that are killed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helmont.samples.records import Record
from helmont.signals.recording import SECOND, Stretch

START = 1_700_000_000 * SECOND
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.samples.children"])


def stretch(number: int, samples: int = 50, start: int | None = None) -> Stretch:
    """Samples that say by their numbers which they are: 50 a second, the first ``number`` seconds after ``START``."""
    counts = np.random.default_rng(number).integers(-500, 500, (samples, 3)).astype(np.int16)
    return Stretch(START + number * SECOND if start is None else start, SECOND / 50, counts)


def record(number: int, stream: int = 1, samples: int = 50) -> Record:
    """Batch ``number`` of a stream."""
    return Record.of(stream, number, [stretch(number, samples)])


def peak() -> int:
    """The kilobytes of memory that this process had at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def same(found: Sequence[Stretch], wanted: Sequence[Stretch]) -> bool:
    """The same samples at the same times."""
    return len(found) == len(wanted) and all(
        np.array_equal(one.counts, other.counts) and np.array_equal(one.moments(), other.moments())
        for one, other in zip(found, wanted, strict=True)
    )
