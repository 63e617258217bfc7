"""Minimisation against the R package Minirand, and a worked example of a paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.randomisation.minimisation import Minimisation

_MEASURES = {"Range": "range", "SD": "sd", "Var": "variance"}


def comparisons() -> Iterator[Comparison]:
    """Every case of ``minimisation.json``."""
    known = reference("minimisation")
    source = f"{known['tool']} {known['version']}; {known['citation']}"
    for case in known["cases"]:
        name, result = case["id"], case["result"]
        if "covmat" not in result:
            yield from _published(name, case["note"], result)
            continue
        patients = [tuple(row) for row in result["covmat"]["values"]]
        minimisation = Minimisation(
            {"first": (0, 1), "second": (0, 1, 2), "third": (0, 1, 2, 3)},  # type: ignore[arg-type]
            arms=len(result["ratio"]),
            ratio=result["ratio"],
            weights=result["weights"],
            measure=_MEASURES[result["method"]],  # type: ignore[arg-type]
            probability=result["p"],
        )
        found = minimisation.assign(patients[-1], patients[:-1], result["previous"], draw=0.5)
        for quantity, ours, theirs, tolerance in (
            ("imbalance", found.imbalance, result["imbalance_if_assigned"], 1e-12),
            ("preferred", found.preferred, result["preferred"], 0.0),
            ("probabilities", found.probabilities, result["prob"], 1e-12),
        ):
            yield compare("Pocock-Simon minimisation", source, name, quantity, ours, theirs, tolerance)
        drawn, p = result["minirand_freq_4000"], np.array(found.probabilities)
        yield compare(
            "Pocock-Simon minimisation",
            source,
            name,
            "arms of 4000 draws",
            p,
            drawn,
            4,
            "standard errors",
            np.sqrt(p * (1 - p) / 4000),
        )


def _published(name: str, source: str, result: dict[str, Any]) -> Iterator[Comparison]:
    factors = result["factors"]
    minimisation = Minimisation(tuple((factor, tuple(levels)) for factor, levels in factors.items()), probability=1.0)
    counts = [levels[level] for levels, level in zip(factors.values(), result["new_patient"], strict=True)]
    found = minimisation.assign_counts(counts, draw=0.5)
    arm = list(result["arms"]).index(str(result["assigned"])) + 1
    yield compare(
        "Pocock-Simon minimisation", source, name, "imbalance", found.imbalance, result["imbalance_if_assigned"], 1e-12
    )
    yield compare("Pocock-Simon minimisation", source, name, "assigned", found.arm, arm)
