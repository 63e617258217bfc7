"""The study's analyses and their results in the CDISC Analysis Results Standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from helmont.reports.ars_conditions import clause
from helmont.reports.methods import METHODS, Method
from helmont.reports.methods.surviving import DAY, TIME
from helmont.reports.results import GroupKey, Result, Results
from helmont.standards import ars
from helmont.standards.ars import model, terms
from helmont.standards.ars import outputs as contents
from helmont.study.analyses.model import Analysis, Grouping, Output, ReportingEvent

_DENOMINATOR, _NUMERATOR = "count.pct.denominator", "count.pct.numerator"
_FILES = ("pdf", "rtf", "txt")


def to_ars(event: ReportingEvent, results: Mapping[str, Results]) -> bytes:
    """The reporting event with the results of some outputs (by number), as ARS JSON."""
    return ars.write_ars(reporting_event(event, results))


def reporting_event(event: ReportingEvent, results: Mapping[str, Results]) -> ars.ReportingEvent:
    """What the outputs in ``results`` need, and no more, in the model of the standard."""
    outputs = [output for output in event.outputs if output.number in results]
    analyses = [(output, each) for output in outputs for each in output.analyses]
    used = {name for _, each in analyses for name in _groupings(each)}
    methods = dict.fromkeys(each.method for _, each in analyses)
    subsets = _Subsets(event)
    written = [
        _analysis(output, each, found.get(each.id, []), subsets)
        for output in outputs
        for found in [_by_analysis(results[output.number])]
        for each in output.analyses
    ]
    sets = [each for each in event.analysis_sets if any(analysis.set == each.id for _, analysis in analyses)]
    return model.ReportingEvent(
        event.id,
        event.name,
        contents.ListOfContents("Outputs and analyses", contents.NestedList(tuple(_contents(outputs)))),
        version=1,
        analysis_sets=tuple(
            _selection(each.id, each.label, each.where, event.participants, order) for order, each in enumerate(sets, 1)
        ),
        data_subsets=tuple(subsets.found.values()),
        analysis_groupings=(*(_grouping(each) for each in event.groupings if each.id in used), *_times(results)),
        methods=tuple(_method(METHODS[name]) for name in methods),
        analyses=tuple(written),
        outputs=tuple(_output(each) for each in outputs),
    )


def _selection(identity: str, label: str, where: str | None, dataset: str, order: int) -> model.Selection:
    condition, compound = clause(where, dataset) if where else (None, None)
    return model.Selection(
        identity, label or identity, 1, order, label, condition=condition, compound_expression=compound
    )


def _grouping(grouping: Grouping) -> model.GroupingFactor:
    groups = enumerate(grouping.groups, 1)
    return model.GroupingFactor(
        grouping.id,
        grouping.label,
        grouping.data_driven,
        grouping.label,
        grouping_dataset=grouping.dataset,
        grouping_variable=grouping.variable,
        groups=tuple(_selection(each.id, each.label, each.where, grouping.dataset, order) for order, each in groups),
    )


def _times(results: Mapping[str, Results]) -> Iterable[model.GroupingFactor]:
    """The groupings of the times of curves, where there are any."""
    met = {name for found in results.values() for result in found for name, _ in result.groups}
    for name, label in ((TIME, "Time of a step of the curve"), (DAY, "Time asked for")):
        if name in met:
            yield model.GroupingFactor(name, label, data_driven=True)


class _Subsets:
    """The data subsets of the standard: one for each condition that an analysis puts to the rows of a dataset."""

    def __init__(self, event: ReportingEvent) -> None:
        self._declared = {each.id: each for each in event.subsets}
        self.found: dict[tuple[str, str], model.Selection] = {}

    def of(self, analysis: Analysis) -> str:
        declared = self._declared.get(analysis.subset or "")
        parts = [part for part in (declared.where if declared else "", analysis.where or "") if part]
        if not parts:
            return ""
        where = " && ".join(f"({part})" for part in parts)
        key = (analysis.dataset, where)
        if key not in self.found:
            order = len(self.found) + 1
            label = declared.label if declared and len(parts) == 1 else where
            self.found[key] = _selection(f"SUBSET{order:03d}", label, where, analysis.dataset, order)
        return self.found[key].id


def _method(method: Method) -> model.AnalysisMethod:
    operations = []
    for order, each in enumerate(method.operations, 1):
        related: tuple[model.ReferencedOperationRelationship, ...] = ()
        if (method.name, each.id) == ("count", "pct"):
            related = (
                model.ReferencedOperationRelationship(_NUMERATOR, terms.Term("NUMERATOR"), "count.n"),
                model.ReferencedOperationRelationship(_DENOMINATOR, terms.Term("DENOMINATOR"), "count.n"),
            )
        identity = f"{method.name}.{each.id}"
        operations.append(
            model.Operation(identity, each.label, order, each.label, referenced_operation_relationships=related)
        )
    return model.AnalysisMethod(method.name, method.label, tuple(operations), method.label, method.reference)


def _groupings(analysis: Analysis) -> list[str]:
    return [*analysis.groups, *filter(None, (analysis.compare, analysis.answers, analysis.strata))]


def _by_analysis(results: Results) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.analysis, []).append(result)
    return found


def _analysis(output: Output, analysis: Analysis, results: list[Result], subsets: _Subsets) -> model.Analysis:
    identity = _identity(output, analysis.id)
    by_group = {*analysis.groups, analysis.compare}
    parameters = dict(analysis.settings)
    if analysis.extreme:
        parameters |= {"extreme": analysis.extreme, "extreme_by": ", ".join(analysis.extreme_by)}
    related: tuple[model.ReferencedAnalysisOperation, ...] = ()
    if analysis.denominator and analysis.method == "count":
        whole = _identity(output, analysis.denominator)
        related = (
            model.ReferencedAnalysisOperation(_NUMERATOR, identity),
            model.ReferencedAnalysisOperation(_DENOMINATOR, whole),
        )
    return model.Analysis(
        identity,
        f"{output.number} {analysis.label or analysis.id}",
        analysis.method,
        terms.Term("SPECIFIED IN SAP"),
        terms.Term(output.purpose),
        version=1,
        analysis_set_id=analysis.set,
        data_subset_id=subsets.of(analysis),
        dataset=analysis.dataset,
        variable=analysis.variable,
        ordered_groupings=tuple(
            model.OrderedGroupingFactor(order, name, name in by_group)
            for order, name in enumerate(dict.fromkeys(_groupings(analysis)), 1)
        ),
        referenced_analysis_operations=related,
        programming_code=_parameters(parameters) if parameters else None,
        results=tuple(_result(analysis, each) for each in results),
    )


def _parameters(settings: Mapping[str, str]) -> terms.ProgrammingCode:
    given = tuple(terms.CodeParameter(name, (value,)) for name, value in settings.items() if value)
    return terms.ProgrammingCode("Helmont", parameters=given)


@lru_cache(maxsize=50_000)
def _groups(groups: tuple[GroupKey, ...]) -> tuple[model.ResultGroup, ...]:
    return tuple(model.ResultGroup(name, group, group) for name, group in groups)


def _result(analysis: Analysis, result: Result) -> model.OperationResult:
    raw = "" if result.raw is None else f"{result.raw:.15g}"
    return model.OperationResult(
        f"{analysis.method}.{result.operation}", _groups(result.groups), raw, result.formatted or ""
    )


def _identity(output: Output, analysis: str) -> str:
    return f"{output.number}.{analysis}"


def _contents(outputs: list[Output]) -> Iterable[contents.ListItem]:
    for order, output in enumerate(outputs, 1):
        inner = tuple(
            contents.ListItem(each.label or each.id, 2, number, analysis_id=_identity(output, each.id))
            for number, each in enumerate(output.analyses, 1)
        )
        name = f"{output.kind} {output.number}: {output.title}"
        yield contents.ListItem(name, 1, order, output_id=output.id, sublist=contents.NestedList(inner))


def _output(output: Output) -> contents.Output:
    stem = f"t{output.number}"
    title = f"{output.kind} {output.number}"
    population = _section("Header", output, [f"Population: {output.population}"])
    sections = [_section("Title", output, [title, output.title]), population]
    if output.footnotes:
        sections.append(_section("Footnote", output, list(output.footnotes)))
    files = tuple(contents.OutputFile(f"{stem}.{each}", terms.Term(each), f"tables/{stem}.{each}") for each in _FILES)
    display = contents.Display(
        f"{output.id}.DISPLAY", title, 1, display_title=output.title, display_sections=tuple(sections)
    )
    return contents.Output(
        output.id, title, (contents.OrderedDisplay(1, display),), version=1, file_specifications=files
    )


def _section(kind: str, output: Output, texts: list[str]) -> contents.DisplaySection:
    ordered = (
        contents.OrderedSubSection(order, contents.SubSection(f"{output.id}.{kind.upper()}.{order}", text))
        for order, text in enumerate(texts, 1)
    )
    return contents.DisplaySection(kind, tuple(ordered))
