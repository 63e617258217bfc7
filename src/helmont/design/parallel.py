"""Long simulations in parts: on one processor or all of them, the same result on any number.

Each part has a seed of its own, spawned from the seed of the whole (``numpy.random.SeedSequence``); what its trials add up to is
added in the order of the parts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from concurrent.futures import Future

PART = 25_000
"""Trials in a part, unless a design takes longer for them."""
WORTH = 3.0
"""Seconds of work for which it is worth to start processes: each loads numpy and scipy first."""

T = TypeVar("T")
Work = Callable[[int, np.random.SeedSequence], T]
"""Simulates so many trials with a seed."""
Progress = Callable[[int, int], None]
"""Told the trials done and the trials in all, after each part."""


class Sums:
    """A dataclass of sums over trials (numbers, arrays, None for what is not counted): two of them add up field by field."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __add__(self, other: Self) -> Self:
        pairs = ((getattr(self, each.name), getattr(other, each.name)) for each in fields(self))
        return type(self)(*(None if mine is None else mine + yours for mine, yours in pairs))


def summed(
    work: Work[T],
    trials: int,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = 1,
    part: int = PART,
) -> T:
    """What ``work`` gives for every part, added up (``+``)."""
    return reduce(add, parts(work, trials, seed, progress, processes, part))


def parts(
    work: Work[T],
    trials: int,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = 1,
    part: int = PART,
) -> Iterator[T]:
    """``work(trials of the part, its seed)`` for parts of ``part`` trials, in order.

    ``processes`` None takes every processor if that is sooner. With more than one process ``work`` is pickled, and a script that
    calls this must be importable (processes are spawned).
    """
    sizes = [part] * (trials // part) + ([trials % part] if trials % part else [])
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    done = 0
    for size, found in zip(sizes, _each(work, sizes, seeds, processes), strict=True):
        done += size
        if progress is not None:
            progress(done, trials)
        yield found


def _each(work: Work[T], sizes: list[int], seeds: list[np.random.SeedSequence], processes: int | None) -> Iterator[T]:
    if processes is None:  # the first part tells how long the others will take
        started = time.perf_counter()
        yield work(sizes[0], seeds[0])
        sizes, seeds = sizes[1:], seeds[1:]
        processes = _processors() if (time.perf_counter() - started) * len(sizes) > WORTH else 1
    if min(processes, len(sizes)) <= 1:
        yield from map(work, sizes, seeds)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(processes, len(sizes)), mp_context=get_context("spawn")) as pool:
        waiting: list[Future[T]] = [pool.submit(work, size, seed) for size, seed in zip(sizes, seeds, strict=True)]
        for each in waiting:
            yield each.result()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
