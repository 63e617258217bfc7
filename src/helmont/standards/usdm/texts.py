"""Texts in the languages of the study: the source language in USDM's own attributes, the others beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helmont.standards.usdm.document import Thing
from helmont.standards.usdm.markup import plain
from helmont.study.text import Text


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads texts of one document; ``languages[0]`` is that of USDM's own attributes."""

    languages: tuple[str, ...]

    def of(self, thing: Thing, *names: str, fallback: str = "") -> Text:
        """The text of the first attribute that has one, with the translations that an export of ours kept beside it."""
        value = plain(thing.text(*names), thing) or fallback
        return self.with_translations(thing, names[0], value)

    def maybe(self, thing: Thing | None, *names: str) -> Text | None:
        """As ``of``, or None when there is no such text."""
        if thing is None or not plain(thing.text(*names), thing):
            return None
        return self.of(thing, *names)

    def with_translations(self, thing: Thing, name: str, value: str) -> Text:
        kept = thing.extension(f"text:{name}")
        found: dict[str, Any] = kept if isinstance(kept, dict) else {}
        source = self.languages[0]
        texts = {source: _words(found.get(source)) or value}
        texts |= {code: words for code in self.languages[1:] if (words := _words(found.get(code)))}
        return Text(texts)

    def plain(self, words: str) -> Text:
        return Text({self.languages[0]: words})


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
