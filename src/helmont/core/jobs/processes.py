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
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

import django

_THREADS = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def processes(count: int = 0, begin: Callable[..., None] | None = None, *arguments: object) -> Iterator[Executor]:
    """``count`` processes, as many as there are cores when it is 0; each calls ``begin(*arguments)`` first."""
    # Forking would copy a server's threads in the middle of what they hold; a new process starts clean.
    with (
        _one_core_each(),
        ProcessPoolExecutor(
            count or cores(),
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(pickle.dumps((begin, arguments)),),
        ) as pool,
    ):
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


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


def _begin(call: bytes) -> None:
    threading.Thread(target=_end_with_parent, name="helmont-parent", daemon=True).start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmont.settings")
    django.setup()
    begin, arguments = pickle.loads(call)  # its module may hold models, which wait for the line above
    if begin is not None:
        begin(*arguments)


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
