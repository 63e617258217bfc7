"""One function over every participant's day of what was compacted: here, in a pool of processes, or on a cluster (Ray).

The function is given a ``Part`` and reads from it what it wants, more than the day itself if it needs to (a participant's own
day does not begin at midnight UTC). What it gives, and in which order that comes, does not depend on where it ran.

::

    with processes(4) as workers:                 # or: with Cluster() as workers
        for partition, minutes in map_partitions(active_minutes, store, partitions(store, study="HEART-1"), on=workers):
            ...
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar

from helmont.samples.archive import Archive, FromArchive, stream_of
from helmont.samples.correcting import Drift, Span, Worn, spans_of
from helmont.samples.errors import LogError
from helmont.samples.parquet import DAY, EPOCH, Stream, named
from helmont.samples.stores import Store
from helmont.samples.view import View, view

P = ParamSpec("P")
R = TypeVar("R")
AHEAD = 64
"""Partitions that are given out before the first of them is taken back."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A participant's day (UTC) of a channel."""

    study: str
    channel: str
    participant: str
    date: str

    @property
    def span(self) -> Span:
        """The day, in nanoseconds."""
        start = (date.fromisoformat(self.date) - EPOCH).days * DAY
        return start, start + DAY


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is put right of a stream on reading: its clock, who wore it other than its ``participant``, batches taken back."""

    stream: int
    participant: str
    drift: Drift | None = None
    worn: tuple[Worn, ...] = ()
    withdrawn: frozenset[int] = frozenset()

    def device(self, span: Span) -> Span:
        """The span in the device's time."""
        return span if self.drift is None else (self.drift.device(span[0]) - 1, self.drift.device(span[1]) + 1)


class PartitionError(LogError):
    """The function failed on a partition, or whoever worked on it ended. ``details`` has where."""

    def __init__(self, partition: Partition, reason: str, details: str = "") -> None:
        self.partition, self.reason, self.details = partition, reason, details
        super().__init__(f"{partition.participant} on {partition.date}, {partition.channel}: {reason}")

    def __reduce__(self) -> tuple[type[PartitionError], tuple[Partition, str, str]]:
        return type(self), (self.partition, self.reason, self.details)


@dataclass(frozen=True)
class Part:
    """What the function is given: a partition, and its samples as they are asked for."""

    partition: Partition
    store: Store
    corrections: tuple[Corrected, ...] = ()

    def views(self, before: int = 0, after: int = 0) -> list[tuple[Stream, View]]:
        """What each stream of the day holds, and so many nanoseconds before and after it, in the order of their numbers.

        Streams that a correction says the participant wore are among them. Raises ``SignalError`` for a damaged file.
        """
        archive = Archive(self.store)
        span = self.partition.span[0] - before, self.partition.span[1] + after
        of = {each.stream: each for each in self.corrections}
        own = archive.files(self._place(self.partition.participant), *span)
        found: list[tuple[Stream, View]] = []
        for number in sorted({stream_of(name) for name in own} | set(of)):
            correction = of.get(number, Corrected(number, self.partition.participant))
            if (seen := self._view(archive, correction, span)) is not None:
                found.append(seen)
        return found

    def _place(self, participant: str) -> str:
        return Stream.place(self.partition.study, self.partition.channel, participant)

    def _view(self, archive: Archive, correction: Corrected, span: Span) -> tuple[Stream, View] | None:
        """What one stream holds; None where it has no file."""
        source = FromArchive(archive, correction.stream, self._place(correction.participant))
        device = correction.device(span)
        written = list(source.files(*device))
        if not written:
            return None
        stream = written[-1].stream
        assigned = Worn(*span, correction.participant)
        return stream, view(
            set(source.entries(*device)),
            source,
            stream.channel,
            *span,
            scale=stream.scale,
            offset=stream.offset,
            drift=correction.drift,
            only=spans_of(self.partition.participant, assigned, correction.worn),
            withdrawn=correction.withdrawn,
        )


def partitions(
    store: Store, study: str | None = None, channel: str | None = None, participant: str | None = None
) -> list[Partition]:
    """The partitions that runs with a manifest wrote; of one study, channel or participant."""
    archive = Archive(store)
    prefix = "" if study is None else Stream.place(study, channel, participant)
    wanted = {"study": study, "channel": channel, "participant": participant}
    found = (named(name) for name in store.names(prefix) if archive.counts(name))
    matching = (each for each in found if all(value in (None, each[name]) for name, value in wanted.items()))
    return sorted({Partition(**each) for each in matching})


def map_partitions(
    function: Callable[..., R],
    store: Store,
    of: Iterable[Partition],
    *,
    on: Executor | None = None,
    about: Callable[[Partition], tuple[Any, ...]] = lambda _partition: (),
    corrections: Sequence[Corrected] = (),
    progress: Callable[[int, Partition], None] = lambda _done, _partition: None,
    ahead: int = AHEAD,
) -> Iterator[tuple[Partition, R]]:
    """What ``function`` gives of every partition, in their order; ``progress`` is told how many are done, and of which.

    It is given the ``Part``, and after it what ``about`` has of the partition.

    On processes or a cluster the function is one of a module, and what it gives can be pickled. No more than ``ahead`` results
    are kept. Raises ``PartitionError`` for the first partition, in their order, on which it failed; no further one is begun.
    """
    asked: deque[tuple[Partition, Future[_Outcome[R]]]] = deque()
    waiting = iter(of)
    corrected: dict[str, dict[int, Corrected]] = {}
    for each in corrections:
        for participant in {each.participant, *(worn.wearer for worn in each.worn if worn.wearer is not None)}:
            corrected.setdefault(participant, {})[each.stream] = each
    done = 0
    try:
        while True:
            while len(asked) < (ahead if on is not None else 1) and (partition := next(waiting, None)) is not None:
                part = Part(partition, store, tuple(corrected.get(partition.participant, {}).values()))
                given = (part, *about(partition))
                asked.append(
                    (partition, _here(function, *given) if on is None else on.submit(_outcome, function, *given))
                )
            if not asked:
                return
            partition, future = asked.popleft()
            result = _taken(partition, future)
            done += 1
            progress(done, partition)
            yield partition, result
    finally:
        for _, future in asked:
            future.cancel()


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[R]):
    """What a function gave, or why it did not: text, since not every exception passes between processes."""

    given: R | None
    reason: str = ""
    details: str = ""


def _outcome(function: Callable[..., R], *given: Any) -> _Outcome[R]:
    try:
        return _Outcome(function(*given))
    except Exception as error:  # noqa: BLE001 - it is told with its partition by whoever asked
        return _Outcome(None, f"{type(error).__name__}: {error}", traceback.format_exc())


def _here(function: Callable[..., R], *given: Any) -> Future[_Outcome[R]]:
    done: Future[_Outcome[R]] = Future()
    done.set_result(_outcome(function, *given))
    return done


def _taken(partition: Partition, future: Future[_Outcome[R]]) -> R:
    try:
        outcome = future.result()
    except Exception as error:
        raise PartitionError(partition, f"whoever worked on it ended: {type(error).__name__}: {error}") from error
    if outcome.reason:
        raise PartitionError(partition, outcome.reason, outcome.details)
    return outcome.given  # type: ignore[return-value]


def processes(count: int) -> Executor:
    """A pool of so many processes on this machine; a context manager."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


class Cluster(Executor):
    """The machines of a Ray cluster: of the one at ``address`` (``"auto"``: the one this machine belongs to), or of one that is
    started here with ``workers`` processes and ends with it. Needs the optional dependencies ``helmont[cluster]``, on every
    machine, and a store that every machine reaches.
    """

    def __init__(self, address: str | None = None, workers: int | None = None, **settings: Any) -> None:
        import ray

        self._started = not ray.is_initialized()
        if self._started:
            quiet = {"logging_level": "error", "log_to_driver": False, "include_dashboard": False}
            joined = {"address": address} if address is not None else {"num_cpus": workers, **quiet}
            ray.init(**joined | settings)
        self._call: Any = ray.remote(max_retries=1)(_call)

    def submit(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have it called on some machine."""
        future: Future[R] = self._call.remote(function, args, kwargs).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, or end the one that was started."""
        import ray

        if self._started:
            ray.shutdown()
            self._started = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shutdown()


def _call(function: Callable[..., R], args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
    return function(*args, **kwargs)
