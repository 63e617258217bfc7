"""R's default random numbers, so that a simulation in R can be replayed draw for draw.

The generator is the Mersenne Twister MT19937 (Matsumoto & Nishimura 1998, ACM Transactions on Modeling and Computer Simulation
8:3-30) that numpy has as well; what is R's own is how ``set.seed`` fills its 624 words, that one 32-bit word makes one uniform
number, and which uniforms a binomial number or a permutation takes. The kinds are those of R 3.6 and later: "Mersenne-Twister",
"Inversion", "Rejection".
"""

from __future__ import annotations

from math import ceil, log2

import numpy as np
from numpy.typing import NDArray
from scipy import special

from helmont.design.checking import DesignError, count, probability

WORDS = 624
LEAST = 2.328306437080797e-10
"""Half of R's resolution: uniforms are kept off 0 and 1."""
INVERSION_BELOW = 30.0
"""Expected successes up to which binomial numbers come by inversion (Kachitvichyanukul & Schmeiser 1988, CACM 31:216-222)."""


class RRandom:
    """The stream that follows ``set.seed(seed)`` in R."""

    def __init__(self, seed: int) -> None:
        word = count("seed", seed, -(2**31) + 1, 2**31 - 1) % 2**32
        for _ in range(50):  # R scrambles the seed before it fills the state
            word = (69069 * word + 1) % 2**32
        words = []
        for _ in range(WORDS + 1):  # the first is the place in the state, which a new seed puts at the end
            word = (69069 * word + 1) % 2**32
            words.append(word)
        self._twister = np.random.MT19937()
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {"key": np.array(words[1:], dtype=np.uint32), "pos": WORDS},
        }
        self._normals = 2.0**27

    def uniform(self, size: int) -> NDArray[np.float64]:
        """``runif(size)``: numbers strictly between 0 and 1."""
        words = self._twister.random_raw(size).astype(np.float64)
        return np.clip(words * 2.3283064365386963e-10, LEAST, 1.0 - LEAST)

    def normal(self, size: int) -> NDArray[np.float64]:
        """``rnorm(size)``: each takes two uniforms, the first for the leading 27 bits (Wichura 1988, AS 241, inverts them)."""
        pairs = self.uniform(2 * size).reshape(size, 2)
        joined = np.floor(self._normals * pairs[:, 0]) + pairs[:, 1]
        return np.asarray(special.ndtri(joined / self._normals), dtype=np.float64)

    def binomial(self, size: int, trials: int, p: float) -> NDArray[np.int64]:
        """``rbinom(size, trials, p)`` by inversion. Raises ``DesignError`` where R would not invert (30 expected or more)."""
        probability("p", p, closed=True)
        rare = min(p, 1 - p)
        if trials * rare >= INVERSION_BELOW:
            raise DesignError("trials", trials, f"below {INVERSION_BELOW / rare:g} for p = {p:g}")
        if trials == 0 or rare == 0:
            return np.full(size, trials if p == 1 else 0)
        return np.array([self._inverted(trials, p, rare) for _ in range(size)], dtype=np.int64)

    def _inverted(self, trials: int, p: float, rare: float) -> int:
        odds = rare / (1 - rare)
        while True:
            left, mass, found = float(self.uniform(1)[0]), (1 - rare) ** trials, 0
            while found <= 110:
                if left < mass:
                    return trials - found if p > 0.5 else found
                left -= mass
                found += 1
                mass *= odds * (trials + 1) / found - odds

    def permutation(self, size: int) -> NDArray[np.int64]:
        """``sample(size)``: the numbers 1 to ``size``, each drawn from those that remain, the last of which fills the gap."""
        rest = list(range(1, size + 1))
        drawn = []
        while rest:
            place = self.below(len(rest))
            drawn.append(rest[place])
            rest[place] = rest[-1]
            rest.pop()
        return np.array(drawn, dtype=np.int64)

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1: as many random bits as it needs, anew until they fit ("Rejection")."""
        bits = ceil(log2(limit)) if limit > 1 else 0
        while True:
            found = 0
            for _ in range(0, bits + 1, 16):
                found = found * 65536 + int(self.uniform(1)[0] * 65536)
            found &= (1 << bits) - 1
            if found < limit:
                return found
