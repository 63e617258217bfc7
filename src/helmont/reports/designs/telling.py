"""A design told with its own numbers, in sentences that a protocol can hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from helmont.design import (
    Blrm,
    Boin12,
    BoinCombination,
    Crm,
    Declared,
    GroupSequential,
    Mams,
    Minimisation,
    PermutedBlocks,
    SimonTwoStage,
)
from helmont.design.dose_finding.interval import IntervalDesign
from helmont.reports.designs.language import _
from helmont.reports.designs.words import setting


@singledispatch
def told(_design: Declared) -> Iterator[str]:
    """Sentences; none for a design of which the settings say all."""
    yield from ()


def _with(text: str, **values: Any) -> str:
    return text % {name: setting(value) for name, value in values.items()}


@told.register
def _interval(design: IntervalDesign) -> Iterator[str]:
    yield _with(
        _(
            "At most %(patients)s patients are treated in %(cohorts)s cohorts of %(size)s, at %(doses)s doses; the first cohort "
            "gets dose %(start)s. The target rate of dose-limiting toxicities is %(target)s."
        ),
        patients=design.patients, cohorts=design.cohorts, size=design.cohort_size, doses=design.doses,
        start=design.start, target=design.target,
    )  # fmt: skip
    yield _with(
        _(
            "A dose is eliminated, with all above it, when the probability that its toxicity rate is above the target exceeds "
            "%(cutoff)s, from %(least)s patients on. If that is the lowest dose the trial stops and no dose is selected."
        ),
        cutoff=design.cutoff, least=design.eliminate_from,
    )  # fmt: skip
    if design.stop_at is not None and not design.stop_any:
        text = _("The trial stops when the next cohort would stay at a dose that has %(n)s patients.")
        yield _with(text, n=design.stop_at)
    elif design.stop_at is not None:
        yield _with(_("The trial stops when a dose has %(n)s patients."), n=design.stop_at)
    yield _(
        "At the end the dose is selected whose isotonic estimate of the toxicity rate is nearest to the target, among those that "
        "treated patients and are not eliminated."
    )


@told.register
def _model(design: Crm) -> Iterator[str]:
    yield _with(
        _(
            "At most %(patients)s patients are treated in cohorts of %(size)s, at %(doses)s doses. The target rate of "
            "dose-limiting toxicities is %(target)s; the rates that were guessed before are %(skeleton)s."
        ),
        patients=design.patients, size=design.cohort_size, doses=design.doses, target=design.target,
        skeleton=list(design.skeleton),
    )  # fmt: skip


@told.register
def _logistic(design: Blrm) -> Iterator[str]:
    yield _with(
        _(
            "At most %(patients)s patients are treated in cohorts of %(size)s, at the doses %(doses)s. The target interval of "
            "the toxicity rate is %(low)s to %(high)s; a dose may be given while the probability of a rate above it is below "
            "%(overdose)s."
        ),
        patients=design.patients, size=design.cohort_size, doses=list(design.doses), low=design.interval[0],
        high=design.interval[1], overdose=design.overdose,
    )  # fmt: skip


@told.register
def _two_agents(design: BoinCombination) -> Iterator[str]:
    yield _with(
        _(
            "Two agents are combined, the first at %(first)s levels and the second at %(second)s; the first cohort gets the "
            "combination %(start)s. At most %(patients)s patients are treated in cohorts of %(size)s. The target rate of "
            "dose-limiting toxicities is %(target)s."
        ),
        first=design.levels[0], second=design.levels[1], start=list(design.start), patients=design.patients,
        size=design.cohort_size, target=design.target,
    )  # fmt: skip


@told.register
def _with_efficacy(design: Boin12) -> Iterator[str]:
    yield _with(
        _(
            "At most %(patients)s patients are treated in cohorts of %(size)s, at %(doses)s doses. A toxicity rate above "
            "%(toxicity)s and a response rate below %(efficacy)s are not acceptable. The utilities are %(good)s for a response "
            "without toxicity, %(nothing)s for neither, %(both)s for both, and %(bad)s for a toxicity alone."
        ),
        patients=design.patients, size=design.cohort_size, doses=design.doses, toxicity=design.toxicity,
        efficacy=design.efficacy, good=design.utilities[0], nothing=design.utilities[1], both=design.utilities[2],
        bad=design.utilities[3],
    )  # fmt: skip


@told.register
def _sequential(design: GroupSequential) -> Iterator[str]:
    yield _with(
        _(
            "There are %(looks)s looks, at %(information)s of the largest information. The one-sided error of the first kind is "
            "%(alpha)s, the power under the planned alternative %(power)s."
        ),
        looks=design.looks, information=[round(each, 4) for each in design.information], alpha=design.alpha,
        power=round(1 - design.beta, 12),
    )  # fmt: skip
    if design.lower is not None:
        binding = _("The lower bound is binding: the upper bound reckons with trials that stopped at it.")
        free = _("The lower bound is not binding: the error of the first kind holds also if a trial goes on below it.")
        yield binding if design.binding else free


@told.register
def _several_arms(design: Mams) -> Iterator[str]:
    yield _with(
        _(
            "%(arms)s arms are compared with one control over %(stages)s stages. The one-sided familywise error is %(alpha)s, "
            "the power under the least favourable configuration %(power)s."
        ),
        arms=design.arms, stages=design.stages, alpha=design.alpha, power=design.power,
    )  # fmt: skip


@told.register
def _two_stages(design: SimonTwoStage) -> Iterator[str]:
    plan = design.plan()
    yield _with(
        _(
            "%(n1)s participants are treated first. With %(r1)s responses or fewer the trial stops for futility; otherwise it "
            "goes on to %(n)s participants, and the treatment is of interest with more than %(r)s responses."
        ),
        n1=plan.n1, r1=plan.r1, n=plan.n, r=plan.r,
    )  # fmt: skip


@told.register
def _blocks(design: PermutedBlocks) -> Iterator[str]:
    yield _with(
        _("Participants are allocated to %(arms)s arms in the ratio %(ratio)s, in blocks of %(sizes)s."),
        arms=design.arms, ratio=":".join(map(str, design.parts)), sizes=list(design.sizes),
    )  # fmt: skip


@told.register
def _minimised(design: Minimisation) -> Iterator[str]:
    yield _with(
        _(
            "Participants are allocated to %(arms)s arms so that %(factors)s stay balanced; the preferred arm is given with "
            "probability %(probability)s."
        ),
        arms=design.arms, factors=[name for name, _levels in design.factors], probability=design.probability,
    )  # fmt: skip
