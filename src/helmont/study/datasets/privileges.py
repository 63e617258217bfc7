"""Who may see what of data sets: privileges of items go along with everything that is made of them.

What a step makes of a value under a privilege is under it as well. Where a condition on such a value decides whether a
record is there at all, the whole data set is under it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from helmont.study.datasets.model import Step
from helmont.study.datasets.running import collected_domains, order_of
from helmont.study.datasets.steps import STEPS
from helmont.study.datasets.vocabulary import Touch, Touches, given, touches, touches_of
from helmont.study.model import Study

Privileges = frozenset[str]
NONE: Privileges = frozenset()
DECIDING = frozenset(("filter_records", "expand_records", "from_dataset", "derive_relrec"))
"""Steps whose conditions decide which records there are."""


@dataclasses.dataclass(slots=True)
class Guarded:
    """The privileges that a data set needs, as a whole and by variable."""

    whole: Privileges = NONE
    variables: dict[str, Privileges] = dataclasses.field(default_factory=dict)

    def of(self, variable: str) -> Privileges:
        return self.whole | self.variables.get(variable, NONE)

    def add(self, variable: str, privileges: Privileges) -> None:
        if privileges:
            self.variables[variable] = self.variables.get(variable, NONE) | privileges


def guarded(study: Study) -> dict[str, Guarded]:
    """The privileges of every data set of a study that was checked."""
    datasets = {dataset.id: dataset for dataset in study.datasets}
    items = _items(study)
    found: dict[str, Guarded] = {}
    for name in order_of(datasets):
        dataset = datasets[name]
        own = found[name] = Guarded(frozenset((dataset.privilege,)) if dataset.privilege else NONE)
        for step in dataset.steps:
            _follow(study, step, own, found, items)
        for variable, privilege in dataset.hidden.items():
            own.add(variable, frozenset((privilege,)))
    return found


def _items(study: Study) -> dict[tuple[str, str], Privileges]:
    """Domain and variable to the privileges of the items that go there."""
    found: dict[tuple[str, str], Privileges] = {}
    for form in study.forms:
        for item in form.items():
            if item.sdtm and item.privilege:
                place = item.sdtm.domain, item.sdtm.variable
                found[place] = found.get(place, NONE) | {item.privilege}
    return found


def _follow(
    study: Study, step: Step, own: Guarded, others: Mapping[str, Guarded], items: Mapping[tuple[str, str], Privileges]
) -> None:
    """What one step does to the privileges of a data set."""
    named = [touch.name for touch in touches(step.arguments) if touch.use == "dataset"]
    own.whole |= frozenset[str]().union(*(others[name].whole for name in named if name in others))
    if step.name == "collect":
        _collected(step, own, items)
        return
    if step.name == "from_dataset":
        for name in named:
            for variable, privileges in others[name].variables.items():
                own.add(variable, privileges)
    common = NONE
    for made, read in _flows(step):
        needed = frozenset[str]().union(*(_needed(name, own, named, others) for name in read))
        if made is None:
            common |= needed
        else:
            own.add(made, needed)
    if common:
        if step.name in DECIDING:
            own.whole |= common
        makes = STEPS[step.name].makes
        created = {touch.name for touch in touches(step.arguments) if touch.use == "creates"}
        for variable in created | (makes(study, step.arguments) if makes else set()):
            own.add(variable, common)


def _collected(step: Step, own: Guarded, items: Mapping[tuple[str, str], Privileges]) -> None:
    arguments: Any = step.arguments
    for domain in collected_domains(arguments):
        for (target, variable), privileges in items.items():
            if target == domain:
                other = (arguments.others or {}).get(f"{domain}.{variable}")
                own.add(other or variable, privileges)


def _needed(name: str, own: Guarded, named: list[str], others: Mapping[str, Guarded]) -> Privileges:
    """The privileges of a name that a step reads: of the data set itself, of another, or of a single record."""
    dataset, _, variable = name.partition(".")
    if variable and dataset in others:
        return others[dataset].of(variable)
    return frozenset[str]().union(
        own.variables.get(name, NONE), *(others[each].variables.get(name, NONE) for each in named if each in others)
    )


def _flows(step: Step) -> Iterator[tuple[str | None, list[str]]]:
    """What goes where: a variable made and what is read for it alone, or ``None`` and what is read for all."""
    hints = get_type_hints(type(step.arguments), include_extras=True)
    for field in dataclasses.fields(step.arguments):  # type: ignore[arg-type]  # made by dataclasses.make_dataclass
        value = getattr(step.arguments, field.name)
        if value is None:
            continue
        kind = given(hints[field.name])
        arguments = get_args(kind)
        if isinstance(value, Mapping) and _creates(arguments[0]):
            for made, entry in value.items():
                yield made, _read(touches_of(arguments[1], entry, field.name))
        else:
            yield None, _read(touches_of(kind, value, field.name))


def _creates(kind: Any) -> bool:
    return get_origin(kind) is Annotated and get_args(kind)[1] == Touches("creates")


def _read(found: Iterator[Touch]) -> list[str]:
    return [touch.name for touch in found if touch.use in ("reads", "reads other")]
