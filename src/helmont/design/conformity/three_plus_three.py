"""3+3 against the enumeration of Wheeler, Sweeting & Mander."""

from __future__ import annotations

from collections.abc import Iterator

from helmont.design.conformity.comparing import Comparison, compare, reference
from helmont.design.dose_finding.three_plus_three import ThreePlusThree


def comparisons() -> Iterator[Comparison]:
    found = reference("three_plus_three_exact")
    for case in found["cases"]:
        theirs = case["result"]
        design = ThreePlusThree(len(theirs["true_p"]), de_escalate="desc = TRUE" in case["call"])
        ours = design.exact(theirs["true_p"])
        for quantity, here, there in (
            ("selection, none first", (ours.none, *ours.selection), theirs["mtd_prob"]),
            ("expected patients", ours.total_patients, theirs["expected_n"]),
            ("expected toxicities", ours.total_toxicities, theirs["expected_dlt"]),
            ("expected share of patients", ours.allocation, theirs["expected_proportion_at_dose"]),
            (
                "distribution of patients",
                [ours.sizes.get(int(size), 0.0) for size in theirs["n_dist"]],
                list(theirs["n_dist"].values()),
            ),
        ):
            yield compare("3+3", found["citation"], case["id"], quantity, here, there, 1e-9)
        whole = sum(ours.selection) + ours.none
        yield compare("3+3", found["citation"], case["id"], "all outcomes", whole, theirs["total_prob"], 1e-9)
        nobody = (0,) * design.doses
        ways = _ways(design, nobody, nobody, 1)
        yield compare("3+3", found["citation"], case["id"], "paths", ways, theirs["n_paths"])


def _ways(design: ThreePlusThree, n: tuple[int, ...], dlt: tuple[int, ...], dose: int) -> int:
    """The ways to the end of a trial from a cohort at ``dose``."""
    ways, patients = 0, (*n[: dose - 1], n[dose - 1] + 3, *n[dose:])
    for toxic in range(4):
        after = (*dlt[: dose - 1], dlt[dose - 1] + toxic, *dlt[dose:])
        following = design.following(patients, after, dose)
        ways += 1 if following is None else _ways(design, patients, after, following)
    return ways
