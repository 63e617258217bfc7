"""Analyses of trials that are under way: combination tests, intervals, conditional power, closed tests.

The Dunnett p-values of ``closedtest_multiarm`` are found there by a numerical integration that is right to about 1e-6 (two
intersections with arms of 21 and 20 have the same p-value), which the statistics magnify. Repeated p-values are found there to
about 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import exp, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from helmont.design.confirmatory.adaptive.closed import closed_test, dunnett
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.adaptive.fisher import FisherCombination
from helmont.design.confirmatory.endpoints.means import means_p_value
from helmont.design.confirmatory.endpoints.rates import Rates, score_p_value
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import LanDeMets
from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.roots import root

Case = dict[str, Any]
Statistics = Callable[[float], list[float]]
_METHOD = "analysis under way"
_N = ((22, 21), (23, 22))
_FINAL = (
    "finalPValues",
    "finalConfidenceIntervalLowerBounds",
    "finalConfidenceIntervalUpperBounds",
    "medianUnbiasedEstimates",
)
_MEANS, _SDS = ((2.3, 1.0), (2.5, 1.1)), ((2.5, 2.4), (2.6, 2.7))


def comparisons() -> Iterator[Comparison]:
    """Every case."""
    file = reference("rpact")
    source = f"{file['tool']} {file['version']}"
    cases = {case["id"]: case["result"] for case in file["cases"]}
    yield from _fisher(source, cases)
    yield from _means(source, cases)
    yield from _rates(source, cases["analysis_rates_invnorm"])
    yield from _survival(source, cases["analysis_surv_gs"])
    yield from _closed(source, cases["closedtest_multiarm"])


def _fisher(source: str, cases: Case) -> Iterator[Comparison]:
    for name, planned in (
        ("fisher_k3", FisherCombination(3, 0.025, (0.7, 0.5))),
        ("fisher_k2_equal", FisherCombination(2, 0.025, 0.5)),
        ("fisher_k2_full", FisherCombination(2, 0.025, 1.0, "full")),
    ):
        bounds, result = planned.bounds(), cases[name]
        yield compare(_METHOD, source, name, "critical values", bounds.critical, result["criticalValues"], 1e-9)
        yield compare(_METHOD, source, name, "spent", bounds.spent, result["alphaSpent"], 1e-9)
        yield compare(_METHOD, source, name, "levels", bounds.levels, result["stageLevels"], 1e-9)
    name, result, planned = "stage_means_fisher", cases["stage_means_fisher"], FisherCombination(2, 0.025, 0.5)
    p = _stage_p_values(0.0)
    repeated = [planned.repeated_p_value(p[:1]), planned.repeated_p_value(p)]
    yield compare(
        _METHOD,
        source,
        name,
        "conditional error",
        planned.conditional_error(p[:1]),
        result["conditionalRejectionProbabilities"][0],
        1e-9,
    )
    yield compare(_METHOD, source, name, "repeated p-values", repeated, result["repeatedPValues"], 2e-6)
    yield compare(_METHOD, source, name, "final p-value", planned.final_p_value(p), result["finalPValues"][1], 1e-9)
    intervals = [planned.repeated_interval(_until(k, _stage_p_values), -20, 20) for k in (1, 2)]
    yield compare(_METHOD, source, name, "intervals", np.transpose(intervals), _limits(result), 1e-6)
    yield from _decided(source, name, [planned.rejected(p[:stage]) for stage in (1, 2)], result)
    effect = _together(0)[1] - _together(1)[1]
    yield compare(_METHOD, source, name, "effect", effect, result["thetaH1"], 1e-9)


def _stage_p_values(null: float) -> list[float]:
    return [means_p_value(*stage, null) for stage in zip(_N, _MEANS, _SDS, strict=True)]


def _until(stage: int, p_values: Statistics) -> Statistics:
    """Those of the stages so far."""
    return lambda null: p_values(null)[:stage]


def _beyond(statistics: Statistics, look: int, bound: float) -> Callable[[float], float]:
    return lambda null: statistics(null)[look] - bound


def _limits(result: Case) -> list[list[float]]:
    sides = ("Lower", "Upper")
    found = [result[f"repeatedConfidenceInterval{side}Bounds"] for side in sides]
    return [[each for each in row if each is not None] for row in found]


def _means(source: str, cases: Case) -> Iterator[Comparison]:
    planned = InverseNormal(3, 0.025, 0.2, LanDeMets("OF"))
    upper = planned.bounds().upper
    name, result = "analysis_means_gs", cases["analysis_means_gs"]
    n, mean, sd = (tuple(each) for each in zip(*(_together(group) for group in (0, 1)), strict=True))

    def both(null: float) -> list[float]:
        return [-float(ndtri(_stage_p_values(null)[0])), -float(ndtri(means_p_value(n, mean, sd, null)))]

    z = both(0.0)
    yield from _ongoing(source, name, planned, z, result)
    limits = [[root(_beyond(both, k, s * upper[k]), -20, 20, 1e-10) for k in (0, 1)] for s in (1, -1)]
    yield compare(_METHOD, source, name, "intervals", limits, _limits(result), 1e-6)
    later = _error(n, sd)
    shift = 1 / 2.5 * sqrt(50) / 2
    p = [float(ndtr(-z[1]))] * 2
    weights = np.sqrt(planned.information[1])
    power = float(ndtr(shift - (upper[2] - weights * z[1]) / planned.weights[2]))
    yield compare(_METHOD, source, name, "conditional power", power, result["conditionalPower"][2], 1e-6)
    name, result = "analysis_means_invnorm", cases["analysis_means_invnorm"]
    p = _stage_p_values(0.0)
    yield from _ongoing(source, name, planned, planned.combined(p), result)
    intervals = [planned.repeated_interval(_until(k, _stage_p_values), -20, 20) for k in (1, 2)]
    limits = [[each.lower for each in intervals], [each.upper for each in intervals]]
    yield compare(_METHOD, source, name, "intervals", limits, _limits(result), 1e-6)
    effect = mean[0] - mean[1]
    yield compare(_METHOD, source, name, "effect", effect, result["thetaH1"], 1e-9)
    power = planned.last_stage_power(p, effect / later * sqrt(50) / 2)
    yield compare(_METHOD, source, name, "conditional power", power, result["conditionalPower"][2], 1e-6)


def _together(group: int) -> tuple[float, float, float]:
    """Participants, mean and standard deviation of a group over both stages."""
    n, mean, sd = (np.array([stage[group] for stage in each], dtype=float) for each in (_N, _MEANS, _SDS))
    total = n.sum()
    overall = (n * mean).sum() / total
    squares = ((n - 1) * sd**2).sum() + (n * (mean - overall) ** 2).sum()
    return float(total), float(overall), sqrt(squares / (total - 1))


def _error(n: Sequence[float], sd: Sequence[float]) -> float:
    """The common standard deviation."""
    return sqrt(sum((n[g] - 1) * sd[g] ** 2 for g in (0, 1)) / (sum(n) - 2))


def _ongoing(
    source: str, name: str, planned: GroupSequential, z: Sequence[float], result: Case
) -> Iterator[Comparison]:
    known = [each for each in result["conditionalRejectionProbabilities"] if each is not None]
    errors = [planned.conditional_error(look, each) for look, each in enumerate(z[: len(known)], start=1)]
    yield compare(_METHOD, source, name, "conditional error", errors, known, 1e-6)
    repeated = [each for each in result["repeatedPValues"] if each is not None]
    yield compare(_METHOD, source, name, "repeated p-values", planned.repeated_p_values(z), repeated, 2e-6)
    upper = planned.bounds().upper
    yield from _decided(source, name, [each >= bound for each, bound in zip(z, upper, strict=False)], result)


def _decided(source: str, name: str, rejected: Sequence[bool], result: Case) -> Iterator[Comparison]:
    """At which looks the hypothesis is rejected, and at which the trial ends."""
    theirs = [action.startswith("reject") for action in result["testActions"] if action is not None]
    yield compare(_METHOD, source, name, "rejected at looks", rejected, theirs)
    end = next((look for look, each in enumerate(rejected, start=1) if each), 0)
    yield compare(_METHOD, source, name, "last look", end, result["finalStage"] or 0)
    if not end:  # and there is no final result
        values = [each for key in _FINAL for each in result[key]]
        yield compare(_METHOD, source, name, "no final result", [np.nan] * len(values), np.array(values, dtype=float))


def _rates(source: str, result: Case) -> Iterator[Comparison]:
    name, planned = "analysis_rates_invnorm", InverseNormal(3, 0.025, 0.2, LanDeMets("OF"))

    def p_values(null: float) -> list[float]:
        return [score_p_value(events, (40, 40), null) for events in ((16, 9), (20, 10))]

    z = planned.combined(p_values(0.0))
    yield from _ongoing(source, name, planned, z, result)
    intervals = [planned.repeated_interval(_until(k, p_values), -0.99, 0.99) for k in (1, 2)]
    limits = [[each.lower for each in intervals], [each.upper for each in intervals]]
    yield compare(_METHOD, source, name, "intervals", limits, _limits(result), 1e-6)
    pooled = (16 + 20 + 9 + 10) / 160
    final = planned.final_result(2, z[1], sqrt(pooled * (1 - pooled) * 2 / 80))
    yield _final(source, name, [final.p_value, final.lower, final.upper, final.estimate], result, 1)
    power = planned.last_stage_power(p_values(0.0), *Rates((16 + 20) / 80, (9 + 10) / 80).statistic(80))
    yield compare(_METHOD, source, name, "conditional power", power, result["conditionalPower"][2], 1e-9)


def _final(source: str, name: str, ours: list[float], result: Case, look: int) -> Comparison:
    return compare(_METHOD, source, name, "final result", ours, [result[key][look] for key in _FINAL], 1e-6)


def _survival(source: str, result: Case) -> Iterator[Comparison]:
    name, planned, z = "analysis_surv_gs", GroupSequential((0.4, 0.7, 1), 0.025, 0.2, LanDeMets("OF")), (1.1, 2.1, 2.9)
    errors = [2 / sqrt(events) for events in (40, 70, 100)]
    yield from _ongoing(source, name, planned, z, result)
    intervals = planned.repeated_intervals(z, errors)
    limits = [[exp(each.lower) for each in intervals], [exp(each.upper) for each in intervals]]
    yield compare(_METHOD, source, name, "intervals", limits, _limits(result), 2e-6)
    final = planned.final_result(3, 2.9, errors[2])
    ours = [final.p_value, exp(final.lower), exp(final.upper), exp(final.estimate)]
    yield _final(source, name, ours, result, 2)
    yield compare(_METHOD, source, name, "effect", exp(2.9 * errors[2]), result["thetaH1"], 1e-9)


def _closed(source: str, result: Case) -> Iterator[Comparison]:
    name, planned = "closedtest_multiarm", InverseNormal(2, 0.025, 0.2, LanDeMets("OF"))
    n = ((22, 21, 20, 25), (23, 0, 25, 27))
    mean = ((1.63, 1.4, 1.13, 0.53), (1.51, 0, 1.31, 0.81))
    sd = ((0.9, 1.0, 1.2, 0.95), (1.1, 0, 1.1, 1.0))

    def p_value(stage: int, members: tuple[int, ...]) -> float:
        size, here, spread = n[stage - 1], mean[stage - 1], sd[stage - 1]
        df = sum(each - 1 for each in size if each)
        variance = sum((each - 1) * s**2 for each, s in zip(size, spread, strict=True) if each) / df
        t = [(here[arm - 1] - here[3]) / sqrt(variance * (1 / size[arm - 1] + 1 / size[3])) for arm in members]
        return dunnett(t, [size[arm - 1] for arm in members], size[3], df)

    found = closed_test(planned, 3, ((1, 2, 3), (1, 3)), p_value)
    order = [tuple(arm for arm, inside in enumerate(row, start=1) if inside) for row in result["indices"]["values"]]
    alone = [[found.p_values[arm,][stage] for stage in (0, 1)] for arm in (1, 2, 3)]
    theirs = np.array(result["separatePValues"]["values"], dtype=float)
    yield compare(_METHOD, source, name, "p-values of single arms", alone, theirs, 1e-9)
    for quantity, table, key, tolerance in (
        ("p-values", found.p_values, "adjustedStageWisePValues", 2e-6),
        ("statistics", found.statistics, "overallAdjustedTestStatistics", 4e-4),
        ("intersections", found.rejected_intersections, "rejectedIntersections", 0.0),
    ):
        theirs = np.array(result[key]["values"], dtype=float)
        yield compare(_METHOD, source, name, quantity, [table[each] for each in order], theirs, tolerance)
    yield compare(_METHOD, source, name, "rejected", found.rejected, np.array(result["rejected"]["values"]))
