"""What a design answers, made in a process beside the server: people save meanwhile, and what takes too long is given up."""

from __future__ import annotations

import atexit
import json
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from helmont.core.jobs.processes import Beside

SECONDS = 12.0
"""How long a page may take."""
Row = tuple[tuple[float, ...], ...]


class TooLong(Exception):
    """The answer would take longer than a page may; the terminal has no limit."""


class _Answering:
    """One process, of which one thread at a time asks; it ends when nothing was asked for a while."""

    def __init__(self) -> None:
        self._process = Beside()
        self._one_at_a_time = threading.Lock()
        self._resting: threading.Timer | None = None

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        with self._one_at_a_time:
            try:
                return self._process.submit(_limited, SECONDS, function, *arguments).result()
            finally:
                self._rest_later()

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = threading.Timer(Beside.IDLE + 1, self._rest)
        self._resting.daemon = True
        self._resting.start()

    def _rest(self) -> None:
        with self._one_at_a_time:
            self._process.rest()

    def end(self) -> None:
        """With the server."""
        if self._resting is not None:
            self._resting.cancel()
        self._process.shutdown(wait=False, cancel_futures=True)


_answering = _Answering()
atexit.register(_answering.end)


@lru_cache(maxsize=256)
def answer(design: str, scenarios: tuple[Row, ...], trials: int, seed: int, places: tuple[int, ...]) -> tuple[Any, ...]:
    """What the design (its settings as JSON) answers to the questions at these places of ``asked_of``, as plain values.

    Raises ``DesignError`` for what it cannot answer, ``TooLong`` for what takes longer than ``SECONDS``.
    """
    found: tuple[Any, ...] = _answering.ask(at_once, design, scenarios, trials, seed, places)
    return found


def exact(design: str, truth: tuple[float, ...]) -> Any:
    """The exact characteristics of a design (its settings as JSON) of which the outcomes are many. Raises as ``answer``."""
    return _answering.ask(_exact, design, truth)


@lru_cache(maxsize=16)
def contents(designs: tuple[str, ...], scenarios: tuple[Row, ...], trials: int, seed: int) -> Mapping[str, Any]:
    """Everything in an appendix of the designs, as JSON. Raises as ``answer``."""
    found: Mapping[str, Any] = _answering.ask(_contents, designs, scenarios, trials, seed)
    return found


def too_long() -> str:
    """What a person is told."""
    return _(
        "A page may take %(seconds)s seconds, and this takes longer: ask for fewer trials or patients, or use the terminal."
    ) % {"seconds": f"{SECONDS:g}"}


def at_once(
    design: str, scenarios: tuple[Row, ...], trials: int, seed: int, places: tuple[int, ...]
) -> tuple[Any, ...]:
    """The same without a process and without a limit, for what nobody waits for."""
    from helmont.design import Declared
    from helmont.reports.designs.content import asked_of

    declared = Declared.from_dict(json.loads(design))
    asked = asked_of(declared, scenarios, trials, seed)
    return tuple(asked[place].answered(declared) for place in places)


def _exact(design: str, truth: tuple[float, ...]) -> Any:
    from helmont.design import Declared

    declared: Any = Declared.from_dict(json.loads(design))
    return declared.exact(truth)


def _contents(designs: Sequence[str], scenarios: tuple[Row, ...], trials: int, seed: int) -> dict[str, Any]:
    from helmont.design import Declared
    from helmont.reports.designs.asking import Asked
    from helmont.reports.designs.attachment import contents_of
    from helmont.reports.designs.writing import PATIENTS

    declared = tuple(Declared.from_dict(json.loads(each)) for each in designs)
    return contents_of(Asked(scenarios, trials, seed, PATIENTS, declared))


def _limited(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """In the process: what takes too long is interrupted there."""

    def late(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
