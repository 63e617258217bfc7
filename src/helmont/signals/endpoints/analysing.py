"""Every endpoint that a recording permits, day by day and over its whole length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from helmont.signals.endpoints.catalogue import newest
from helmont.signals.endpoints.computing import Reason, Result, summarise
from helmont.signals.endpoints.days import Period, Zones, days
from helmont.signals.endpoints.definition import EndpointDefinition
from helmont.signals.endpoints.partition import Partial, joined, partition
from helmont.signals.errors import SignalError
from helmont.signals.recording import Signal

WHOLE = "whole recording"
"""The label of what is computed over all of it."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """``results`` of the endpoints that the recording has a channel for, in the order of definitions and of time.

    ``absent`` are the other definitions; ``start`` and ``end`` (nanoseconds since 1970) are those of the recording;
    ``refused`` says of a channel why nothing can be computed from it.
    """

    start: int
    end: int
    results: tuple[Result, ...]
    definitions: tuple[EndpointDefinition, ...]
    absent: tuple[EndpointDefinition, ...]
    refused: Mapping[str, SignalError]


def analyse(
    signals: Mapping[str, Signal],
    zones: Zones,
    definitions: Sequence[EndpointDefinition] | None = None,
    *,
    threads: int = 1,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Analysis:
    """The endpoints of ``definitions`` (default: the newest of the catalogue) from all signals of one participant.

    ``told`` is called with the number of days that are done and of all of them. A channel that cannot be read is left out and
    told in ``refused``. Raises ``SignalError`` when nothing was recorded at all.
    """
    wanted = newest() if definitions is None else tuple(definitions)
    recorded = {name: signal for name, signal in signals.items() if len(signal)}
    if not recorded:
        raise SignalError("recording", "no samples", "a channel with samples")
    start = min(signal.span[0] for signal in recorded.values())
    end = max(signal.span[1] for signal in recorded.values())
    partial, refused = _partial(recorded, days(zones, start, end), threads, told)
    results = summarise(wanted, partial, zones, [Period(WHOLE, start, end)])
    lacking = {result.endpoint for result in results if result.reason is Reason.NO_CHANNEL}
    return Analysis(
        start,
        end,
        tuple(result for result in results if result.endpoint not in lacking),
        tuple(definition for definition in wanted if definition.id not in lacking),
        tuple(definition for definition in wanted if definition.id in lacking),
        refused,
    )


def _partial(
    signals: Mapping[str, Signal], periods: Sequence[Period], threads: int, told: Callable[[int, int], None]
) -> tuple[Partial, Mapping[str, SignalError]]:
    """What all days have, joined; and the channels of which a day could not be read."""
    refused: dict[str, SignalError] = {}

    def of_day(period: Period) -> dict[str, Partial | SignalError]:
        found: dict[str, Partial | SignalError] = {}
        for name, signal in signals.items():
            try:
                found[name] = partition({name: signal}, period.start, period.end)
            except SignalError as fault:
                found[name] = fault
        return found

    parts: list[dict[str, Partial]] = []
    with ThreadPoolExecutor(threads) as pool:
        for done, found in enumerate(pool.map(of_day, periods), start=1):
            refused |= {name: part for name, part in found.items() if isinstance(part, SignalError)}
            parts.append({name: part for name, part in found.items() if isinstance(part, Partial)})
            told(done, len(periods))
    whole = [joined([part[name] for part in parts]) for name in signals if name not in refused]
    begin, finish = periods[0].start, periods[-1].end
    kinds = {name: kind for one in whole for name, kind in one.kinds.items()}
    return Partial(begin, finish, kinds, {name: part for one in whole for name, part in one.parts.items()}), refused
