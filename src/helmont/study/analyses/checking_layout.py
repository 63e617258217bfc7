"""What the annotations cannot say of columns and rows: the names in them and in their templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from helmont.study.analyses.model import Analysis, Column, Output, Row
from helmont.study.analyses.names import Names
from helmont.study.analyses.templates import NUMBER_FORMAT, Field, TemplateError, template
from helmont.study.faults import one_of


def check_layout(names: Names, output: Output) -> None:
    """Report every column, group, analysis, operation and format that is named but not there."""
    _Layout(names, output).check()


class _Layout:
    def __init__(self, names: Names, output: Output) -> None:
        self.names, self.output = names, output
        self.analyses = {each.id: each for each in output.analyses}
        self.columns = list(dict.fromkeys(name for column in output.columns for name in _column_names(column)))

    def check(self) -> None:
        for column in _columns(self.output.columns):
            self.check_place(column)
            self.check_template(column, "label", column.label, "")
        for row in self.output.rows:
            self.check_row(row, "")

    def check_place(self, thing: Column | Row) -> None:
        """The groups that a column or a row is of."""
        for group in thing.only:
            self.names.require_group(thing, "only", thing.each or "", group)
        for grouping, group in thing.groups.items():
            if self.names.require(thing, "groups", grouping, self.names.groupings, "a grouping"):
                self.names.require_group(thing, "groups", grouping, group)

    def check_row(self, row: Row, analysis: str) -> None:
        analysis = row.analysis or analysis
        self.check_place(row)
        for field, name in (("analysis", row.analysis), ("having", row.having)):
            if name:
                self.names.require(row, field, name, self.analyses, f"an analysis of {self.output.number}")
        for name in row.cells:
            column = name.partition(".")[0]
            self.names.require(row, "cells", column, self.columns, f"a column of {self.output.number}")
        for field, texts in (
            ("cells", row.cells.values()),
            ("text", [row.text]),
            ("sort", [f"{{{each}}}" for each in row.sort]),
        ):
            for text in texts:
                self.check_template(row, field, text, analysis)
        for inner in row.rows:
            self.check_row(inner, analysis)

    def check_template(self, thing: object, field: str, text: str, analysis: str) -> None:
        try:
            found = template(text)
        except TemplateError as error:
            self.names.reading.fault_in(thing, field, str(error))
            return
        for each in found.fields:
            self.check_field(thing, field, each, self.analyses, analysis)

    def check_field(
        self, thing: object, field: str, part: Field, analyses: Mapping[str, Analysis], inherited: str
    ) -> None:
        names = self.names
        if part.is_label:
            names.require(thing, field, part.name, names.groupings, "a grouping")
            return
        name = part.analysis or inherited
        if not name:
            names.reading.fault_in(
                thing, field, f"{part.name} is of no analysis", "ANALYSIS.operation, or analysis: ..."
            )
        elif names.require(thing, field, name, analyses, f"an analysis of {self.output.number}"):
            self.check_operation(thing, field, part, analyses[name])
        if part.format and not NUMBER_FORMAT.fullmatch(part.format) and part.format not in names.formats:
            accepted = "width.decimals, or " + one_of(names.formats, part.format)
            names.reading.fault_in(thing, field, f"{part.format} is no format", accepted)

    def check_operation(self, thing: object, field: str, part: Field, analysis: Analysis) -> None:
        names = self.names
        if names.methods is not None and analysis.method in names.methods:
            known = names.methods[analysis.method]
            names.require(thing, field, part.name, known, f"an operation of {analysis.method}")
        groups = [
            group for each in (*analysis.groups, *filter(None, [analysis.compare])) for group in names.groups(each)
        ]
        for group in part.groups:
            names.require(thing, field, group, groups, f"a group that {analysis.id} is by")


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
