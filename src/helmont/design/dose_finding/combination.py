"""BOIN for two agents: one dose of the matrix (Lin & Yin 2017), or one in every row (waterfall; Zhang & Yuan 2016).

Lin R, Yin G. Stat Methods Med Res 26:2155-2167; Zhang L, Yuan Y. Stat Med 35:4924-4936.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, SupportsFloat, SupportsIndex

import numpy as np

from helmont.design.checking import DesignError, count, outcomes, probabilities
from helmont.design.declared import Declared, design
from helmont.design.dose_finding.bivariate import isotonic_one
from helmont.design.dose_finding.boin import Boin
from helmont.design.dose_finding.combination_pathways import pathways_of
from helmont.design.dose_finding.combination_results import (
    Cell,
    CombinationCharacteristics,
    CombinationDecision,
    CombinationPathways,
    CombinationSelection,
    Matrix,
)
from helmont.design.dose_finding.combination_selection import (
    TIED,
    by_row,
    distance,
    matrix_rates,
    nearest_cell,
    nearest_cells,
)
from helmont.design.dose_finding.combination_walk import Rules, Trial, Uniforms, given_up
from helmont.design.dose_finding.decisions import Action, DecisionTable
from helmont.design.dose_finding.interval import walk_of
from helmont.design.dose_finding.isotonic import PRIOR, Floats, Ints
from helmont.design.dose_finding.replay import Stream
from helmont.design.parallel import Progress, summed

Counts = Sequence[Sequence[SupportsIndex]]


@design
@dataclass(frozen=True)
class BoinCombination(Declared):
    """``levels`` of the two agents, the first with at most as many as the second.

    ``cohorts`` is one number, or with ``contour`` one for each subtrial (as many as the first agent has levels).
    """

    levels: Cell
    target: float
    cohorts: int | tuple[int, ...] = 20
    cohort_size: int = 3
    start: Cell = (1, 1)
    stop_at: int | None = None
    """Patients at one combination at which the trial (with ``contour`` the subtrial) ends."""
    contour: bool = False
    """Select a combination in every row (waterfall)."""
    p_safe: float | None = None
    p_toxic: float | None = None
    cutoff: float = 0.95
    extra_safe: bool = False
    offset: float = 0.05
    bound_mtd: bool = False

    def __post_init__(self) -> None:
        if len(self.levels) != 2 or len(self.start) != 2:
            raise DesignError("levels", self.levels, "two numbers of levels, with a start of two levels")
        second = count("levels[2]", self.levels[1], 2)
        first = count("levels[1]", self.levels[0], 2, second)
        count("start[1]", self.start[0], 1, first)
        count("start[2]", self.start[1], 1, second)
        object.__setattr__(self, "levels", (first, second))
        object.__setattr__(self, "start", tuple(self.start))
        if not isinstance(self.cohorts, int):
            object.__setattr__(self, "cohorts", tuple(count("cohorts", each, 1) for each in self.cohorts))
        if self.contour != isinstance(self.cohorts, tuple) or (
            isinstance(self.cohorts, tuple) and len(self.cohorts) != first
        ):
            raise DesignError(
                "cohorts", self.cohorts, f"{first} numbers, one a subtrial" if self.contour else "one number"
            )
        object.__setattr__(self, "p_safe", self.agent.p_safe)
        object.__setattr__(self, "p_toxic", self.agent.p_toxic)

    @property
    def patients(self) -> int:
        """Planned patients."""
        return self.cohort_size * (self.cohorts if isinstance(self.cohorts, int) else sum(self.cohorts))

    @property
    def agent(self) -> Boin:
        """The design of one agent whose boundaries hold at every combination."""
        return Boin(
            doses=self.levels[1],
            target=self.target,
            cohorts=self.patients // self.cohort_size,
            cohort_size=self.cohort_size,
            stop_at=self.stop_at,
            cutoff=self.cutoff,
            extra_safe=self.extra_safe,
            offset=self.offset,
            p_safe=self.p_safe,
            p_toxic=self.p_toxic,
            bound_mtd=self.bound_mtd,
        )

    def decision_table(self) -> DecisionTable:
        """The boundaries hold at every combination: E goes up in one agent, D down in one."""
        return self.agent.decision_table()

    def pathways(self, cohorts: int = 2) -> CombinationPathways:
        """Every way through the first cohorts; where combinations are equally desirable, a way through each of them."""
        return pathways_of(self.next, self.levels, self.start, self.cohort_size, cohorts)

    def next(self, n: Counts, dlt: Counts, current: Cell | None = None) -> CombinationDecision:
        """The combination for the next cohort, from matrices of patients and toxicities and the last cohort's levels (from 1).

        Within a waterfall design, use the design of one agent for a subtrial.
        """
        patients, toxic = self._matrices(n, dlt)
        if not patients.any():
            return CombinationDecision("stay", self.start, "the first combination", (self.start,), ())
        if current is None or len(current) != 2:
            raise DesignError("current", current, "the levels of the latest cohort")
        at = (
            count("current[1]", current[0], 1, self.levels[0]) - 1,
            count("current[2]", current[1], 1, self.levels[1]) - 1,
        )
        here, seen = int(patients[at]), int(toxic[at])
        if not here:
            raise DesignError("current", tuple(current), "a combination that treated patients")
        rules = rules_of(self, max(self.patients, int(patients.max())))
        trial = Trial(patients.tolist(), toxic.tolist(), np.zeros(self.levels, dtype=np.bool_).tolist())
        for row, column in np.argwhere(rules.tables.eliminated[patients, toxic]).tolist():
            rules.give_up(trial, (row, column))
        eliminated = tuple((int(row) + 1, int(column) + 1) for row, column in np.argwhere(np.array(trial.gone)))
        reason = f"{seen} of {here} patients at {tuple(current)} had a dose-limiting toxicity"
        lowest = int(patients[0, 0]), int(toxic[0, 0])
        if trial.gone[0][0] or rules.tables.unsafe[lowest]:
            return CombinationDecision("stop", None, "the lowest combination is too toxic", (), eliminated)
        if int(patients.sum()) >= self.patients:
            return CombinationDecision(
                "stop", None, f"all {self.patients} planned patients were treated", (), eliminated
            )
        if rules.ends(trial, at):
            return CombinationDecision("stop", None, f"{reason}; {here} patients are enough", (), eliminated)
        move = int(rules.tables.move[here, seen])
        ahead = rules.options(trial, at, move) if move else []
        options = tuple((row + 1, column + 1) for row, column in ahead) or ((at[0] + 1, at[1] + 1),)
        action: Action = "stay" if not ahead else "escalate" if move > 0 else "de-escalate"
        if len(options) > 1:
            reason += "; the options are equally desirable, draw one"
        return CombinationDecision(action, options[0], reason, options, eliminated)

    def select(self, n: Counts, dlt: Counts) -> CombinationSelection:
        """By isotonic regression of the matrix: the combination whose rate is nearest to the target, and that in every row."""
        patients, toxic = self._matrices(n, dlt)
        tables = rules_of(self, max(self.patients, int(patients.max()))).tables
        rates = matrix_rates(patients[None], toxic[None])
        gone = given_up(tables, patients[None], toxic[None])
        one = nearest_cell(self.target, self.agent.bound(), rates, patients[None], gone)[0]
        rows = by_row(self.target, patients[None], toxic[None], gone)[0]
        return CombinationSelection(
            mtd=None if one < 0 else (int(one) // self.levels[1] + 1, int(one) % self.levels[1] + 1),
            contour=tuple((row + 1, int(column) + 1) for row, column in enumerate(rows) if column >= 0),
            p_est=_matrix(rates[0]),
        )

    def simulate(
        self,
        truth: Sequence[Sequence[SupportsFloat]],
        trials: int = 1000,
        seed: int = 6,
        rng: Literal["pcg64", "R"] = "pcg64",
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> CombinationCharacteristics:
        """Operating characteristics; ``truth`` has a row a level of the first agent. ``rng="R"`` replays ``get.oc.comb``."""
        rates = tuple(probabilities(f"truth[{row}]", each, closed=True) for row, each in enumerate(truth, start=1))
        if (len(rates), {len(row) for row in rates}) != (self.levels[0], {self.levels[1]}):
            raise DesignError("truth", rates, f"{self.levels[0]} rows of {self.levels[1]} rates")
        count("trials", trials, 1)
        part = _Part(self, rates)
        if rng == "R":
            total = part.run(trials, Stream(seed).take, forget=True)
        elif rng == "pcg64":
            total = summed(part, trials, count("seed", seed), progress, processes, part=1000)
        else:
            raise DesignError("rng", rng, "'pcg64' or 'R'")
        return _characteristics(rates, total, trials, seed, rng)

    def _matrices(self, n: Counts, dlt: Counts) -> tuple[Ints, Ints]:
        if len(n) != self.levels[0] or len(dlt) != self.levels[0]:
            raise DesignError("n", n, f"{self.levels[0]} rows, one a level of the first agent")
        found = [outcomes(patients, toxic, self.levels[1]) for patients, toxic in zip(n, dlt, strict=True)]
        return np.array([row for row, _ in found], dtype=np.int64), np.array([row for _, row in found], dtype=np.int64)


@dataclass(frozen=True)
class _Part:
    """Simulates a part of the trials; can be sent to another process."""

    design: BoinCombination
    truth: Matrix

    def __call__(self, trials: int, seed: np.random.SeedSequence) -> Floats:
        random = np.random.default_rng(seed)
        return self.run(trials, Stream(random.random).take)

    def run(self, trials: int, uniforms: Uniforms, forget: bool = False) -> Floats:
        """Five layers of sums; the last begins with the trials without selection and those with the right one."""
        rules = rules_of(self.design)
        if self.design.contour:
            went = [rules.down(self.truth, uniforms, forget) for _ in range(trials)]
        else:
            went = [rules.through(self.truth, uniforms) for _ in range(trials)]
        n, dlt = np.array([trial.n for trial in went]), np.array([trial.dlt for trial in went])
        chosen = np.zeros(n.shape)
        if self.design.contour:
            columns = by_row(self.design.target, n, dlt, np.array([trial.gone for trial in went]))
            found = np.argwhere(columns >= 0)
            chosen[found[:, 0], found[:, 1], columns[columns >= 0]] = 1
        else:
            gone = given_up(rules.tables, n, dlt)
            rates = matrix_rates(n, dlt)
            away = np.sort(
                distance(self.design.target, self.design.agent.bound(), rates, n, gone).reshape(trials, -1), axis=1
            )
            for each in np.flatnonzero(away[:, 1] - away[:, 0] < TIED):
                rates[each] = isotonic_one((dlt[each] + PRIOR) / (n[each] + 2 * PRIOR), n[each] + 2 * PRIOR)
            cells = nearest_cell(self.design.target, self.design.agent.bound(), rates, n, gone)
            cells = np.where([trial.safe for trial in went], cells, -1)
            chosen.reshape(trials, -1)[np.flatnonzero(cells >= 0), cells[cells >= 0]] = 1
        whole = np.zeros(n.shape[1:])
        whole[0, 0] = (chosen.sum(axis=(1, 2)) == 0).sum()
        wanted = nearest_cells(self.truth, self.design.target, self.design.contour)
        if self.design.contour:
            whole[0, 1] = (chosen == wanted).all(axis=(1, 2)).sum()
        else:
            whole[0, 1] = (chosen * wanted).sum()
        return np.stack([chosen.sum(axis=0), n.sum(axis=0), (n**2).sum(axis=0), dlt.sum(axis=0), whole]).astype(
            np.float64
        )


def _characteristics(
    truth: Matrix, total: Floats, trials: int, seed: int, method: Literal["pcg64", "R"]
) -> CombinationCharacteristics:
    chosen, n, squares, dlt = total[:4] / trials
    none = float(total[4, 0, 0] / trials)
    return CombinationCharacteristics(
        truth=truth,
        selection=_matrix(chosen),
        none=none,
        correct=float(total[4, 0, 1] / trials),
        patients=_matrix(n),
        toxicities=_matrix(dlt),
        total_patients=float(n.sum()),
        total_toxicities=float(dlt.sum()),
        selection_error=_matrix(np.sqrt(chosen * (1 - chosen) / trials)),
        none_error=float(np.sqrt(none * (1 - none) / trials)),
        patients_error=_matrix(np.sqrt(np.maximum(squares - n**2, 0) / trials)),
        method=method,
        trials=trials,
        seed=seed,
    )


def _matrix(values: Floats) -> Matrix:
    return tuple(tuple(row) for row in values.tolist())


@lru_cache(maxsize=16)
def rules_of(design: BoinCombination, most: int | None = None) -> Rules:
    """The rules with tables up to ``most`` patients at a combination (by default the planned number)."""
    agent = design.agent
    return Rules(
        levels=design.levels,
        tables=walk_of(agent, most),
        lambdas=(agent.lambda_e, agent.lambda_d),
        cohorts=(design.cohorts,) if isinstance(design.cohorts, int) else design.cohorts,
        start=(design.start[0] - 1, design.start[1] - 1),
        stop_at=design.stop_at,
    )
