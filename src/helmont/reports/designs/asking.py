"""What each kind of design is asked for its appendix: what its methods permit, for the scenarios that are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from helmont.design import (
    Backfill,
    BackfillBoin,
    BinaryEndpoint,
    Blrm,
    Boin12,
    BoinCombination,
    BorrowingTrial,
    Crm,
    Declared,
    DesignError,
    MapBinary,
    MapNormal,
    Minimisation,
    NormalEndpoint,
    PlatformArm,
    PlatformTrial,
    ResponseAdaptive,
    ThreePlusThree,
    TiteBoin,
    Trend,
)
from helmont.design.dose_finding.interval import IntervalDesign
from helmont.design.randomisation.restricted import Randomisation
from helmont.reports.designs.questions import Question, Step

Scenario = tuple[tuple[float, ...], ...]
"""What might be true, in rows: the rates of the doses; of designs with an effect, toxicity and efficacy; of two agents, a row a
level of the first. Effects or rates of other designs are one row."""

SLOW = (BackfillBoin, Blrm, Crm, ResponseAdaptive)
"""Designs whose trials are simulated one by one."""
COHORTS = 2
"""How far ahead the ways are shown."""


@dataclass(frozen=True)
class Asked:
    """What an appendix is made for."""

    scenarios: tuple[Scenario, ...]
    trials: int | None
    """Simulated where no enumeration is possible; None for as many as take a moment."""
    seed: int
    patients: int
    """Of an example of allocations."""
    designs: tuple[Declared, ...] = ()
    """All of the appendix: the size of an endpoint is that of the group sequential design beside it."""

    def simulated(self, design: Declared) -> dict[str, int]:
        """The arguments of a simulation."""
        usual = 1_000 if isinstance(design, SLOW) else 10_000
        return {"trials": usual if self.trials is None else self.trials, "seed": self.seed}

    def row(self, scenario: Scenario) -> tuple[float, ...]:
        """The only row. Raises ``DesignError`` for several."""
        if len(scenario) != 1:
            raise DesignError("truth", scenario, "one row of numbers")
        return scenario[0]

    @property
    def effects(self) -> tuple[float, ...]:
        """The numbers of all scenarios, for designs whose truth is one number."""
        return tuple(dict.fromkeys(value for scenario in self.scenarios for value in self.row(scenario)))


def ask(name: str, method: str, **arguments: Any) -> Question:
    """One step."""
    return Question(name, (Step(method, arguments),))


@singledispatch
def questions(design: Declared, asked: Asked) -> Iterator[Question]:
    """What the design is asked, in the order of the appendix."""
    raise DesignError("design", design.kind, "one that an appendix can be made of")


def _exact_or_simulated(design: Declared, truth: dict[str, Any], asked: Asked, exact: bool = True) -> Question:
    simulated = ask("scenario", "simulate", **truth, **asked.simulated(design))
    return Question("scenario", (Step("exact", truth),), otherwise=simulated) if exact else simulated


def _limits(design: Declared) -> Iterator[Question]:
    """What the decisions follow from, where it is a few numbers."""
    for name in ("lambda_e", "lambda_d", "interval"):
        if hasattr(design, name):
            yield Question(name, (Step(name, None),))


@questions.register(IntervalDesign)
@questions.register(ThreePlusThree)
def _tabulated(design: IntervalDesign | ThreePlusThree, asked: Asked) -> Iterator[Question]:
    yield from _limits(design)
    yield ask("decision_table", "decision_table")
    if isinstance(design, TiteBoin):
        yield ask("followup", "followup_table", patients=2 * design.cohort_size)
    if not (isinstance(design, IntervalDesign) and design.titrates()):  # ways are of full cohorts
        yield ask("pathways", "pathways", cohorts=COHORTS)
    for scenario in asked.scenarios:
        yield _exact_or_simulated(design, {"truth": asked.row(scenario)}, asked)


@questions.register
def _backfilled(design: BackfillBoin, asked: Asked) -> Iterator[Question]:
    yield from _limits(design)
    yield ask("decision_table", "decision_table")
    yield ask("pathways", "pathways", cohorts=COHORTS)
    for scenario in asked.scenarios:
        truth, efficacy = _two(scenario)
        yield _exact_or_simulated(design, {"truth": truth, "efficacy": efficacy}, asked, exact=False)


def _two(scenario: Scenario) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if len(scenario) != 2:
        raise DesignError("truth", scenario, "two rows: toxicity rates, and response rates")
    return scenario[0], scenario[1]


@questions.register
def _model(design: Crm, asked: Asked) -> Iterator[Question]:
    yield ask("decision_table", "decision_table")
    yield ask("pathways", "pathways", cohorts=COHORTS)
    yield ask("sensitivity", "sensitivity")
    if design.initial is not None:
        yield ask("coherence", "coherence")
    for scenario in asked.scenarios:
        yield _exact_or_simulated(design, {"truth": asked.row(scenario)}, asked)


@questions.register
def _logistic(design: Blrm, asked: Asked) -> Iterator[Question]:
    yield ask("decision_table", "decision_table")
    yield ask("pathways", "pathways", cohorts=COHORTS)
    for scenario in asked.scenarios:
        yield _exact_or_simulated(design, {"truth": asked.row(scenario)}, asked, exact=False)


@questions.register
def _with_efficacy(design: Boin12, asked: Asked) -> Iterator[Question]:
    yield ask("decision_table", "decision_table")
    yield ask("pathways", "pathways", cohorts=1)
    for scenario in asked.scenarios:
        toxicity, efficacy = _two(scenario)
        yield _exact_or_simulated(design, {"toxicity": toxicity, "efficacy": efficacy}, asked)


@questions.register
def _two_agents(design: BoinCombination, asked: Asked) -> Iterator[Question]:
    yield ask("decision_table", "decision_table")
    yield ask("pathways", "pathways", cohorts=COHORTS)
    for scenario in asked.scenarios:
        yield _exact_or_simulated(design, {"truth": scenario}, asked, exact=False)


@questions.register(Backfill)
@questions.register(PlatformArm)
@questions.register(BinaryEndpoint)
@questions.register(NormalEndpoint)
@questions.register(Trend)
def _part(design: Declared, asked: Asked) -> Iterator[Question]:
    """A part of another design is shown in that one."""
    yield from ()


@questions.register
def _platform(design: PlatformTrial, asked: Asked) -> Iterator[Question]:
    for scenario in asked.scenarios:
        truth, trend = trending(scenario)
        given: dict[str, Any] = {"truth": truth} if trend is None else {"truth": truth, "trend": trend}
        yield _exact_or_simulated(design, given, asked, exact=False)


def trending(scenario: Scenario) -> tuple[tuple[float, ...], Trend | None]:
    """The control's and the arms' truths, and the linear trend of a second row: its amount, and over which time."""
    truth, *rest = scenario
    if len(rest) > 1 or (rest and len(rest[0]) != 2):
        raise DesignError(
            "truth", scenario, "the control and the arms; in a second row the amount of a trend and its time"
        )
    return truth, Trend(rest[0][0], rest[0][1]) if rest else None


@questions.register
def _listed(design: Randomisation, asked: Asked) -> Iterator[Question]:
    generate = Step("generate", {"patients": asked.patients, "seed": asked.seed})
    yield Question("example_list", (generate,))
    yield Question("seal", (generate, Step("seal", None)))
    yield ask("balance", "diagnose", patients=asked.patients, **asked.simulated(design))


@questions.register
def _minimised(design: Minimisation, asked: Asked) -> Iterator[Question]:
    patients = tuple(
        {name: levels[place % len(levels)] for name, levels in design.factors}
        for place in range(min(asked.patients, 12))
    )
    yield ask("allocations", "allocate", patients=patients, seed=asked.seed)
    yield ask("balance", "diagnose", patients=asked.patients, **asked.simulated(design))


@questions.register
def _responsive(design: ResponseAdaptive, asked: Asked) -> Iterator[Question]:
    for scenario in asked.scenarios:
        yield _exact_or_simulated(design, {"truth": asked.row(scenario)}, asked, exact=False)


@questions.register(MapBinary)
@questions.register(MapNormal)
def _historical(design: MapBinary | MapNormal, asked: Asked) -> Iterator[Question]:
    prior = Step("prior", None)
    yield Question("prior", (prior,))
    yield Question("prior_mean", (prior, Step("mean", None)))
    yield Question("effective_size", (prior, Step("effective_size")), ("method", ("elir", "moment")))


@questions.register
def _borrowing(design: BorrowingTrial, asked: Asked) -> Iterator[Question]:
    for question in questions(design.prior, asked):
        yield Question(question.name, question.steps, question.each, design.prior)
    for scenario in asked.scenarios:
        control, *effects = scenario
        for effect in effects[0] if effects else (0.0,):
            yield ask("borrowed", "characteristics", control=control, effect=effect)
