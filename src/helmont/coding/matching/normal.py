"""What makes two writings of a term the same: case, accents, punctuation, British or American spelling, plural, order."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# British spelling to American, applied to single words in small letters. Each pair is safe within medical vocabulary: no
# word of the first form means something else than the same word in the second.
_SPELLING = (
    ("haem", "hem"),
    ("oedema", "edema"),
    ("oesoph", "esoph"),
    ("oestr", "estr"),
    ("diarrhoea", "diarrhea"),
    ("rrhoea", "rrhea"),
    ("pnoea", "pnea"),
    ("anaem", "anem"),
    ("aemia", "emia"),
    ("anaesth", "anesth"),
    ("aesthes", "esthes"),
    ("aetiol", "etiol"),
    ("paed", "ped"),
    ("gynaec", "gynec"),
    ("caec", "cec"),
    ("faec", "fec"),
    ("foet", "fet"),
    ("leucocyt", "leukocyt"),
    ("leucopen", "leukopen"),
    ("tumour", "tumor"),
    ("colour", "color"),
    ("odour", "odor"),
    ("behaviour", "behavior"),
    ("labour", "labor"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("centre", "center"),
    ("sulph", "sulf"),
    ("coeliac", "celiac"),
    ("ischaem", "ischem"),
    ("mould", "mold"),
    ("isation", "ization"),
    ("ysed", "yzed"),
    ("ise", "ize"),
)
_LITTLE = frozenset({"a", "an", "the", "of", "in", "on", "at", "to", "for"})
_POSSESSIVE = re.compile(r"['’]s\b")
_NOT_WORD = re.compile(r"[^a-z0-9%+]+")


@lru_cache(maxsize=200_000)
def _word(word: str) -> str:
    for british, american in _SPELLING:
        if british == "ise":
            if len(word) > 6 and word.endswith(("ise", "ised")):
                word = word.replace("ise", "ize")
        else:
            word = word.replace(british, american)
    return _singular(word)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "ous")):
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")) and not word.endswith("aches"):
        return word[:-2]
    return word[:-1]


def words(text: str) -> list[str]:
    """The words of a term in their order, each in its one spelling, little words left out (unless there are no others)."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() if not text.isascii() else text
    found = [_word(word) for word in _NOT_WORD.split(_POSSESSIVE.sub("", plain.lower())) if word]
    return [word for word in found if word not in _LITTLE] or found


def normal(text: str) -> str:
    """The form in which two writings of the same term are equal: its words, sorted. Empty for a text without words."""
    return " ".join(sorted(words(text)))
