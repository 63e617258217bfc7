"""Multi-arm multi-stage trials: arms against one control are dropped for futility, the first success ends the trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, sqrt
from typing import Literal

from scipy.special import ndtri

from helmont.design.checking import DesignError, count, increasing, number, positive, probability
from helmont.design.confirmatory.multi_arm.answers import MamsBounds, MamsPower, MamsSimulation, MamsSize
from helmont.design.confirmatory.multi_arm.closed import StepDown, subsets
from helmont.design.confirmatory.multi_arm.integration import Arm, any_rejected, first_is_best
from helmont.design.confirmatory.multi_arm.simulation import AT_ONCE, Part, simulated
from helmont.design.declared import Declared, design
from helmont.design.parallel import Progress, summed
from helmont.design.roots import bracketed, root

Looks = tuple[float, ...]
Shape = Literal["obf", "pocock", "triangular", "fixed"]
_SHAPES = ("obf", "pocock", "triangular", "fixed")


@design
@dataclass(frozen=True)
class Mams(Declared):
    """``arms`` experimental arms and a control over ``stages`` (Magirr, Jaki & Whitehead 2012, Biometrika 99:494-501).

    The bounds hold the familywise error ``alpha`` (one-sided). The trial stops as soon as an arm is at or above its upper
    bound, arms below the lower bound are dropped. ``power`` is that of the least favourable configuration: one arm has
    the effect ``delta``, the others ``delta0`` (the largest effect that is of no interest), and the trial is to stop for
    the first with the largest statistic. Effects are differences of means with standard deviation ``sd``, or ``p`` and
    ``p0``: the probability that somebody on the arm does better than somebody on control, delta = sqrt(2) sd z(p). For
    times to an event they are logarithms of hazard ratios and sizes count events.

    ``ratio`` and ``control_ratio``: cumulated sizes of an arm and of the control at the stages, relative to each other
    (by default 1, 2, ...). ``upper`` and ``lower`` are shapes in the constant C and the cumulated ratio r: ``"obf"`` C
    sqrt(r_J / r_j), ``"pocock"`` C, ``"triangular"`` C (1 + r_j / r_J) / sqrt(r_j) and -C (1 - 3 r_j / r_J) / sqrt(r_j)
    (Whitehead 1997), ``"fixed"``: ``upper_fixed`` or ``lower_fixed`` at every stage but the last. At the last stage the
    lower bound is the upper.
    """

    arms: int
    stages: int
    alpha: float = 0.05
    power: float = 0.9
    ratio: tuple[float, ...] | None = None
    control_ratio: tuple[float, ...] | None = None
    p: float | None = None
    p0: float | None = None
    delta: float | None = None
    delta0: float | None = None
    sd: float = 1.0
    upper: Shape = "obf"
    lower: Shape = "fixed"
    upper_fixed: float = 3.0
    lower_fixed: float = 0.0

    def __post_init__(self) -> None:
        count("arms", self.arms, 1, 20)
        count("stages", self.stages, 1, 5)
        for name in ("alpha", "power"):
            object.__setattr__(self, name, probability(name, getattr(self, name)))
        for name in ("ratio", "control_ratio"):
            given = getattr(self, name)
            values = tuple(range(1, self.stages + 1)) if given is None else given
            values = (values,) if isinstance(values, (int, float)) else tuple(values)
            if len(values) != self.stages:
                raise DesignError(name, values, f"{self.stages} sizes, one a stage")
            increasing(name, (0.0, *values))
            object.__setattr__(self, name, tuple(float(each) for each in values))
        object.__setattr__(self, "sd", positive("sd", self.sd))
        for name, shape in (("upper", self.upper), ("lower", self.lower)):
            if shape not in _SHAPES:
                raise DesignError(name, shape, f"one of {', '.join(_SHAPES)}")
        for effect, chance in (("delta", "p"), ("delta0", "p0")):
            if getattr(self, effect) is not None and getattr(self, chance) is not None:
                raise DesignError(effect, getattr(self, effect), f"left out beside {chance}")
            if getattr(self, chance) is not None:
                probability(chance, getattr(self, chance))
            if getattr(self, effect) is not None:
                number(effect, getattr(self, effect))

    @property
    def effects(self) -> tuple[float, float]:
        """The interesting effect and the largest uninteresting one, in standard deviations."""
        found = [
            sqrt(2) * float(ndtri(chance)) if chance is not None else None if given is None else given / self.sd
            for chance, given in ((self.p, self.delta), (self.p0, self.delta0))
        ]
        interesting, other = found
        if interesting is None:
            raise DesignError("delta", None, "given, or p, for the power of the trial")
        if interesting <= max(0.0, other or 0.0):
            raise DesignError("delta", interesting, "above 0 and above delta0")
        return interesting, other or 0.0

    @property
    def _ratios(self) -> tuple[Looks, Looks]:
        assert self.control_ratio is not None
        assert self.ratio is not None
        return self.control_ratio, self.ratio

    def shaped(self, constant: float) -> tuple[Looks, Looks]:
        """Upper and lower bounds for a constant."""
        ratio = self._ratios[1]
        last = ratio[-1]

        def bound(shape: Shape, fixed: float, lower: bool, r: float) -> float:
            sign = -1 if lower else 1
            match shape:
                case "obf":
                    return sign * constant * sqrt(last / r)
                case "pocock":
                    return sign * constant
                case "triangular":
                    slope = -3 if lower else 1
                    return sign * constant * (1 + slope * r / last) / sqrt(r / ratio[0]) + 0.0
                case _:
                    return fixed

        upper = [bound(self.upper, self.upper_fixed, False, r) for r in ratio]
        if self.upper == "fixed":
            upper[-1] = constant
        lower = [bound(self.lower, self.lower_fixed, True, r) for r in ratio[:-1]]
        return tuple(upper), (*(min(low, high) for low, high in zip(lower, upper, strict=False)), upper[-1])

    def bounds(
        self,
        sizes: Sequence[Sequence[float]] | None = None,
        *,
        upper: Sequence[float] = (),
        lower: Sequence[float] = (),
    ) -> MamsBounds:
        """The bounds with which the familywise error is alpha.

        ``sizes``: cumulated participants in fact, a row a group (control first) with a column a stage; ``upper`` and
        ``lower``: the bounds that were used at the first stages, which stay.
        """
        if sizes is None and not upper and not lower:
            return self._planned
        control, arms = self._groups(sizes)
        if not len(upper) == len(lower) < self.stages:
            raise DesignError("upper", tuple(upper), "as many bounds as lower, fewer than stages")

        def bounds(constant: float) -> tuple[Looks, Looks]:
            high, low = self.shaped(constant)
            done = len(upper)
            return (*map(float, upper), *high[done:]), (*map(float, lower), *low[done:])

        try:
            constant = root(lambda c: any_rejected(control, arms, *reversed(bounds(c))) - self.alpha, 0.05, 12.0, 1e-10)
        except ValueError:
            raise DesignError("upper", self.upper, f"such that something of alpha {self.alpha:g} is left") from None
        found = bounds(constant)
        return MamsBounds(found[0], found[1], tuple(size / control[-1] for size in control))

    @cached_property
    def _planned(self) -> MamsBounds:
        return self.bounds([self._ratios[0]] + [self._ratios[1]] * self.arms)

    def _groups(
        self, sizes: Sequence[Sequence[float]] | None, effects: Sequence[float] = ()
    ) -> tuple[Looks, list[Arm]]:
        if sizes is None:
            sizes = [self._ratios[0]] + [self._ratios[1]] * self.arms
        rows = [tuple(float(each) for each in row) for row in sizes]
        if len(rows) != self.arms + 1 or any(len(row) != self.stages for row in rows):
            raise DesignError("sizes", sizes, f"{self.arms + 1} rows, control first, of {self.stages} sizes")
        for place, row in enumerate(rows):
            increasing(f"sizes[{place}]", (0.0, *row))
        means = tuple(effects) or (0.0,) * self.arms
        if len(means) != self.arms:
            raise DesignError("truth", means, f"{self.arms} effects, one an arm")
        return rows[0], [Arm(row, number("truth", mean)) for row, mean in zip(rows[1:], means, strict=True)]

    def _scaled(self, first: float) -> list[Looks]:
        """Sizes with so many on control at the first stage."""
        control, arm = self._ratios
        scale = first / control[0]
        return [tuple(scale * each for each in control)] + [tuple(scale * each for each in arm)] * self.arms

    def sample_size(self) -> MamsSize:
        """The least whole number on control at the first stage that reaches the power; the other sizes follow, rounded up."""
        interesting, other = self.effects
        truth = (interesting, *(other,) * (self.arms - 1))
        bounds = self.bounds()

        def reached(first: float) -> float:
            control, arms = self._groups(self._scaled(first), truth)
            return first_is_best(control, arms, bounds.lower, bounds.upper)

        guess = (float(-ndtri(self.alpha) + ndtri(self.power)) / interesting) ** 2 / self._ratios[0][-1]
        first = ceil(bracketed(lambda n: reached(n) - self.power, 1e-3 * guess, 2 * guess, 1e-6) - 1e-6)
        sizes = tuple(tuple(ceil(each - 1e-9) for each in row) for row in self._scaled(first))
        return MamsSize(first, sizes, sum(row[-1] for row in sizes), reached(first))

    def exact(self, truth: Sequence[float] | None = None, sizes: Sequence[Sequence[float]] | None = None) -> MamsPower:
        """The probability to reject anything, and to stop for each arm, for effects in standard deviations (none by default)."""
        control, arms = self._groups(
            self.sample_size().sizes if sizes is None else sizes, () if truth is None else truth
        )
        bounds = self.bounds()
        best: dict[Arm, float] = {}
        for place, arm in enumerate(arms):
            if arm not in best:
                order = [arm, *arms[:place], *arms[place + 1 :]]
                best[arm] = first_is_best(control, order, bounds.lower, bounds.upper)
        rejected = any_rejected(control, arms, bounds.lower, bounds.upper)
        return MamsPower(rejected, tuple(best[arm] for arm in arms))

    def simulate(
        self,
        truth: Sequence[float],
        trials: int,
        seed: int,
        sizes: Sequence[Sequence[float]] | None = None,
        bounds: MamsBounds | None = None,
        *,
        rng: Literal["pcg64"] = "pcg64",
        progress: Progress | None = None,
        processes: int | None = 1,
    ) -> MamsSimulation:
        """Stops, rejections and sizes of ``trials`` simulated trials, for effects in standard deviations.

        ``progress`` is told the trials done and the trials in all; ``processes`` None takes every processor if that is sooner.
        """
        control, arms = self._groups(self.sample_size().sizes if sizes is None else sizes, truth)
        at = bounds or self.bounds()
        part = Part.of(control, arms, at.lower, at.upper)
        return simulated(summed(part, count("trials", trials, 1), count("seed", seed), progress, processes, AT_ONCE))

    def step_down(
        self, spent: Sequence[float], lower: float = 0.0, sizes: Sequence[Sequence[float]] | None = None
    ) -> StepDown:
        """Bounds for every set of arms, for a closed test that rejects arms one by one with familywise error ``spent[-1]``.

        Each intersection of hypotheses spends ``spent`` (cumulated, one a stage) on its own; arms below ``lower`` at an
        interim analysis are dropped (Magirr, Stallard & Jaki 2014, Stat Med 33:3269-3279, section 3).
        """
        errors = tuple(probability(f"spent[{stage}]", each) for stage, each in enumerate(spent, start=1))
        if len(errors) != self.stages:
            raise DesignError("spent", errors, f"{self.stages} errors, one a stage")
        increasing("spent", (0.0, *errors))
        control, arms = self._groups(sizes)
        known: dict[tuple[Arm, ...], Looks] = {}
        uppers: dict[tuple[int, ...], Looks] = {}
        for members in subsets(self.arms):
            some = tuple(arms[arm - 1] for arm in members)
            if some not in known:
                known[some] = _spending_bounds(control, some, lower, errors)
            uppers[members] = known[some]
        lowers = {members: (*(lower,) * (self.stages - 1), upper[-1]) for members, upper in uppers.items()}
        return StepDown(uppers, lowers, errors)


def _spending_bounds(control: Looks, arms: tuple[Arm, ...], lower: float, spent: Looks) -> Looks:
    found: list[float] = []
    for stage, error in enumerate(spent, start=1):
        some = [replace(arm, sizes=arm.sizes[:stage]) for arm in arms]
        lowers = (lower,) * stage

        def excess(bound: float, some: list[Arm] = some, lowers: Looks = lowers, error: float = error) -> float:
            return any_rejected(control[: len(lowers)], some, lowers, (*found, bound)) - error

        found.append(root(excess, -8.0, 9.0, 1e-10))
    return tuple(found)
