"""What the annotations cannot say of analyses: names within an output, methods, and the variables of the datasets."""

from __future__ import annotations

from helmont.study.analyses.checking_layout import check_layout
from helmont.study.analyses.model import Analysis, Grouping, Output, ReportingEvent
from helmont.study.analyses.names import Methods, Names, Variables
from helmont.study.cel import CelSyntaxError, parse
from helmont.study.reading import Reading


def check_analyses(
    event: ReportingEvent, reading: Reading, datasets: Variables | None, methods: Methods | None
) -> None:
    """Report every name that nothing declares."""
    names = Names(event, reading, datasets, methods)
    for grouping in event.groupings:
        _check_grouping(names, grouping)
    for each in event.analysis_sets:
        _check_condition(names, each, each.where, event.participants)
    numbers: dict[str, Output] = {}
    for output in event.outputs:
        for place, analysis in enumerate(output.analyses):
            _check_analysis(names, analysis, [each.id for each in output.analyses[:place]])
        check_layout(names, output)
        if numbers.setdefault(output.number, output) is not output:
            message = f"{output.number} is the number of another output"
            reading.fault_in(output, "number", message, "a number of its own")


def _check_grouping(names: Names, grouping: Grouping) -> None:
    if grouping.data_driven and not grouping.variable:
        accepted = "groups, or the variable whose values they are"
        names.reading.fault_in(grouping, "groups", "the grouping has no groups", accepted)
    seen: set[str] = set()
    for group in grouping.groups:
        if group.id in seen:
            names.reading.fault_in(group, "id", f"{group.id} is already a group of {grouping.id}")
        seen.add(group.id)
        if group.where is None and not group.total:
            message = f"the group {group.id} has no condition"
            names.reading.fault_in(group, "where", message, "where: ..., or total: true")
        if group.where and grouping.dataset:
            _check_condition(names, group, group.where, grouping.dataset)


def _check_condition(names: Names, thing: object, where: str, dataset: str) -> None:
    try:
        used = parse(where).names
    except CelSyntaxError:
        return  # already reported where it was read
    for name in sorted(used):
        names.require(thing, "where", name, names.variables(dataset), f"a variable of {dataset}")


def _check_analysis(names: Names, analysis: Analysis, before: list[str]) -> None:
    names.require(analysis, "method", analysis.method, names.methods, "a method")
    if analysis.denominator:
        names.require(analysis, "denominator", analysis.denominator, before, "an analysis above this one")
    for part in (each.strip() for each in analysis.dataset.split("+")):
        names.require(analysis, "dataset", part, names.datasets, "a dataset of the study")
    known = names.variables(analysis.dataset)
    used = [("variable", analysis.variable), ("extreme", analysis.extreme)]
    for field, name in (*used, *(("extreme_by", each) for each in analysis.extreme_by)):
        if name:
            names.require(analysis, field, name, known, f"a variable of {analysis.dataset}")
    if analysis.where:
        _check_condition(names, analysis, analysis.where, analysis.dataset)
    if analysis.subset in names.subsets:
        _check_condition(names, analysis, names.subsets[analysis.subset].where, analysis.dataset)
    for name in filter(None, (*analysis.groups, analysis.compare, analysis.answers, analysis.strata)):
        if (grouping := names.groupings.get(name)) and not grouping.dataset:
            _check_use(names, analysis, grouping)


def _check_use(names: Names, analysis: Analysis, grouping: Grouping) -> None:
    """Whether the dataset that is analysed has what a grouping of its rows needs."""
    known = names.variables(analysis.dataset)
    if known is not None and grouping.variable and grouping.variable not in known:
        message = f"the grouping {grouping.id} needs {grouping.variable}, which {analysis.dataset} does not have"
        names.reading.fault_in(analysis, "groups", message)
    for group in grouping.groups:
        if group.where:
            _check_condition(names, analysis, group.where, analysis.dataset)
