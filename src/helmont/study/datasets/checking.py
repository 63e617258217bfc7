"""Checking data sets before a study is published: every variable that is read was made, every one that is kept is made.

The steps are walked through as they will run, with the names of the variables that are there instead of records.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from helmont.study.datasets.model import Dataset, Step
from helmont.study.datasets.running import GoingRound, order_of
from helmont.study.datasets.steps import STEPS
from helmont.study.datasets.targets import check_targets, texts_of
from helmont.study.datasets.vocabulary import Touch, touches
from helmont.study.faults import one_of

if TYPE_CHECKING:
    from helmont.study.model import Study
    from helmont.study.reading import Reading

PARTICIPANT = frozenset(("participant.id", "participant.site", "participant.country", "participant.status"))
TAKES_ALL = "from_dataset"
"""The step that makes every variable of the data set it takes from, also those that are not kept."""
MAXIMUM_NAME, MAXIMUM_LABEL, MAXIMUM_TEXT = 8, 40, 200
"""What a transport file of version 5 holds (FDA Study Data Technical Conformance Guide, 3.3)."""


def check_datasets(study: Study, reading: Reading) -> None:
    """Report what is wrong with the data sets of a study."""
    datasets = {dataset.id: dataset for dataset in study.datasets}
    made: dict[str, set[str]] = {}
    texts: dict[str, set[str]] = {}
    try:
        order = order_of(datasets)
    except GoingRound as error:
        for name in error.names:
            reading.fault_in(datasets[name], "steps", str(error), "steps that take from data sets made before")
        return
    for name in order:
        dataset = datasets[name]
        _check_variables(dataset, reading)
        made[name] = _walk(study, dataset, made, reading)
        texts[name] = texts_of(study, dataset, texts)
        for variable in dataset.variables:
            if variable.is_number and not dataset.internal and variable.name in texts[name]:
                message = f"{variable.name} is a number, and the steps make texts of it"
                accepted = "numbers: of collect, convert_to_number, or type: text"
                reading.fault_in(variable, "name", message, accepted)
    check_targets(study, reading)


def _check_variables(dataset: Dataset, reading: Reading) -> None:
    seen: set[str] = set()
    for variable in dataset.variables:
        if variable.name in seen:
            reading.fault_in(variable, "name", f"{variable.name} is listed twice", "each variable once")
        seen.add(variable.name)
        if dataset.internal:
            continue
        if len(variable.name) > MAXIMUM_NAME:
            reading.fault_in(variable, "name", f"{variable.name} has {len(variable.name)} characters", "at most 8")
        if len(variable.label) > MAXIMUM_LABEL:
            reading.fault_in(variable, "label", f"the label has {len(variable.label)} characters", "at most 40")
        if variable.length is not None and not 1 <= variable.length <= MAXIMUM_TEXT:
            reading.fault_in(variable, "length", f"{variable.length} is not a length of a text", "from 1 to 200")
    for key in dataset.keys:
        if key not in seen:
            reading.fault_in(dataset, "keys", f"{key} is not a variable of {dataset.id}", one_of(sorted(seen), key))


def _walk(study: Study, dataset: Dataset, made: dict[str, set[str]], reading: Reading) -> set[str]:
    """Go through the steps and report what is read before it is there; the variables that are there at the end."""
    there: set[str] = set()
    reported: set[str] = set()
    blind = False
    for step in dataset.steps:
        if step.name not in STEPS:
            continue  # reported when it was read
        if getattr(step.arguments, "cutoff", None) and study.data_cutoff is None:
            accepted = "data_cutoff: a date, in study.yaml"
            reading.fault_in(step, "cutoff", "the study declares no data cut-off", accepted)
        creates = set(_creates(study, step))
        if step.name == TAKES_ALL:
            creates |= set().union(*(made.get(other, set()) for other in _others(step)))
        blind = blind or not (set(_others(step)) <= made.keys()) or not _asked(study, step, reading)
        for touch in touches(step.arguments) if not blind else ():  # what follows from one fault is not another
            problem = _problem(touch, step, there | creates, made)
            if problem and touch.name not in reported:
                reported.add(touch.name)
                reading.fault_in(step, touch.argument, *problem)
        there |= creates
    for variable in dataset.variables:
        if variable.name not in there and there and not blind:
            message = f"no step of {dataset.id} makes {variable.name}"
            reading.fault_in(variable, "name", message, one_of(sorted(there), variable.name))
    return there


def _creates(study: Study, step: Step) -> Iterator[str]:
    yield from (touch.name for touch in touches(step.arguments) if touch.use == "creates")
    makes = STEPS[step.name].makes
    if makes is not None:
        yield from makes(study, step.arguments)


def _problem(touch: Touch, step: Step, there: set[str], made: dict[str, set[str]]) -> tuple[str, str] | None:
    """What is wrong with one use of a name, and what would be accepted."""
    match touch.use:
        case "reads":
            if touch.name in there or touch.name in PARTICIPANT:
                return None
            dataset, _, variable = touch.name.partition(".")
            if variable and dataset in made:
                if variable in made[dataset]:
                    return None
                return f"{dataset} has no variable {variable}", one_of(sorted(made[dataset]), variable)
            if any(touch.name in made.get(other, ()) for other in _others(step)):
                return None  # of the records that the step looks at
            message = f"{touch.name} is not there when {step.name} reads it"
            if dataset == "participant":
                return message, one_of(sorted(PARTICIPANT), touch.name)
            if variable:
                return f"{message}: no data set {dataset} is made before", one_of(sorted(made), dataset)
            return message, one_of(sorted(there), touch.name)
        case "reads other":
            others = _others(step)
            if all(touch.name not in made.get(other, {touch.name}) for other in others):
                known = sorted(set().union(*(made.get(other, set()) for other in others)))
                return f"{' and '.join(others)} has no variable {touch.name}", one_of(known, touch.name)
    return None


def _others(step: Step) -> list[str]:
    """The data sets that a step names."""
    return list(dict.fromkeys(touch.name for touch in touches(step.arguments) if touch.use == "dataset"))


def _asked(study: Study, step: Step, reading: Reading) -> bool:
    """Whether the forms ask for anything that a ``collect`` could gather; reported when they do not."""
    domain = getattr(step.arguments, "domain", None)
    if step.name != "collect" or domain is None:
        return True
    domains = {item.sdtm.domain for form in study.forms for item in form.items() if item.sdtm}
    if domain in domains:
        return True
    reading.fault_in(step, "domain", f"no item of a form has a target in {domain}", one_of(sorted(domains), domain))
    return False
