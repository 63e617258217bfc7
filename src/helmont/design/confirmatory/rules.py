"""How the bounds of a group sequential trial are laid: by the error that may be spent by a time, by a shape, or as given.

Every rule is a small declared object. ``rule`` reads one from a name or from numbers, so that ``upper="OF"`` says
``OBrienFleming()``.
"""

from __future__ import annotations

import itertools
import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import e, expm1, inf, log, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from helmont.design.checking import DesignError, between, number, positive, probabilities
from helmont.design.declared import Declared, design


@dataclass(frozen=True)
class Rule(Declared):
    """What lays a bound."""


@dataclass(frozen=True)
class Spending(Rule):
    """The error that may be spent by a time, a share of the maximal information.

    Lan & DeMets 1983, Biometrika 70:659-663.
    """

    @abstractmethod
    def spent(self, total: float, time: float) -> float:
        """The share of the error ``total`` that is spent at ``time``, between 0 (nothing) and 1 (``total``)."""

    def cumulative(self, total: float, times: Sequence[float], planned: Sequence[float]) -> tuple[float, ...]:
        """What is spent by each of ``times``; nothing is left from time 1 on. ``planned`` are the times of the design."""
        return tuple(total if time >= 1 else self.spent(total, time) for time in times)


@dataclass(frozen=True)
class Shape(Rule):
    """Bounds that a single constant sets for all looks."""

    @abstractmethod
    def bound(self, constant: float, look: int, time: float, last: bool) -> float:
        """The bound at a look (from 0) at an information fraction."""


@design
@dataclass(frozen=True)
class LanDeMets(Spending):
    """Spending that comes close to O'Brien-Fleming or Pocock bounds (Lan & DeMets 1983, alpha*_1 and alpha*_2).

    ``"OF"``: 2 - 2 Phi(z(1 - alpha/2) / sqrt(t)); ``"Pocock"``: alpha log(1 + (e - 1) t).
    """

    like: Literal["OF", "Pocock"] = "OF"

    def __post_init__(self) -> None:
        if self.like not in ("OF", "Pocock"):
            raise DesignError("like", self.like, "'OF' or 'Pocock'")

    def spent(self, total: float, time: float) -> float:
        if time <= 0:
            return 0.0
        if self.like == "Pocock":
            return total * log(1 + (e - 1) * time)
        return float(2 * ndtr(ndtri(total / 2) / sqrt(time)))


@design
@dataclass(frozen=True)
class PowerSpending(Spending):
    """alpha t^rho (Kim & DeMets 1987, Biometrika 74:149-154)."""

    rho: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "rho", positive("rho", self.rho))

    def spent(self, total: float, time: float) -> float:
        return float(total * time**self.rho)


@design
@dataclass(frozen=True)
class HwangShihDeCani(Spending):
    """alpha (1 - exp(-gamma t)) / (1 - exp(-gamma)), alpha t for gamma 0.

    Hwang, Shih & DeCani 1990, Stat Med 9:1439-1445.
    """

    gamma: float = -4.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "gamma", between("gamma", self.gamma, -40, 40, closed=True))

    def spent(self, total: float, time: float) -> float:
        return total * time if self.gamma == 0 else total * expm1(-self.gamma * time) / expm1(-self.gamma)


@design
@dataclass(frozen=True)
class GivenSpending(Spending):
    """What is spent by each planned look, as probabilities that rise to the whole error; straight lines lie between."""

    cumulated: tuple[float, ...]

    def __post_init__(self) -> None:
        values = probabilities("cumulated", self.cumulated, closed=True)
        if any(after < before for before, after in itertools.pairwise(values)):
            raise DesignError("cumulated", values, "probabilities that do not fall")
        object.__setattr__(self, "cumulated", values)

    def spent(self, total: float, time: float) -> float:
        raise TypeError("given spending is known at the planned looks only")

    def cumulative(self, total: float, times: Sequence[float], planned: Sequence[float]) -> tuple[float, ...]:
        if len(self.cumulated) != len(planned) or abs(self.cumulated[-1] - total) > 1e-9:
            raise DesignError("cumulated", self.cumulated, f"{len(planned)} probabilities that rise to {total:g}")
        known = np.interp(times, (0.0, *planned), (0.0, *self.cumulated))
        return tuple(total if time >= 1 else float(each) for time, each in zip(times, known, strict=True))


@dataclass(frozen=True)
class ProportionalSpending(Spending):
    """The shares of the error that are spent by the looks, whatever the error is. Designs use it to find their p-values."""

    shares: tuple[float, ...]

    def spent(self, total: float, time: float) -> float:
        raise TypeError("shares are known at the looks only")

    def cumulative(self, total: float, times: Sequence[float], planned: Sequence[float]) -> tuple[float, ...]:
        return tuple(total * min(share, 1.0) for share in self.shares)


@design
@dataclass(frozen=True)
class WangTsiatis(Shape):
    """c t^(delta - 1/2) (Wang & Tsiatis 1987, Biometrics 43:193-199)."""

    delta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "delta", between("delta", self.delta, -5, 5, closed=True))

    def bound(self, constant: float, look: int, time: float, last: bool) -> float:
        return float(constant * time ** (self.delta - 0.5))


@design
@dataclass(frozen=True)
class OBrienFleming(Shape):
    """c / sqrt(t) (O'Brien & Fleming 1979, Biometrics 35:549-556)."""

    def bound(self, constant: float, look: int, time: float, last: bool) -> float:
        return constant / sqrt(time)


@design
@dataclass(frozen=True)
class Pocock(Shape):
    """The same c at every look (Pocock 1977, Biometrika 64:191-199)."""

    def bound(self, constant: float, look: int, time: float, last: bool) -> float:
        return constant


@design
@dataclass(frozen=True)
class HaybittlePeto(Shape):
    """A high bound at every look but the last.

    Haybittle 1971, Br J Radiol 44:793-797; Peto et al 1976, Br J Cancer 34:585-612.
    """

    interim: float = 3.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "interim", positive("interim", self.interim))

    def bound(self, constant: float, look: int, time: float, last: bool) -> float:
        return constant if last else self.interim


@design
@dataclass(frozen=True)
class GivenBounds(Rule):
    """Bounds on the scale of Z, one a look; a lower bound may leave the last out, where it meets the upper."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        values = tuple(
            float(value) if value in (inf, -inf) else number(f"values[{look}]", value)
            for look, value in enumerate(self.values, start=1)
        )
        object.__setattr__(self, "values", values)


@design
@dataclass(frozen=True)
class Symmetric(Rule):
    """As a lower bound: the upper with the other sign, so that the trial is two-sided with ``alpha`` on each side."""


@design
@dataclass(frozen=True)
class PampallonaTsiatis(Rule):
    """As a lower bound that meets the upper u at the last look (Pampallona & Tsiatis 1994, J Stat Plan Inference 42:19-35).

    D sqrt(t) - (D - u) t^(delta - 1/2), where D is the mean of the last statistic under the alternative.
    """

    delta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "delta", between("delta", self.delta, -5, 5, closed=True))

    def bound(self, drift: float, last_upper: float, time: float) -> float:
        return float(drift * sqrt(time) - (drift - last_upper) * time ** (self.delta - 0.5))


_NAMES: dict[str, Rule] = {
    **dict.fromkeys(("of", "obf", "obrienfleming"), OBrienFleming()),
    **dict.fromkeys(("p", "pocock"), Pocock()),
    **dict.fromkeys(("hp", "haybittlepeto"), HaybittlePeto()),
    **dict.fromkeys(("ldof", "sfldof", "asof", "bsof", "landemetsof", "landemetsobrienfleming"), LanDeMets("OF")),
    **dict.fromkeys(("ldpocock", "sfldpocock", "asp", "bsp", "landemetspocock"), LanDeMets("Pocock")),
    **dict.fromkeys(("hsd", "sfhsd", "ashsd", "bshsd", "hwangshihdecani"), HwangShihDeCani()),
    "symmetric": Symmetric(),
}
_SHAPED: dict[str, Callable[[float], Rule]] = {
    **dict.fromkeys(("hp", "haybittlepeto"), HaybittlePeto),
    **dict.fromkeys(("hsd", "sfhsd", "ashsd", "bshsd", "hwangshihdecani"), HwangShihDeCani),
    **dict.fromkeys(("power", "sfpower", "askd", "bskd", "kimdemets"), PowerSpending),
    **dict.fromkeys(("wt", "wangtsiatis"), WangTsiatis),
    **dict.fromkeys(("pt", "pampallonatsiatis"), PampallonaTsiatis),
}
"""Rules whose name takes a number."""


def _named(setting: str, value: str) -> Rule:
    number = re.search(r"-?\d+(\.\d+)?|-?\.\d+", value)
    words = value if number is None else value[: number.start()] + value[number.end() :]
    name = "".join(letter for letter in words.lower() if letter.isalpha())
    if number is None and name in _NAMES:
        return _NAMES[name]
    if number is not None and name in _SHAPED:
        return _SHAPED[name](float(number.group()))
    accepted = f"{', '.join(sorted(_NAMES))}; or, with its number as in HSD(-4), {', '.join(sorted(_SHAPED))}"
    raise DesignError(setting, value, f"a rule or one of the names {accepted}")


def rule(setting: str, value: Rule | str | Sequence[float]) -> Rule:
    """A rule as such, by its name (as ``"OF"``, ``"HSD(-4)"``, ``"WT0.25"``), or as bounds on the scale of Z.

    Names are read in either case and without what is neither a letter nor the number. ``"HSD"`` alone is ``HSD(-4)``, ``"HP"``
    alone ``HP(3)``.
    """
    if isinstance(value, Rule):
        return value
    if isinstance(value, str):
        return _named(setting, value)
    try:
        return GivenBounds(tuple(value))
    except TypeError:
        raise DesignError(setting, value, "a rule, its name, or bounds of Z") from None
