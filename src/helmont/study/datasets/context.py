"""What the steps know of the trial besides the participant: the protocol, the forms' targets, codelists, facts of the whole.

Made once for a version of the study and shared by all participants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from helmont.study.datasets.dates import days
from helmont.study.datasets.model import Dataset
from helmont.study.model import Codelist, Study


@dataclass(frozen=True)
class Planned:
    """An encounter as SDTM names it: ``VISITNUM``, ``VISIT``, ``VISITDY``."""

    number: float
    name: str
    day: int | None


@dataclass(frozen=True)
class Facts:
    """What has to be known of all participants together: how many are in each category of a variable, by another.

    ``counts[name]`` is what a step asked to be counted, such as participants by site and arm.
    """

    counts: Mapping[str, Mapping[tuple[str, ...], int]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(tuple((name, tuple(sorted(counts.items()))) for name, counts in sorted(self.counts.items())))


class Context:
    """A study definition, ready for making data sets. ``versions`` are older definitions that pages were saved under."""

    def __init__(self, study: Study, versions: Mapping[str, Study] | None = None, facts: Facts | None = None) -> None:
        self.study = study
        self.versions = {"": study, study.version: study, **(versions or {})}
        self.facts = facts or Facts()
        self.cache: dict[Any, Any] = {}
        """What steps work out once for all participants."""

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """The data sets by name, in the order in which they are made."""
        return {dataset.id: dataset for dataset in self.study.datasets}

    @cached_property
    def codelists(self) -> dict[str, Codelist]:
        return {codelist.id: codelist for codelist in self.study.codelists}

    def decoding(self, codelist: str) -> dict[str, str]:
        """Submitted value to label in the source language; ``KeyError`` when there is no such codelist."""
        return {term.sdtm or term.code: str(term.label) for term in self.codelists[codelist].terms}

    @cached_property
    def encounters(self) -> dict[str, Planned]:
        """The planned encounters by id. The name is what ``sdtm`` says, or the label in capitals."""
        return {
            encounter.id: Planned(
                float(encounter.number or 0),
                encounter.sdtm or str(encounter.label).upper(),
                encounter.day or encounter.sdtm_day,
            )
            for encounter in self.study.protocol.encounters
            if encounter.number is not None
        }

    @cached_property
    def cutoff(self) -> int | None:
        """The data cut-off of the study definition, as days since 1960-01-01."""
        return days(self.study.data_cutoff)

    @cached_property
    def by_number(self) -> dict[float, Planned]:
        """The planned encounters by visit number."""
        return {planned.number: planned for planned in self.encounters.values()}
