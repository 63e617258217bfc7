"""The difference between two versions, as ``web/amendments/changes.html`` shows it."""

from __future__ import annotations

from typing import Any

from helmont.study.comparing import Difference
from helmont.web.amendments import words


def by_module(difference: Difference, language: str, consequence: str = "") -> list[tuple[str, Any, list[Any]]]:
    """Each part with differences (of one ``consequence`` where given): its name, its title, and what changes in words."""
    found = []
    for name, changes in difference.modules.items():
        shown = [
            (
                change,
                words.KINDS[change.kind],
                words.CONSEQUENCES[change.consequence],
                change.label.get(language)[0] if change.label else "",
            )
            for change in changes
            if consequence in ("", change.consequence)
        ]
        if shown:
            found.append((name, words.MODULES.get(name, name), shown))
    return found
