"""BOIN, Keyboard, mTPI, mTPI-2, TPI, BOIN12: boundaries, tables, selection, exact characteristics, replays of simulations in R.

BOIN 2.7.2 prints credible limits beside the wrong dose where a lower one treated nobody: beside dose i stand those of the i-th
dose that treated somebody (``selectmtd_skipped_dose``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from helmont.design.conformity.comparing import Comparison, arguments, compare, reference
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.boin12 import Boin12
from helmont.design.dose_finding.characteristics import Characteristics
from helmont.design.dose_finding.decisions import Selection
from helmont.design.dose_finding.interval import IntervalDesign, walk_of
from helmont.design.dose_finding.keys import Keyboard, Mtpi, Mtpi2, Tpi
from helmont.design.dose_finding.walk import Walk

ORDER = {"E": 1, "S": 0, "D": -1, "DU": -2}


def comparisons() -> Iterator[Comparison]:
    boin, exact, others = reference("boin"), reference("boin_exact"), reference("interval_designs")
    for case in boin["cases"]:
        yield from _packaged("BOIN", f"BOIN {boin['version']}: {boin['citation']}", case)
    for case in exact["cases"]:
        yield from _enumerated(exact["citation"], case)
    for case in others["cases"]:
        if case["id"].startswith("kb_"):
            yield from _packaged("Keyboard", "Keyboard 0.1.3: Yan, Mandrekar & Yuan 2017 CCR 23:3994", case)
        elif case["id"].startswith(("mtpi", "tpi")):
            yield _table(f"escalation 0.2.3: {others['citation']}", case)
        else:
            yield from _desirability("escalation 0.2.3: Lin et al. 2020 JCO Precis Oncol 4:1393, table 3", case)


def _design(method: str, given: dict[str, Any], doses: int) -> IntervalDesign:
    shared: dict[str, Any] = {
        "doses": doses,
        "target": given["target"],
        "cohorts": given.get("ncohort", 10),
        "cohort_size": given.get("cohortsize", 3),
        "stop_at": given.get("n.earlystop"),
        "extra_safe": given.get("extrasafe", False),
        "offset": given.get("offset", 0.05),
    }
    if method == "Keyboard":
        return Keyboard(**shared, margins=(given.get("marginL", 0.05), given.get("marginR", 0.05)))
    return Boin(**shared, titration=given.get("titration", False), bound_mtd=given.get("boundMTD", False))


def _packaged(method: str, source: str, case: dict[str, Any]) -> Iterator[Comparison]:
    given, theirs = arguments(case["call"]), case["result"]
    same = partial(compare, method, source, case["id"])
    if case["call"].startswith("get.boundary"):
        yield from _boundaries(_design(method, given, 5), theirs, same)
    elif case["call"].startswith("select.mtd"):
        design = _design(method, given, len(given["npts"]))
        yield from _selected(design.select(given["npts"], given["ntox"]), given["npts"], theirs, same)
    else:
        design = _design(method, given, len(given["p.true"]))
        ours = design.simulate(given["p.true"], given["ntrial"], given.get("seed", 6), rng="R")
        yield from _replayed(ours, theirs, given["ntrial"], same)


def _boundaries(design: IntervalDesign, theirs: dict[str, Any], same: partial[Comparison]) -> Iterator[Comparison]:
    table = design.decision_table()
    if isinstance(design, Boin):
        yield same("lambda", (design.lambda_e, design.lambda_d), (theirs["lambda_e"], theirs["lambda_d"]), 1e-12)
    ours = np.array([table.patients, table.escalate, table.de_escalate, table.eliminate], dtype=float)
    for name in ("boundary", "full"):
        if theirs.get(name) is not None:
            there = np.array(theirs[name]["values"], dtype=float)
            yield same(f"{name} table", ours[:, there[0].astype(int) - 1], there)
    if theirs.get("stop") is not None:
        yield same(
            "stopping table",
            np.array([table.patients, table.stop], dtype=float),
            np.array(theirs["stop"]["values"], dtype=float),
        )


def _selected(
    ours: Selection, patients: tuple[int, ...], theirs: dict[str, Any], same: partial[Comparison]
) -> Iterator[Comparison]:
    """The package prints two digits."""
    yield same("selected dose", ours.mtd or 99, theirs["MTD"])
    if "p_est" not in theirs:
        return
    yield same("isotonic rates", _digits(ours.p_est), _printed([row["phat"] for row in theirs["p_est"]]))
    yield same("overdose probabilities", _digits(ours.p_overdose), _printed(theirs["p_overdose"]))
    yield same("doses", range(1, len(patients) + 1), [int(row["dose"]) for row in theirs["p_est"]])
    pairs = [re.sub(r"[()]", "", row["CI"]).split(",") for row in theirs["p_est"]]
    treated = [dose for dose, n in enumerate(patients) if n]
    for quantity, side, limits in (("lower limits", 0, ours.lower), ("upper limits", 1, ours.upper)):
        beside = [limits[treated[dose]] if n and dose < len(treated) else None for dose, n in enumerate(patients)]
        yield same(quantity, _digits(tuple(beside)), _printed([pair[side] for pair in pairs]))


def _digits(values: tuple[float | None, ...]) -> list[float]:
    return [np.nan if value is None else float(f"{value:.2f}") for value in values]


def _printed(texts: list[str]) -> list[float]:
    return [np.nan if "-" in text or "NA" in text else float(text) for text in texts]


def _replayed(
    ours: Characteristics, theirs: dict[str, Any], trials: int, same: partial[Comparison]
) -> Iterator[Comparison]:
    """Counted in trials and patients, so that equal means equal."""
    for quantity, here, there in (
        ("trials that select each dose", (*ours.selection, ours.none), (*theirs["selpercent"], theirs["percentstop"])),
        (
            "trials that overdose",
            (ours.overdose_60, ours.overdose_80),
            (theirs.get("overdose60"), theirs.get("overdose80")),
        ),
    ):
        if None not in there:
            yield same(quantity, np.rint(np.array(here) * trials), np.rint(np.array(there) / 100 * trials))
    for quantity, here, there in (
        ("patients", (*ours.patients, ours.total_patients), (*theirs["npatients"], theirs["totaln"])),
        ("toxicities", (*ours.toxicities, ours.total_toxicities), (*theirs["ntox"], theirs["totaltox"])),
    ):
        yield same(quantity, np.rint(np.array(here) * trials), np.rint(np.array(there) * trials))


def _enumerated(citation: str, case: dict[str, Any]) -> Iterator[Comparison]:
    settings = dict(re.findall(r"([\w.]+)=(\[[^]]*\]|[\d.]+)", case["call"]))
    truth = [float(each) for each in settings["p.true"][1:-1].split(",")]
    stop = int(settings["n.earlystop"])
    design = Boin(len(truth), float(settings["target"]), stop_at=None if stop == 100 else stop)
    ours, theirs = design.exact(truth), case["result"]
    yield compare("BOIN", citation, case["id"], "paths", _paths(walk_of(design)), theirs["paths"])
    for quantity, here, there in (
        ("selection", (*ours.selection, ours.none), (*theirs["select_prob"], theirs["no_select_prob"])),
        ("expected patients", ours.patients, theirs["expected_n"]),
        ("expected toxicities", ours.toxicities, theirs["expected_dlt"]),
    ):
        yield compare("BOIN", citation, case["id"], quantity, here, there, 1e-9)


def _paths(walk: Walk) -> int:
    """The ways through a whole trial, each with the toxicities of every cohort; those that meet go on together."""
    nobody = (0,) * walk.doses
    going, ended = {(nobody, nobody, 0, walk.doses - 1): 1}, 0
    while going:
        following: dict[tuple[tuple[int, ...], tuple[int, ...], int, int], int] = {}
        for (n, dlt, current, highest), ways in going.items():
            for toxic in range(walk.cohort_size + 1):
                at = n[current] + walk.cohort_size, dlt[current] + toxic
                patients = (*n[:current], at[0], *n[current + 1 :])
                gone = bool(walk.eliminated[at])
                top = min(highest, current - 1) if gone else highest
                move = max(min(int(walk.move[at]), top - current), -current)
                enough = walk.stop_at is not None and at[0] >= walk.stop_at and move == 0
                if sum(patients) >= walk.patients or enough or (gone and current == 0):
                    ended += ways
                    continue
                state = patients, (*dlt[:current], at[1], *dlt[current + 1 :]), current + move, top
                following[state] = following.get(state, 0) + ways
        going = following
    return ended


def _table(source: str, case: dict[str, Any]) -> Comparison:
    given = arguments(case["call"])
    doses, target = given["num_doses"], given["target"]
    design: IntervalDesign
    if case["id"].startswith("tpi"):
        design = Tpi(doses, target, k1=given["k1"], k2=given["k2"])
    else:
        kind = Mtpi2 if case["id"].startswith("mtpi2") else Mtpi
        design = kind(doses, target, margins=(given["epsilon1"], given["epsilon2"]))
    table = design.decision_table()
    ours = [ORDER[letter] for n in case["result"] for letter in table.at(int(n))]
    theirs = [ORDER[letter] for row in case["result"].values() for letter in row]
    return compare(design.kind, source, case["id"], "decisions", ours, theirs)


def _desirability(source: str, case: dict[str, Any]) -> Iterator[Comparison]:
    given, theirs = arguments(case["call"]), case["result"]
    design = Boin12(
        doses=5,
        toxicity=given["phi_t"],
        efficacy=given["phi_e"],
        utilities=(given["u1"], given["u2"], given["u3"], given["u4"]),
        cutoff_toxicity=given["c_t"],
        cutoff_efficacy=given["c_e"],
    )
    table = design.desirability_table(given["sample_sizes"])
    ours = sorted(zip(table.patients, table.toxicities, table.responses, table.score, strict=True))
    there = sorted((row["Patients"], row["Toxicity"], row["Efficacy"], row["RDS_x"]) for row in theirs)
    yield compare("BOIN12", source, case["id"], "desirability", np.array(ours, float), np.array(there, float))
    able = [[row[3] is not None] * 2 for row in ours]
    known = {
        (row["Patients"], row["Toxicity"], row["Efficacy"]): [row["Admissible"] == "Admissible", row["RDS"] != "E"]
        for row in theirs
    }
    yield compare("BOIN12", source, case["id"], "admissible", able, [known[row[:3]] for row in there])
