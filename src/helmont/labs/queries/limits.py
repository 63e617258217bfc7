"""The limits that results were judged by, for whoever submits them beside the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helmont.labs.deriving import derive

Limits = dict[str, tuple[str, str]]
"""``<form's key>#<item key>`` to lower and upper limit, in the unit of the result; empty where there is none."""


def limits_now(study: str, participants: Iterable[str]) -> Iterator[tuple[str, Limits]]:
    """For each participant (by key) the limits of their results, found anew from forms and ranges as they are."""
    for person, readings, _alerts in derive(study, participants):
        yield person.key, {reading.key: (reading.low, reading.high) for reading in readings}
