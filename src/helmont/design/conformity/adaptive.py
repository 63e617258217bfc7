"""Sizes set anew, promising zones, simulated trials with interim analyses, exact binomial looks.

``ssrCP_z2Z``: the package asks whether the interim statistic is above a lower bound, which this design has not, and so never
goes on: every size is that of the first stage (the case ``ssrCP_doc`` has a lower bound, and sizes that follow). Its critical
values are those of the sufficient statistic for a second stage as large as the whole planned trial.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, pi, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

from helmont.design.confirmatory.adaptive.combination import InverseNormal
from helmont.design.confirmatory.adaptive.multi_arm import ArmSelection
from helmont.design.confirmatory.adaptive.promising import PromisingZone
from helmont.design.confirmatory.adaptive.reestimation import Reestimation
from helmont.design.confirmatory.binomial import BinomialGroupSequential
from helmont.design.confirmatory.endpoints.survival import Survival
from helmont.design.confirmatory.endpoints.survival_simulation import simulate_survival
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import HwangShihDeCani, LanDeMets
from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.nodes import legendre

Case = dict[str, Any]
_METHOD = "adaptive design"


def comparisons() -> Iterator[Comparison]:
    """Every case, from both packages and the paper."""
    first, second, third = reference("rpact"), reference("gsdesign"), reference("promising_zone")
    source = f"{first['tool']} {first['version']}"
    cases = {case["id"]: case["result"] for case in first["cases"]}
    yield from _simulations(source, cases)
    yield from _arms(source, cases["sim_multiarm_means"])
    source = f"{second['tool']} {second['version']}"
    cases = {case["id"]: case["result"] for case in second["cases"]}
    yield from _conditional(source, cases)
    yield from _promising(f"{third['citation']}: {third['tool']}", third)


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
    rows = cases["ssrCP_doc"]
    yield from _steps(source, "ssrCP_doc", trial, rows)
    steps = [trial.next(row["z1"]) for row in rows]
    sizes, critical = [step.n for step in steps], [step.critical for step in steps]
    yield compare(_METHOD, source, "ssrCP_doc", "sizes", sizes, [row["n2"] for row in rows], 1e-6, "relative")
    yield compare(_METHOD, source, "ssrCP_doc", "critical values", critical, [row["z2"] for row in rows], 1e-6)
    planned = InverseNormal(2, 0.025, 0.1, HwangShihDeCani(-4))
    size = 300 * planned.inflation
    trial, rows = Reestimation(planned, size, 2 * size, statistic="sufficient"), cases["ssrCP_z2Z"]
    yield from _steps(source, "ssrCP_z2Z", trial, rows)
    critical = [trial.critical(row["z1"], trial.first + size) for row in rows]
    yield compare(_METHOD, source, "ssrCP_z2Z", "critical values", critical, [row["z2"] for row in rows], 1e-6)
    first = [trial.first] * len(rows)
    yield compare(_METHOD, source, "ssrCP_z2Z", "first stage", first, [row["n2"] for row in rows], 1e-6, "relative")
    name, result = "gsBinomialExact_simon", cases["gsBinomialExact_simon"]
    looks = BinomialGroupSequential((12, 35), (1, 5), (13, 36))
    bounds = [result[side]["bound"] for side in ("lower", "upper")]
    yield compare(_METHOD, source, name, "bounds", [looks.lower, looks.upper], bounds)
    found = looks.exact((0.1, 0.3))
    yield compare(_METHOD, source, name, "lower", np.transpose(found.lower), result["lower"]["prob"]["values"], 1e-9)
    yield compare(_METHOD, source, name, "upper", np.transpose(found.upper), result["upper"]["prob"]["values"], 1e-9)
    yield compare(_METHOD, source, name, "expected sizes", found.expected, result["en"], 1e-9)


def _steps(source: str, name: str, trial: Reestimation, rows: list[Case]) -> Iterator[Comparison]:
    steps = [trial.next(row["z1"]) for row in rows]
    power = [step.conditional_power for step in steps]
    yield compare(_METHOD, source, name, "conditional power", power, [row["CP"] for row in rows], 1e-6)
    unit = trial.test.drift / sqrt(trial.planned)
    effects = [[step.effect * unit] * 2 for step in steps]
    yield compare(
        _METHOD, source, name, "effects", effects, [[row["theta"], row["delta"]] for row in rows], 1e-6, "relative"
    )


def _promising(source: str, file: Case) -> Iterator[Comparison]:
    for power in (0.8, 0.9):
        trials = [PromisingZone(row["n1_over_n2"], 1, float(row["nmax_over_n2"]), power=power) for row in file["cpmin"]]
        theirs = [row[f"cpmin_{100 * power:.0f}"] for row in file["cpmin"]]
        ours = [trial.cp_min for trial in trials]
        yield compare(_METHOD, source, "cpmin", f"least conditional power for {power:g}", ours, theirs, 6e-5)
    trial, rows = PromisingZone(208, 442, 884), file["schizophrenia"]
    z = [row["delta1"] / row["sd"] * sqrt(208) / 2 for row in rows]
    power_ = [trial.conditional_power(each) for each in z]
    yield compare(_METHOD, source, "schizophrenia", "statistics", z, [row["z1"] for row in rows], 6e-7)
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
        ("early stop", [each.rejected[0] + each.futility for each in found], result["earlyStop"]),
    ):
        yield _shares(source, name, quantity, ours, theirs, 10_000, trials)
    yield compare(_METHOD, source, name, "first stage", [trial.first] * 3, result["sampleSizes"]["values"][0])
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
        stopped = np.array(result["earlyStop"]["values"])[:, place].sum()
        shares = [sum(seen.upper[:-1]), sum(seen.lower)]
        known = [stopped, result["futilityStop"][place]]
        yield _shares(source, name, f"{quantity}: early stop, futility", shares, known, 5_000, trials)
        events = np.array(result["cumulativeEventsPerStage"]["values"])[:, place]
        yield compare(_METHOD, source, name, f"{quantity}: events", seen.events, events)
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
        yield from _achieved(source, f"{name} {ratio:g}", looks, -log(ratio) / 2 * sqrt(180), result, place)
        times = np.array(result["analysisTime"]["values"])[:, place]
        yield compare(_METHOD, source, name, f"{quantity}: times", seen.times, times, 4, "standard errors", error)


def _achieved(
    source: str, name: str, planned: GroupSequential, drift: float, result: Case, place: int
) -> Iterator[Comparison]:
    """Of the trials that go on: the power to cross the next bound if the effect is the one observed, by normal theory."""
    upper, (first, second, _) = planned.bounds().upper, planned.information
    nodes, weights = legendre(80)
    for look, time in ((1, first), (2, second)):
        z = drift * sqrt(time) + 8 * nodes
        density = weights * np.exp(-0.5 * (8 * nodes) ** 2) * (z < upper[look - 1])
        if look == 2:  # and were below the first bound, given the second statistic
            share = first / second
            density *= ndtr((upper[0] - drift * sqrt(first) - sqrt(share) * 8 * nodes) / sqrt(1 - share))
        power = np.array([planned.conditional_power(look, float(each)).upper[0][0] for each in z])
        mean = float(density @ power / density.sum())
        error = sqrt((density @ (power - mean) ** 2 / density.sum()) / 5_000 / (density.sum() / sqrt(2 * pi) * 8))
        theirs = result["conditionalPowerAchieved"]["values"][look][place]
        yield compare(
            _METHOD,
            source,
            name,
            f"conditional power before look {look + 1}",
            mean,
            theirs,
            4,
            "standard errors",
            error,
        )


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
        active = np.array(result["numberOfActiveArms"]["values"])[:, place]
        yield compare(_METHOD, source, name, f"largest effect {most:g}: arms", found.arms, active, 1e-12)
        error = max(found.expected_sd, 80 / sqrt(trials)) * sqrt(1 / there + 1 / trials)
        mean = result["expectedNumberOfSubjects"][place]
        quantity = f"largest effect {most:g}: expected size"
        yield compare(_METHOD, source, name, quantity, found.expected, mean, 4, "standard errors", error)


def _shares(source: str, name: str, quantity: str, ours: Any, theirs: Any, there: int, here: int) -> Comparison:
    """With at least one trial in the reference, so that an error is never 0."""
    pooled = np.clip((np.asarray(ours) + np.asarray(theirs)) / 2, 1 / there, 1 - 1 / there)
    error = np.sqrt(pooled * (1 - pooled) * (1 / there + 1 / here))
    return compare(_METHOD, source, name, quantity, ours, theirs, 4, "standard errors", error)
