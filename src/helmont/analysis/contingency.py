"""Counts in tables: chi-square, Fisher's exact test, and Cochran-Mantel-Haenszel over strata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p, prod
from typing import Literal

import numpy as np
from scipy import special

from helmont.analysis.arrays import Floats, Ints, NotComputable, codes, floats
from helmont.analysis.distributions import chi_square_tail
from helmont.analysis.estimates import Test

Scores = Literal["values", "ranks"]
MOST_TABLES, MOST_SHARES = 300_000_000, 3_000_000  # about ten seconds, and 100 MB
TOO_LARGE = "the table is too large for an exact test; take chi-square"


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """The conditional maximum likelihood estimate with exact limits; an odds ratio of 0 or infinity stands as such."""

    estimate: float
    lower: float
    upper: float


def table(
    rows: Sequence[object], columns: Sequence[object], row_levels: Sequence[object], column_levels: Sequence[object]
) -> Ints:
    """Counts (r x c) of two classifications."""
    counts = np.zeros((len(row_levels), len(column_levels)), dtype=np.int64)
    np.add.at(counts, (codes(rows, row_levels, "the rows"), codes(columns, column_levels, "the columns")), 1)
    return counts


def _filled(counts: Ints) -> Ints:
    """The table without rows and columns that nobody is in. Raises ``NotComputable`` when nothing is left to compare."""
    filled: Ints = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(filled.shape, default=0) < 2:
        raise NotComputable("everybody is in one row or one column; there is nothing to compare")
    return filled


def chi_square(counts: Ints) -> Test:
    """Pearson's chi-square without correction for continuity (Pearson 1900)."""
    filled = _filled(counts)
    expected = np.outer(filled.sum(axis=1), filled.sum(axis=0)) / filled.sum()
    statistic, df = float(((filled - expected) ** 2 / expected).sum()), (filled.shape[0] - 1) * (filled.shape[1] - 1)
    return Test(statistic, df, chi_square_tail(statistic, df))


def fisher_exact(counts: Ints) -> float:
    """Two-sided p of Fisher's exact test (Fisher 1935), for tables of any size as Freeman and Halton (1951) extend it.

    The probability, given the margins, of all tables that are no more probable than this one, with R's tolerance of 1e-7. Tables
    are enumerated column by column, those with the same remainder together. Raises ``NotComputable`` for a table that has more
    than ``MOST_TABLES`` others with its margins.
    """
    filled = _filled(counts)
    filled = filled.T if filled.shape[0] > filled.shape[1] else filled
    filled = filled[:, np.argsort(filled.sum(axis=0))]  # the largest columns last: they are worked through as arrays
    rows, columns = tuple(map(int, filled.sum(axis=1))), [int(each) for each in filled.sum(axis=0)]
    factorials = special.gammaln(np.arange(filled.sum() + 1) + 1.0)
    constant = float(factorials[list(rows)].sum() + factorials[columns].sum() - factorials[filled.sum()])
    least = float(factorials[filled].sum()) - log1p(
        1e-7
    )  # tables at least as far from the expected have no smaller sum
    paths: dict[tuple[int, ...], Counter[float]] = {rows: Counter({0.0: 1})}
    for column in columns[:-2]:
        later: dict[tuple[int, ...], Counter[float]] = {}
        for left, weights in paths.items():
            for part in _parts(column, left):
                rest = tuple(sorted((np.array(left) - part).tolist()))
                step, into = float(factorials[part].sum()), later.setdefault(rest, Counter())
                for weight, ways in weights.items():
                    into[round(weight + step, 9)] += ways
        paths = later
    found, looked_at = 0.0, 0.0
    for left, weights in paths.items():
        parts = _parts(columns[-2], left)
        tails = factorials[parts].sum(axis=1) + factorials[np.array(left) - parts].sum(axis=1)
        looked_at += len(tails) * len(weights)
        if looked_at > MOST_TABLES:
            raise NotComputable(TOO_LARGE)
        for weight, ways in weights.items():
            found += ways * float(np.exp(constant - weight - tails[weight + tails >= least]).sum())
    return min(1.0, found)


def odds_ratio(counts: Ints, level: float = 0.95) -> OddsRatio:
    """Conditional odds ratio of a 2 x 2 table with exact limits (Cornfield 1956; Fisher 1962)."""
    if counts.shape != (2, 2):
        raise NotComputable("an odds ratio is of two rows and two columns")
    from scipy.stats import contingency  # slow to load, and rarely asked for

    found = contingency.odds_ratio(counts, kind="conditional")
    limits = found.confidence_interval(level)
    return OddsRatio(float(found.statistic), float(limits.low), float(limits.high))


def general_association(groups: Sequence[object], answers: Sequence[object], strata: Sequence[object]) -> Test:
    """CMH test that some answers are more frequent in some groups, within strata: both nominal (Landis, Heyman and Koch 1978)."""
    levels = sorted(set(answers), key=str)
    indicators = np.eye(len(levels))[codes(answers, levels, "the answers")][:, :-1]
    return _mantel_haenszel(groups, indicators, strata)


def row_mean_scores(
    groups: Sequence[object], scores: object, strata: Sequence[object], kind: Scores = "values"
) -> Test:
    """CMH test that mean scores differ between nominal groups, within strata (Landis, Heyman and Koch 1978).

    ``kind`` "ranks" takes the modified ridit of a score in its stratum instead of the score (van Elteren 1960 for two groups).
    """
    values = floats(scores, "the scores")
    if kind == "ranks":
        values = values.copy()
        for stratum in set(strata):
            here = np.array([each == stratum for each in strata])
            values[here] = _ranks(values[here]) / (here.sum() + 1)
    return _mantel_haenszel(groups, values[:, None], strata)


def _ranks(values: Floats) -> Floats:
    """The ranks of values, counted from 1; equal values share their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (counts.cumsum() - (counts - 1) / 2)[place]
    return ranks


def _mantel_haenszel(groups: Sequence[object], scores: Floats, strata: Sequence[object]) -> Test:
    """Score sums of all groups but the last against what the margins of each stratum let expect, summed over strata."""
    levels = sorted(set(groups), key=str)
    members = np.eye(len(levels))[codes(groups, levels, "the groups")][:, :-1]
    if not members.size or not scores.size:
        raise NotComputable("there is one group or one answer; there is nothing to compare")
    difference = np.zeros(members.shape[1] * scores.shape[1])
    variance = np.zeros((len(difference), len(difference)))
    order = codes(strata, sorted(set(strata), key=str), "the strata")
    for stratum in range(int(order.max()) + 1):
        member, score = members[order == stratum], scores[order == stratum]
        size = len(member)
        if size < 2:
            continue
        away = score - score.mean(axis=0)
        share = member.mean(axis=0)
        difference += (member.T @ away).ravel()
        spread = np.diag(share) - np.outer(share, share)
        variance += np.kron(spread, away.T @ away) * size / (size - 1)
    rank = int(np.linalg.matrix_rank(variance, hermitian=True))
    if not rank:
        raise NotComputable("no stratum has more than one group and more than one answer")
    statistic = float(difference @ np.linalg.pinv(variance, hermitian=True) @ difference)
    return Test(statistic, rank, chi_square_tail(statistic, rank))


def _parts(total: int, limits: tuple[int, ...]) -> Ints:
    """Every way to share ``total`` among places that take at most ``limits``: ways x places."""
    if prod(min(total, limit) + 1 for limit in limits[:-1]) > MOST_SHARES:
        raise NotComputable(TOO_LARGE)
    axes = [np.arange(min(total, limit) + 1) for limit in limits[:-1]]
    shares = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    rest = total - shares.sum(axis=1)
    kept = (rest >= 0) & (rest <= limits[-1])
    return np.column_stack([shares[kept], rest[kept]])
