"""Power of means, rates and survival with a size that is given, under several alternatives and under none.

The package has a lower bound of -6 where there is none, and reports what crosses it under no effect whatever the alternative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log

import numpy as np

from helmont.design.confirmatory.endpoints.endpoint import Endpoint
from helmont.design.confirmatory.endpoints.means import Means
from helmont.design.confirmatory.endpoints.rates import Rates
from helmont.design.confirmatory.endpoints.survival import Survival
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.rules import GivenBounds, LanDeMets
from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.conformity.endpoints import Case, hazards

_METHOD = "sample size and power"
_LOOKS = GroupSequential(3, 0.025, 0.2, LanDeMets("OF"))


def comparisons() -> Iterator[Comparison]:
    """Every case."""
    file = reference("rpact")
    source = f"{file['tool']} {file['version']}"
    cases = {case["id"]: case["result"] for case in file["cases"]}
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
        looks = np.array(result["numberOfSubjects"]["values"]).ravel()
        yield compare(_METHOD, source, name, "looks", at, looks, 1e-6, "relative")
        if "pi1" in result:
            rates = [each.treatment for each in endpoints if isinstance(each, Rates)]
            yield compare(_METHOD, source, name, "rates", rates, result["pi1"])
        yield from _listed(source, name, [each.upper[0] for each in known], result)
    yield from _power_survival(source, cases["pow_surv"])


def _listed(source: str, name: str, power: Sequence[Sequence[float]], result: Case) -> Iterator[Comparison]:
    """Levels, stops before the last look, and what crosses the bound of -6 that the package has for none."""
    levels = np.array(result["criticalValuesPValueScale"]["values"]).ravel()
    yield compare(_METHOD, source, name, "levels", _LOOKS.bounds().levels, levels, 1e-6)
    [below] = replace(_LOOKS, lower=GivenBounds((-6, -6))).exact(0.0).lower
    early = [sum(each[:-1]) + sum(below[:-1]) for each in power]
    for quantity, ours, theirs, tolerance in (
        ("early stop", early, result["earlyStop"], 1e-8),
        (
            "below -6 at looks",
            [[each] * len(power) for each in below[:-1]],
            result["futilityPerStage"]["values"],
            1e-12,
        ),
        ("below -6", [sum(below[:-1])] * len(power), result["futilityStop"], 1e-12),
    ):
        yield compare(_METHOD, source, name, quantity, ours, theirs, tolerance)


def _power_survival(source: str, result: Case) -> Iterator[Comparison]:
    name, most = "pow_surv", (500, 300)
    trials = [Survival(ratio, log(2) / 12, (24,), 0) for ratio in (0.6, 0.7, 0.8, 1.0)]
    sizes = [trial.power(_LOOKS, *most) for trial in trials]
    yield from _listed(source, name, [each.power for each in sizes], result)
    for place, trial in enumerate(trials):
        mine = {**result, **{key: result[key][place] for key in ("lambda1", "median1", "hazardRatio")}}
        yield from hazards(source, f"{name} {trial.hazard_ratio:g}", trial, mine)
    for quantity, rows, key in (
        ("participants", [each.participants for each in sizes], "numberOfSubjects"),
        ("times", [each.times for each in sizes], "analysisTime"),
        ("power", [each.power for each in sizes], "rejectPerStage"),
    ):
        yield compare(_METHOD, source, name, quantity, np.transpose(rows), result[key]["values"], 1e-6, "relative")
    for quantity, mean, key in (
        ("duration", [each.expected_duration for each in sizes], "studyDuration"),
        ("expected events", [each.expected_events for each in sizes], "expectedNumberOfEvents"),
        ("expected participants", [each.expected_participants for each in sizes], "expectedNumberOfSubjects"),
    ):
        yield compare(_METHOD, source, name, quantity, mean, result[key], 1e-6, "relative")
    events = np.array(result["cumulativeEventsPerStage"]["values"]).ravel()
    ratios = np.array(result["criticalValuesEffectScale"]["values"]).ravel()
    for place, each in enumerate(sizes):
        for quantity, ours, theirs in (
            ("events", each.events, events),
            ("critical ratios", each.critical_ratios, ratios),
            ("entry", [*each.intensities, *each.entry_ends], [result["accrualIntensity"], result["accrualTime"]]),
            (
                "maxima",
                [each.maximum, each.maximum_events],
                [result["maxNumberOfSubjects"], result["maxNumberOfEvents"]],
            ),
            ("follow-up", each.follow_up, result["followUpTime"][place]),
            ("power in all", sum(each.power), result["overallReject"][place]),
        ):
            yield compare(
                _METHOD, source, f"{name} {result['hazardRatio'][place]:g}", quantity, ours, theirs, 1e-6, "relative"
            )
