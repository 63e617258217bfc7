"""What confirmatory designs are asked for their appendix."""

from __future__ import annotations

from collections.abc import Iterator

from helmont.design import (
    ArmSelection,
    BinomialGroupSequential,
    DesignError,
    Enrichment,
    FisherCombination,
    GivenBounds,
    GivenSpending,
    GroupSequential,
    InverseNormal,
    Mams,
    OBrienFleming,
    PampallonaTsiatis,
    PromisingZone,
    Reestimation,
    SimonTwoStage,
    Survival,
    Symmetric,
)
from helmont.design.confirmatory.endpoints.endpoint import Endpoint
from helmont.design.confirmatory.rules import Rule
from helmont.reports.designs.asking import Asked, ask, questions
from helmont.reports.designs.questions import Question, Step

EFFECTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
"""Multiples of the planned alternative at which characteristics are tabulated where no others are asked for."""
CURVE = tuple(step / 20 for step in range(31))
"""Those of the curves of power and size."""
SCORES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
"""Statistics at an interim look."""
ALPHA, BETA = 0.025, 0.1
"""Of an endpoint or a rule without a trial of its own."""


@questions.register
def _monitored(design: GroupSequential, asked: Asked) -> Iterator[Question]:
    yield ask("bounds", "bounds")
    yield ask("sizes", "sample_size", of=1.0)
    yield ask("characteristics", "exact", truth=asked.effects or EFFECTS)
    yield ask("curve", "exact", truth=CURVE)
    for look in range(1, design.looks):
        step = Step("conditional_power", {"look": look})
        yield Question("conditional_power", (step,), ("z", SCORES))


@questions.register
def _rule(rule: Rule, asked: Asked) -> Iterator[Question]:
    """A rule is shown in a trial; of those that only lie below, under O'Brien and Fleming's bounds."""
    looks, alpha = 4, ALPHA
    if isinstance(rule, GivenBounds):
        looks = len(rule.values)
    if isinstance(rule, GivenSpending):
        looks, alpha = len(rule.cumulated), rule.cumulated[-1]
    lower = isinstance(rule, (Symmetric, PampallonaTsiatis))
    trial = GroupSequential(looks, alpha, BETA, OBrienFleming() if lower else rule, rule if lower else None)
    yield Question("bounds", (Step("bounds"),), of=trial)
    yield Question("curve", (Step("exact", {"truth": CURVE}),), of=trial)


@questions.register
def _endpoint(design: Endpoint, asked: Asked) -> Iterator[Question]:
    trials = [each for each in asked.designs if isinstance(each, GroupSequential)]
    for trial in trials:
        yield ask("size", "sample_size", design=trial)
    if not trials:
        yield ask("fixed_size", "fixed_size", alpha=ALPHA, beta=BETA)
        size = float(round(design.fixed_size(ALPHA, BETA)))
        sizes = tuple(round(size * share) + 0.0 for share in (0.5, 0.75, 1.0, 1.25, 1.5))
        yield Question("fixed_power", (Step("fixed_power", {"alpha": ALPHA}),), ("size", sizes))


@questions.register
def _survival(design: Survival, asked: Asked) -> Iterator[Question]:
    trials = [each for each in asked.designs if isinstance(each, GroupSequential)]
    for trial in trials:
        yield ask("size", "sample_size", design=trial)
    if not trials:
        yield ask("fixed_events", "fixed_events", alpha=ALPHA, beta=BETA)
        yield ask("fixed_size", "fixed_size", alpha=ALPHA, beta=BETA)


@questions.register
def _arms(design: Mams, asked: Asked) -> Iterator[Question]:
    yield ask("bounds", "bounds")
    yield ask("size", "sample_size")
    yield ask("power", "exact", truth=(0.0,) * design.arms)
    for scenario in asked.scenarios:
        truth = asked.row(scenario)
        yield ask("power", "exact", truth=truth)
        yield ask("scenario", "simulate", truth=truth, **asked.simulated(design))


@questions.register
def _selected(design: ArmSelection, asked: Asked) -> Iterator[Question]:
    yield Question("bounds", (Step("bounds"),), of=design.test)
    for scenario in asked.scenarios or (((0.0,) * design.arms,),):
        yield ask("scenario", "simulate", truth=asked.row(scenario), **asked.simulated(design))


@questions.register
def _enriched(design: Enrichment, asked: Asked) -> Iterator[Question]:
    yield Question("bounds", (Step("bounds"),), of=design.test)
    for scenario in asked.scenarios or (((0.0, 0.0),),):
        yield ask("scenario", "simulate", truth=asked.row(scenario), trials=asked.trials, seed=asked.seed)


@questions.register
def _fisher(design: FisherCombination, asked: Asked) -> Iterator[Question]:
    yield ask("bounds", "bounds")


@questions.register
def _promising(design: PromisingZone, asked: Asked) -> Iterator[Question]:
    yield Question("interim", (Step("next"),), ("z", SCORES))
    for effect in asked.effects:
        yield ask("scenario", "simulate", truth=effect, **asked.simulated(design))


@questions.register
def _reestimated(design: Reestimation, asked: Asked) -> Iterator[Question]:
    if not isinstance(design.test, InverseNormal):
        raise DesignError("test", design.test, "an InverseNormal")
    yield Question("bounds", (Step("bounds"),), of=design.test)
    upper = design.test.bounds().upper[0]
    yield Question("interim", (Step("next"),), ("z", tuple(z for z in SCORES if z < upper)))
    for effect in asked.effects or (0.0, 1.0):
        yield ask("scenario", "simulate", truth=effect, **asked.simulated(design))


@questions.register
def _two_stages(design: SimonTwoStage, asked: Asked) -> Iterator[Question]:
    yield ask("plan", "plan")
    rates = asked.effects or (design.null, (design.null + design.alternative) / 2, design.alternative)
    yield Question("responses", (Step("stages"), Step("exact", {"rates": tuple(rates)})))
    yield Question("curve", (Step("stages"), Step("exact", {"rates": tuple(step / 20 for step in range(1, 20))})))


@questions.register
def _counted(design: BinomialGroupSequential, asked: Asked) -> Iterator[Question]:
    yield ask("responses", "exact", rates=asked.effects or (0.1, 0.2, 0.3, 0.4, 0.5))
    yield ask("curve", "exact", rates=tuple(step / 20 for step in range(1, 20)))
