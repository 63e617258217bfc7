"""Interval designs with pending patients against R packages and the table that the formula gives.

``tite_keyboard_oc_readme`` waits by the rule of that software (``suspend="observed"``), and goes on with the next patient that
comes. ``titeboin_oc_2000`` takes its accrual of 10 for 10 patients a day. ``boin_next_doc`` has no pending patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np

from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.decisions import Decision
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
    yield _step("TITE-BOIN", source, "titeboin_next_doc", timed, pending[4], results["titeboin_next_doc"])
    whole = Boin(6, 0.3).next(*data, 5)
    yield _step("BOIN", source, "boin_next_doc", whole, 0, results["boin_next_doc"])
    planned = TiteBoin(
        5, 0.3, cohorts=10, window=28, rate=280, accrual="uniform", onset="weibull", formula="effective size"
    )
    boin = planned.simulate((0.05, 0.15, 0.3, 0.45, 0.6), _TRIALS, seed=1)
    case, known = "titeboin_oc_2000", results["titeboin_oc_2000"]
    yield from _simulated("TITE-BOIN", source, case, boin, known, 2000)
    yield from _shares(source, case, boin, known, 2)
    listed = [float(row[key]) for row in known["simu.setup"] for key in ("lambda_e", "lambda_d")]
    bounds = [round(each, 4) for each in (planned.lambda_e, planned.lambda_d)] * 5
    yield compare("TITE-BOIN", source, case, "boundaries", bounds, listed)
    software: dict[str, Any] = {
        "accrual": "uniform",
        "onset": "weibull",
        "suspend": "observed",
        "resume": "next patient",
    }
    keyboard = TiteKeyboard(6, 0.3, cohorts=12, window=3, rate=6, **software).simulate(
        (0.13, 0.28, 0.41, 0.5, 0.6, 0.7), _TRIALS, seed=1
    )
    case = "tite_keyboard_oc_readme"
    yield from _simulated("TITE-Keyboard", source, case, keyboard, results[case], 5000)


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


def _step(method: str, source: str, case: str, ours: Decision, pending: int, theirs: dict[str, Any]) -> Comparison:
    """The dose; whether accrual waits, and for how many; whether the trial stops; which doses are eliminated."""
    stops = ours.action == "stop"
    gone = [int(dose in ours.eliminated) for dose in range(1, 7)]
    here = [ours.dose or 0, ours.action == "suspend", pending, stops, stops, sum(gone), *gone]
    there = [theirs[key] for key in ("d", "pending", "n.pend", "earlystop", "stop", "elimineed")] + theirs["elimi"]
    return compare(method, source, case, "next step", here, there)


def _simulated(
    method: str, source: str, case: str, ours: TimedCharacteristics, theirs: dict[str, Any], trials: int
) -> Iterator[Comparison]:
    """Totals and shares of doses follow from the means by dose, but for rounding."""
    assert ours.errors is not None
    counted = 1 / trials + 1 / (ours.trials or 1)
    more, errors = sqrt(counted * (ours.trials or 1)), ours.errors
    for quantity, here, there, error in (
        ("selection", ours.selection, np.array(theirs["selpercent"]) / 100, errors.selection),
        ("none", ours.none, theirs["percentstop"] / 100, errors.none),
        ("patients", ours.patients, theirs["npatients"], errors.patients),
        ("toxicities", ours.toxicities, theirs["ntox"], errors.toxicities),
        ("patients in all", ours.total_patients, theirs["totaln"], errors.total_patients),
        ("toxicities in all", ours.total_toxicities, theirs["totaltox"], errors.total_toxicities),
    ):
        rare = np.maximum(np.array(error) * more, 1 / trials)
        yield compare(method, source, case, quantity, here, there, 4, "standard errors", rare)
    spread = ours.duration_deviation * sqrt(counted)
    for quantity, mean, known, wide in (
        ("duration", ours.duration, theirs["duration"], spread),
        ("deviation of the duration", ours.duration_deviation, theirs["sdduration"], spread / sqrt(2)),
    ):
        yield compare(method, source, case, quantity, mean, known, 4, "standard errors", wide)


def _shares(
    source: str, case: str, ours: TimedCharacteristics, theirs: dict[str, Any], right: int
) -> Iterator[Comparison]:
    """Percentages, rounded there to one digit: right doses and too high ones, selected and given."""
    assert ours.errors is not None
    assert ours.trials is not None
    share = np.array(ours.patients) / ours.total_patients * 100
    selected = np.array(ours.selection) * 100
    for quantity, here, key, error in (
        ("right dose selected", selected[right], "PCS", ours.errors.selection[right] * 100),
        ("too high doses selected", selected[right + 1 :].sum(), "POS", 100 * sqrt(0.25 / ours.trials)),
        ("patients at the right dose", share[right], "PCA", ours.errors.patients[right] / 0.3),
        ("patients at too high doses", share[right + 1 :].sum(), "POA", sum(ours.errors.patients[right + 1 :]) / 0.3),
        ("patients at each dose", share, "nptsdosepct", np.array(ours.errors.patients) / 0.3),
    ):
        rounded = np.asarray(error) * sqrt(1 + ours.trials / 2000) + 0.05
        yield compare("TITE-BOIN", source, case, quantity, here, theirs[key], 4, "standard errors", rounded)
