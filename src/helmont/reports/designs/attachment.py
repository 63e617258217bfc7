"""What an appendix holds, as JSON: the designs, their digests, every question asked of them with its answer; and asking again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import isclose
from typing import Any

import numpy as np
import scipy

import helmont
from helmont.design import Declared, DesignError
from helmont.design.results import Plain
from helmont.reports.designs import asking_confirmatory
from helmont.reports.designs.asking import Asked, questions
from helmont.reports.designs.questions import Question

FORMAT = "helmont.design.appendix/1"
AGREE = {"rel_tol": 1e-9, "abs_tol": 1e-12}
"""How near a number that is found again has to be: processors differ in the last digits of a sum."""

assert asking_confirmatory  # it registers what confirmatory designs are asked


def contents_of(
    asked: Asked, title: str = "", protocol: str = "", date: str = "", language: str = "en"
) -> dict[str, Any]:
    """Everything in an appendix of the designs that are asked; ``date`` as 2026-11-22, or none.

    Raises ``DesignError`` for what a design cannot answer.
    """
    if not asked.designs:
        raise DesignError("designs", (), "one or more designs")
    return {
        "format": FORMAT,
        "title": title,
        "protocol": protocol,
        "date": date,
        "language": language,
        "software": software(),
        "seed": asked.seed,
        "designs": [
            {
                "design": design.to_dict(),
                "digest": design.digest,
                "answers": [question.answered(design).to_dict() for question in questions(design, asked)],
            }
            for design in asked.designs
        ],
    }


def software() -> dict[str, str]:
    """What an appendix is made with."""
    return {
        "helmont": helmont.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "typst": version("typst"),
    }


def written(contents: Mapping[str, Any]) -> bytes:
    """As the file that is attached."""
    return json.dumps(contents, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


@dataclass(frozen=True)
class Difference:
    """A number (or a word) of an appendix that is not what the design answers; ``where`` names design, question and place."""

    where: str
    stated: Plain
    found: Plain


def rederive(contents: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Ask every question of an appendix again; what differs from what it states, nothing where everything agrees.

    Raises ``DesignError`` for what is no appendix, or asks what no design answers.
    """
    if contents.get("format") != FORMAT:
        raise DesignError("format", contents.get("format"), repr(FORMAT))
    found: list[Difference] = []
    for place, section in enumerate(_list(contents, "designs"), start=1):
        if not isinstance(section.get("design"), Mapping):
            raise DesignError("design", section.get("design"), "the settings of a design")
        design = Declared.from_dict(section["design"])
        where = f"design {place} ({design.kind})"
        found += _differences(f"{where}, digest", section.get("digest"), design.digest)
        found += _differences(f"{where}, settings", section["design"], design.to_dict())
        for number, stated in enumerate(_list(section, "answers"), start=1):
            question = Question.from_dict(stated)
            answer = question.answered(design).answer
            found += _differences(f"{where}, answer {number} ({question.name})", stated.get("answer"), answer)
    return tuple(found)


def _list(content: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = content.get(name)
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise DesignError(name, found, "a list of objects")
    return found


def _differences(where: str, stated: Any, found: Any) -> Iterator[Difference]:
    if isinstance(stated, Mapping) and isinstance(found, Mapping):
        for name in {**stated, **found}:
            yield from _differences(f"{where}, {name}", stated.get(name), found.get(name))
    elif isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        for place, (one, other) in enumerate(zip(stated, found, strict=True), start=1):
            yield from _differences(f"{where}[{place}]", one, other)
    elif not _agree(stated, found):
        yield Difference(where, stated, found)


def _agree(stated: Any, found: Any) -> bool:
    numbers = isinstance(stated, (int, float)) and isinstance(found, (int, float))
    if numbers and not isinstance(stated, bool) and not isinstance(found, bool):
        return isclose(stated, found, **AGREE)
    return type(stated) is type(found) and bool(stated == found)
