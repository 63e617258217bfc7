"""The continual reassessment method against the R package dfcrm: fits, skeletons, sensitivity, coherence, simulated trials.

The variance of ``crm_doc_mle`` is the second moment of the normalised likelihood less the squared estimate, as with
``mle_variance="moment"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

import numpy as np

from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.dose_finding.characteristics import Characteristics
from helmont.design.dose_finding.crm import Crm
from helmont.design.dose_finding.crm_results import CrmFit
from helmont.design.dose_finding.crm_skeleton import skeleton
from helmont.design.dose_finding.tite_crm import TiteCrm
from helmont.design.dose_finding.tite_running import TimedCharacteristics

_SIX = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
_TRUTH = (0.1, 0.2, 0.4, 0.5, 0.6, 0.65)
_STAGED = (1,) * 3 + (2,) * 3 + (3,) * 3 + (4,) * 3 + (5,) * 3 + (6,) * 9
_LEVELS, _DLT = (3, 4, 4, 3, 3, 4, 3, 2, 2, 2), (0, 0, 1, 0, 0, 1, 1, 0, 0, 0)
_TIME_LEVELS, _TIME_DLT = (3, 3, 3, 4, 4, 3, 2, 2, 2, 3), (0, 0, 1, 0, 1, 0, 0, 0, 0, 0)
_FOLLOWED = (178, 181, 168, 181, 24, 181, 179, 102, 42, 3)
_ENTRY, _EXIT = (7, 29, 49, 76, 92, 133, 241, 303, 363, 402), (185, 210, 217, 257, 116, 314, 420, 405, 405, 405)
_TRIALS = 4000


def comparisons() -> Iterator[Comparison]:
    """Every case of ``crm.json``."""
    known = reference("crm")
    source = f"{known['tool']} {known['version']}; {known['citation']}"
    results: dict[str, Any] = {case["id"]: case["result"] for case in known["cases"]}

    def compared(case: str, quantity: str, ours: Any, theirs: Any, tolerance: float = 0.0) -> Comparison:
        return compare(case.split("_")[0], source, case, quantity, ours, theirs, tolerance)

    for case, found in _skeletons().items():
        yield compared(case, "skeleton", found, results[case], 1e-6)
    for case, (crm, fit) in _fits().items():
        yield compared(case, "mtd", fit.mtd, results[case]["mtd"])
        yield compared(case, "toxicity", fit.toxicity, results[case]["ptox"], 2e-4)
        yield compared(case, "estimate", fit.estimate, results[case]["estimate"], 2e-4)
        limits = results[case]["ptoxL"], results[case]["ptoxU"]
        yield compared(case, "limits", (fit.lower, fit.upper), limits, 2e-4)
        yield compared(case, "variance", fit.variance, results[case]["post.var"], 2e-4)
        yield compared(case, "prior variance", crm.scale**2, results[case]["prior.var"], 1e-12)
        yield compared(case, "scaled doses", crm.curve.scaled, results[case]["dosescaled"], 1e-12)
    for case, weights in _weights().items():
        yield compared(case, "weights", weights, results[case]["weights"], 1e-12)
    sets = Crm(_SIX, 0.2, model="logistic", intercept=2).sensitivity()
    expected = results["crmsens_doc"]
    yield compared("crmsens_doc", "sets", sets.parameters, expected["Hset"]["values"], 2e-4)
    yield compared(
        "crmsens_doc",
        "indifference",
        np.array(sets.intervals, dtype=float),
        np.array(expected["iint"]["values"], dtype=float),
        2e-4,
    )
    for target in (0.2, 0.3):
        coherent = Crm(_SIX, target, initial=_STAGED).coherence().coherent
        yield compared(f"cohere_{target}", "coherent", coherent, results[f"cohere_{target}"] == "Coherent")
    one = Crm(_SIX, 0.2, patients=24, cohort_size=2, start=3).simulate(_TRUTH, _TRIALS, seed=5)
    yield from _simulated("crmsim_onestage_2000", source, one, results["crmsim_onestage_2000"], 2000)
    two = Crm(_SIX, 0.2, patients=24, cohort_size=3, initial=_STAGED).simulate(_TRUTH, _TRIALS, seed=5)
    yield from _simulated("crmsim_twostage_2000", source, two, results["crmsim_twostage_2000"], 2000)
    timed = TiteCrm(_SIX, 0.2, patients=24, start=3, window=6, rate=4).simulate(_TRUTH, _TRIALS // 2, seed=5)
    yield from _simulated("titesim_1000", source, timed, results["titesim_1000"], 1000)


def _skeletons() -> dict[str, tuple[float, ...]]:
    return {
        "getprior_logistic_doc": skeleton(0.1, 0.25, 3, 6, "logistic"),
        "getprior_empiric": skeleton(0.05, 0.25, 3, 5),
        "getprior_empiric2": skeleton(0.06, 0.2, 4, 7),
    }


def _fits() -> dict[str, tuple[Crm, CrmFit]]:
    doc = {
        "crm_doc": Crm(_SIX, 0.2),
        "crm_doc_mle": Crm(_SIX, 0.2, method="mle", mle_variance="moment"),
        "crm_doc_logistic": Crm(_SIX, 0.2, model="logistic"),
    }
    narrow = Crm((0.1, 0.2, 0.4, 0.55), 0.2, scale=sqrt(0.75))
    steep = Crm((0.1, 0.2, 0.33, 0.45, 0.6, 0.7, 0.8), 0.33, intercept=4, model="logistic")
    timed, adaptive = TiteCrm(_SIX, 0.2, window=180), TiteCrm(_SIX, 0.2, window=180, scheme="adaptive")
    followed = _TIME_LEVELS, _TIME_DLT, _FOLLOWED
    return {
        **{case: (crm, crm.fit(_LEVELS, _DLT)) for case, crm in doc.items()},
        "crm_scale0.75": (narrow, narrow.fit((*(2,) * 6, 3, 3, 3, 2, 2, 2), (0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1))),
        "crm_logistic_int4": (
            steep,
            steep.fit(
                (1, 1, 1, 2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3, 3, 3, 3, 3, 2, 2, 2),
                (0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0),
            ),
        ),
        "titecrm_doc": (timed, timed.fit_times(*followed)),
        "titecrm_doc_adaptive": (adaptive, adaptive.fit_times(*followed)),
        "titecrm_entry_exit": (timed, timed.fit_times(_TIME_LEVELS, _TIME_DLT, entry=_ENTRY, exit=_EXIT)),
    }


def _weights() -> dict[str, tuple[float, ...]]:
    timed = TiteCrm(_SIX, 0.2, window=180)
    return {
        "titecrm_doc": timed.weights(_TIME_DLT, _FOLLOWED),
        "titecrm_doc_adaptive": TiteCrm(_SIX, 0.2, window=180, scheme="adaptive").weights(_TIME_DLT, _FOLLOWED),
        "titecrm_entry_exit": timed.weights(_TIME_DLT, entry=_ENTRY, exit=_EXIT),
    }


def _simulated(
    case: str, source: str, ours: Characteristics, theirs: Mapping[str, Any], trials: int
) -> Iterator[Comparison]:
    """Means of two simulations with generators of their own."""
    assert ours.errors is not None
    more = sqrt(1 + (ours.trials or 0) / trials)
    for quantity, here, there, error in (
        ("selection", ours.selection, theirs["MTD"], ours.errors.selection),
        ("patients", ours.patients, theirs["level"], ours.errors.patients),
        ("toxicities", ours.toxicities, theirs["tox"], ours.errors.toxicities),
    ):
        rare = np.maximum(np.array(error) * more, 1 / trials)
        yield compare(case.split("_")[0], source, case, quantity, here, there, 4, "standard errors", rare)
    if isinstance(ours, TimedCharacteristics):
        deviation, counted = ours.duration_deviation, 1 / trials + 1 / (ours.trials or 1)
        for quantity, one, other, share in (
            ("duration", ours.duration, theirs["duration_mean"], 1.0),
            ("deviation of the duration", deviation, theirs["duration_sd"], 0.5),
        ):
            spread = deviation * sqrt(share * counted)
            yield compare(case.split("_")[0], source, case, quantity, one, other, 4, "standard errors", spread)
