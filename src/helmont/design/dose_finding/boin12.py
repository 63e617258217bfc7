"""BOIN12: toxicity and efficacy traded off by utilities (Lin, Zhou, Yan, Li & Yuan 2020, JCO Precision Oncology 4:1393-1402)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import SupportsFloat, SupportsIndex

import numpy as np

from helmont.design.checking import DesignError, between, count, outcomes, probabilities, probability
from helmont.design.declared import Declared, design
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.boin12_results import Boin12Characteristics, Desirability, OptimalDose
from helmont.design.dose_finding.boin12_running import Part
from helmont.design.dose_finding.boin12_tables import Outcomes, Scale, Steps, ranks
from helmont.design.dose_finding.boin12_tree import Boin12Tree, boin12_tree
from helmont.design.dose_finding.conduct import first_dose, treated
from helmont.design.dose_finding.decisions import Action, Alternative, Decision, Pathway, Pathways
from helmont.design.dose_finding.isotonic import Floats, Ints, nearest, pooled, rate, weight
from helmont.design.dose_finding.pathways import Tally, added, followed
from helmont.design.parallel import Progress, summed

Counts = Sequence[SupportsIndex]


@design
@dataclass(frozen=True)
class Boin12(Declared):
    """The next cohort gets the most desirable admissible dose among those that the toxicity at the current one permits.

    Toxicity of ``lambda_d`` or more: the dose below. Between the boundaries with ``enough`` patients: the dose below or the same.
    Otherwise also the dose above. With ``explore_at`` patients and toxicity below ``lambda_d`` an untried next dose is tried.
    """

    doses: int
    toxicity: float
    """The highest acceptable toxicity rate."""
    efficacy: float
    """The lowest acceptable response rate."""
    utilities: tuple[float, float, float, float] = (100.0, 40.0, 60.0, 0.0)
    """Of a response without toxicity, neither, both, and toxicity without response; the first is 100 and the last 0."""
    cohorts: int = 12
    cohort_size: int = 3
    start: int = 1
    stop_at: int | None = None
    enough: int = 6
    explore_at: int = 9
    cutoff_toxicity: float = 0.95
    """A dose is given up when Pr(toxicity rate > ``toxicity`` | data) is this or more, with all above."""
    cutoff_efficacy: float = 0.9
    """A dose is given up when Pr(response rate < ``efficacy`` | data) is this or more."""

    def __post_init__(self) -> None:
        for name in ("doses", "cohorts", "cohort_size", "enough", "explore_at"):
            count(name, getattr(self, name), 1)
        count("start", self.start, 1, self.doses)
        if self.stop_at is not None:
            count("stop_at", self.stop_at, 1)
        for name in ("toxicity", "efficacy", "cutoff_toxicity", "cutoff_efficacy"):
            object.__setattr__(self, name, probability(name, getattr(self, name)))
        if len(self.utilities) != 4:
            raise DesignError("utilities", self.utilities, "four numbers, from 100 to 0")
        found = tuple(
            between(f"utilities[{place}]", each, 0, 100, closed=True)
            for place, each in enumerate(self.utilities, start=1)
        )
        if found[0] != 100 or found[3] != 0:
            raise DesignError(
                "utilities", found, "100 for a response without toxicity and 0 for a toxicity without response"
            )
        object.__setattr__(self, "utilities", found)

    @property
    def patients(self) -> int:
        """Planned patients."""
        return self.cohorts * self.cohort_size

    @property
    def steps(self) -> Steps:
        """The rules on arrays."""
        boundaries = Boin(self.doses, self.toxicity)
        scale = Scale(self.toxicity, self.efficacy, self.utilities, self.cutoff_toxicity, self.cutoff_efficacy)
        return Steps(scale, (boundaries.lambda_e, boundaries.lambda_d), self.enough, self.explore_at)

    def desirability_table(self, patients: Sequence[SupportsIndex] = (0, 3, 6, 9)) -> Desirability:
        """Scores for these numbers of patients at a dose.

        Needs utilities that add up (the second and third to 100), as otherwise the score depends on who had both.
        """
        if not self._additive:
            raise DesignError("utilities", self.utilities, "such that the second and third sum to 100")
        sizes = [count("patients", each) for each in patients]
        rows = np.array([(n, y, e) for n in sizes for y in range(n + 1) for e in range(n + 1)], dtype=np.int64)
        n, dlt, responses = rows.T
        scale = self.steps.scale
        seen = Outcomes(n, dlt, responses, np.zeros_like(n))
        able = ~scale.too_toxic(seen) & ~scale.futile(seen)
        scores = np.full(len(n), np.nan)
        scores[able] = ranks(scale.desirability(seen)[able])
        return Desirability(
            patients=tuple(n.tolist()),
            toxicities=tuple(dlt.tolist()),
            responses=tuple(responses.tolist()),
            score=tuple(None if np.isnan(each) else each for each in scores.tolist()),
        )

    def decision_table(self) -> Desirability:
        """Desirability scores after each number of cohorts at a dose, up to ``explore_at`` patients (Lin et al. 2020)."""
        most = max(self.explore_at, self.enough, self.cohort_size)
        return self.desirability_table(range(0, most + 1, self.cohort_size))

    def pathways(self, cohorts: int = 2) -> Pathways:
        """Every way through the first cohorts; an outcome is a number of toxicities and one of responses."""
        size = self.cohort_size

        def after(
            seen: tuple[Tally, tuple[int, ...]], dose: int, outcome: tuple[int, int]
        ) -> tuple[tuple[Tally, tuple[int, ...]], Decision, tuple[int, ...]]:
            (n, dlt), responses = seen
            n, dlt, responses = added(n, dose, size), added(dlt, dose, outcome[0]), added(responses, dose, outcome[1])
            step = self.next(n, dlt, responses, dose)
            return ((n, dlt), responses), step, () if step.dose is None else (step.dose,)

        none = (0,) * self.doses
        found = [(toxic, active) for toxic in range(size + 1) for active in range(size + 1)]
        return Pathways(
            tuple(
                Pathway(
                    doses=tuple(dose for dose, _ in path),
                    toxicities=tuple(toxic for _, (toxic, _) in path),
                    action=step.action,
                    dose=step.dose,
                    responses=tuple(active for _, (_, active) in path),
                )
                for path, step in followed(cohorts, found, ((none, none), none), self.start, after)
            )
        )

    def next(
        self, n: Counts, dlt: Counts, responses: Counts, current: int | None = None, both: Counts | None = None
    ) -> Decision:
        """The dose for the next cohort. ``both`` counts patients with toxicity and response, needed unless utilities add up."""
        seen = self._seen(n, dlt, responses, both)
        if not seen.n.any():
            return first_dose(self.start)
        current = treated(current, seen.n.tolist())
        here, toxic, active = (int(each[current - 1]) for each in (seen.n, seen.dlt, seen.responses))
        scale = self.steps.scale
        able = scale.admissible(seen)
        lost = tuple(int(dose) + 1 for dose in np.flatnonzero(~able))
        reason = f"{toxic} of {here} patients at dose {current} had a dose-limiting toxicity, {active} a response"
        if not able.any():
            return Decision("stop", None, "no dose is admissible", lost)
        if int(seen.n.sum()) >= self.patients:
            return Decision("stop", None, f"all {self.patients} planned patients were treated", lost)
        if self.stop_at is not None and here >= self.stop_at:
            why = f"{here} patients were treated at dose {current}, {self.stop_at} are enough"
            return Decision("stop", None, why, lost)
        rows = Outcomes(seen.n[None], seen.dlt[None], seen.responses[None], seen.both[None])
        dose = int(self.steps.next(rows, np.array([current - 1]))[0]) + 1
        if not dose:
            return Decision("stop", None, f"{reason}; no dose that may follow is admissible", lost)
        wanted = scale.desirability(seen)
        others = tuple(
            Alternative(
                _action(each, current),
                each,
                permitted=bool(able[each - 1]) and each <= dose,
                reason=f"Pr(utility above the benchmark) is {wanted[each - 1]:.3f}"
                if able[each - 1]
                else "not admissible",
            )
            for each in (current - 1, current, current + 1)
            if 1 <= each <= self.doses and each != dose
        )
        reason += f"; Pr(utility above the benchmark) at dose {dose} is {wanted[dose - 1]:.3f}"
        return Decision(_action(dose, current), dose, reason, lost, others)

    def select(self, n: Counts, dlt: Counts, responses: Counts, both: Counts | None = None) -> OptimalDose:
        """The dose of the highest utility among admissible ones up to that whose isotonic toxicity is nearest to the limit."""
        seen = self._seen(n, dlt, responses, both)
        rows = Outcomes(seen.n[None], seen.dlt[None], seen.responses[None], seen.both[None])
        mtd, obd = (int(each[0]) or None for each in self.selected(rows))
        treated = seen.n > 0
        rates = [np.array([each]) for each in rate(seen.n, seen.dlt)]
        weights = [np.array([each]) for each in weight(seen.n, seen.dlt)]
        smooth = [float(each[0]) for each in pooled(rates, weights)]
        utility = _mean_utility(seen, self.utilities)
        return OptimalDose(
            obd=obd,
            mtd=mtd,
            p_toxicity=tuple(each if there else None for each, there in zip(smooth, treated, strict=True)),
            utility=tuple(float(each) if there else None for each, there in zip(utility, treated, strict=True)),
            admissible=tuple(self.steps.scale.admissible(seen).tolist()),
        )

    def selected(self, seen: Outcomes) -> tuple[Ints, Ints]:
        """The maximum tolerated and the optimal dose (0 for none) of trials x doses."""
        scale, doses = self.steps.scale, range(self.doses)
        toxic = scale.too_toxic(seen)
        rates, weights = rate(seen.n, seen.dlt), weight(seen.n, seen.dlt)
        mtd = nearest(
            [rates[:, d] for d in doses], [weights[:, d] for d in doses], [toxic[:, d] for d in doses], self.toxicity
        )
        able = scale.admissible(seen) & (seen.n > 0) & (np.arange(1, self.doses + 1) <= mtd[:, None])
        best = np.where(able, _mean_utility(seen, self.utilities), -1.0).argmax(axis=1) + 1
        return mtd.astype(np.int64), np.where(able.any(axis=1), best, 0)

    def exact(self, toxicity: Sequence[SupportsFloat], efficacy: Sequence[SupportsFloat]) -> Boin12Characteristics:
        """Operating characteristics by enumeration of all outcomes, of a small trial (about seven cohorts).

        Raises ``DesignError`` where there are too many, or where utilities do not add up; simulate then.
        """
        if not self._additive:
            raise DesignError(
                "utilities", self.utilities, "such that the second and third sum to 100; simulate instead"
            )
        truth = self._truths(toxicity, efficacy)
        grown = _tree_of(self)
        chances = grown.probabilities(*truth)
        chosen = np.bincount(grown.selected, weights=chances, minlength=self.doses + 1).tolist()
        patients = (chances @ grown.rows[:, 0][grown.place]).tolist()
        return Boin12Characteristics(
            toxicity=truth[0],
            efficacy=truth[1],
            selection=tuple(chosen[1:]),
            none=chosen[0],
            patients=tuple(patients),
            toxicities=tuple(mean * p for mean, p in zip(patients, truth[0], strict=True)),
            responses=tuple(mean * p for mean, p in zip(patients, truth[1], strict=True)),
            method="exact",
        )

    def simulate(
        self,
        toxicity: Sequence[SupportsFloat],
        efficacy: Sequence[SupportsFloat],
        trials: int = 10_000,
        seed: int = 6,
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> Boin12Characteristics:
        """Operating characteristics under true toxicity and response rates (one a dose), independent within a patient."""
        truth, _ = self._truths(toxicity, efficacy), count("trials", trials, 1)
        total = summed(Part(self, *truth), trials, count("seed", seed), progress, processes) / trials
        chosen, n, squares, dlt, responses = total[1:, 0], total[1:, 1], total[1:, 2], total[1:, 3], total[1:, 4]
        none = float(total[0, 0])
        return Boin12Characteristics(
            toxicity=truth[0],
            efficacy=truth[1],
            selection=tuple(chosen.tolist()),
            none=none,
            patients=tuple(n.tolist()),
            toxicities=tuple(dlt.tolist()),
            responses=tuple(responses.tolist()),
            method="pcg64",
            selection_error=tuple(np.sqrt(chosen * (1 - chosen) / trials).tolist()),
            none_error=float(np.sqrt(none * (1 - none) / trials)),
            patients_error=tuple(np.sqrt(np.maximum(squares - n**2, 0) / trials).tolist()),
            trials=trials,
            seed=seed,
        )

    def _truths(
        self, toxicity: Sequence[SupportsFloat], efficacy: Sequence[SupportsFloat]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        truth = probabilities("toxicity", toxicity, closed=True), probabilities("efficacy", efficacy, closed=True)
        for name, rates in zip(("toxicity", "efficacy"), truth, strict=True):
            if len(rates) != self.doses:
                raise DesignError(name, rates, f"{self.doses} rates, one a dose")
        return truth

    @property
    def _additive(self) -> bool:
        return abs(self.utilities[1] + self.utilities[2] - 100) < 1e-9

    def _seen(self, n: Counts, dlt: Counts, responses: Counts, both: Counts | None) -> Outcomes:
        if both is None and not self._additive:
            raise DesignError("both", None, "counts of patients with toxicity and response, which these utilities need")
        patients, toxic = outcomes(n, dlt, self.doses)
        _, active = outcomes(n, responses, self.doses)
        common = tuple(min(pair) for pair in zip(toxic, active, strict=True))
        if both is not None:
            _, common = outcomes(common, both, self.doses)
        return Outcomes(*(np.array(each, dtype=np.int64) for each in (patients, toxic, active, common)))


@lru_cache(maxsize=4)
def _tree_of(design: Boin12) -> Boin12Tree:
    return boin12_tree(design)


def _action(dose: int, current: int) -> Action:
    return "escalate" if dose > current else "de-escalate" if dose < current else "stay"


def _mean_utility(seen: Outcomes, utilities: tuple[float, float, float, float]) -> Floats:
    return np.asarray(100 * (1 + seen.utility(utilities)) / (2 + seen.n), dtype=np.float64)
