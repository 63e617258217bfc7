"""What the annotations cannot say: names within an output, templates, and the variables of the datasets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from helmont.study.analyses.model import Analysis, Column, Grouping, Output, ReportingEvent, Row
from helmont.study.analyses.templates import NUMBER_FORMAT, Field, TemplateError, template
from helmont.study.cel import CelSyntaxError, parse
from helmont.study.faults import one_of
from helmont.study.reading import Reading

Variables: TypeAlias = Mapping[str, Collection[str]]


def check_analyses(event: ReportingEvent, reading: Reading, datasets: Variables | None) -> None:
    """Report every name that nothing declares."""
    checker = _Checker(event, reading, datasets)
    for grouping in event.groupings:
        checker.check_grouping(grouping)
    for each in event.analysis_sets:
        checker.check_condition(each, each.where, event.participants)
    for output in event.outputs:
        checker.check_output(output)
    numbers: dict[str, Output] = {}
    for output in event.outputs:
        if numbers.setdefault(output.number, output) is not output:
            reading.fault_in(
                output, "number", f"{output.number} is the number of another output", "a number of its own"
            )


class _Checker:
    def __init__(self, event: ReportingEvent, reading: Reading, datasets: Variables | None) -> None:
        self.event, self.reading, self.datasets = event, reading, datasets
        self.groupings = {each.id: each for each in event.groupings}
        self.subsets = {each.id: each for each in event.subsets}
        self.formats = [each.id for each in event.formats]

    def variables(self, dataset: str) -> set[str] | None:
        """Of a dataset, or of several joined by +, and of the participants' dataset; None when they are not known."""
        if self.datasets is None:
            return None
        parts = [*(part.strip() for part in dataset.split("+")), self.event.participants]
        return {name for part in parts for name in self.datasets.get(part, ())}

    def check_grouping(self, grouping: Grouping) -> None:
        if grouping.data_driven and not grouping.variable:
            self.reading.fault_in(
                grouping, "groups", "the grouping has no groups", "groups, or the variable whose values they are"
            )
        seen: set[str] = set()
        for group in grouping.groups:
            if group.id in seen:
                self.reading.fault_in(group, "id", f"{group.id} is already a group of {grouping.id}")
            seen.add(group.id)
            if group.where is None and not group.total:
                self.reading.fault_in(
                    group, "where", f"the group {group.id} has no condition", "where: ..., or total: true"
                )
            if group.where and grouping.dataset:
                self.check_condition(group, group.where, grouping.dataset)

    def check_condition(self, thing: object, where: str, dataset: str) -> None:
        known = self.variables(dataset)
        if known is None:
            return
        try:
            used = parse(where).names
        except CelSyntaxError:
            return  # already reported where it was read
        for name in sorted(used - known):
            self.reading.fault_in(thing, "where", f"{name} is not a variable of {dataset}", one_of(sorted(known), name))

    def check_output(self, output: Output) -> None:
        analyses = {each.id: each for each in output.analyses}
        for number, analysis in enumerate(output.analyses):
            self.check_analysis(analysis, {each.id for each in output.analyses[:number]})
        columns = dict.fromkeys(name for column in output.columns for name in _column_names(column))
        for column in _columns(output.columns):
            self.check_template(column, "label", column.label, "", analyses)
        for row in _rows(output.rows):
            for name in row.cells:
                if name.partition(".")[0] not in columns:
                    self.reading.fault_in(
                        row, "cells", f"{name} is not a column of {output.number}", one_of(list(columns), name)
                    )
            for cell in (*row.cells.values(), row.text):
                self.check_template(row, "cells" if row.cells else "text", cell, row.analysis, analyses)
            for field in ("analysis", "having"):
                if (name := getattr(row, field)) and name not in analyses:
                    self.reading.fault_in(
                        row, field, f"{name} is not an analysis of {output.number}", one_of(list(analyses), name)
                    )

    def check_analysis(self, analysis: Analysis, before: set[str]) -> None:
        if analysis.denominator and analysis.denominator not in before:
            message = f"{analysis.denominator} is not an analysis above this one"
            self.reading.fault_in(analysis, "denominator", message, one_of(sorted(before), analysis.denominator))
        if self.datasets is not None:
            for part in (each.strip() for each in analysis.dataset.split("+")):
                if part not in self.datasets:
                    accepted = one_of(sorted(self.datasets), part)
                    self.reading.fault_in(analysis, "dataset", f"{part} is not a dataset of the study", accepted)
        known = self.variables(analysis.dataset)
        if analysis.where:
            self.check_condition(analysis, analysis.where, analysis.dataset)
        if analysis.subset in self.subsets:
            self.check_condition(analysis, self.subsets[analysis.subset].where, analysis.dataset)
        used = [("variable", analysis.variable), ("extreme", analysis.extreme)]
        for field, name in (*used, *(("extreme_by", each) for each in analysis.extreme_by)):
            if known is not None and name and name not in known:
                message = f"{name} is not a variable of {analysis.dataset}"
                self.reading.fault_in(analysis, field, message, one_of(sorted(known), name))
        for name in (*analysis.groups, analysis.compare or "", analysis.answers or "", analysis.strata or ""):
            grouping = self.groupings.get(name)
            if known is None or grouping is None or grouping.dataset:
                continue
            if grouping.variable and grouping.variable not in known:
                message = f"the grouping {name} needs {grouping.variable}, which {analysis.dataset} does not have"
                self.reading.fault_in(analysis, "groups", message)
            for group in grouping.groups:
                if group.where:
                    self.check_condition(analysis, group.where, analysis.dataset)

    def check_template(
        self, thing: object, field: str, text: str, analysis: str, analyses: Mapping[str, Analysis]
    ) -> None:
        try:
            found = template(text)
        except TemplateError as error:
            self.reading.fault_in(thing, field, str(error))
            return
        for each in found.fields:
            self._check_field(thing, field, each, analyses)

    def _check_field(self, thing: object, field: str, part: Field, analyses: Mapping[str, Analysis]) -> None:
        if part.is_label:
            if part.name not in self.groupings:
                self.reading.fault_in(
                    thing, field, f"{part.name} is no grouping", one_of(list(self.groupings), part.name)
                )
            return
        if part.analysis and part.analysis not in analyses:
            self.reading.fault_in(
                thing, field, f"{part.analysis} is no analysis of this output", one_of(list(analyses), part.analysis)
            )
        if part.format and not NUMBER_FORMAT.fullmatch(part.format) and part.format not in self.formats:
            accepted = "width.decimals, or " + one_of(self.formats, part.format)
            self.reading.fault_in(thing, field, f"{part.format} is no format", accepted)


def _columns(columns: tuple[Column, ...]) -> Iterator[Column]:
    for column in columns:
        yield column
        yield from _columns(column.columns)


def _column_names(column: Column) -> Iterator[str]:
    """The columns that cells are given for: those without columns under them."""
    if not column.columns:
        yield column.id
    for inner in column.columns:
        yield from _column_names(inner)


def _rows(rows: tuple[Row, ...]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _rows(row.rows)
