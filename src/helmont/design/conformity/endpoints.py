"""Sizes of means, rates, survival and counts, fixed and group sequential.

``gsSurv_doc``: the package's upper bounds have not converged (``unconverged`` shows it); sizes, times and lower bounds are
compared with its upper bounds as given. ``gsSurv_vignette`` reports to spend 1.5e-6 more beta than 0.1; it is compared with
what it reports as given, its upper bounds also as planned. Its times are found to about 1e-6: events of the groups there do not
add up to the events of the look more closely, so that times and groups are compared to 2e-6. ``ciBinomial_MN`` is solved there
to about 1e-5. ``n_surv_vignette``: the follow-up that is an input is reported as 11.9999994, an output of its solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, log, sqrt
from typing import Any

import numpy as np

from helmont.design.confirmatory.endpoints.counts import Counts
from helmont.design.confirmatory.endpoints.endpoint import Endpoint
from helmont.design.confirmatory.endpoints.means import Means
from helmont.design.confirmatory.endpoints.rates import OneRate, Rates, score_interval, score_statistic
from helmont.design.confirmatory.endpoints.survival import Survival
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import (
    GivenBounds,
    GivenSpending,
    HwangShihDeCani,
    LanDeMets,
    PowerSpending,
    Spending,
)
from helmont.design.conformity.comparing import Comparison, compare, reference

Case = dict[str, Any]
_METHOD = "sample size and power"
_FIXED, _LOOKS = GroupSequential(1, 0.025, 0.2, "OF"), GroupSequential(3, 0.025, 0.2, LanDeMets("OF"))

_SIZES: dict[str, tuple[Endpoint, GroupSequential]] = {
    "n_means_fixed": (Means(2, 5), _FIXED),
    "n_means_gs": (Means(10, 24), _LOOKS),
    "n_means_fixed_vignette": (Means(10, 24), _FIXED),
    "n_means_ni": (Means(0, 3.5, null=-1, ratio=2), GroupSequential(1, 0.025, 0.1, "OF")),
    "n_rates_fixed": (Rates(0.4, 0.25), _FIXED),
    "n_rates_gs": (Rates(0.4, 0.25), _LOOKS),
    "n_rates_onearm": (OneRate(0.45, 0.3), _FIXED),
    "n_rates_riskratio_ni": (Rates(0.4, 0.4, null=1.25, measure="ratio"), _FIXED),
}
_TWO_SIDED = ("n_means_fixed_vignette", "n_rates_fixed", "n_rates_onearm")
"""Their levels are reported as twice the one-sided ones."""
_MONTH60, _LOST = log(2) / 60, -log(1 - 0.025) / 12
_SURVIVAL: dict[str, tuple[Survival, GroupSequential]] = {
    "n_surv_simple": (Survival(0.7, log(2) / 12, (12,), 18), _FIXED),
    "n_surv_vignette": (
        Survival(0.74, _MONTH60, (6, 12, 18, 24, 30), 12, entry=(15, 20, 25, 30, 35, 42), dropout=_LOST, solve="entry"),
        GroupSequential((0.33, 0.7, 1), 0.025, 0.2, LanDeMets("OF"), LanDeMets("OF")),
    ),
    "n_surv_maxN": (
        Survival(0.74, _MONTH60, (30,), entry=(40,), dropout=_LOST, solve="follow_up"),
        GroupSequential((0.6, 1), 0.025, 0.1, LanDeMets("OF")),
    ),
}


def comparisons() -> Iterator[Comparison]:
    """Every case, from both packages."""
    first, second = reference("rpact"), reference("gsdesign")
    source = f"{first['tool']} {first['version']}"
    cases = {case["id"]: case["result"] for case in first["cases"]}
    for name, (endpoint, planned) in _SIZES.items():
        yield from _size(source, name, endpoint, planned, cases[name])
    for name, (survival, planned) in _SURVIVAL.items():
        yield from _survival(source, name, survival, planned, cases[name])
    counts = Counts(0.2, 0.3, dispersion=1).fixed_size(0.025, 0.2)
    each = ceil(counts / 2)
    theirs = [cases["n_counts"][key] for key in ("nFixed1", "nFixed2", "nFixed", "maxNumberOfSubjects")]
    yield compare(_METHOD, source, "n_counts", "participants", [each, each, 2 * each, 2 * each], theirs)
    source = f"{second['tool']} {second['version']}"
    cases = {case["id"]: case["result"] for case in second["cases"]}
    yield from _rates(source, cases)
    yield from _lachin_foulkes(source, cases)


def _size(source: str, name: str, endpoint: Endpoint, planned: GroupSequential, result: Case) -> Iterator[Comparison]:
    size, bounds = planned.sample_size(endpoint), planned.bounds()
    looks = np.array(result["numberOfSubjects"]["values"]).ravel()
    yield compare(_METHOD, source, name, "maximum", size.maximum, result["maxNumberOfSubjects"], 1e-6, "relative")
    sides = 2 if name in _TWO_SIDED else 1
    levels = np.array(result["criticalValuesPValueScale"]["values"]).ravel()
    yield compare(_METHOD, source, name, "levels", np.multiply(sides, bounds.levels), levels, 1e-6)
    if "pi1" in result:
        assert isinstance(endpoint, (Rates, OneRate))
        rate = endpoint.treatment if isinstance(endpoint, Rates) else endpoint.rate
        yield compare(_METHOD, source, name, "rate", rate, result["pi1"])
    yield from _stops(source, name, planned.exact(1.0).upper[0], result)
    yield compare(_METHOD, source, name, "fixed", size.fixed, result["nFixed"], 1e-6, "relative")
    yield compare(_METHOD, source, name, "looks", size.looks, looks, 1e-6, "relative")
    if "nFixed1" in result:
        groups = [result["nFixed1"], result["nFixed2"]]
        ours = np.divide([size.treatment, size.control], size.inflation)
        yield compare(_METHOD, source, name, "groups", ours, groups, 1e-6, "relative")
    effects = np.array(result["criticalValuesEffectScale"]["values"], dtype=float).ravel()
    if not np.isnan(effects).any():
        yield compare(_METHOD, source, name, "critical effects", size.critical_effects or (), effects, 1e-6, "relative")
    if "expectedNumberOfSubjectsH0" in result:
        theirs = [result["expectedNumberOfSubjectsH0"], result["expectedNumberOfSubjectsH1"]]
        ours = [size.expected_null, size.expected_alternative]
        yield compare(_METHOD, source, name, "expected", ours, theirs, 1e-6, "relative")


def _stops(source: str, name: str, power: Sequence[float], result: Case) -> Iterator[Comparison]:
    """The power at each look and before the last, where they are reported."""
    if "rejectPerStage" in result:
        known = np.array(result["rejectPerStage"]["values"]).ravel()
        yield compare(_METHOD, source, name, "power at looks", power, known, 1e-6)
        futile = result.get("futilityStop", 0.0)
        yield compare(_METHOD, source, name, "early stop", sum(power[:-1]) + futile, result["earlyStop"], 1e-6)


def _survival(
    source: str, name: str, survival: Survival, planned: GroupSequential, result: Case
) -> Iterator[Comparison]:
    size = planned.sample_size(survival)

    def same(quantity: str, ours: Any, key: str | tuple[str, ...]) -> Comparison:
        theirs = result[key] if isinstance(key, str) else [result[each] for each in key]
        known = np.array(theirs["values"], dtype=float).ravel() if isinstance(theirs, dict) else theirs
        return compare(_METHOD, source, name, quantity, ours, known, 1e-6, "relative")

    yield same("fixed events", size.fixed_events, "eventsFixed")
    yield same("events", size.events, "cumulativeEventsPerStage")
    yield same("participants", size.participants, "numberOfSubjects")
    yield same("times", size.times, "analysisTime")
    yield same("duration", size.expected_duration, "studyDuration")
    yield same("expected events", size.expected_events, "expectedEventsH1")
    yield same("critical ratios", size.critical_ratios, "criticalValuesEffectScale")
    yield (
        same("end of entry", size.entry_ends[-1], "accrualTime")
        if np.isscalar(result["accrualTime"])
        else same("ends of entry", size.entry_ends, "accrualTime")
    )
    yield same("follow-up", size.follow_up, "followUpTime")
    yield same("maximum of participants", size.maximum, "maxNumberOfSubjects")
    yield same("maximum of events", size.maximum_events, "maxNumberOfEvents")
    yield same(
        "participants of groups", [size.maximum, size.maximum / 2, size.maximum / 2], ("nFixed", "nFixed1", "nFixed2")
    )
    yield from hazards(source, name, survival, result)
    intensities = size.intensities if len(size.intensities) > 1 else size.intensities[0]
    yield same("intensities", intensities, "accrualIntensity")
    levels = np.array(result["criticalValuesPValueScale"]["values"]).ravel()
    yield compare(_METHOD, source, name, "levels", planned.bounds().levels, levels, 1e-6)
    if "rejectPerStage" in result:
        yield from _stops(source, name, size.power, result)
        yield same("expected events, no effect", size.expected_events_null, "expectedEventsH0")
        yield same("expected participants", size.expected_participants, "expectedNumberOfSubjectsH1")
    if "futilityStop" in result:
        assert size.lower_ratios is not None
        futile = np.array(result["futilityPerStage"]["values"]).ravel()
        yield compare(_METHOD, source, name, "futility", size.futility[:-1], futile, 1e-6)
        yield compare(_METHOD, source, name, "futility in all", sum(size.futility[:-1]), result["futilityStop"], 1e-6)
        known = np.array(result["futilityBoundsEffectScale"]["values"]).ravel()
        yield compare(_METHOD, source, name, "ratios of futility", size.lower_ratios[:-1], known, 1e-6, "relative")


def hazards(source: str, name: str, survival: Survival, result: Case) -> Iterator[Comparison]:
    """The hazards and medians of a hazard ratio, which the package lists."""
    control, ratio = np.atleast_1d(survival.hazard)[0], survival.hazard_ratio
    ours = [ratio * control, control, log(2) / (ratio * control), log(2) / control, ratio]
    keys = ("lambda1", "lambda2", "median1", "median2", "hazardRatio")
    yield compare(_METHOD, source, name, "hazards and medians", ours, [result[key] for key in keys], 1e-9, "relative")


def _rates(source: str, cases: Case) -> Iterator[Comparison]:
    for name, endpoint, beta in (
        ("nBinomial_doc", Rates(0.377, 0.502), 0.1),
        ("nBinomial_ni", Rates(0.67, 0.67, null=-0.05), 0.2),
        ("nBinomial_RR", Rates(0.15, 0.1, measure="ratio"), 0.1),
        ("nNormal", Means(0.5, 1.1, test="normal"), 0.2),
    ):
        size = endpoint.fixed_size(0.025, beta)
        yield compare(_METHOD, source, name, "participants", size, cases[name], 1e-6, "relative")
    z = score_statistic((52, 40), (100, 100))
    yield compare(_METHOD, source, "testBinomial_FM", "z", z, cases["testBinomial_FM"], 1e-9)
    [limits] = cases["ciBinomial_MN"]
    interval = score_interval((52, 40), (100, 100))
    yield compare(_METHOD, source, "ciBinomial_MN", "limits", interval, [limits["lower"], limits["upper"]], 2e-5)


def _lachin_foulkes(source: str, cases: Case) -> Iterator[Comparison]:
    monthly = Survival(0.6, log(2) / 6, (24,), 12, dropout=log(2) / 40, method="lachin-foulkes")
    result, size = cases["nSurv_doc"], GroupSequential(1, 0.025, 0.1, "OF").sample_size(monthly)
    ours = [size.maximum, size.maximum_events, size.events_control[0], size.events_treatment[0], *size.intensities]
    ours += [size.maximum / 2] * 2 + [size.times[0], size.entry_ends[-1], size.follow_up]
    theirs = [result[key] for key in ("n", "d", "eDC", "eDE")] + [result["gamma"]["values"][0][0]]
    theirs += [result[key] for key in ("eNC", "eNE", "T", "R", "minfup")]
    yield compare(_METHOD, source, "nSurv_doc", "participants and events", ours, theirs, 1e-6, "relative")
    ours = [0.1, 0.6, log(2) / 6]
    theirs = [result["beta"], result["hr"], result["lambdaC"]["values"][0][0]]
    yield compare(_METHOD, source, "nSurv_doc", "settings", ours, theirs, 1e-12)
    result = cases["gsSurv_doc"]
    planned = GroupSequential(3, 0.025, 0.1, GivenBounds(result["upper"]), PowerSpending(0.5))
    survival = Survival(0.5, log(2) / 6, (24,), 12, dropout=log(2) / 40, method="lachin-foulkes")
    yield from _sequential(source, "gsSurv_doc", planned, survival, result, (HwangShihDeCani(-4), PowerSpending(0.5)))
    result = cases["gsSurv_vignette"]
    planned = GroupSequential((0.25, 0.75, 1), 0.025, 0.1, LanDeMets("OF"), LanDeMets("OF"))
    yield compare(_METHOD, source, "gsSurv_vignette", "upper bounds", planned.bounds().upper, result["upper"], 1e-5)
    spent = np.cumsum(np.array(result["prob_lower"]["values"])[:, 1])
    planned = GroupSequential(
        (0.25, 0.75, 1), 0.025, float(spent[-1]), GivenBounds(result["upper"]), GivenSpending(tuple(spent))
    )
    survival = Survival(
        0.75, log(2) / 12, (2, 4, 6, 12), 18, entry=(2.5, 5, 7.5, 10), dropout=0.001, method="lachin-foulkes"
    )
    yield from _sequential(source, "gsSurv_vignette", planned, survival, result, (LanDeMets("OF"), LanDeMets("OF")))


def _sequential(
    source: str,
    name: str,
    planned: GroupSequential,
    survival: Survival,
    result: Case,
    spending: tuple[Spending, Spending],
) -> Iterator[Comparison]:
    size, times = planned.sample_size(survival), planned.information
    for quantity, rule, total, key in (
        ("spending", spending[0], 0.025, "spend_upper"),
        ("lower spending", spending[1], 0.1, "spend_lower"),
    ):
        spent = np.diff(rule.cumulative(total, times, times), prepend=0.0)
        yield compare(_METHOD, source, name, quantity, spent, result[key], 1e-12)
    chances = planned.exact((0.0, 1.0))
    for quantity, rows, key in (("power", chances.upper, "prob_upper"), ("futility", chances.lower, "prob_lower")):
        yield compare(_METHOD, source, name, f"{quantity} at looks", np.transpose(rows), result[key]["values"], 1e-6)
    yield compare(_METHOD, source, name, "looks", times, result["timing"], 1e-12)
    yield compare(_METHOD, source, name, "hazard ratio", survival.hazard_ratio, result["hr"])
    theta = [0.0, planned.drift / sqrt(size.maximum_events)]
    yield compare(_METHOD, source, name, "effects", theta, result["theta"], 1e-6, "relative")
    yield compare(_METHOD, source, name, "lower bounds", planned.bounds().lower or (), result["lower"], 1e-5)
    for quantity, ours, key in (
        ("events", size.events, "n.I"),
        ("times", size.times, "T"),
        ("expected events", [size.expected_events_null, size.expected_events], "en"),
        ("events on control", size.events_control, "eDC"),
        ("events on treatment", size.events_treatment, "eDE"),
        ("participants on control", np.multiply(size.participants, 0.5), "eNC"),
        ("participants on treatment", np.multiply(size.participants, 0.5), "eNE"),
        ("intensities", size.intensities, "gamma"),
    ):
        theirs = result[key]
        known = np.array(theirs["values"]).ravel() if isinstance(theirs, dict) else theirs
        close = 2e-6 if key in ("T", "eDC", "eDE", "eNC", "eNE") else 1e-6
        yield compare(_METHOD, source, name, quantity, ours, known, close, "relative")
