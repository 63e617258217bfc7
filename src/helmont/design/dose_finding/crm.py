"""The continual reassessment method, one- and two-stage.

O'Quigley, Pepe & Fisher (1990) Biometrics 46:33; two-stage with a declared initial design: Cheung (2005) Biometrika 92:863.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import ClassVar, Literal, SupportsIndex

import numpy as np
from scipy.special import logit

from helmont.design import checking
from helmont.design.checking import DesignError
from helmont.design.declared import Declared, design
from helmont.design.dose_finding.characteristics import Characteristics, Tally
from helmont.design.dose_finding.conduct import treated
from helmont.design.dose_finding.crm_fitting import bayes, each_patient, likeliest, log_likelihood
from helmont.design.dose_finding.crm_model import Curve, Model, Quadrature
from helmont.design.dose_finding.crm_results import CrmDecision, CrmFit
from helmont.design.dose_finding.crm_running import enumerate_trials, simulate_trials
from helmont.design.dose_finding.crm_skeleton import Coherence, Sensitivity, coherence, levels_of, sensitivity
from helmont.design.dose_finding.decisions import Action, Alternative, NextCohort, Pathways, Selection
from helmont.design.dose_finding.pathways import by_dose, next_cohort, standing
from helmont.design.dose_finding.simulation import Simulated, Truth


@design
@dataclass(frozen=True)
class Crm(Simulated, Declared):
    """Each cohort gets the dose of which the toxicity, at the current estimate, is nearest to the target.

    Doses count from 1. Raises ``DesignError`` for a skeleton that does not rise, a target outside 0 to 1, and so on.
    """

    skeleton: tuple[float, ...]
    """Prior guesses of the toxicity of each dose, rising."""
    target: float
    model: Model | Literal["empiric"] = "power"
    """``empiric`` is another name of ``power``."""
    intercept: float = 3.0
    """Of the logistic model."""
    scale: float = sqrt(1.34)
    """Standard deviation of the normal prior of the parameter, of which the mean is 0."""
    method: Literal["bayes", "mle"] = "bayes"
    patients: int = 24
    """In a whole trial."""
    cohort_size: int = 1
    start: int = 1
    """The first dose, unless there is an initial design."""
    initial: tuple[int, ...] | None = None
    """Two-stage: the dose of each patient until the first toxicity; the model takes over from it."""
    no_skipping: bool = True
    """Never more than one dose up."""
    coherent: bool = True
    """Never up from a cohort of which a larger share than the target had toxicities (group coherence, Cheung 2011)."""
    stop_at: int | None = None
    """The trial ends where the next dose has had this many patients; that dose is selected."""
    safety: float | None = None
    """The trial ends, and no dose is selected, where the lowest is above the target with more than this probability."""
    confidence: float = 0.9
    """Of the interval of the parameter."""
    mle_variance: Literal["information", "moment"] = "information"
    """With ``mle``: the inverse of the observed information; or, as dfcrm has it, the second moment of the normalised likelihood
    less the squared estimate (where that is above 0)."""

    part: ClassVar[int] = 2_000

    def __post_init__(self) -> None:
        object.__setattr__(self, "skeleton", checking.probabilities("skeleton", self.skeleton))
        if self.model == "empiric":
            object.__setattr__(self, "model", "power")
        checking.increasing("skeleton", self.skeleton)
        checking.probability("target", self.target)
        checking.probability("confidence", self.confidence)
        checking.positive("scale", self.scale)
        checking.number("intercept", self.intercept)
        for setting, accepted in (
            ("model", ("power", "logistic")),
            ("method", ("bayes", "mle")),
            ("mle_variance", ("information", "moment")),
        ):
            if getattr(self, setting) not in accepted:
                raise DesignError(setting, getattr(self, setting), " or ".join(accepted))
        if self.model == "logistic" and logit(self.skeleton[-1]) >= self.intercept:
            raise DesignError(
                "intercept", self.intercept, f"above {logit(self.skeleton[-1]):g}, the logit of the skeleton's last"
            )
        checking.count("patients", self.patients, 1)
        checking.count("cohort_size", self.cohort_size, 1)
        checking.count("start", self.start, 1, self.doses)
        if self.initial is not None:
            object.__setattr__(self, "initial", levels_of(self.initial, self.doses))
        if self.stop_at is not None:
            checking.count("stop_at", self.stop_at, 1)
        if self.safety is not None:
            checking.probability("safety", self.safety)

    @property
    def doses(self) -> int:
        return len(self.skeleton)

    @cached_property
    def curve(self) -> Curve:
        """The model of toxicity."""
        return Curve(self.skeleton, "logistic" if self.model == "logistic" else "power", self.intercept)

    @cached_property
    def quadrature(self) -> Quadrature:
        """Integrals over the parameter for the patients of this design."""
        return Quadrature(
            self.curve,
            self.scale,
            self.patients,
            None if self.safety is None else self.curve.parameter(1, self.target),
        )

    def fit(
        self, levels: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex], weights: Sequence[float] | None = None
    ) -> CrmFit:
        """The model given what is known of each patient: dose (from 1), dose-limiting toxicity (0 or 1), and weight.

        A weight is the share of the observation that is known to have passed without toxicity (1 where ``None``). The weight of a
        patient with a toxicity does not matter. With ``mle`` raises ``DesignError`` where the likelihood has no maximum.
        """
        at, toxic, share = each_patient(levels, dlt, weights, self.doses)
        logarithm = log_likelihood(self.curve, at, toxic, share)
        if self.method == "mle":
            if not 0 < toxic.sum() < len(toxic):
                raise DesignError(
                    "dlt", tuple(dlt), "some toxicities, and some patients without: else no likelihood is greatest"
                )
            return likeliest(self.curve, self.target, self.confidence, logarithm, self.mle_variance == "moment")
        return bayes(self.curve, self.target, self.scale, self.confidence, logarithm)

    def fit_counts(self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex]) -> CrmFit:
        """The same for patients and toxicities by dose."""
        patients, toxic = checking.outcomes(n, dlt, self.doses)
        each = [
            (dose, int(i < y)) for dose, (m, y) in enumerate(zip(patients, toxic, strict=True), 1) for i in range(m)
        ]
        return self.fit([level for level, _ in each], [y for _, y in each])

    def next(
        self,
        n: Sequence[SupportsIndex],
        dlt: Sequence[SupportsIndex],
        current: SupportsIndex | None = None,
        last: SupportsIndex | None = None,
    ) -> CrmDecision:
        """The dose of the next cohort after ``n`` patients and ``dlt`` toxicities by dose, the latest at dose ``current``.

        ``last`` is how many of the latest cohort had a toxicity, for coherence. Where it is not given and the counts at
        ``current`` hold more than that cohort, coherence is not looked at, and the reason says so. ``current`` may be left
        out before the first patient. After ``patients`` patients the trial stops.
        """
        patients, toxic = checking.outcomes(n, dlt, self.doses)
        total = sum(patients)
        if not total:
            fit = self._prior()
            return self._decided(self._first, "the first dose", fit)
        now = treated(current, patients)
        size, seen = min(self.cohort_size, patients[now - 1]), toxic[now - 1]
        if last is not None:
            last = checking.count("last", last, 0, min(size, seen))
        elif patients[now - 1] <= self.cohort_size or seen in {0, patients[now - 1]}:
            last = min(seen, size)
        if total >= self.patients:
            why = f"all {self.patients} planned patients were treated"
            fit = (
                self.fit_counts(patients, toxic) if self.method == "bayes" or 0 < sum(toxic) < total else self._prior()
            )
            return self._decided(None, why, fit, now)
        if self.initial and not sum(toxic) and total < len(self.initial):
            fit = self.fit_counts(patients, toxic) if self.method == "bayes" else self._prior()
            return self._decided(self.initial[total], "the initial design goes on: no toxicity yet", fit, now)
        return self._ruled(
            self.fit_counts(patients, toxic), patients, now, None if last is None else last > self.target * size
        )

    def _ruled(self, fit: CrmFit, patients: Sequence[int], now: int, toxic: bool | None) -> CrmDecision:
        """The rules of escalation and stopping; ``toxic``, whether the latest cohort forbids to escalate, is None if unknown."""
        if self.safety is not None and fit.above[0] > self.safety:
            why = f"the lowest dose is above the target with probability {fit.above[0]:.3f}, more than {self.safety:g}"
            return self._decided(None, why, fit, now)
        highest, why = self.doses, "toxicity nearest to the target"
        if self.no_skipping and now < self.doses:
            highest = now + 1
        if self.coherent and toxic:
            highest = min(highest, now)
        dose = min(fit.mtd, highest)
        if fit.mtd > highest:
            why = f"no escalation after toxicities in the latest cohort; dose {fit.mtd} is nearest to the target"
            if highest > now:
                why = f"no dose is skipped on the way to dose {fit.mtd}, nearest to the target"
        if self.coherent and toxic is None and dose > now:
            why += "; the toxicities of the latest cohort are not given, so coherence is not looked at"
        if self.stop_at is not None and patients[dose - 1] >= self.stop_at:
            return self._decided(None, f"dose {dose} has had {patients[dose - 1]} patients", fit, now)
        return self._decided(dose, why, fit, now, highest)

    def _decided(
        self, dose: int | None, reason: str, fit: CrmFit, now: int | None = None, highest: int | None = None
    ) -> CrmDecision:
        """``highest`` is how high the rules would let the next dose be; a lower one than recommended can always be given."""

        def action(to: int | None) -> Action:
            if to is None:
                return "stop"
            return "stay" if now is None or to == now else "escalate" if to > now else "de-escalate"

        others = [
            Alternative(
                action(other),
                other,
                other <= (highest or dose),
                f"toxicity {fit.toxicity[other - 1]:.3f} at the estimate",
            )
            for other in range(1, self.doses + 1)
            if dose is not None and other != dose
        ]
        return CrmDecision(action(dose), dose, reason, (), tuple(others), fit.mtd, fit)

    def decision_table(
        self,
        n: Sequence[SupportsIndex] | None = None,
        dlt: Sequence[SupportsIndex] | None = None,
        current: int | None = None,
    ) -> NextCohort:
        """What follows each number of toxicities in the next cohort, the first one or after ``n`` and ``dlt`` by dose.

        ``current`` is the dose of that cohort.
        """
        seen, dose = standing(self.doses, self._first, n, dlt, current)
        return next_cohort(self.cohort_size, seen, dose, self.next)

    def pathways(
        self,
        cohorts: int = 3,
        n: Sequence[SupportsIndex] | None = None,
        dlt: Sequence[SupportsIndex] | None = None,
        current: int | None = None,
    ) -> Pathways:
        """Every way through the next cohorts, from the start or from what was seen so far; ``current`` is the next dose."""
        seen, dose = standing(self.doses, self._first, n, dlt, current)
        return by_dose(cohorts, self.cohort_size, seen, dose, self.next)

    @property
    def _first(self) -> int:
        return self.initial[0] if self.initial else self.start

    def select(self, n: Sequence[SupportsIndex], dlt: Sequence[SupportsIndex]) -> Selection:
        """The dose selected after a trial; none where the lowest is too toxic (``safety``) or nobody was treated."""
        patients, _ = checking.outcomes(n, dlt, self.doses)
        fit = self.fit_counts(n, dlt) if sum(patients) else self._prior()
        mtd: int | None = fit.mtd
        reason = f"its toxicity {fit.toxicity[fit.mtd - 1]:.3f} is nearest to {self.target:g}"
        if not sum(patients):
            mtd, reason = None, "nobody was treated"
        elif self.safety is not None and fit.above[0] > self.safety:
            mtd, reason = None, "the lowest dose is too toxic"
        return Selection(mtd, reason, fit.toxicity, fit.lower, fit.upper, fit.above)

    def _prior(self) -> CrmFit:
        return bayes(self.curve, self.target, self.scale, self.confidence, lambda b: np.zeros_like(b))

    def run(self, truth: Truth, trials: int, random: np.random.Generator) -> Tally:
        return simulate_trials(self, truth, trials, random)

    def exact(self, truth: Sequence[float], most: int = 400_000) -> Characteristics:
        """Characteristics from every path of outcomes, equal states merged.

        Raises ``DesignError`` where there are more than ``most`` different states at once.
        """
        return enumerate_trials(self, self._truth(truth), most)

    def sensitivity(self) -> Sensitivity:
        """Where each dose is the maximum tolerated one, and its indifference interval."""
        return sensitivity(self.curve, self.target)

    def coherence(self) -> Coherence:
        """Whether the initial design can be followed by an escalation right after the first toxicity."""
        if self.initial is None:
            raise DesignError("initial", None, "an initial design, of which coherence is asked")
        return coherence(self.initial, lambda levels, dlt: self.fit(levels, dlt).mtd)
