"""Group sequential bounds, their spending, inflation and expected sizes, conditional power and p-values.

One reference is less exact than its tolerance: ``WToptimum`` reports its shape to three places; its bounds are compared at that
shape, and the optimum to within those places. ``testtype3_binding`` is compared in ``unconverged``. Where rpact has no lower
bound it has one at -6, which nothing crosses.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, sqrt
from typing import Any

import numpy as np

from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.confirmatory.laying import fixed_drift
from helmont.design.confirmatory.optimal import optimal_wang_tsiatis
from helmont.design.confirmatory.recursion import Path, crossing
from helmont.design.confirmatory.rules import (
    GivenSpending,
    HaybittlePeto,
    HwangShihDeCani,
    LanDeMets,
    PampallonaTsiatis,
    PowerSpending,
    Symmetric,
    WangTsiatis,
)
from helmont.design.conformity.comparing import Comparison, compare, reference

Case = dict[str, Any]
_METHOD = "group sequential"

_HSD = HwangShihDeCani
_FIRST: dict[str, GroupSequential] = {
    **{
        f"{name}_k{looks}": GroupSequential(looks, 0.025, beta, upper, lower)
        for looks in range(2, 6)
        for name, beta, upper, lower in (
            ("classic_OF", 0.1, "OF", None),
            ("classic_Pocock", 0.1, "Pocock", None),
            ("sym2_OF_a0.05", 0.2, "OF", "symmetric"),
            ("LDOF", 0.1, "LDOF", None),
            ("LDPocock", 0.1, "LDPocock", None),
        )
    },
    "LDOF_unequal_timing": GroupSequential((0.3, 0.5, 0.8, 1), 0.025, 0.1, LanDeMets("OF")),
    "LDOF_one_sided_0.05": GroupSequential(3, 0.05, 0.2, LanDeMets("OF")),
    "WT_delta0.25_k4": GroupSequential(4, 0.025, 0.1, WangTsiatis(0.25)),
    "HSD_m4_k3": GroupSequential(3, 0.025, 0.1, _HSD(-4)),
    "HSD_1_k3": GroupSequential(3, 0.025, 0.1, _HSD(1)),
    "power3_k3": GroupSequential(3, 0.025, 0.1, PowerSpending(3)),
    "default_gsDesign": GroupSequential(3, 0.025, 0.1, _HSD(-4), _HSD(-2)),
    "testtype5": GroupSequential(3, 0.025, 0.1, _HSD(-4), _HSD(-1), binding=True, lower_under="null"),
    "testtype6": GroupSequential(3, 0.025, 0.1, _HSD(-4), _HSD(-1), lower_under="null"),
    "OF_testtype4_k5_n.fix800": GroupSequential(5, 0.025, 0.1, LanDeMets("OF"), LanDeMets("Pocock")),
}

_SECOND: dict[str, GroupSequential] = {
    **{
        f"{name}_k{looks}": GroupSequential(looks, 0.025, 0.2, upper)
        for looks in range(2, 6)
        for name, upper in (("OF", "OF"), ("P", "Pocock"), ("asOF", "asOF"), ("asP", "asP"))
    },
    "OF_k4_two_sided": GroupSequential(4, 0.025, 0.2, "OF", "symmetric"),
    "WT0.25_k3": GroupSequential(3, 0.025, 0.2, WangTsiatis(0.25)),
    "HP_k3": GroupSequential(3, 0.025, 0.2, HaybittlePeto(3)),
    "asKD2_k3": GroupSequential(3, 0.025, 0.2, PowerSpending(2)),
    "asHSD-4_k3": GroupSequential(3, 0.025, 0.2, _HSD(-4)),
    "asUser": GroupSequential((0.4, 0.7, 1), 0.025, 0.2, GivenSpending((0.003, 0.01, 0.025))),
    "asOF_bsOF_nonbinding": GroupSequential((0.3, 0.6, 1), 0.025, 0.1, "asOF", "bsOF"),
    "asOF_bsP_binding": GroupSequential(3, 0.025, 0.2, "asOF", "bsP", binding=True),
    "futility_z0": GroupSequential(3, 0.025, 0.2, "asOF", (0, 0)),
    "PT": GroupSequential(3, 0.025, 0.2, WangTsiatis(0.1), PampallonaTsiatis(0.3)),
}


def comparisons() -> Iterator[Comparison]:
    """Every case, from both packages."""
    first, second = reference("gsdesign"), reference("rpact")
    source = f"{first['tool']} {first['version']}"
    cases = {case["id"]: case["result"] for case in first["cases"]}
    for name, planned in _FIRST.items():
        yield from _designed(source, name, planned, cases[name])
    yield from _spending(source, cases)
    yield from _conditional(source, cases)
    source = f"{second['tool']} {second['version']}"
    cases = {case["id"]: case["result"] for case in second["cases"]}
    for name, planned in _SECOND.items():
        yield from _as_reported(source, name, planned, cases[name])
    yield from _characteristics(source, cases)


def _designed(source: str, name: str, planned: GroupSequential, result: Case) -> Iterator[Comparison]:
    bounds, known = planned.bounds(), planned.exact((0.0, 1.0))
    fixed = 800 if name.endswith("800") else 1
    looks, expected = planned.sample_size(fixed).looks, np.multiply(fixed, known.expected)
    yield compare(_METHOD, source, name, "looks", bounds.information, result["timing"], 1e-12)
    effects = (0.0, fixed_drift(planned.alpha, planned.beta) / sqrt(fixed))
    yield compare(_METHOD, source, name, "effects", effects, result["theta"], 1e-9)
    yield compare(_METHOD, source, name, "spending", np.diff(bounds.spent, prepend=0.0), result["spend_upper"], 1e-6)
    if result["spend_lower"] is not None:
        same = isinstance(planned.lower, Symmetric)
        spent = np.diff(bounds.spent if same else bounds.lower_spent or (), prepend=0.0)
        yield compare(_METHOD, source, name, "lower spending", spent, result["spend_lower"], 1e-6)
    yield compare(_METHOD, source, name, "upper bounds", bounds.upper, result["upper"], 1e-5)
    if result["lower"] is not None:
        yield compare(_METHOD, source, name, "lower bounds", bounds.lower or (), result["lower"], 1e-5)
    yield compare(_METHOD, source, name, "sample sizes", looks, result["n.I"], 1e-6, "relative")
    yield compare(_METHOD, source, name, "expected sizes", expected, result["en"], 1e-6, "relative")
    above, below = result["prob_upper"], result["prob_lower"]
    yield compare(_METHOD, source, name, "probabilities", np.transpose(known.upper), above["values"], 1e-6)
    if below is not None:
        yield compare(_METHOD, source, name, "lower probabilities", np.transpose(known.lower), below["values"], 1e-6)


def _spending(source: str, cases: Case) -> Iterator[Comparison]:
    times = (0.1, 0.25, 0.5, 0.75, 1)
    for name, rule in (
        ("spend_LDOF", LanDeMets("OF")),
        ("spend_LDPocock", LanDeMets("Pocock")),
        ("spend_HSDm4", HwangShihDeCani(-4)),
    ):
        spent = [rule.spent(0.025, time) for time in times]
        yield compare(_METHOD, source, name, "spent", spent, cases[name], 1e-12)
    result, path, bounds = cases["gsBound_prob"], Path((1 / 3, 2 / 3, 1), 0.0), []
    for probability in result["probhi"]:
        bounds.append(path.upper(probability))
        if path.look < 2:
            path.go_on(-inf, bounds[-1])
    yield compare(_METHOD, source, "gsBound_prob", "bounds", bounds, result["b"], 1e-5)
    below = crossing((1 / 3, 2 / 3, 1), (-20,) * 3, bounds, 0.0)[1]
    yield compare(_METHOD, source, "gsBound_prob", "below -20", below, result["problo"], 1e-12)


def _conditional(source: str, cases: Case) -> Iterator[Comparison]:
    name, result = "gsProbability", cases["gsProbability"]
    known = _FIRST["default_gsDesign"].exact((0.0, 0.5, 1.0))
    yield compare(_METHOD, source, name, "upper", np.transpose(known.upper), result["upper"]["values"], 1e-6)
    yield compare(_METHOD, source, name, "lower", np.transpose(known.lower), result["lower"]["values"], 1e-6)
    yield compare(_METHOD, source, name, "expected sizes", known.expected, result["en"], 1e-6, "relative")
    planned, result = GroupSequential(3, 0.025, 0.1, LanDeMets("OF"), HwangShihDeCani(-2)), cases["gsCP"]
    power = planned.conditional_power(1, 1.2)
    later = np.subtract(planned.sample_size(400).looks[1:], planned.sample_size(400).looks[0])
    yield compare(_METHOD, source, "gsCP", "later sizes", later, result["n.I"], 1e-6, "relative")
    unit = planned.drift / sqrt(400 * planned.inflation)
    yield compare(_METHOD, source, "gsCP", "effects", np.multiply(power.effects, unit), result["theta"], 1e-6)
    yield compare(_METHOD, source, "gsCP", "upper", np.transpose(power.upper), result["upper_prob"]["values"], 1e-6)
    yield compare(_METHOD, source, "gsCP", "lower", np.transpose(power.lower), result["lower_prob"]["values"], 1e-6)
    effects = [each / 10 / unit for each in range(-2, 5)]
    found = planned.predictive_power(1, 1.2, (effects, [1 / 7] * 7))
    yield compare(_METHOD, source, "gsPP", "predictive power", found, cases["gsPP"], 1e-6)
    planned = GroupSequential(3, 0.025, 0.1, LanDeMets("OF"))
    actual = planned.bounds([each / planned.inflation for each in (0.35, 0.7, 1)], final=False)
    p = planned.sequential_p_value((1.5, 2.2, 2.5), bounds=actual)
    yield compare(_METHOD, source, "sequentialPValue", "p", p, cases["sequentialPValue"], 1e-6)


def _as_reported(source: str, name: str, planned: GroupSequential, result: Case) -> Iterator[Comparison]:
    bounds = planned.bounds()
    sides = 2 if name == "OF_k4_two_sided" else 1
    keys = ("kMax", "alpha", "sided", "beta", "bindingFutility")
    ours = (planned.looks, sides * planned.alpha, sides, planned.beta, planned.binding)
    yield compare(_METHOD, source, name, "settings", ours, [result[key] for key in keys], 1e-12)
    yield compare(_METHOD, source, name, "looks", bounds.information, result["informationRates"], 1e-12)
    yield compare(_METHOD, source, name, "upper bounds", bounds.upper, result["criticalValues"], 1e-5)
    yield compare(_METHOD, source, name, "levels", bounds.levels, result["stageLevels"], 1e-6)
    yield compare(_METHOD, source, name, "spent", np.multiply(sides, bounds.spent), result["alphaSpent"], 1e-6)
    if bounds.lower is not None and sides == 1:
        yield compare(_METHOD, source, name, "futility bounds", bounds.lower[:-1], result["futilityBounds"], 1e-5)
    if result["power"][0] is not None:
        [above] = planned.exact(1.0).upper
        yield compare(_METHOD, source, name, "power", np.cumsum(above), result["power"], 1e-6)
        yield compare(_METHOD, source, name, "beta spent", bounds.lower_spent or (), result["betaSpent"], 1e-6)
    if planned.lower is None:
        lower = (*np.atleast_1d(result["futilityBounds"]), -inf)
        spent = np.cumsum(crossing(bounds.information, lower, bounds.upper, 0.0)[0])
        yield compare(_METHOD, source, name, "spent above -6", spent, result["alphaSpent"], 1e-6)


def _characteristics(source: str, cases: Case) -> Iterator[Comparison]:
    for name, planned in (
        ("char_asOF_k3", GroupSequential(3, 0.025, 0.2, "asOF")),
        ("char_P_k4", GroupSequential(4, 0.025, 0.1, "Pocock")),
    ):
        result, known = cases[name], planned.exact((0.0, 0.5, 1.0))
        theirs = [result[f"averageSampleNumber{each}"] for each in ("0", "01", "1")]
        fixed, looks = fixed_drift(planned.alpha, planned.beta) ** 2, np.multiply(planned.drift**2, planned.information)
        yield compare(_METHOD, source, name, "drift squared, fixed", fixed, result["nFixed"], 1e-6, "relative")
        yield compare(_METHOD, source, name, "information", looks, result["information"], 1e-6, "relative")
        yield compare(_METHOD, source, name, "power", np.cumsum(known.upper[2]), result["power"], 1e-6)
        yield compare(
            _METHOD, source, name, "inflation", planned.inflation, result["inflationFactor"], 1e-6, "relative"
        )
        yield compare(_METHOD, source, name, "drift squared", planned.drift**2, result["shift"], 1e-6, "relative")
        yield compare(_METHOD, source, name, "expected sizes", known.expected, theirs, 1e-6, "relative")
        yield compare(_METHOD, source, name, "rejected", known.upper[2], result["rejectionProbabilities"], 1e-6)
    name, result = "WToptimum", cases["WToptimum"]
    yield compare(_METHOD, source, name, "shape", optimal_wang_tsiatis(3, 0.025, 0.2).delta, result["deltaWT"], 6e-4)
    planned = GroupSequential(3, 0.025, 0.2, WangTsiatis(result["deltaWT"]))
    yield compare(_METHOD, source, name, "upper bounds", planned.bounds().upper, result["criticalValues"], 1e-5)
    yield compare(_METHOD, source, name, "power", np.cumsum(planned.exact(1.0).upper), result["power"], 1e-6)
