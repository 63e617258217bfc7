"""Long simulations in parts: on one processor or all of them, the same result on any number.

Each part has a seed of its own, spawned from the seed of the whole (``numpy.random.SeedSequence``), and parts come in order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from helmont.design.checking import DesignError

if TYPE_CHECKING:
    from concurrent.futures import Future

PART = 25_000
"""Trials in a part."""

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told the trials done and the trials in all, after each part."""


def numpy_only(rng: str) -> None:
    """Refuse another generator where no simulation in R is replayed."""
    if rng != "pcg64":
        raise DesignError("rng", rng, "'pcg64': no simulation in R is replayed for this design")


def parts(
    work: Callable[[int, np.random.SeedSequence], T],
    trials: int,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = 1,
    part: int = PART,
) -> Iterator[T]:
    """``work(trials of the part, its seed)`` for every part, in order; ``processes`` None takes every processor.

    With more than one process ``work`` is pickled, and a script that calls this must be importable (processes are spawned).
    """
    sizes = [part] * (trials // part) + ([trials % part] if trials % part else [])
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    wanted = len(os.sched_getaffinity(0)) if processes is None and hasattr(os, "sched_getaffinity") else processes
    workers = min(wanted or os.cpu_count() or 1, len(sizes))
    done = 0
    for size, found in zip(sizes, _each(work, sizes, seeds, workers), strict=True):
        done += size
        if progress is not None:
            progress(done, trials)
        yield found


def _each(
    work: Callable[[int, np.random.SeedSequence], T],
    sizes: list[int],
    seeds: list[np.random.SeedSequence],
    workers: int,
) -> Iterator[T]:
    if workers <= 1:
        yield from map(work, sizes, seeds)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: list[Future[T]] = [pool.submit(work, size, seed) for size, seed in zip(sizes, seeds, strict=True)]
        for each in waiting:
            yield each.result()
