"""A loaded dictionary in memory: its terms by code, what hangs under what, and the matcher over what is coded to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, lru_cache

from helmont.coding.matching.matcher import Entry, Matcher
from helmont.coding.matching.normal import words
from helmont.coding.models import Dictionary, DictionaryTerm
from helmont.core.errors import NotFound
from helmont.standards.dictionaries import Term, content_hash

PARTED = "\x1f"
MOST_FOUND = 30


class Lexicon:
    """The terms of one version; immutable and shared. Loading takes about a second for 100,000 terms."""

    def __init__(self, levels: Sequence[str], terms: Sequence[Term]) -> None:
        self.levels = tuple(levels)
        self.lowest = self.levels[-1]
        self.terms: dict[tuple[str, str], Term] = {(term.level, term.code): term for term in terms}
        self._under: dict[tuple[str, str], list[Term]] = defaultdict(list)
        above = dict(zip(self.levels[1:], self.levels, strict=False))
        for term in terms:
            for parent in term.parents:
                self._under[above[term.level], parent].append(term)

    def term(self, code: str) -> Term | None:
        """The term of that code among those that are coded to."""
        return self.terms.get((self.lowest, code))

    def under(self, level: str, code: str) -> list[Term]:
        """What hangs under a term, by name; what the broadest level holds, for no code."""
        if not code:
            return sorted((t for t in self.terms.values() if t.level == self.levels[0]), key=lambda t: t.name)
        return sorted(self._under[level, code], key=lambda term: (not term.current, term.name))

    def path(self, term: Term) -> dict[str, dict[str, str]]:
        """Level to code and name of the term and everything above it on its primary path, as a coding keeps it."""
        above = [self.terms[level, code] for level, code in zip(self.levels, term.path, strict=False)]
        return {each.level: {"code": each.code, "name": each.name} for each in [*above, term]}

    @cached_property
    def matcher(self) -> Matcher:
        return Matcher(self._entry(term) for (level, _), term in self.terms.items() if level == self.lowest)

    def _entry(self, term: Term) -> Entry:
        level = self.levels[-2] if len(self.levels) > 1 and len(term.path) == len(self.levels) - 1 else ""
        above = self.terms[level, term.path[-1]] if level else None
        preferred = above.name if above and self._named_above else ""
        return Entry(term.code, term.name, preferred, above.code if above and preferred else term.code, term.current)

    @cached_property
    def _named_above(self) -> bool:
        """Whether the level above names the same things more generally (MedDRA's preferred terms), and is no class of them."""
        return self.levels[-2] in ("PT", "PREFERRED", "DECOD") if len(self.levels) > 1 else False

    def search(self, text: str) -> list[Term]:
        """Terms that hold every word of the text, or its beginning; those that are coded to before the broader ones."""
        asked = words(text)
        if not asked:
            return []
        found = [term for term, own in self._words if all(any(w.startswith(each) for w in own) for each in asked)]
        depth = {level: place for place, level in enumerate(self.levels)}
        found.sort(key=lambda term: (not term.current, -depth[term.level], len(term.name), term.name))
        return found[:MOST_FOUND]

    @cached_property
    def _words(self) -> list[tuple[Term, list[str]]]:
        return [(term, words(term.name)) for term in self.terms.values()]


def stored_terms(content: str) -> list[Term]:
    """The terms that lie in the table under ``content``."""
    rows = DictionaryTerm.objects.filter(content=content)
    return [
        Term(level, code, name, _codes(path), _codes(parents), current, note)
        for level, code, name, path, parents, current, note in rows.values_list(
            "level", "code", "name", "path", "parents", "current", "note"
        ).iterator(chunk_size=5000)
    ]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split(PARTED)) if text else ()


@lru_cache(maxsize=4)
def _lexicon(content: str, levels: str) -> Lexicon:
    return Lexicon(levels.split("/"), stored_terms(content))


def lexicon(dictionary: Dictionary) -> Lexicon:
    """A dictionary's lexicon, from its row; kept in memory, since what was loaded never changes."""
    return _lexicon(dictionary.content, dictionary.levels)


@lru_cache(maxsize=64)
def _place(key: str) -> tuple[str, str]:
    row = Dictionary.objects.filter(key=key).values_list("content", "levels").first()
    if row is None:
        raise NotFound(key)
    return row[0], row[1]


def lexicon_of(key: str) -> Lexicon:
    """The lexicon of a dictionary by its key; raises ``NotFound``."""
    return _lexicon(*_place(key))


def intact(dictionary: Dictionary) -> bool:
    """Whether the terms in the table are those whose hash the ledger holds."""
    return content_hash(stored_terms(dictionary.content)) == dictionary.sha256


def forget() -> None:
    """Let go of what is kept in memory (for tests, which take back what they loaded)."""
    _lexicon.cache_clear()
    _place.cache_clear()
