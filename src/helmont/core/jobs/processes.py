"""Processes beside this one, for heavy work that falls into parts: it takes all cores, and holds up no save meanwhile.

    with processes() as pool:
        for result in pool.map(work, parts):
            ...

``work`` is a function of a module, and what goes in and comes out can be pickled. Each process has a connection to the
database of its own: what this one has not committed it does not see.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import ParamSpec, TypeVar

import django

P = ParamSpec("P")
R = TypeVar("R")
_THREADS = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def processes(count: int = 0, begin: Callable[..., None] | None = None, *arguments: object) -> Iterator[Executor]:
    """``count`` processes, as many as there are cores when it is 0; each calls ``begin(*arguments)`` first."""
    with _one_core_each(), _pool_of(count or cores(), begin, arguments) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class Beside(Executor):
    """One process that starts with the first thing asked of it, and ends when nothing was asked for a while (``rest``).

    It is asked by one thread. Should the process be killed, what was asked fails, and the next thing starts another.
    """

    IDLE = 120.0
    """Seconds."""

    def __init__(self) -> None:
        self._pool: Executor | None = None
        self._asked = 0.0

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        self._asked = time.monotonic()
        try:
            return self._started().submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            self.shutdown()
            return self._started().submit(fn, *args, **kwargs)

    def _started(self) -> Executor:
        if self._pool is None:
            with _one_core_each():
                self._pool = _pool_of(1, _leave_interrupts, ())
                self._pool.submit(os.getpid).result()  # the process is there, with the environment of this moment
        return self._pool

    def rest(self) -> None:
        """End the process if nothing was asked of it for ``IDLE`` seconds."""
        if self._pool is not None and time.monotonic() - self._asked > self.IDLE:
            self.shutdown()

    def cancel(self) -> None:
        """Give up what is not begun, from any thread: whoever waits for it gets a ``CancelledError``."""
        if (pool := self._pool) is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
            self._pool = None


class Apart:
    """``function(*arguments)`` in one process of its own, which can be given up at any moment: it is killed then."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        call = pickle.dumps((function, arguments))
        with _one_core_each():
            self._process = get_context("spawn").Process(target=_apart, args=(call,), daemon=True)
            self._process.start()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds. Raises ``ChildProcessError`` when it did not end well."""
        self._process.join(seconds)
        if self._process.exitcode:
            raise ChildProcessError(f"{self._process.name} ended with {self._process.exitcode}")
        return self._process.exitcode == 0

    def give_up(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.join()


@contextmanager
def _one_core_each() -> Iterator[None]:
    """Libraries with threads of their own take one core in a process that is started within."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _pool_of(count: int, begin: Callable[..., None] | None, arguments: tuple[object, ...]) -> Executor:
    # Forking would copy a server's threads in the middle of what they hold; a new process starts clean.
    call = pickle.dumps((begin, arguments))
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin, initargs=(call,))


def _begin(call: bytes) -> None:
    threading.Thread(target=_end_with_parent, name="helmont-parent", daemon=True).start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmont.settings")
    django.setup()
    begin, arguments = pickle.loads(call)  # its module may hold models, which wait for the line above
    if begin is not None:
        begin(*arguments)


def _apart(call: bytes) -> None:
    _leave_interrupts()
    _begin(call)


def _leave_interrupts() -> None:
    """Control-C at a terminal goes to every process; the server ends this one when it has ended its own work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
