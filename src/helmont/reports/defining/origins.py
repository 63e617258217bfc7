"""Where a variable comes from (Define-XML 2.1, def:Origin), as far as the steps that make it tell."""

from __future__ import annotations

from typing import Any

from helmont.reports.annotated_crf import AnnotatedCrf
from helmont.reports.defining.methods import makers
from helmont.standards.define.model import Origin
from helmont.study.datasets.model import Dataset, Step, Variable
from helmont.study.model import Study

ASSIGNING = frozenset(("assign", "decode", "decode_number", "assign_record", "assign_empty"))
"""Steps that give a value of the sponsor's rather than compute one."""
DECLARED = {
    "collected": Origin("Collected", "Investigator"),
    "derived": Origin("Derived", "Sponsor"),
    "assigned": Origin("Assigned", "Sponsor"),
    "protocol": Origin("Protocol", "Sponsor"),
}  # fmt: skip


class Origins:
    """The origins of one data set's variables."""

    def __init__(self, study: Study, dataset: Dataset, crf: AnnotatedCrf | None, leaf: str) -> None:
        self.study, self.dataset, self.crf, self.leaf = study, dataset, crf, leaf
        self.makers = makers(study, dataset)
        self._taken = {
            name for step in dataset.steps if step.name == "from_dataset" for name in [str(_argument(step, "dataset"))]
        }

    def of(self, variable: Variable) -> Origin:
        """What the package says, or what the steps tell."""
        collected = self.collected(variable.name)
        if variable.origin == "predecessor" or (variable.origin is None and variable.source):
            source = variable.source or self._predecessor(variable.name)
            return Origin("Predecessor", description=source) if source else DECLARED["derived"]
        if variable.origin is not None:
            return collected if variable.origin == "collected" and collected else DECLARED[variable.origin]
        if collected:
            return collected
        if self.dataset.scope == "study":
            return DECLARED["protocol"]
        if self.dataset.standard == "ADaM" and (source := self._predecessor(variable.name)):
            return Origin("Predecessor", description=source)
        steps = self.makers.get(variable.name, [])
        if steps and all(step.name in ASSIGNING for step in steps):
            return DECLARED["assigned"]
        if [step.name for step in steps] == ["collect"]:
            return DECLARED["assigned"]  # a topic or a unit that goes with the question
        return DECLARED["derived"]

    def collected(self, variable: str, where: dict[str, str] | None = None) -> Origin | None:
        """The pages of the annotated CRF, when the variable is on any."""
        if self.crf is None:
            return None
        return self.crf.origin(self.study, self.leaf, self.dataset.id, variable, where)

    def _predecessor(self, name: str) -> str | None:
        """``ADSL.AGE`` when the variable was taken over and nothing changes it."""
        steps = self.makers.get(name, [])
        by_others = [step for step in steps if step.name not in ("from_dataset", "derive_vars_merged")]
        if by_others:
            return None
        for step in steps:
            if step.name == "derive_vars_merged":
                return f"{_argument(step, 'dataset')}.{_argument(step, 'variables')[name]}"
        for other in self._taken:
            source = next((each for each in self.study.datasets if each.id == other), None)
            if source is not None and source.variable(name) is not None and not source.internal:
                return f"{other}.{name}"
        return None


def _argument(step: Step, name: str) -> Any:
    return getattr(step.arguments, name, "")
