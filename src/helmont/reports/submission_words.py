"""What people write for a package: ``report/package.yaml`` of the study package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from helmont.reports.guide_contents import SECTIONS
from helmont.study.faults import Fault, one_of
from helmont.study.nodes import Node, compose

FILE = "report/package.yaml"
_GUIDES = ("csdrg", "adrg")
_SCALARS = ("sdtmig", "adamig", "terminology")


@dataclass(frozen=True, slots=True)
class Words:
    """The versions of standards that the data follow, and the sections of the reviewers' guides."""

    sdtmig: str = "3.4"
    adamig: str = "1.3"
    terminology: str = "2025-09-26"
    guides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_words(folder: Path) -> tuple[Words, list[Fault]]:
    """The words of a study package, and what is wrong with its file."""
    path, faults = folder / FILE, list[Fault]()
    if not path.is_file():
        said = "the standards that the data follow are not named; those of this version of Helmont are said"
        return Words(), [Fault(FILE, 0, "", said, ", ".join(_SCALARS), "warning")]
    root = compose(path.read_bytes(), FILE, faults)
    entries = (root.entries if root else None) or {}
    for key in entries:
        if key not in (*_SCALARS, *_GUIDES):
            faults.append(
                Fault(
                    FILE, _line(root, key), key, f"{key} is not a key of this file", one_of([*_SCALARS, *_GUIDES], key)
                )
            )
    guides: dict[str, dict[str, str]] = {}
    for kind in _GUIDES:
        sections = entries.get(kind, Node()).entries or {}
        for key in sections.keys() - SECTIONS.keys():
            faults.append(Fault(FILE, sections[key].line, f"{kind}.{key}", "no such section", one_of([*SECTIONS], key)))
        guides[kind] = {key: (node.text or "").strip() for key, node in sections.items() if key in SECTIONS}
    given = {key: entries[key].text or "" for key in _SCALARS if key in entries}
    return Words(**given, guides=guides), faults


def _line(root: Node | None, key: str) -> int:
    return root.key_lines.get(key, root.line) if root else 0
