"""Texts shown to people, in the languages of the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """One text per language. The first is the source: what is shown, visibly, where a translation is missing."""

    by_language: Mapping[str, str] = field(default_factory=dict)

    def get(self, language: str) -> tuple[str, bool]:
        """The text in ``language``, and whether the source language had to stand in for it."""
        found = self.by_language.get(language)
        if found is not None:
            return found, False
        return next(iter(self.by_language.values()), ""), True

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.by_language)

    def __str__(self) -> str:
        return next(iter(self.by_language.values()), "")

    def __hash__(self) -> int:
        return hash(tuple(self.by_language.items()))
