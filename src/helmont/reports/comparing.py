"""A table of ours against the same table as it was published, word by word.

In a published table whose figures are masked an ``x`` stands for a digit: there the shape of every figure must be the same (how
many digits, which sign, nothing or something in a place).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_PAGE = re.compile(r"^(?:--- .* ---|\f.*)$|^Protocol: |^CDISC Pilot ")
_SPACE = re.compile(r"\s+")
_SHAPE = re.compile(r"[^A-Za-wyz]*\d?[^A-Za-wyz]*|\(+N=[\dx]+\)", re.ASCII)
_END = re.compile(r"^(?:Source: |NOTES?: |Note: |Note that|\[1\] [A-Z][\w'-]* [a-z]|End of treatment is)")


@dataclass(frozen=True)
class Difference:
    """Where the two say something else: in words around it, what was published and what is ours."""

    published: str
    ours: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """``figures`` is how many the published table has (masked ones are counted), ``equal`` how many of them are ours as well."""

    figures: int
    equal: int
    ours: int
    differences: tuple[Difference, ...]
    pages: tuple[int, ...] = ()
    our_pages: tuple[int, ...] = ()


def compare(published: str, ours: str) -> Comparison:
    """Compare two tables as text; headings repeated on later pages, notes and sources are left out."""
    masked = "xx" in published
    theirs, mine = _words(published), _words(ours)
    left, right = [_key(word, masked) for word in theirs], [_key(word, masked) for word in mine]
    equal, differences = 0, []
    for what, first, last, start, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            for one, other in zip(theirs[first:last], mine[start:end], strict=True):
                if _fits(one, other):
                    equal += is_figure(one)
                else:
                    differences.append(Difference(one, other, " ".join(theirs[max(0, first - 4) : first])))
        else:
            differences.append(
                Difference(
                    " ".join(theirs[first:last]), " ".join(mine[start:end]), " ".join(theirs[max(0, first - 4) : first])
                )
            )
    counts = [sum(map(is_figure, words)) for words in (theirs, mine)]
    pages, our_pages = (tuple(len(page) for page in _pages(text)) for text in (published, ours))
    return Comparison(counts[0], equal, counts[1], tuple(differences), pages, our_pages)


def is_figure(word: str) -> bool:
    """Whether the word is a number, perhaps masked, with its signs and brackets."""
    return bool(_SHAPE.fullmatch(word)) and bool(re.search(r"[\dx]", word))


def _key(word: str, masked: bool) -> str:
    return re.sub(r"\d", "x", word) if masked and is_figure(word) else word


def _fits(published: str, ours: str) -> bool:
    """Character by character, where an x of the published word is any digit."""
    if not is_figure(published):
        return published == ours
    return len(published) == len(ours) and all(
        one == other or (one == "x" and other.isdigit()) for one, other in zip(published, ours, strict=True)
    )


def _words(text: str) -> list[str]:
    """The words of the body, and of the heading once."""
    pages = _pages(text)
    words: list[str] = []
    for number, page in enumerate(pages):
        lines = [line for line in page if line]
        if number:
            first = [line for line in pages[0] if line]
            same = 0
            while same < min(len(lines), len(first)) and lines[same] == first[same]:
                same += 1
            lines = lines[same:]
        words += [word for line in lines for word in line.split(" ")]
    return words


def _pages(text: str) -> list[list[str]]:
    """The lines of each page from the column headings to the notes, with single blanks."""
    pages: list[list[str]] = []
    state = "before"
    for raw in text.splitlines():
        line = _normal(raw)
        if _PAGE.match(raw):
            state = "title"
            if not raw.startswith("---") and raw != "\f":
                pages.append([])
        elif state == "title" and not line:
            state = "body"
        elif state == "body" and _END.match(line):
            state = "notes"
        elif state == "body":
            pages[-1].append(line)
    for page in pages:
        while page and not page[-1]:
            page.pop()
    return pages


def _normal(raw: str) -> str:
    line = re.sub(r"([(\[])\s+", r"\1", raw)
    line = re.sub(r"(?<=[\dx])\(", " (", line)
    line = re.sub(r"\(\(N=", "(N=", line)
    return _SPACE.sub(" ", line).strip()
