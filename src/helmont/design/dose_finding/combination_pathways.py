"""The ways through the first cohorts of a trial of two agents."""

from __future__ import annotations

from collections.abc import Callable

from helmont.design.dose_finding.combination_results import (
    Cell,
    CombinationDecision,
    CombinationPathway,
    CombinationPathways,
)
from helmont.design.dose_finding.pathways import added, followed

Rows = tuple[tuple[int, ...], ...]


def pathways_of(
    step: Callable[[Rows, Rows, Cell], CombinationDecision], levels: Cell, start: Cell, size: int, cohorts: int
) -> CombinationPathways:
    """Every way, given the step after patients and toxicities by combination and the last one."""

    def after(
        seen: tuple[Rows, Rows], at: Cell, toxic: int
    ) -> tuple[tuple[Rows, Rows], CombinationDecision, tuple[Cell, ...]]:
        here = _more(seen[0], at, size), _more(seen[1], at, toxic)
        decision = step(*here, at)
        return here, decision, decision.options

    none: Rows = ((0,) * levels[1],) * levels[0]
    return CombinationPathways(
        tuple(
            CombinationPathway(tuple(at for at, _ in path), tuple(y for _, y in path), last.action, last.options)
            for path, last in followed(cohorts, range(size + 1), (none, none), start, after)
        )
    )


def _more(counts: Rows, at: Cell, more: int) -> Rows:
    return (*counts[: at[0] - 1], added(counts[at[0] - 1], at[1], more), *counts[at[0] :])
