"""Interval designs with pending patients against R packages and the table that the formula gives.

``tite_keyboard_oc_readme`` holds in selection, patients and toxicities where accrual waits before escalations only, and patients
come by an exponential distribution. Its mean duration, 25.32 months, is not compared: ours is 24.7, with the same standard
deviation (3.2). How the package moves the clock while accrual waits is not published. ``titeboin_oc_2000`` takes its accrual of
10 for 10 patients a day. ``boin_next_doc`` has no pending patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np

from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.tite import TiteBoin, TiteKeyboard
from helmont.design.dose_finding.tite_running import TimedCharacteristics

_TRIALS = 5000


def comparisons() -> Iterator[Comparison]:
    """Every case of ``tite.json`` and ``tite_boin_stft.json``."""
    yield from _limits()
    known = reference("tite")
    source = f"{known['tool']} {known['version']}; {known['citation']}"
    results: dict[str, Any] = {case["id"]: case["result"] for case in known["cases"]}
    yield from _grid(source, results["titeboin_grid_t0.3_dose2of3"])
    data = (3, 3, 4, 4, 4, 0), (0, 0, 1, 1, 1, 0)
    pending, followup = (0, 0, 0, 1, 2, 0), (0, 0, 0, 14, 28, 0)
    timed = TiteBoin(6, 0.3, window=28, formula="effective size").next(*data, 5, pending, followup)
    yield compare(
        "TITE-BOIN", source, "titeboin_next_doc", "next dose", timed.dose or 0, results["titeboin_next_doc"]["d"]
    )
    whole = Boin(6, 0.3).next(*data, 5)
    yield compare("BOIN", source, "boin_next_doc", "next dose", whole.dose or 0, results["boin_next_doc"]["d"])
    boin = TiteBoin(
        5, 0.3, cohorts=10, window=28, rate=280, accrual="uniform", onset="weibull", formula="effective size"
    ).simulate((0.05, 0.15, 0.3, 0.45, 0.6), _TRIALS, seed=1)
    yield from _simulated(
        "TITE-BOIN", source, "titeboin_oc_2000", boin, results["titeboin_oc_2000"], 2000, duration=True
    )
    keyboard = TiteKeyboard(6, 0.3, cohorts=12, window=3, rate=6, onset="weibull", suspend="escalation").simulate(
        (0.13, 0.28, 0.41, 0.5, 0.6, 0.7), _TRIALS, seed=1
    )
    case = "tite_keyboard_oc_readme"
    yield from _simulated("TITE-Keyboard", source, case, keyboard, results[case], 5000, duration=False)


def _limits() -> Iterator[Comparison]:
    known = reference("tite_boin_stft")
    for table in known["tables"]:
        design = TiteBoin(2, table["target"])
        found = design.followup_table(max(row["n"] for row in table["rows"]))
        states = zip(found.patients, found.dlt, found.pending, strict=True)
        ours = dict(zip(states, zip(found.escalate, found.de_escalate, strict=True), strict=True))
        theirs = [(row["stft_escalate_ge"], row["stft_deescalate_le"]) for row in table["rows"]]
        here = [ours[row["n"], row["dlt"], row["pending"]] for row in table["rows"]]
        case = f"target {table['target']}"
        yield compare("TITE-BOIN, single imputation", known["citation"], case, "limits", here, theirs, 6e-7)
        bounds = (design.lambda_e, design.lambda_d), (table["lambda_e"], table["lambda_d"])
        yield compare("TITE-BOIN, single imputation", known["citation"], case, "boundaries", *bounds, 1e-12)


def _grid(source: str, rows: list[dict[str, Any]]) -> Iterator[Comparison]:
    design = TiteBoin(3, 0.3, formula="effective size")
    ours, theirs = [], []
    for row in rows:
        found = design.next(
            (0, row["n"], 0), (0, row["y"], 0), 2, (0, row["npend"], 0), (0.0, row["total_followup_fraction"], 0.0)
        )
        ours.append((found.dose or 0, found.action == "suspend", 2 in found.eliminated))
        theirs.append((row["next_dose"], row["pending"], row["eliminate"]))
    yield compare(
        "TITE-BOIN", source, "titeboin_grid_t0.3_dose2of3", "next dose, suspension, elimination", ours, theirs
    )


def _simulated(
    method: str,
    source: str,
    case: str,
    ours: TimedCharacteristics,
    theirs: dict[str, Any],
    trials: int,
    *,
    duration: bool,
) -> Iterator[Comparison]:
    assert ours.errors is not None
    more = sqrt(1 + (ours.trials or 0) / trials)
    for quantity, here, there, error in (
        ("selection", ours.selection, np.array(theirs["selpercent"]) / 100, ours.errors.selection),
        ("none", ours.none, theirs["percentstop"] / 100, ours.errors.none),
        ("patients", ours.patients, theirs["npatients"], ours.errors.patients),
        ("toxicities", ours.toxicities, theirs["ntox"], ours.errors.toxicities),
    ):
        rare = np.maximum(np.array(error) * more, 1 / trials)
        yield compare(method, source, case, quantity, here, there, 4, "standard errors", rare)
    if duration:
        mean = ours.duration_deviation * sqrt(1 / trials + 1 / (ours.trials or 1))
        yield compare(method, source, case, "duration", ours.duration, theirs["duration"], 4, "standard errors", mean)
