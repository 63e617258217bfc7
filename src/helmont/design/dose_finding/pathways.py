"""The ways through the next cohorts, for any design that says what follows each outcome of a cohort.

Dose-transition pathways: Yap, Billingham, Cheung, Craddock & O'Quigley (2017) Clinical Cancer Research 23:7440-7447.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import SupportsIndex, TypeAlias, TypeVar

from helmont.design.checking import DesignError, count, outcomes
from helmont.design.dose_finding.decisions import Decision, NextCohort, Pathway, Pathways

MOST_WAYS = 20_000
"""Pathways that anybody would read."""

State = TypeVar("State")
Dose = TypeVar("Dose")
Seen = TypeVar("Seen")
Step = TypeVar("Step")

Counts: TypeAlias = tuple[int, ...]
Tally: TypeAlias = tuple[Counts, Counts]
"""Patients and toxicities by dose."""


def followed(
    cohorts: int,
    found: Sequence[Seen],
    state: State,
    dose: Dose,
    after: Callable[[State, Dose, Seen], tuple[State, Step, Sequence[Dose]]],
) -> Iterator[tuple[tuple[tuple[Dose, Seen], ...], Step]]:
    """Every way: the dose and outcome of each cohort, and the step after the last.

    ``found`` are the outcomes that a cohort can have; ``after`` tells what is known then, the step, and the doses that may be
    next (none where the trial stops).
    """
    count("cohorts", cohorts, 1)
    if len(found) ** cohorts > MOST_WAYS:
        raise DesignError("cohorts", cohorts, f"few enough for {MOST_WAYS:,} ways")

    def follow(
        state: State, dose: Dose, went: tuple[tuple[Dose, Seen], ...]
    ) -> Iterator[tuple[tuple[tuple[Dose, Seen], ...], Step]]:
        for each in found:
            then, step, ahead = after(state, dose, each)
            path = (*went, (dose, each))
            if ahead and len(path) < cohorts:
                for further in ahead:
                    yield from follow(then, further, path)
            else:
                yield path, step

    yield from follow(state, dose, ())


def by_dose(
    cohorts: int, size: int, seen: Tally, dose: int, step: Callable[[Counts, Counts, int, int], Decision]
) -> Pathways:
    """Pathways of a design that knows patients and toxicities by dose.

    ``step`` is given both after a cohort, its dose, and its toxicities.
    """

    def after(seen: Tally, dose: int, toxic: int) -> tuple[Tally, Decision, tuple[int, ...]]:
        here = added(seen[0], dose, size), added(seen[1], dose, toxic)
        decision = step(*here, dose, toxic)
        return here, decision, () if decision.dose is None else (decision.dose,)

    return Pathways(
        tuple(
            Pathway(tuple(at for at, _ in path), tuple(toxic for _, toxic in path), decision.action, decision.dose)
            for path, decision in followed(cohorts, range(size + 1), seen, dose, after)
        )
    )


def next_cohort(size: int, seen: Tally, dose: int, step: Callable[[Counts, Counts, int, int], Decision]) -> NextCohort:
    """What follows each number of toxicities in a cohort at ``dose``; ``step`` as for ``by_dose``."""
    patients = added(seen[0], dose, size)
    steps = tuple(step(patients, added(seen[1], dose, toxic), dose, toxic) for toxic in range(size + 1))
    return NextCohort(
        dose=dose,
        patients=patients[dose - 1],
        toxicities=tuple(range(size + 1)),
        action=tuple(each.action for each in steps),
        next_dose=tuple(each.dose for each in steps),
        reason=tuple(each.reason for each in steps),
    )


def standing(
    doses: int,
    start: int,
    n: Sequence[SupportsIndex] | None,
    dlt: Sequence[SupportsIndex] | None,
    current: int | None,
) -> tuple[Tally, int]:
    """What was seen so far by dose (nothing where it is not given), and the dose of the next cohort."""
    seen = outcomes((0,) * doses if n is None else n, (0,) * doses if dlt is None else dlt, doses)
    return seen, count("current", start if current is None else current, 1, doses)


def added(counts: Counts, dose: int, more: int) -> Counts:
    """``counts`` by dose with ``more`` at one dose."""
    return (*counts[: dose - 1], counts[dose - 1] + more, *counts[dose:])
