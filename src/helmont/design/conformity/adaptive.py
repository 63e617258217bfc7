"""Combination tests, analyses of trials that are under way, sizes set anew, closed tests, simulated and exact trials.

Not compared, because it cannot be reproduced from the papers: of ``ssrCP_z2Z`` the sizes (with a design without a lower
bound the package leaves every second stage empty) and ``z2`` (then computed for a second stage of twice the first); of
``analysis_rates_invnorm`` the conditional power (0.99551 there, 0.99532 here, by an undocumented correction). The Dunnett
p-values of ``closedtest_multiarm`` are found there by a numerical integration that is right to about 1e-6 (two
intersections with arms of 21 and 20 have the same p-value), which the statistics magnify. Repeated p-values are found
there to about 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import exp, log, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from helmont.design.confirmatory.adaptive.closed import closed_test, dunnett
from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.adaptive.fisher import FisherCombination
from helmont.design.confirmatory.adaptive.multi_arm import ArmSelection
from helmont.design.confirmatory.adaptive.promising import PromisingZone
from helmont.design.confirmatory.adaptive.reestimation import Reestimation
from helmont.design.confirmatory.binomial import BinomialGroupSequential
from helmont.design.confirmatory.endpoints.means import means_p_value
from helmont.design.confirmatory.endpoints.rates import score_p_value
from helmont.design.confirmatory.endpoints.survival import Survival
from helmont.design.confirmatory.endpoints.survival_simulation import simulate_survival
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import HwangShihDeCani, LanDeMets
from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.roots import root

Case = dict[str, Any]
Statistics = Callable[[float], list[float]]
_METHOD = "adaptive designs and analysis"
_N = ((22, 21), (23, 22))
_MEANS, _SDS = ((2.3, 1.0), (2.5, 1.1)), ((2.5, 2.4), (2.6, 2.7))


def comparisons() -> Iterator[Comparison]:
    """Every case, from both packages and the papers."""
    first, second, third = reference("rpact"), reference("gsdesign"), reference("promising_zone")
    source = f"{first['tool']} {first['version']}"
    cases = {case["id"]: case["result"] for case in first["cases"]}
    yield from _fisher(source, cases)
    yield from _means(source, cases)
    yield from _rates(source, cases["analysis_rates_invnorm"])
    yield from _survival(source, cases["analysis_surv_gs"])
    yield from _closed(source, cases["closedtest_multiarm"])
    yield from _simulations(source, cases)
    yield from _arms(source, cases["sim_multiarm_means"])
    source = f"{second['tool']} {second['version']}"
    cases = {case["id"]: case["result"] for case in second["cases"]}
    yield from _conditional(source, cases)
    yield from _promising(f"{third['citation']}: {third['tool']}", third)


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


def _final(source: str, name: str, ours: list[float], result: Case, look: int) -> Comparison:
    keys = (
        "finalPValues",
        "finalConfidenceIntervalLowerBounds",
        "finalConfidenceIntervalUpperBounds",
        "medianUnbiasedEstimates",
    )
    return compare(_METHOD, source, name, "final result", ours, [result[key][look] for key in keys], 1e-6)


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
    for quantity, table, key, tolerance in (
        ("p-values", found.p_values, "adjustedStageWisePValues", 2e-6),
        ("statistics", found.statistics, "overallAdjustedTestStatistics", 4e-4),
        ("intersections", found.rejected_intersections, "rejectedIntersections", 0.0),
    ):
        theirs = np.array(result[key]["values"], dtype=float)
        yield compare(_METHOD, source, name, quantity, [table[each] for each in order], theirs, tolerance)
    yield compare(_METHOD, source, name, "rejected", found.rejected, np.array(result["rejected"]["values"]))


def _conditional(source: str, cases: Case) -> Iterator[Comparison]:
    planned = InverseNormal(2, 0.025, 0.1, HwangShihDeCani(-4), HwangShihDeCani(-2))
    size = 200 * planned.inflation
    trial = Reestimation(planned, size, 2 * size)
    power = [trial.conditional_power(z, size / 2 + 100) for z in (0.5, 1, 1.5, 2)]
    for name in ("condPower", "condPower_full"):
        yield compare(_METHOD, source, name, "conditional power", power, cases[name], 1e-6)
    planned = InverseNormal(2, 0.025, 0.1, LanDeMets("OF"), HwangShihDeCani(-2))
    size = 210 * planned.inflation
    trial = Reestimation(planned, size, 2 * size, 0.9, (0.3, 0.9), overrun=25)
    yield from _steps(source, "ssrCP_doc", trial, cases["ssrCP_doc"], whole=True)
    planned = InverseNormal(2, 0.025, 0.1, HwangShihDeCani(-4))
    size = 300 * planned.inflation
    yield from _steps(source, "ssrCP_z2Z", Reestimation(planned, size, 2 * size), cases["ssrCP_z2Z"], whole=False)
    name, result = "gsBinomialExact_simon", cases["gsBinomialExact_simon"]
    found = BinomialGroupSequential((12, 35), (1, 5), (13, 36)).exact((0.1, 0.3))
    yield compare(_METHOD, source, name, "lower", np.transpose(found.lower), result["lower"]["prob"]["values"], 1e-9)
    yield compare(_METHOD, source, name, "upper", np.transpose(found.upper), result["upper"]["prob"]["values"], 1e-9)
    yield compare(_METHOD, source, name, "expected sizes", found.expected, result["en"], 1e-9)


def _steps(source: str, name: str, trial: Reestimation, rows: list[Case], *, whole: bool) -> Iterator[Comparison]:
    steps = [trial.next(row["z1"]) for row in rows]
    power = [step.conditional_power for step in steps]
    yield compare(_METHOD, source, name, "conditional power", power, [row["CP"] for row in rows], 1e-6)
    if whole:
        sizes, critical = [step.n for step in steps], [step.critical for step in steps]
        yield compare(_METHOD, source, name, "sizes", sizes, [row["n2"] for row in rows], 1e-6, "relative")
        yield compare(_METHOD, source, name, "critical values", critical, [row["z2"] for row in rows], 1e-6)


def _promising(source: str, file: Case) -> Iterator[Comparison]:
    for power in (0.8, 0.9):
        trials = [PromisingZone(row["n1_over_n2"], 1, float(row["nmax_over_n2"]), power=power) for row in file["cpmin"]]
        theirs = [row[f"cpmin_{100 * power:.0f}"] for row in file["cpmin"]]
        ours = [trial.cp_min for trial in trials]
        yield compare(_METHOD, source, "cpmin", f"least conditional power for {power:g}", ours, theirs, 6e-5)
    trial, rows = PromisingZone(208, 442, 884), file["schizophrenia"]
    z = [row["delta1"] / row["sd"] * sqrt(208) / 2 for row in rows]
    power_ = [trial.conditional_power(each) for each in z]
    yield compare(_METHOD, source, "schizophrenia", "conditional power", power_, [row["cp"] for row in rows], 1e-6)
    for quantity, ours_, key in (
        ("sizes for 80 %", [trial.n_for_power(each) for each in z], "n_for_80"),
        ("sizes", [trial.raised(each) for each in z], "n_capped"),
    ):
        yield compare(_METHOD, source, "schizophrenia", quantity, ours_, [row[key] for row in rows], 1e-6, "relative")


def _simulations(source: str, cases: Case) -> Iterator[Comparison]:
    name, result, trials = "sim_means_ssr", cases["sim_means_ssr"], 40_000
    planned = InverseNormal(2, 0.025, 0.2, "Pocock", (0.0,))
    trial = Reestimation(planned, 120, 240, 0.8, least=90)
    found = [trial.simulate(effect / 2 * sqrt(120) / planned.drift, trials, 1234) for effect in (0, 0.3, 0.5)]
    theirs: Any
    for quantity, ours, theirs in (
        ("power", [each.power for each in found], result["overallReject"]),
        ("at looks", np.transpose([each.rejected for each in found]), result["rejectPerStage"]["values"]),
        ("futility", [each.futility for each in found], result["futilityStop"]),
    ):
        yield _shares(source, name, quantity, ours, theirs, 10_000, trials)
    going = np.array([1 - each.rejected[0] - each.futility for each in found])
    for quantity, ours, spread, theirs, share in (
        (
            "second stage",
            [e.second_stage for e in found],
            [e.second_stage_sd for e in found],
            result["sampleSizes"]["values"][1],
            going,
        ),
        (
            "conditional power",
            [e.conditional_power for e in found],
            [e.conditional_power_sd for e in found],
            result["conditionalPowerAchieved"]["values"][1],
            going,
        ),
        (
            "expected size",
            [e.expected_n for e in found],
            [e.expected_n_sd for e in found],
            result["expectedNumberOfSubjects"],
            1,
        ),
    ):
        error = np.array(spread) * np.sqrt((1 / 10_000 + 1 / trials) / share)
        yield compare(_METHOD, source, name, quantity, ours, theirs, 4, "standard errors", error)
    name, result, trials = "sim_surv", cases["sim_surv"], 10_000
    looks = GroupSequential(3, 0.025, 0.2, LanDeMets("OF"))
    for place, ratio in enumerate((0.7, 1.0)):
        seen = simulate_survival(looks, Survival(ratio, log(2) / 12, (24,), 0), 300, (60, 120, 180), trials, 1234)
        quantity = f"hazard ratio {ratio:g}"
        rejected = np.array(result["rejectPerStage"]["values"])[:, place]
        yield _shares(source, name, f"{quantity}: power", seen.power, result["overallReject"][place], 5_000, trials)
        yield _shares(source, name, f"{quantity}: at looks", seen.upper, rejected, 5_000, trials)
        means = [seen.expected_events, seen.expected_participants, seen.expected_duration]
        keys = ("expectedNumberOfEvents", "expectedNumberOfSubjects", "studyDuration")
        error = np.array(seen.expected_sd) * sqrt(1 / 5_000 + 1 / trials)
        yield compare(
            _METHOD,
            source,
            name,
            f"{quantity}: means",
            means,
            [result[key][place] for key in keys],
            4,
            "standard errors",
            error,
        )
        reached = 1 - np.cumsum([0.0, *seen.upper[:-1]])
        error = np.array(seen.times_sd) * np.sqrt((1 / 5_000 + 1 / trials) / reached)
        times = np.array(result["analysisTime"]["values"])[:, place]
        yield compare(_METHOD, source, name, f"{quantity}: times", seen.times, times, 4, "standard errors", error)


def _arms(source: str, result: Case) -> Iterator[Comparison]:
    name, there, trials = "sim_multiarm_means", 2_000, 10_000
    trial = ArmSelection(InverseNormal(2, 0.025, 0.2, LanDeMets("OF")), arms=3, n=40)
    for place, most in enumerate((0, 0.3, 0.6)):
        found = trial.simulate([most / 3, 2 * most / 3, most], trials, 1234)
        rejected, selected = (np.array(result[key])[:, place, :3] for key in ("rejectedArmsPerStage", "selectedArms"))
        success = np.array(result["successPerStage"]["values"])[:, place]
        for quantity, ours, theirs in (
            ("rejected", np.transpose(found.rejected), rejected),
            ("selected", np.transpose(found.selected), selected),
            ("any rejected", found.any_rejected, result["rejectAtLeastOne"][place]),
            ("stopped", found.stopped, success),
        ):
            yield _shares(source, name, f"largest effect {most:g}: {quantity}", ours, theirs, there, trials)
        error = max(found.expected_sd, 80 / sqrt(trials)) * sqrt(1 / there + 1 / trials)
        mean = result["expectedNumberOfSubjects"][place]
        quantity = f"largest effect {most:g}: expected size"
        yield compare(_METHOD, source, name, quantity, found.expected, mean, 4, "standard errors", error)


def _shares(source: str, name: str, quantity: str, ours: Any, theirs: Any, there: int, here: int) -> Comparison:
    """With at least one trial in the reference, so that an error is never 0."""
    pooled = np.clip((np.asarray(ours) + np.asarray(theirs)) / 2, 1 / there, 1 - 1 / there)
    error = np.sqrt(pooled * (1 - pooled) * (1 / there + 1 / here))
    return compare(_METHOD, source, name, quantity, ours, theirs, 4, "standard errors", error)
