"""Sizes and power of means, rates, survival and counts, fixed and group sequential.

``gsSurv_doc``: the package's bounds spend 3.6e-6 more than its spending function gives (its last bound is 6.7e-5 below
that of the same design without survival, ``default_gsDesign``); sizes, times and lower bounds are compared with its upper
bounds as given. ``gsSurv_vignette`` reports to spend 1.5e-6 more beta than 0.1; it is compared with what it reports as
given, its upper bounds also as planned. Its times are found to about 1e-6: events of the groups there do not add up to
the events of the look more closely, so that times and groups are compared to 2e-6. ``ciBinomial_MN`` is solved there to
about 1e-5. ``n_surv_vignette``: the follow-up that is an input is reported as 11.9999994, an output of its solver.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log
from typing import Any

import numpy as np

from helmont.design.confirmatory.endpoints.counts import Counts
from helmont.design.confirmatory.endpoints.endpoint import Endpoint
from helmont.design.confirmatory.endpoints.means import Means
from helmont.design.confirmatory.endpoints.rates import OneRate, Rates, score_interval, score_statistic
from helmont.design.confirmatory.endpoints.survival import Survival, SurvivalSize
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import GivenBounds, GivenSpending, LanDeMets, PowerSpending
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
        yield from _survival(source, name, planned.sample_size(survival), cases[name])
    yield from _power(source, cases)
    counts = Counts(0.2, 0.3, dispersion=1).fixed_size(0.025, 0.2)
    yield compare(_METHOD, source, "n_counts", "participants", 2 * ceil(counts / 2), cases["n_counts"]["nFixed"])
    source = f"{second['tool']} {second['version']}"
    cases = {case["id"]: case["result"] for case in second["cases"]}
    yield from _rates(source, cases)
    yield from _lachin_foulkes(source, cases)


def _size(source: str, name: str, endpoint: Endpoint, planned: GroupSequential, result: Case) -> Iterator[Comparison]:
    size = planned.sample_size(endpoint)
    looks = np.array(result["numberOfSubjects"]["values"]).ravel()
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


def _survival(source: str, name: str, size: SurvivalSize, result: Case) -> Iterator[Comparison]:
    def same(quantity: str, ours: Any, key: str) -> Comparison:
        theirs = result[key]
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
    if "rejectPerStage" in result:
        yield same("power", size.power, "rejectPerStage")
        yield same("expected events, no effect", size.expected_events_null, "expectedEventsH0")
        yield same("expected participants", size.expected_participants, "expectedNumberOfSubjectsH1")


def _power(source: str, cases: Case) -> Iterator[Comparison]:
    alternatives: dict[str, list[Endpoint]] = {
        "pow_means": [Means(difference, 24) for difference in (0, 5, 10)],
        "pow_rates": [Rates(rate, 0.25) for rate in (0.25, 0.35, 0.45)],
    }
    for name, endpoints in alternatives.items():
        result = cases[name]
        most = result["maxNumberOfSubjects"]
        known = [endpoint.power(_LOOKS, most) for endpoint in endpoints]
        at = [each * most for each in _LOOKS.information]
        effects = [endpoints[-1].critical_effect(z, n) for z, n in zip(_LOOKS.bounds().upper, at, strict=True)]
        theirs = np.array(result["criticalValuesEffectScale"]["values"]).ravel()
        yield compare(_METHOD, source, name, "power", [each.power[0] for each in known], result["overallReject"], 1e-6)
        ours = np.transpose([each.upper[0] for each in known])
        yield compare(_METHOD, source, name, "power at looks", ours, result["rejectPerStage"]["values"], 1e-6)
        mean = [most * each.expected_information[0] for each in known]
        yield compare(_METHOD, source, name, "expected", mean, result["expectedNumberOfSubjects"], 1e-6, "relative")
        yield compare(_METHOD, source, name, "critical effects", effects, theirs, 1e-6, "relative")
    name, result = "pow_surv", cases["pow_surv"]
    sizes = [Survival(ratio, log(2) / 12, (24,), 0).power(_LOOKS, 500, 300) for ratio in (0.6, 0.7, 0.8)]
    for quantity, rows, key in (
        ("participants", [each.participants for each in sizes], "numberOfSubjects"),
        ("times", [each.times for each in sizes], "analysisTime"),
        ("power", [each.power for each in sizes], "rejectPerStage"),
    ):
        theirs = np.array(result[key]["values"])[:, :3]
        yield compare(_METHOD, source, name, quantity, np.transpose(rows), theirs, 1e-6, "relative")
    for quantity, mean, key in (
        ("duration", [each.expected_duration for each in sizes], "studyDuration"),
        ("expected events", [each.expected_events for each in sizes], "expectedNumberOfEvents"),
        ("expected participants", [each.expected_participants for each in sizes], "expectedNumberOfSubjects"),
    ):
        yield compare(_METHOD, source, name, quantity, mean, result[key][:3], 1e-6, "relative")


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
    theirs = [result[key] for key in ("n", "d", "eDC", "eDE")] + [result["gamma"]["values"][0][0]]
    yield compare(_METHOD, source, "nSurv_doc", "participants and events", ours, theirs, 1e-6, "relative")
    result = cases["gsSurv_doc"]
    planned = GroupSequential(3, 0.025, 0.1, GivenBounds(result["upper"]), PowerSpending(0.5))
    survival = Survival(0.5, log(2) / 6, (24,), 12, dropout=log(2) / 40, method="lachin-foulkes")
    yield from _sequential(source, "gsSurv_doc", planned, survival, result)
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
    yield from _sequential(source, "gsSurv_vignette", planned, survival, result)


def _sequential(
    source: str, name: str, planned: GroupSequential, survival: Survival, result: Case
) -> Iterator[Comparison]:
    size = planned.sample_size(survival)
    yield compare(_METHOD, source, name, "lower bounds", planned.bounds().lower or (), result["lower"], 1e-5)
    for quantity, ours, key in (
        ("events", size.events, "n.I"),
        ("times", size.times, "T"),
        ("expected events", [size.expected_events_null, size.expected_events], "en"),
        ("events on control", size.events_control, "eDC"),
        ("events on treatment", size.events_treatment, "eDE"),
        ("participants on control", np.multiply(size.participants, 0.5), "eNC"),
        ("intensities", size.intensities, "gamma"),
    ):
        theirs = result[key]
        known = np.array(theirs["values"]).ravel() if isinstance(theirs, dict) else theirs
        close = 2e-6 if key in ("T", "eDC", "eDE", "eNC") else 1e-6
        yield compare(_METHOD, source, name, quantity, ours, known, close, "relative")
