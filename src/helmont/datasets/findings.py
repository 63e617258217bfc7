"""What does not fit in the data sets of a moment, as one person may see it, with the line of the study package.

The rows of a participant are looked at once: what was found is kept in memory for as long as their body is the same.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from helmont.datasets.fitting import Misfit, Rule, misfits, rules_of
from helmont.datasets.seen import Point, Seen
from helmont.datasets.store import values_of
from helmont.studies.queries import compiled
from helmont.study.datasets.model import Dataset
from helmont.study.nodes import Node, compose
from helmont.study.writing import package_files

Key = tuple[str, str, str, str, bytes]
MOST_KEPT = 100_000
_kept: dict[Key, tuple[Misfit, ...]] = {}
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Finding:
    """A misfit with the participant (empty: of the protocol) and the data set that it is in."""

    dataset: str
    participant: str
    misfit: Misfit


def findings_in(seen: Seen, dataset: Dataset) -> list[Finding]:
    """What does not fit in a data set, of the participants and variables that the person sees, by participant."""
    point, study = seen.point, seen.context.study
    rules = rules_of(study, dataset)
    names = list(dict.fromkeys([*(rule[0] for rule in rules), *(key for key in dataset.keys if dataset.variable(key))]))
    hidden = seen.hidden(dataset.id)
    sites = seen.sight.sites
    return [
        Finding(dataset.id, number, misfit)
        for number, site, body in point.bodies(dataset.id)
        if "*" in sites or not site or site in sites
        for misfit in _looked_at(point, dataset, rules, names, number, body)
        if misfit.variable not in hidden and not (misfit.kind == "keys" and hidden.intersection(dataset.keys))
    ]


def counts(seen: Seen) -> dict[str, int]:
    """How many findings each data set has that the person sees."""
    return {name: len(findings_in(seen, dataset)) for name, dataset in seen.visible.items()}


def _looked_at(
    point: Point, dataset: Dataset, rules: list[Rule], names: list[str], participant: str, body: bytes
) -> tuple[Misfit, ...]:
    key = (point.study, point.version, dataset.id, participant, blake2b(body, digest_size=16).digest())
    if (known := _kept.get(key)) is not None:
        return known
    found = tuple(misfits(dataset, rules, *values_of(body, names)))
    with _turn:
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = found
    return found


def by_kind(found: list[Finding]) -> Counter[tuple[str, str]]:
    """How many findings each variable has, by variable and kind."""
    return Counter((each.misfit.variable, each.misfit.kind) for each in found)


@lru_cache(maxsize=8)
def places(study: str, version: str) -> Mapping[tuple[str, str], tuple[str, int]]:
    """File and line of each variable (of a data set: an empty name) in the study package that is taken from that version."""
    return dict(_places(package_files(compiled(study, version).study)))


def _places(files: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], tuple[str, int]]]:
    for name, text in files.items():
        node = compose(text.encode(), name, []) if name.startswith("datasets/") else None
        if node is None or node.entries is None:
            continue
        dataset = node.entries.get("id", Node()).text or ""
        yield (dataset, ""), (name, node.entries.get("keys", node).line)
        for each in node.entries.get("variables", Node()).children or []:
            if variable := (each.entries or {}).get("name", Node()).text:
                yield (dataset, variable), (name, each.line)
