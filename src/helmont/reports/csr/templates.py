"""The words of a report: ``report/*.md`` of a study package.

``# 10.1`` begins a section of ICH E3 (its title is E3's), blank lines part paragraphs, ``-`` begins an item of a list, and
``{{ … }}`` is a binding: ``{{ result("14-1.01", "ITT", "n", "PBO", ".0") }}``, ``{{ said("Week 24") }}``.

Nobody types a number: a digit outside a binding, and a number in words, is an error. What a binding may be, see ``bindings``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helmont.reports.csr.outline import SECTIONS
from helmont.study.faults import Fault, one_of

FOLDER = "report"
_BINDING = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_SECTION = re.compile(r"#\s*(\d+(?:\.\d+)*)\s*")
_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|half|twice|thrice|dozen)\b",
    re.IGNORECASE,
)
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Binding:
    """A call: its name and its arguments."""

    name: str
    arguments: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, or an item of a list: texts and bindings in order."""

    parts: tuple[str | Binding, ...]
    item: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Template:
    """The passages of each section by its number."""

    sections: dict[str, tuple[Passage, ...]]


def read_templates(package: Path) -> tuple[Template, list[Fault]]:
    """The words of a study package and everything that is wrong with them."""
    sections: dict[str, tuple[Passage, ...]] = {}
    faults: list[Fault] = []
    for path in sorted((package / FOLDER).glob("*.md")):
        name = f"{FOLDER}/{path.name}"
        data = path.read_bytes()
        try:
            text = data.decode() if len(data) <= MOST_BYTES else ""
        except UnicodeDecodeError:
            text = ""
        if not text.strip():
            faults.append(Fault(name, 0, "", "no text that can be read", f"UTF-8, at most {MOST_BYTES:,} bytes"))
        for number, passages in _sections(text, name, faults):
            if number in sections:
                faults.append(
                    Fault(
                        name, passages[0].line if passages else 0, number, "the section is written twice", "each once"
                    )
                )
            sections[number] = (*sections.get(number, ()), *passages)
    return Template(sections), faults


def _sections(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[str, tuple[Passage, ...]]]:
    number, passages, lines, began = "", list[Passage](), list[str](), 0

    def close() -> None:
        if lines:
            passages.append(_passage("\n".join(lines), file, began, faults))
            lines.clear()

    for place, line in enumerate([*text.splitlines(), ""], 1):
        heading = _SECTION.fullmatch(line)
        if heading or not line.strip() or line.lstrip().startswith("- "):
            close()
        if heading:
            if number:
                yield number, tuple(passages)
            number, passages = heading[1], []
            if number not in SECTIONS:
                message = f"{number} is no section that is written"
                faults.append(Fault(file, place, "", message, one_of([*SECTIONS], number)))
        elif line.strip():
            if not number:
                faults.append(
                    Fault(file, place, "", "words before any section", "# and the number of a section of ICH E3")
                )
                number = "13"
            began = began if lines else place
            lines.append(line.strip())
    if number:
        yield number, tuple(passages)


def _passage(text: str, file: str, line: int, faults: list[Fault]) -> Passage:
    item = text.startswith("- ")
    text = text[2:] if item else text
    parts: list[str | Binding] = []
    place = 0
    for found in _BINDING.finditer(text):
        parts.append(_plain(text[place : found.start()], text, file, line, faults))
        bound = _binding(found[1].strip(), file, line + text.count("\n", 0, found.start()), faults)
        if bound is not None:
            parts.append(bound)
        place = found.end()
    parts.append(_plain(text[place:], text, file, line, faults))
    return Passage(tuple(part for part in parts if part != ""), item, file, line)


def _plain(part: str, whole: str, file: str, line: int, faults: list[Fault]) -> str:
    """Words without a number; one is a finding."""
    at = line + whole.count("\n", 0, max(whole.find(part), 0))
    accepted = "a binding, such as {{ result(…) }} or {{ said(…) }}"
    for found in re.finditer(r"\S*\d\S*", part):
        faults.append(Fault(file, at, found[0][:40], "a number typed by hand", accepted))
    for found in _WORDS.finditer(part):
        faults.append(Fault(file, at, found[0], "a number typed by hand, in words", accepted))
    if "{{" in part or "}}" in part:
        faults.append(Fault(file, at, "", "braces that begin or end no binding", accepted))
    return part.replace("\n", " ")


def _binding(text: str, file: str, line: int, faults: list[Fault]) -> Binding | None:
    """A call with texts: ``result("14-1.01", "ITT", "n", "PBO")``."""
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        call = None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.keywords:
        given = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if len(given) == len(call.args):
            return Binding(call.func.id, tuple(given), file, line)
    faults.append(Fault(file, line, text[:60], "this is no binding", 'a name and texts: said("Week 24")'))
    return None
