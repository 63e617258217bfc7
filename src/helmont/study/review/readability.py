"""How hard a text is to read, by the reading ease formula of its language.

All give about 100 for the easiest and 0 for the hardest texts. Words a sentence is ASL, syllables a word ASW:

* English: Flesch, R. (1948), A new readability yardstick: 206.835 - 1.015 ASL - 84.6 ASW.
* Dutch: Douma, W. H. (1960), De leesbaarheid van landbouwbladen: 206.84 - 0.93 ASL - 77 ASW.
* French: Kandel, L. and Moles, A. (1958), Application de l'indice de Flesch à la langue française: 207 - 1.015 ASL - 73.6 ASW.
* German: Amstad, T. (1978), Wie verständlich sind unsere Zeitungen?: 180 - ASL - 58.5 ASW.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helmont.study.model import Study
from helmont.study.review.findings import Finding, Values
from helmont.study.text import Text

PLAIN = 60
"""Below this Flesch's scale calls a text fairly difficult; it is the usual mark for texts to the public."""
FEWEST_WORDS = 30
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_VOWELS = {
    "en": re.compile(r"[aeiouy]+"),
    "nl": re.compile(r"ij|[aeiouyáàâäéèêëíìîïóòôöúùûü]+"),
    "fr": re.compile(r"[aeiouyàâäéèêëîïôöùûüÿœæ]+"),
    "de": re.compile(r"ie|eu|äu|ei|au|ai|[aeiouyäöü]"),
}
_FORMULAS = {
    "en": ("Flesch 1948", 206.835, 1.015, 84.6),
    "nl": ("Flesch-Douma 1960", 206.84, 0.93, 77.0),
    "fr": ("Kandel-Moles 1958", 207.0, 1.015, 73.6),
    "de": ("Amstad 1978", 180.0, 1.0, 58.5),
}


@dataclass(frozen=True, slots=True)
class Readability:
    """The score of a text (higher is easier), what it was made of, and by which formula."""

    score: float
    words: int
    words_per_sentence: float
    syllables_per_word: float
    formula: str


def readability(text: str, language: str) -> Readability | None:
    """The reading ease of a text; None for a language without a formula here, or a text without words."""
    known = _FORMULAS.get(language.partition("-")[0])
    words = _WORD.findall(text)
    if known is None or not words:
        return None
    sentences = max(1, sum(1 for part in _SENTENCE.split(text) if _WORD.search(part)))
    length = len(words) / sentences
    per_word = sum(syllables(word, language.partition("-")[0]) for word in words) / len(words)
    name, base, by_length, by_syllables = known
    return Readability(base - by_length * length - by_syllables * per_word, len(words), length, per_word, name)


def syllables(word: str, language: str) -> int:
    """Syllables by groups of vowels, at least one; the silent e at the end of English and French words is none."""
    low = word.lower()
    count = len(_VOWELS[language].findall(low))
    if language == "en" and count > 1 and re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$", low):
        count -= 1
    if language == "fr" and count > 1 and re.search(r"[^aeiouyàâäéèêëîïôöùûü](e|es)$", low):
        count -= 1
    return max(1, count)


def readability_findings(study: Study) -> Iterator[Finding]:
    """What participants are given to read, in each language of it."""
    texts: list[tuple[str, Text]] = [
        (f"protocol.participant_texts[{each.id}]", each.text) for each in study.protocol.participant_texts
    ]
    if study.public_title is not None:
        texts.append(("public_title", study.public_title))
    if not texts:
        yield Finding("NO_TEXTS_FOR_PARTICIPANTS", "protocol.participant_texts")
    for place, text in texts:
        for language, words in text.by_language.items():
            found = readability(words, language)
            if found is None:
                yield Finding("TEXT_WITHOUT_FORMULA", place, {"language": language})
            elif found.words < FEWEST_WORDS:
                yield Finding("TEXT_TOO_SHORT", place, {"language": language, "count": found.words})
            elif found.score < PLAIN:
                values: Values = {
                    "language": language,
                    "score": round(found.score),
                    "words": f"{found.words_per_sentence:.1f}",
                    "syllables": f"{found.syllables_per_word:.2f}",
                    "formula": found.formula,
                }
                yield Finding("TEXT_HARD_TO_READ", place, values)
