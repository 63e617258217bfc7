"""BOIN for two agents against the R package: next dose, selection, and replays of its simulations (single dose and contour).

The package draws among equally desirable doses: in ``nextcomb_doc`` its dose must be among ours. Its replay of the contour leaves
out the patients of a subtrial that selects nothing, and so does ours with ``rng="R"``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from helmont.design.conformity.comparing import Comparison, arguments, compare, reference
from helmont.design.dose_finding.combination import BoinCombination
from helmont.design.dose_finding.combination_selection import nearest_cells

EXAMPLES: dict[str, tuple[list[list[int]], list[list[int]]]] = {
    "nextcomb_doc": ([[3, 0, 0, 0, 0], [7, 6, 0, 0, 0], [0] * 5], [[0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0] * 5]),
    "selectmtdcomb_doc": (
        [[3, 5, 0, 0, 0], [7, 6, 15, 0, 0], [0, 0, 4, 0, 0]],
        [[0, 1, 0, 0, 0], [1, 1, 4, 0, 0], [0, 0, 2, 0, 0]],
    ),
}
"""Patients and toxicities of the examples in the package's manual, which the calls name but do not contain."""


def comparisons() -> Iterator[Comparison]:
    found = reference("boin_comb")
    for case in found["cases"]:
        same = partial(compare, "BOIN combination", f"BOIN {found['version']}: {found['citation']}", case["id"])
        given, theirs = arguments(case["call"]), case["result"]
        if case["id"] == "nextcomb_doc":
            step = BoinCombination((3, 5), given["target"]).next(*EXAMPLES[case["id"]], (2, 2))
            yield same("next combination", tuple(theirs["next_dc"]) in step.options, True)
        elif case["id"] == "selectmtdcomb_doc":
            selected = BoinCombination((3, 5), given["target"]).select(*EXAMPLES[case["id"]])
            yield same("selected combination", selected.mtd or (99, 99), theirs["MTD"]["values"][0])
            yield same("isotonic rates", np.round(selected.p_est, 2), theirs["p_est"]["values"])
        else:
            yield from _replayed(given, theirs, same)


def _replayed(given: dict[str, Any], theirs: dict[str, Any], same: partial[Comparison]) -> Iterator[Comparison]:
    """As the package rounds: percentages and means per combination to two digits, totals to one."""
    contour = given.get("mtd.contour", False)
    design = BoinCombination(
        levels=(3, 5),
        target=given["target"],
        cohorts=given["ncohort"],
        cohort_size=given["cohortsize"],
        stop_at=given["n.earlystop"],
        contour=contour,
    )
    truth = theirs["p.true"]["values"]
    ours = design.simulate(truth, given["ntrial"], 6, rng="R")
    yield same("selection, %", np.round(np.array(ours.selection) * 100, 2), theirs["selpercent"]["values"])
    yield same("patients", np.array(ours.patients), theirs["npatients"]["values"], 0.005 + 1e-9)
    yield same("toxicities", np.array(ours.toxicities), theirs["ntox"]["values"], 0.005 + 1e-9)
    yield same(
        "totals", (ours.total_patients, ours.total_toxicities), (theirs["totaln"], theirs["totaltox"]), 0.05 + 1e-9
    )
    right = nearest_cells(tuple(map(tuple, truth)), design.target, contour)
    share = np.array(ours.patients) / ours.total_patients
    name = ".contour" if contour else ""
    yield same("right selection, %", ours.correct * 100, _percent(theirs["pcs" + name]), 0.05 + 1e-9)
    yield same(
        "patients at the right doses, %", share[right].sum() * 100, _percent(theirs["npercent" + name]), 0.05 + 1e-9
    )
    if contour:
        below = np.zeros_like(right)
        for row, column in np.argwhere(right):
            below[: row + 1, : column + 1] = True
        for quantity, cells in (("below", below & ~right), ("above", ~below)):
            yield same(
                f"patients {quantity} the contour, %",
                share[cells].sum() * 100,
                _percent(theirs[f"npercent.{quantity}.contour"]),
                0.05 + 1e-9,
            )
    else:
        yield same("no selection, %", ours.none * 100, theirs["percentstop"], 1e-9)


def _percent(text: str) -> float:
    return float(text.rstrip("%"))
