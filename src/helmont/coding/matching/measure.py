"""How well auto-coding does on verbatims whose term is known: hits and precision per stage, and how long it takes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from helmont.coding.matching.matcher import SUGGESTED, Entry, Matcher


@dataclass(frozen=True, slots=True)
class Stage:
    """``hits`` of ``of`` verbatims reached this stage and got an answer; ``right`` of the hits are the known term.

    For suggestions ``right`` counts those whose first suggestion is it, ``near`` those that have it among all of them.
    """

    name: str
    of: int
    hits: int
    right: int
    near: int = 0

    @property
    def rate(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.hits if self.hits else 0.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """The stages in order, how many verbatims found nothing, and the seconds for a thousand of them."""

    stages: tuple[Stage, ...]
    verbatims: int
    nothing: int
    seconds_per_thousand: float


def measure(
    matcher: Matcher,
    known: Sequence[tuple[str, str]],
    synonyms: Mapping[str, str],
    answer: Callable[[Entry], str],
) -> Measurement:
    """Code each verbatim of ``known`` (verbatim, truth); ``answer`` tells what of a term is compared with the truth."""
    hits: Counter[str] = Counter()
    right: Counter[str] = Counter()
    near = nothing = 0
    started = time.perf_counter()
    for verbatim, truth in known:
        match = matcher.match(verbatim, synonyms)
        if match is not None:
            hits[match.stage] += 1
            right[match.stage] += answer(match.entry) == truth
            continue
        suggestions = matcher.suggest(verbatim)
        if not suggestions:
            nothing += 1
            continue
        answers = [answer(each.entry) for each in suggestions]
        hits[SUGGESTED] += 1
        right[SUGGESTED] += answers[0] == truth
        near += truth in answers
    seconds = time.perf_counter() - started
    stages, left = [], len(known)
    for name in ("exact", "synonym", "normalised", SUGGESTED):
        stages.append(Stage(name, left, hits[name], right[name], near if name == SUGGESTED else right[name]))
        left -= hits[name]
    return Measurement(tuple(stages), len(known), nothing, seconds / len(known) * 1000 if known else 0.0)
