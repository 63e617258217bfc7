"""BOIN, Keyboard, mTPI, mTPI-2, TPI, BOIN12: boundaries, tables, selection, exact characteristics, replays of simulations in R.

Not held: the credible limits of ``selectmtd_skipped_dose``, which BOIN 2.7.2 prints beside the wrong dose (the note of the case).
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
from helmont.design.dose_finding.interval import IntervalDesign
from helmont.design.dose_finding.keys import Keyboard, Mtpi, Mtpi2, Tpi

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
            yield _desirability("escalation 0.2.3: Lin et al. 2020 JCO Precis Oncol 4:1393, table 3", case)


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
        yield from _selected(design.select(given["npts"], given["ntox"]), theirs, same, limits="note" not in case)
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


def _selected(ours: Selection, theirs: dict[str, Any], same: partial[Comparison], limits: bool) -> Iterator[Comparison]:
    """The package prints two digits."""
    yield same("selected dose", ours.mtd or 99, theirs["MTD"])
    if "p_est" not in theirs:
        return
    yield same("isotonic rates", _digits(ours.p_est), _printed([row["phat"] for row in theirs["p_est"]]))
    yield same("overdose probabilities", _digits(ours.p_overdose), _printed(theirs["p_overdose"]))
    if limits:
        pairs = [re.sub(r"[()]", "", row["CI"]).split(",") for row in theirs["p_est"]]
        yield same(
            "credible limits",
            _digits((*ours.lower, *ours.upper)),
            _printed([low for low, _ in pairs] + [high for _, high in pairs]),
        )


def _digits(values: tuple[float | None, ...]) -> list[float]:
    return [np.nan if value is None else float(f"{value:.2f}") for value in values]


def _printed(texts: list[str]) -> list[float]:
    return [np.nan if "-" in text else float(text) for text in texts]


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
    ours = Boin(len(truth), float(settings["target"]), stop_at=None if stop == 100 else stop).exact(truth)
    theirs = case["result"]
    for quantity, here, there in (
        ("selection", (*ours.selection, ours.none), (*theirs["select_prob"], theirs["no_select_prob"])),
        ("expected patients", ours.patients, theirs["expected_n"]),
        ("expected toxicities", ours.toxicities, theirs["expected_dlt"]),
    ):
        yield compare("BOIN", citation, case["id"], quantity, here, there, 1e-9)


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


def _desirability(source: str, case: dict[str, Any]) -> Comparison:
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
    return compare(
        "BOIN12", source, case["id"], "desirability", np.array(ours, dtype=float), np.array(there, dtype=float)
    )
