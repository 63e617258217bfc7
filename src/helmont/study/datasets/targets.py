"""What is checked beyond names: variables that would hold texts where numbers are declared, answers that go nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from helmont.study.datasets.model import Dataset, Step
from helmont.study.datasets.steps import STEPS
from helmont.study.datasets.vocabulary import touches
from helmont.study.faults import one_of

if TYPE_CHECKING:
    from helmont.study.model import Item, Study
    from helmont.study.reading import Reading

MAKE_TEXTS = frozenset(("assign", "decode", "extract", "format_number"))
"""Steps whose values are texts, whatever they are made of."""


def texts_of(study: Study, dataset: Dataset, before: Mapping[str, set[str]]) -> set[str]:
    """The variables that hold texts when the steps have run, as far as the steps tell; ``before`` are those of the data
    sets made earlier."""
    texts: set[str] = set()
    for step in dataset.steps:
        kind = STEPS.get(step.name)
        if kind is None:
            continue
        made = {touch.name for touch in touches(step.arguments) if touch.use == "creates"}
        made |= kind.makes(study, step.arguments) if kind.makes is not None else set()
        texts = (texts - made) | set(_texts(step, made, texts, before))
    return texts


def _texts(step: Step, made: set[str], texts: set[str], before: Mapping[str, set[str]]) -> Iterator[str]:
    """Of the variables that a step makes those that are texts."""
    given: Any = step.arguments
    match step.name:
        case "collect":
            numbers = {*given.numbers, given.row, given.line}
            yield from (name for name in made if name not in numbers)
        case "from_dataset":
            yield from before.get(given.dataset, ())
        case "derive_vars_merged":
            yield from (name for name, of in given.variables.items() if of in before.get(given.dataset, ()))
        case "compute":
            for name, expression in given.variables.items():
                dataset, _, variable = str(expression).strip().rpartition(".")
                known = before.get(dataset, set()) if dataset else texts
                if (variable in known and given.where is None) or (given.where is not None and name in texts):
                    yield name
        case word if word in MAKE_TEXTS:
            yield from made


def taken_along(study: Study) -> set[str]:
    """The targets that a ``collect`` takes along from another domain: ``SUPPVS.QVAL``."""
    return {
        target
        for dataset in study.datasets
        for step in dataset.steps
        if step.name == "collect"
        for target in getattr(step.arguments, "others", None) or ()
    }


def lost(study: Study, item: Item, along: set[str]) -> tuple[str, str] | None:
    """Why the answers of an item reach no data set, and what would be accepted; ``None`` when they do."""
    target = item.sdtm
    if target is None or f"{target.domain}.{target.variable}" in along:
        return None
    datasets = {each.id: each for each in study.datasets if not each.internal}
    dataset = datasets.get(target.domain)
    if dataset is None:
        message = f"its answers go to {target.domain}, which the study does not declare"
        return message, one_of(sorted(datasets), target.domain)
    if dataset.variable(target.variable) is None:
        known = [variable.name for variable in dataset.variables]
        return f"its answers go to {target.variable}, which {target.domain} does not keep", one_of(
            known, target.variable
        )
    return None


def check_targets(study: Study, reading: Reading) -> None:
    """Warn of answers that go to a data set or variable that is not there."""
    along = taken_along(study)
    for form in study.forms if study.datasets else ():
        for item in form.items():
            found = lost(study, item, along)
            if found is not None and item.sdtm is not None:
                reading.fault_in(item, "sdtm", *found, severity="warning")
