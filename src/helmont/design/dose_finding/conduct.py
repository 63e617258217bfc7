"""The next step of a running trial, with its reason and what else could be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

from helmont.design.checking import DesignError, count
from helmont.design.dose_finding.decisions import Action, Alternative, Decision
from helmont.design.dose_finding.walk import Walk

ACTIONS: dict[int, Action] = {1: "escalate", 0: "stay", -1: "de-escalate"}


def first_dose(start: int) -> Decision:
    """Before the first patient."""
    return Decision("stay", start, "the first dose")


def treated(current: SupportsIndex | None, patients: Sequence[int]) -> int:
    """The dose of the latest cohort, which must have treated patients."""
    if current is None:
        raise DesignError("current", None, "the dose of the latest cohort")
    dose = count("current", current, 1, len(patients))
    if not patients[dose - 1]:
        raise DesignError("current", dose, "a dose that treated patients")
    return dose


def decided(walk: Walk, n: tuple[int, ...], dlt: tuple[int, ...], current: int) -> Decision:
    """Doses count from 1. A dose is eliminated by its own data or by that of a lower one."""
    first = next((dose for dose in range(walk.doses) if walk.eliminated[n[dose], dlt[dose]]), walk.doses)
    eliminated = tuple(range(first + 1, walk.doses + 1))
    here, toxic = n[current - 1], dlt[current - 1]
    seen = f"{toxic} of {here} patients at dose {current} had a dose-limiting toxicity"

    def stop(reason: str) -> Decision:
        return Decision("stop", None, reason, eliminated)

    if first == 0 or walk.unsafe[n[0], dlt[0]]:
        return stop(f"dose 1 is too toxic: {dlt[0]} of {n[0]} patients had a dose-limiting toxicity")
    if sum(n) >= walk.patients:
        return stop(f"all {walk.patients} planned patients were treated")
    move, reason = int(walk.move[here, toxic]), f"{seen}{_boundaries(walk, here)}"
    if current > first:  # the doses from the current one were eliminated; the next is the highest that is left
        return _recommended(
            walk, n, first, current, f"{seen}; dose {first + 1} and all above are eliminated", eliminated
        )
    if move > 0 and current == walk.doses:
        move, reason = 0, f"{seen}, and no dose is higher"
    elif move > 0 and current == first:
        move, reason = 0, f"{seen}, and the higher doses are eliminated"
    elif move < 0 and current == 1:
        move, reason = 0, f"{seen}, and no dose is lower"
    if walk.stop_at is not None and here >= walk.stop_at and (walk.stop_any or move == 0):
        return stop(f"{here} patients were treated at dose {current}, {walk.stop_at} are enough")
    return _recommended(walk, n, current + move, current, reason, eliminated)


def _boundaries(walk: Walk, n: int) -> str:
    """What the table says for so many patients at a dose."""
    up = [dlt for dlt in range(n + 1) if walk.move[n, dlt] > 0]
    down = [dlt for dlt in range(n + 1) if walk.move[n, dlt] < 0]
    said = [f"escalate with at most {up[-1]}"] * bool(up) + [f"de-escalate with {down[0]} or more"] * bool(down)
    return f" (of {n}: {', '.join(said)})" if said else ""


def _recommended(
    walk: Walk, n: tuple[int, ...], dose: int, current: int, reason: str, eliminated: tuple[int, ...]
) -> Decision:
    chosen = (dose > current) - (dose < current)
    others = []
    for move in (-1, 0, 1):
        other = current + move
        if move == chosen or not 1 <= other <= walk.doses:
            continue
        if other in eliminated:
            others.append(Alternative(ACTIONS[move], other, permitted=False, reason=f"dose {other} is eliminated"))
        elif other > dose:
            others.append(Alternative(ACTIONS[move], other, permitted=False, reason="the table does not go as high"))
        else:
            others.append(
                Alternative(
                    ACTIONS[move], other, permitted=True, reason="a lower dose than recommended can always be given"
                )
            )
    left = walk.patients - sum(n)
    others.append(
        Alternative("stop", None, permitted=True, reason=f"no rule stops the trial; {left} planned patients are left")
    )
    return Decision(ACTIONS[chosen], dose, reason, eliminated, tuple(others))
