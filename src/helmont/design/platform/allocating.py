"""Who the next patients are randomised to: the shares of the control and of the open arms."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from helmont.design.nodes import legendre
from helmont.design.platform.analysis import Bools
from helmont.design.platform.posterior import Floats
from helmont.design.platform.settings import Allocation


def shares(
    allocation: Allocation,
    open_arms: Bools,
    *,
    ratio: float,
    tempering: float,
    limits: tuple[float, float],
    better: Floats,
    mean: Floats,
    deviation: Floats,
) -> Floats:
    """Probabilities of shape (trials, 1 + arms), the control first; nothing where no arm is open.

    ``better`` is the probability that an arm is better than the control, ``mean`` and ``deviation`` those of its
    effect; they count in response-adaptive allocation alone, in which the control has the part that ``ratio`` gives it.
    """
    arms = open_arms.sum(axis=1, keepdims=True)
    control = {"equal": np.ones_like(arms, dtype=np.float64), "sqrt": np.sqrt(arms)}.get(allocation, ratio * (arms > 0))
    weights = open_arms / np.maximum(arms, 1)
    if allocation in ("better", "thompson"):
        raw = better if allocation == "better" else best(mean, deviation, open_arms)
        weights = limited(np.where(open_arms, np.maximum(raw, 1e-12) ** tempering, 0.0), open_arms, limits)
    found = np.concatenate([control, weights * arms], axis=1)
    return np.asarray(np.where(arms > 0, found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300), 0.0))


def limited(weights: Floats, open_arms: Bools, limits: tuple[float, float]) -> Floats:
    """Parts that sum to 1 over the open arms, each within the limits: what they take, the open arms share alike.

    Limits that the number of open arms rules out are widened to an equal part.
    """
    arms = np.maximum(open_arms.sum(axis=1, keepdims=True), 1)
    least = np.where(open_arms, np.minimum(limits[0], 1 / arms), 0.0)
    most = np.where(open_arms, np.maximum(limits[1], 1 / arms), 0.0)
    parts = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    low, high = np.full((len(parts), 1), -1.0), np.full((len(parts), 1), 1.0)
    for _ in range(50):
        shift = (low + high) / 2
        over = np.clip(parts + shift, least, most).sum(axis=1, keepdims=True) > 1
        low, high = np.where(over, low, shift), np.where(over, shift, high)
    found = np.clip(parts + high, least, most)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300))


def best(mean: Floats, deviation: Floats, open_arms: Bools) -> Floats:
    """The probability that each open arm has the largest effect, for independent normal effects."""
    nodes, weights = legendre(48)
    t = 7 * nodes
    mass = np.exp(-(t**2) / 2) * weights
    mass = mass / mass.sum()
    found = np.zeros_like(mean)
    for arm in range(mean.shape[1]):
        at = mean[:, arm, None] + deviation[:, arm, None] * t
        product = np.ones_like(at)
        for other in range(mean.shape[1]):
            if other != arm:
                below = ndtr((at - mean[:, other, None]) / deviation[:, other, None])
                product *= np.where(open_arms[:, other, None], below, 1.0)
        found[:, arm] = np.where(open_arms[:, arm], product @ mass, 0.0)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300))


def dealt(random: np.random.Generator, probabilities: Floats, patients: int, blocks: bool) -> Floats:
    """How many of the next patients each arm gets: their parts rounded at random (``blocks``), or drawn one by one."""
    total = probabilities.sum(axis=1, keepdims=True)
    if blocks:
        ends = np.cumsum(probabilities, axis=1) * patients
        start = random.random((len(probabilities), 1)) * (1 - 1e-9)
        whole = np.floor(np.round(ends, 9) + start)
        return np.asarray(np.diff(whole, axis=1, prepend=0.0) * (total > 0))
    given = np.where(total > 0, probabilities, 0.0)
    given[:, 0] += (total == 0)[:, 0]
    counts = random.multinomial(patients, given / given.sum(axis=1, keepdims=True)).astype(np.float64)
    return np.asarray(counts * (total > 0))
