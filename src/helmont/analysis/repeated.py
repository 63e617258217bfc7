"""The restricted likelihood of repeated measures, with its derivatives by the parameters of the covariance.

y = X b + e, where the errors of one participant have the covariance's rows and columns of the visits that were made, and those of
different participants are independent. Minus twice the restricted log-likelihood, as SAS PROC MIXED states it:

    f = log|V| + log|X'V^-1 X| + y'Py + (n - p) log 2 pi,     P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1

Participants with the same visits are worked through together: what their designs add up to does not depend on the covariance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np

from helmont.analysis.arrays import Floats, Ints, NotComputable
from helmont.analysis.covariance import Structure


@dataclass(frozen=True)
class Pattern:
    """The participants (g) who made these visits (k): design g x k x p, response g x k, products summed k x k x p x p."""

    visits: Ints
    matrix: Floats
    response: Floats
    products: Floats


def patterns(matrix: Floats, response: Floats, subject: Ints, visit: Ints) -> list[Pattern]:
    """Gather participants by their visits. Raises ``NotComputable`` when one has a visit twice."""
    order = np.lexsort((visit, subject))
    gathered: dict[tuple[int, ...], list[Ints]] = {}
    for rows in np.split(order, np.flatnonzero(np.diff(subject[order])) + 1):
        made = tuple(int(place) for place in visit[rows])
        if len(set(made)) < len(made):
            raise NotComputable("a participant has more than one value at a visit")
        gathered.setdefault(made, []).append(rows)
    found = []
    for made, each in sorted(gathered.items()):
        design = matrix[np.stack(each)]
        products = np.tensordot(design, design, axes=(0, 0)).transpose(0, 2, 1, 3)
        found.append(Pattern(np.array(made), design, response[np.stack(each)], products))
    return found


class RestrictedLikelihood:
    """The likelihood at some parameters: the fixed effects that belong to them, and derivatives.

    Raises ``numpy.linalg.LinAlgError`` when the parameters give no covariance.
    """

    def __init__(self, found: list[Pattern], structure: Structure, parameters: Floats, visits: int) -> None:
        self.structure, self.parameters, self.visits = structure, parameters, visits
        self.covariance: Floats = structure.covariance(parameters, visits)
        self._patterns = found
        self._inverses: list[Floats] = []
        score: Floats = np.zeros(())
        determinant, size = 0.0, 0
        for each in found:
            part = self.covariance[np.ix_(each.visits, each.visits)]
            determinant += 2 * len(each.response) * float(np.log(np.diag(np.linalg.cholesky(part))).sum())
            inverse = np.linalg.inv(part)
            self._inverses.append(inverse)
            score = score + np.tensordot(each.matrix, each.response @ inverse, axes=((0, 1), (0, 1)))
            size += each.response.size
        information = self._summed(self._inverses)
        self.fixed_covariance: Floats = np.linalg.inv(information)
        self.coefficients: Floats = self.fixed_covariance @ score
        rests = [each.response - each.matrix @ self.coefficients for each in found]
        self._pulled = [rest @ inverse for rest, inverse in zip(rests, self._inverses, strict=True)]  # V^-1 r
        fit = sum(float((rest * pulled).sum()) for rest, pulled in zip(rests, self._pulled, strict=True))
        fixed = 2 * float(np.log(np.diag(np.linalg.cholesky(information))).sum())
        self.value = determinant + fixed + fit + (size - len(self.coefficients)) * log(2 * pi)
        self._moves = structure.first(parameters, visits)

    def gradient(self) -> Floats:
        """Derivatives of ``value`` (k)."""
        traces, forms = np.zeros(len(self._moves)), np.zeros(len(self._moves))
        for each, inverse, pulled in zip(self._patterns, self._inverses, self._pulled, strict=True):
            cut = self._moves[:, each.visits[:, None], each.visits]
            traces += len(pulled) * np.tensordot(cut, inverse, axes=2)
            forms += np.tensordot(cut, pulled.T @ pulled, axes=2)
        return traces - np.tensordot(self.middles(), self.fixed_covariance, axes=2) - forms

    def middles(self) -> Floats:
        """X'V^-1 V_i V^-1 X (k x p x p): what the fixed effects' information loses as a parameter grows."""
        return self._summed([inverse @ cut @ inverse for inverse, cut in self._cuts()])

    def outer(self) -> Floats:
        """X'V^-1 V_i V^-1 V_j V^-1 X (k x k x p x p)."""
        return self._summed(
            [(inverse @ cut)[:, None] @ (inverse @ cut @ inverse)[None] for inverse, cut in self._cuts()]
        )

    def expected(self) -> Floats:
        """The expected Hessian of ``value`` (k x k)."""
        count = len(self._moves)
        pairs = np.zeros((count, count))
        for each, (inverse, cut) in zip(self._patterns, self._cuts(), strict=True):
            swept = inverse @ cut
            pairs += len(each.response) * np.tensordot(swept, swept, axes=((1, 2), (2, 1)))
        crossed = self.fixed_covariance @ self.middles()
        doubled = np.tensordot(self.outer(), self.fixed_covariance, axes=2)
        found: Floats = pairs - 2 * doubled + np.tensordot(crossed, crossed, axes=((1, 2), (2, 1)))
        return found

    def bends(self) -> Floats:
        """X'V^-1 V_ij V^-1 X (k x k x p x p), of the covariance's second derivatives."""
        second = self.structure.second(self.parameters, self.visits)
        return self._summed(
            [
                inverse @ second[:, :, each.visits[:, None], each.visits] @ inverse
                for each, inverse in zip(self._patterns, self._inverses, strict=True)
            ]
        )

    def hessian(self) -> Floats:
        """The observed Hessian of ``value`` (k x k)."""
        second = self.structure.second(self.parameters, self.visits)
        count = len(self._moves)
        curved, squares = np.zeros((count, count)), np.zeros((count, count))
        carried = np.zeros((count, len(self.coefficients)))
        for each, (inverse, cut), pulled in zip(self._patterns, self._cuts(), self._pulled, strict=True):
            bow = second[:, :, each.visits[:, None], each.visits]
            curved += np.tensordot(bow, len(pulled) * inverse - pulled.T @ pulled, axes=2)
            moved = pulled @ cut  # i x g x k
            squares += np.einsum("igk,jgk->ij", moved @ inverse, moved, optimize=True)
            carried += np.tensordot(moved @ inverse, each.matrix, axes=((1, 2), (0, 1)))
        curved -= np.tensordot(self.bends(), self.fixed_covariance, axes=2)
        squares -= carried @ self.fixed_covariance @ carried.T
        found: Floats = curved - self.expected() + 2 * squares
        return found

    def _cuts(self) -> list[tuple[Floats, Floats]]:
        """For each pattern V^-1 and the derivatives of V."""
        cuts = [self._moves[:, each.visits[:, None], each.visits] for each in self._patterns]
        return list(zip(self._inverses, cuts, strict=True))

    def _summed(self, weights: list[Floats]) -> Floats:
        """X'WX summed over the participants; ``weights`` has for each pattern ... x k x k."""
        return sum(
            (np.tensordot(weight, each.products, axes=2) for weight, each in zip(weights, self._patterns, strict=True)),
            start=np.zeros(()),
        )
