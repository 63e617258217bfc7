"""Parts of a long piece of work that need nothing of each other: done by other processes where there are some.

Only commands that a person waits for share their work (``with shared_with(pool):``); within a server the same parts are done
where they are asked for. What comes of it is the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
AHEAD = 16
"""Results of parts that may wait to be taken."""
_pool: ContextVar[Executor | None] = ContextVar("pool", default=None)


@contextmanager
def shared_with(pool: Executor) -> Iterator[None]:
    """Have a pool of processes do what is asked within."""
    token = _pool.set(pool)
    try:
        yield
    finally:
        _pool.reset(token)


def ask(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
    """What ``function`` gives, made in another process when there is one, otherwise at once."""
    if (pool := _pool.get()) is not None:
        return pool.submit(function, *args, **kwargs)
    done: Future[R] = Future()
    done.set_result(function(*args, **kwargs))
    return done


def in_parts(function: Callable[..., R], parts: Iterable[tuple[Any, ...]]) -> Iterator[R]:
    """What ``function`` gives for each tuple of arguments, in their order."""
    ahead = 0 if _pool.get() is None else AHEAD
    asked: deque[Future[R]] = deque()
    for part in parts:
        asked.append(ask(function, *part))
        if len(asked) > ahead:
            yield asked.popleft().result()
    while asked:
        yield asked.popleft().result()
