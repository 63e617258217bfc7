"""Refuses settings that no design can have, with the setting, its value and what would be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite
from operator import index
from typing import SupportsFloat, SupportsIndex


class DesignError(ValueError):
    """``setting`` has a ``value`` that no design can have; ``accepted`` says what it may be."""

    def __init__(self, setting: str, value: object, accepted: str) -> None:
        self.setting, self.value, self.accepted = setting, value, accepted
        super().__init__(f"{setting} is {value!r}; it must be {accepted}")

    def __reduce__(self) -> tuple[type[DesignError], tuple[str, object, str]]:
        """It passes between processes."""
        return DesignError, (self.setting, self.value, self.accepted)


def number(setting: str, value: SupportsFloat) -> float:
    """A finite number."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise DesignError(setting, value, "a number") from None
    if not isfinite(found):
        raise DesignError(setting, value, "a finite number")
    return found


def between(setting: str, value: SupportsFloat, low: float, high: float, *, closed: bool = False) -> float:
    """A number strictly between two limits; with ``closed`` it may be one of them."""
    found = number(setting, value)
    if not (low <= found <= high if closed else low < found < high):
        raise DesignError(setting, value, f"between {low:g} and {high:g}" + ("" if closed else ", and neither"))
    return found


def probability(setting: str, value: SupportsFloat, *, closed: bool = False) -> float:
    """A number strictly between 0 and 1; with ``closed`` it may be 0 or 1."""
    return between(setting, value, 0.0, 1.0, closed=closed)


def positive(setting: str, value: SupportsFloat) -> float:
    """A number above 0."""
    found = number(setting, value)
    if found <= 0:
        raise DesignError(setting, value, "above 0")
    return found


def count(setting: str, value: SupportsIndex, least: int = 0, most: int | None = None) -> int:
    """A whole number, at least ``least`` and at most ``most``."""
    accepted = f"a whole number of at least {least}" + ("" if most is None else f" and at most {most}")
    try:
        found = index(value)
    except TypeError:
        raise DesignError(setting, value, accepted) from None
    if isinstance(value, bool) or found < least or (most is not None and found > most):
        raise DesignError(setting, value, accepted)
    return found


def probabilities(setting: str, values: Iterable[SupportsFloat], *, closed: bool = False) -> tuple[float, ...]:
    """One or more probabilities; the fault names the one that is none, counted from 1."""
    found = tuple(
        probability(f"{setting}[{place}]", value, closed=closed) for place, value in enumerate(values, start=1)
    )
    if not found:
        raise DesignError(setting, (), "one or more probabilities")
    return found


def increasing(setting: str, values: Sequence[float]) -> None:
    """Each value above the one before."""
    for place, (before, after) in enumerate(pairwise(values), start=2):
        if after <= before:
            raise DesignError(f"{setting}[{place}]", after, f"above {before:g}, the one before it")


def outcomes(
    n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex], doses: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Patients and how many of them had a dose-limiting toxicity, a count each for every dose."""
    for setting, values in (("n", n), ("dlt", dlt)):
        if len(values) != doses:
            raise DesignError(setting, tuple(values), f"{doses} counts, one a dose")
    patients = tuple(count(f"n[{dose}]", value) for dose, value in enumerate(n, start=1))
    toxic = tuple(
        count(f"dlt[{dose}]", value, 0, most)
        for dose, (value, most) in enumerate(zip(dlt, patients, strict=True), start=1)
    )
    return patients, toxic
