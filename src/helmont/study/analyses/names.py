"""What a reporting event declares, and what is known beside it: the names that everything else must use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from helmont.study.analyses.model import ReportingEvent
from helmont.study.faults import one_of
from helmont.study.reading import Reading

Variables: TypeAlias = Mapping[str, Collection[str]]
"""The variables of each dataset."""
Methods: TypeAlias = Mapping[str, Collection[str]]
"""The operations of each method."""


class Names:
    """The names of one event; ``datasets`` and ``methods`` are None when they are not known, and then not checked."""

    def __init__(
        self, event: ReportingEvent, reading: Reading, datasets: Variables | None, methods: Methods | None
    ) -> None:
        self.event, self.reading, self.datasets, self.methods = event, reading, datasets, methods
        self.groupings = {each.id: each for each in event.groupings}
        self.subsets = {each.id: each for each in event.subsets}
        self.formats = [each.id for each in event.formats]

    def variables(self, dataset: str) -> set[str] | None:
        """Of a dataset, or of several joined by +, and of the participants' dataset; None when they are not known."""
        if self.datasets is None:
            return None
        parts = [*(part.strip() for part in dataset.split("+")), self.event.participants]
        return {name for part in parts for name in self.datasets.get(part, ())}

    def groups(self, grouping: str) -> list[str]:
        """The ids of the groups given; none of a data-driven grouping, whose groups are the values met."""
        found = self.groupings.get(grouping)
        return [group.id for group in found.groups] if found else []

    def require(self, thing: object, field: str, name: str, known: Collection[str] | None, what: str) -> bool:
        """Report a name that is not among the known ones (nothing when they are not known); whether it is there."""
        if known is None or name in known:
            return True
        self.reading.fault_in(thing, field, f"{name} is not {what}", one_of(sorted(known), name))
        return False

    def require_group(self, thing: object, field: str, grouping: str, group: str) -> None:
        """Report a group that a grouping with given groups does not have."""
        if known := self.groups(grouping):
            self.require(thing, field, group, known, f"a group of {grouping}")
