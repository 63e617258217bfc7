"""Finding the term for a verbatim: as written, normalised, by the study's own decisions; else suggestions for a person.

Only a match that leaves one current term is decided by itself. Suggestions never are.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log

from rapidfuzz import fuzz

from helmont.coding.matching.normal import normal, words

EXACT, NORMALISED, SYNONYM, SUGGESTED, MANUAL = STAGES = ("exact", "normalised", "synonym", "suggested", "manual")
DECIDED = frozenset({EXACT, NORMALISED, SYNONYM})
LEAST_SCORE = 50  # below it a suggestion shares little more than letters
_RARE_GRAMS = 14  # trigrams of a verbatim by which candidates are found, the rarest first
_CANDIDATES = 30
_MOST_LOOKED_AT = 4000  # places of those trigrams; the rarest, which come first, tell the most


@dataclass(frozen=True, slots=True)
class Entry:
    """A term that verbatims are coded to. ``preferred`` is the name one level up, where that is another."""

    code: str
    name: str
    preferred: str = ""
    group: str = ""  # code one level up: two terms of one group are the same choice for an analysis
    current: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """A term decided on, and by which stage."""

    entry: Entry
    stage: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term a person may choose; ``score`` from 0 to 100, and why: the words it shares, lacks and adds."""

    entry: Entry
    score: int
    by_preferred: bool
    shared: tuple[str, ...]
    lacking: tuple[str, ...]
    added: tuple[str, ...]


class Matcher:
    """The terms of one dictionary, indexed. Safe to share between threads."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: dict[str, Entry] = {}
        self._exact: dict[str, list[Entry]] = defaultdict(list)
        self._normal: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.entries[entry.code] = entry
            if not entry.current:
                continue
            self._exact[entry.name].append(entry)
            self._normal[normal(entry.name)].append(entry)

    @cached_property
    def _index(self) -> tuple[list[tuple[str, Entry, bool]], dict[str, array[int]]]:
        """Every text that may be suggested, and where each trigram occurs among them; made when first asked for."""
        texts: list[tuple[str, Entry, bool]] = []
        grams: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for entry in self.entries.values():
            if not entry.current:
                continue
            for text, by_preferred in ((entry.name, False), (entry.preferred, True)):
                if text and not (by_preferred and text == entry.name):
                    plain = " ".join(words(text))
                    for gram in _grams(plain):
                        grams[gram].append(len(texts))
                    texts.append((plain, entry, by_preferred))
        return texts, dict(grams)

    def match(self, verbatim: str, synonyms: Mapping[str, str]) -> Match | None:
        """The term that the verbatim stands for, when that is beyond doubt.

        ``synonyms`` holds the study's decisions: normalised verbatim to code. They come before the dictionary's own
        normalised names, since a person made them for this study.
        """
        if found := _only(self._exact.get(verbatim.strip(), ())):
            return Match(found, EXACT)
        key = normal(verbatim)
        if not key:
            return None
        decided = self.entries.get(synonyms.get(key, ""))
        if decided is not None and decided.current:
            return Match(decided, SYNONYM)
        if found := _only(self._normal.get(key, ())):
            return Match(found, NORMALISED)
        return None

    def suggest(self, verbatim: str, most: int = 9) -> list[Suggestion]:
        """The likeliest terms, best first: half the words they share (token set ratio), half the trigrams (Dice).

        A trigram weighs the more, the fewer terms have it: "disease" says little, "alzheimer" much.
        """
        plain = " ".join(words(verbatim))
        own = _grams(plain)
        texts = self._index[0]
        best: dict[str, tuple[float, bool, str, Entry]] = {}
        for number in self._candidates(own):
            text, entry, by_preferred = texts[number]
            score = (fuzz.token_set_ratio(plain, text) + self._dice(own, _grams(text))) / 2
            if entry.code not in best or score > best[entry.code][0]:
                best[entry.code] = (score, by_preferred, text, entry)
        ranked = sorted(best.values(), key=lambda found: (-found[0], found[1], found[3].name))
        return [_explain(plain, *found) for found in ranked[:most] if round(found[0]) >= LEAST_SCORE]

    @cached_property
    def _weights(self) -> dict[str, float]:
        texts, places = self._index
        return {gram: log((len(texts) + 1) / len(at)) for gram, at in places.items()}

    def _dice(self, own: frozenset[str], other: frozenset[str]) -> float:
        """What two sets of trigrams share, from 0 to 100, each trigram by its weight."""
        weights, unknown = self._weights, log(len(self._index[0]) + 1)
        shared = sum(weights[gram] for gram in own & other)
        whole = sum(weights.get(gram, unknown) for gram in own) + sum(weights[gram] for gram in other)
        return 200 * shared / whole if whole else 0.0

    def _candidates(self, own: frozenset[str]) -> list[int]:
        """Texts that share the most telling trigrams with the verbatim."""
        places = self._index[1]
        known = sorted((len(places[gram]), gram) for gram in own if gram in places)
        weights: dict[int, float] = defaultdict(float)
        looked_at = 0
        for count, gram in known[:_RARE_GRAMS]:
            if weights and looked_at + count > _MOST_LOOKED_AT:
                break
            looked_at += count
            weight = self._weights[gram]
            for number in places[gram]:
                weights[number] += weight
        if len(weights) <= _CANDIDATES:
            return list(weights)
        return sorted(weights, key=weights.__getitem__, reverse=True)[:_CANDIDATES]


def _only(found: Sequence[Entry]) -> Entry | None:
    """The one term among those found; of several in one group the one that is named as the group, else none."""
    if len(found) == 1:
        return found[0]
    if not found or len({entry.group for entry in found}) > 1:
        return None
    return next((entry for entry in found if not entry.preferred or entry.name == entry.preferred), None)


@lru_cache(maxsize=20_000)
def _grams(text: str) -> frozenset[str]:
    """Trigrams of each word with its edges, so that the beginning and the end of a word weigh as well."""
    padded = [f" {word} " for word in text.split()]
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def _explain(plain: str, score: float, by_preferred: bool, text: str, entry: Entry) -> Suggestion:
    given, there = plain.split(), text.split()
    return Suggestion(
        entry,
        round(score),
        by_preferred,
        tuple(word for word in there if word in given),
        tuple(word for word in given if word not in there),
        tuple(word for word in there if word not in given),
    )
