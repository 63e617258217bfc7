"""Every endpoint that a recording permits, day by day and over its whole length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helmont.signals.channels import Kind
from helmont.signals.endpoints.catalogue import newest
from helmont.signals.endpoints.computing import Reason, Result, summarise
from helmont.signals.endpoints.days import Period, Zones, days
from helmont.signals.endpoints.definition import EndpointDefinition
from helmont.signals.endpoints.movement import Movement
from helmont.signals.endpoints.partition import Partial, joined, partition
from helmont.signals.errors import SignalError
from helmont.signals.recording import Signal

if TYPE_CHECKING:
    from helmont.signals.epochs import Calibration
    from helmont.signals.motion.calibration import Calibrated

WHOLE = "whole recording"
"""The label of what is computed over all of it."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """``results`` of the endpoints that the recording has a channel for, in the order of definitions and of time.

    ``absent`` are the other definitions; ``start`` and ``end`` (nanoseconds since 1970) are those of the recording;
    ``refused`` says of a channel why nothing can be computed from it, ``calibrations`` of one of acceleration how it was
    calibrated, or why it could not be.
    """

    start: int
    end: int
    results: tuple[Result, ...]
    definitions: tuple[EndpointDefinition, ...]
    absent: tuple[EndpointDefinition, ...]
    refused: Mapping[str, SignalError]
    calibrations: Mapping[str, Calibrated]


def analyse(
    signals: Mapping[str, Signal],
    zones: Zones,
    definitions: Sequence[EndpointDefinition] | None = None,
    *,
    threads: int = 1,
    placements: Sequence[str] = ("wrist",),
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Analysis:
    """The endpoints of ``definitions`` (default: the newest of the catalogue) from all signals of one participant.

    ``placements`` are those of ``partition``. ``told`` is called with the number of days that are done and of all of them. A
    channel that cannot be read is left out and told in ``refused``. Raises ``SignalError`` when nothing was recorded at all.
    """
    wanted = newest() if definitions is None else tuple(definitions)
    recorded = {name: signal for name, signal in signals.items() if len(signal)}
    if not recorded:
        raise SignalError("recording", "no samples", "a channel with samples")
    start = min(signal.span[0] for signal in recorded.values())
    end = max(signal.span[1] for signal in recorded.values())
    partial, refused, calibrations = _partial(recorded, days(zones, start, end), threads, placements, told)
    results = summarise(wanted, partial, zones, [Period(WHOLE, start, end)])
    lacking = {result.endpoint for result in results if result.reason is Reason.NO_CHANNEL}
    return Analysis(
        start,
        end,
        tuple(result for result in results if result.endpoint not in lacking),
        tuple(definition for definition in wanted if definition.id not in lacking),
        tuple(definition for definition in wanted if definition.id in lacking),
        refused,
        calibrations,
    )


def _partial(
    signals: Mapping[str, Signal],
    periods: Sequence[Period],
    threads: int,
    placements: Sequence[str],
    told: Callable[[int, int], None],
) -> tuple[Partial, Mapping[str, SignalError], Mapping[str, Calibrated]]:
    """What all days have, joined; the channels of which a day could not be read; and how accelerometers were calibrated."""
    moving = {name: signal for name, signal in signals.items() if signal.channel.kind is Kind.ACCELERATION}
    steps = len(periods) * (2 if moving else 1)
    done = iter(range(1, steps + 1))

    def tell() -> None:
        told(next(done), steps)

    parts, refused = _days(signals, list(signals), periods, threads, None, (), tell)
    if not moving:
        return parts, refused, {}
    from helmont.signals.motion.calibration import calibrate

    found: dict[str, Calibrated] = {}
    for name in moving:
        part = parts.parts.get(name)
        if isinstance(part, Movement) and len(part.epochs):
            found[name] = calibrate(part.epochs)
    used = {name: one.calibration for name, one in found.items() if one.done}
    again, _ = _days(signals, list(found), periods, threads, used, placements, tell)
    return Partial(parts.start, parts.end, parts.kinds, {**parts.parts, **again.parts}), refused, found


def _days(
    signals: Mapping[str, Signal],
    names: Sequence[str],
    periods: Sequence[Period],
    threads: int,
    calibrations: Mapping[str, Calibration] | None,
    placements: Sequence[str],
    tell: Callable[[], None],
) -> tuple[Partial, dict[str, SignalError]]:
    """The named channels day by day, joined; and those that cannot be read. Steps are sought once there are calibrations."""
    refused: dict[str, SignalError] = {}
    warmth = {name: one for name, one in signals.items() if one.channel.kind is Kind.TEMPERATURE}

    def of_day(period: Period) -> dict[str, Partial | SignalError]:
        found: dict[str, Partial | SignalError] = {}
        for name in names:
            beside = warmth if signals[name].channel.kind is Kind.ACCELERATION else {}
            try:
                near = {name: signals[name], **beside}
                whole = partition(near, period.start, period.end, calibrations, placements)
            except SignalError as fault:
                found[name] = fault
            else:
                parts = {name: whole.parts[name]} if name in whole.parts else {}
                found[name] = Partial(whole.start, whole.end, {name: whole.kinds[name]}, parts)
        return found

    each: list[dict[str, Partial]] = []
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(of_day, periods):
            refused |= {name: part for name, part in found.items() if isinstance(part, SignalError)}
            each.append({name: part for name, part in found.items() if isinstance(part, Partial)})
            tell()
    whole = [joined([part[name] for part in each]) for name in names if name not in refused]
    kinds = {name: kind for one in whole for name, kind in one.kinds.items()}
    parts = {name: part for one in whole for name, part in one.parts.items()}
    return Partial(periods[0].start, periods[-1].end, kinds, parts), refused
