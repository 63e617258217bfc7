"""The decision for every arm of a real platform trial at a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.platform.allocating import shares
from helmont.design.platform.analysis import analysed, split
from helmont.design.platform.posterior import Floats
from helmont.design.platform.regression import Cells
from helmont.design.platform.results import Action, ArmDecision, PlatformDecision
from helmont.design.platform.running import CAPPED, FULL, FUTILE, OPEN, SUCCESS, WAITING, WITHDRAWN, decided, estimated
from helmont.design.platform.settings import CONTROLS, REGRESSIONS, BinaryEndpoint, Controls

if TYPE_CHECKING:
    from helmont.design.platform.trial import PlatformTrial

_CLOSED = 7
"""An arm that was decided at an earlier look."""
_ACTIONS: dict[int, Action] = {
    WAITING: "waiting",
    OPEN: "continue",
    FULL: "continue",
    SUCCESS: "graduate",
    FUTILE: "drop",
    CAPPED: "cap",
    WITHDRAWN: "withdrawn",
    _CLOSED: "closed",
}


@dataclass(frozen=True)
class Data:
    """By arm, a number a period."""

    patients: Mapping[str, Sequence[int]]
    outcomes: Mapping[str, Sequence[float]]
    squares: Mapping[str, Sequence[float]] | None
    enrolled: Mapping[str, Sequence[int]] | None


def next_decision(design: PlatformTrial, data: Data, closed: tuple[str, ...], time: float | None) -> PlatformDecision:
    """What ``PlatformTrial.next`` answers."""
    cells, enrolled = _checked(design, data)
    names = [each.name for each in design.arms]
    for name in closed:
        if name not in names:
            raise DesignError("closed", name, f"one of {', '.join(names)}")
    now = enrolled.sum() / design.accrual if time is None else checking.between("time", time, 0.0, 1e9, closed=True)
    state = _states(design, enrolled, closed)
    known = analysed(design.analysis, cells, enrolled)
    better, least = known.above(design.margin), known.above(design.futility_at)
    mean, deviation = known.moments()
    counted, total = cells.n[:, :, 1:].sum(axis=1), enrolled[:, :, 1:].sum(axis=1)
    after = decided(state, better, least, counted, total, design)
    leaves = np.array([np.inf if each.leaves is None else each.leaves for each in design.arms])
    after = np.where(((after == OPEN) | (after == FULL)) & (now >= leaves - 1e-9), WITHDRAWN, after).astype(np.int8)
    others = _alternatives(design, cells, enrolled)
    compared = split(Cells(enrolled, enrolled), enrolled[:, :, 1:] > 0)
    arms = tuple(
        ArmDecision(
            name,
            _ACTIONS[int(after[0, k])],
            _reason(design, k, int(after[0, k]), float(better[0, k]), float(least[0, k]), int(counted[0, k])),
            float(better[0, k]),
            float(least[0, k]),
            int(total[0, k]),
            int(counted[0, k]),
            int(compared.concurrent[0][0, k]),
            int(compared.other[0][0, k]),
            float(mean[0, k]),
            float(deviation[0, k]),
            {handling: float(each[0, k]) for handling, each in others.items()},
        )
        for k, name in enumerate(names)
    )
    after = _entering(design, after, now)
    chances = shares(
        design.allocation,
        after == OPEN,
        ratio=design.ratio,
        tempering=design.tempering,
        limits=design.limits,
        better=np.where(state == WAITING, 0.5, better),  # as in simulations: nothing is known of who has not enrolled
        mean=mean,
        deviation=deviation,
    )[0]
    allocation = {name: float(chance) for name, chance in zip(("control", *names), chances, strict=True) if chance > 0}
    return PlatformDecision(arms, allocation, design.controls, CONTROLS[design.controls], design.digest)


def _checked(design: PlatformTrial, data: Data) -> tuple[Cells, Floats]:
    """The data as one trial; an arm that is left out has nothing."""
    periods = len(data.patients.get("control", ()))
    if not periods:
        raise DesignError("patients", dict(data.patients), "counts by arm and period, of 'control' at least")
    names = ("control", *(each.name for each in design.arms))
    tables: list[Floats] = []
    for setting, table in (("patients", data.patients), ("outcomes", data.outcomes), ("squares", data.squares)):
        tables.append(_table(setting, {} if table is None else table, names, periods))
    n, sums, squares = tables
    enrolled = n if data.enrolled is None else _table("enrolled", data.enrolled, names, periods)
    for column, name in enumerate(names):
        for period in range(periods):
            place = f"[{name!r}][{period + 1}]"
            checking.count(f"patients{place}", _whole(n[period, column]))
            checking.count(f"enrolled{place}", _whole(enrolled[period, column]), _whole(n[period, column]))
            if isinstance(design.endpoint, BinaryEndpoint):
                checking.count(f"outcomes{place}", _whole(sums[period, column]), 0, _whole(n[period, column]))
            elif data.squares is not None or estimated(design.endpoint):
                size = max(n[period, column], 1.0)
                least = sums[period, column] ** 2 / size
                if squares[period, column] < least * (1 - 1e-9):
                    raise DesignError(
                        f"squares{place}",
                        float(squares[period, column]),
                        f"at least {least:g}, the square of the sum over n",
                    )
    return Cells(n[None], sums[None], squares[None] if estimated(design.endpoint) else None), enrolled[None]


def _table(setting: str, table: Mapping[str, Sequence[float]], names: tuple[str, ...], periods: int) -> Floats:
    found = np.zeros((periods, len(names)))
    for name, values in table.items():
        if name not in names:
            raise DesignError(setting, name, f"by arm: {', '.join(names)}")
        if len(values) != periods:
            raise DesignError(f"{setting}[{name!r}]", tuple(values), f"{periods} numbers, one a period")
        found[:, names.index(name)] = [checking.number(f"{setting}[{name!r}]", each) for each in values]
    return found


def _whole(value: float) -> int:
    """As a count; what is none is left for ``count`` to refuse."""
    return int(value) if value == int(value) else float(value)  # type: ignore[return-value]


def _states(design: PlatformTrial, enrolled: Floats, closed: tuple[str, ...]) -> NDArray[np.int8]:
    total = enrolled[0, :, 1:].sum(axis=0)
    found = np.full((1, len(design.arms)), WAITING, dtype=np.int8)
    for k, arm in enumerate(design.arms):
        if total[k] > arm.cap:
            raise DesignError("enrolled", int(total[k]), f"at most {arm.cap} in {arm.name!r}, its cap")
        if arm.name in closed:
            found[0, k] = _CLOSED
        elif total[k]:
            found[0, k] = FULL if total[k] == arm.cap else OPEN
    return found


def _entering(design: PlatformTrial, state: NDArray[np.int8], now: float) -> NDArray[np.int8]:
    """Arms whose time has come join, as far as there is room."""
    found = state.copy()
    for k in sorted(range(len(design.arms)), key=lambda place: design.arms[place].enters):
        due = now >= design.arms[k].enters - 1e-9 or not (found == OPEN).any()
        if found[0, k] == WAITING and due and (found == OPEN).sum() < design.open_at_once:
            found[0, k] = OPEN
    return found


def _alternatives(design: PlatformTrial, cells: Cells, enrolled: Floats) -> dict[Controls, Floats]:
    found: dict[Controls, Floats] = {}
    for handling in get_args(Controls):
        scaled = isinstance(design.endpoint, BinaryEndpoint) and design.margin and handling in REGRESSIONS
        if handling != design.controls and not scaled:
            found[handling] = analysed(replace(design.analysis, controls=handling), cells, enrolled).above(
                design.margin
            )
    return found


def _reason(design: PlatformTrial, k: int, state: int, better: float, least: float, known: int) -> str:
    arm = design.arms[k]
    if state == WAITING:
        return f"it has not enrolled: it enters at {arm.enters:g}"
    if state == _CLOSED:
        return "it was closed at an earlier look"
    if state == WITHDRAWN:
        return f"the design closes it at {arm.leaves:g}"
    chance = f"the probability of an effect above {design.margin:g} is {better:.4f}"
    if state == SUCCESS:
        return f"{chance}, above {design.success:g}"
    if state == FUTILE:
        return f"the probability of an effect above {design.futility_at:g} is {least:.4f}, below {design.futility:g}"
    if state == CAPPED:
        return f"its {arm.cap} patients are in and known: {chance}, not above {design.success:g}"
    if known < min(design.least, arm.cap):
        return f"{known} outcomes are known of the {min(design.least, arm.cap)} that a decision needs; {chance}"
    waits = "its last patient is in and outcomes are pending; " if state == FULL else ""
    return f"{waits}{chance}: neither above {design.success:g} nor futile"
