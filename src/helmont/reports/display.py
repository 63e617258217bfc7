"""An output with its results: the lines, headings and notes that every rendering writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from helmont.reports.formats import Formatter
from helmont.reports.methods.surviving import DAY
from helmont.reports.results import GroupKey, Result, Results
from helmont.study.analyses.model import Analysis, Column, Grouping, Output, ReportingEvent, Row
from helmont.study.analyses.templates import Field, Template, template


@dataclass(frozen=True)
class Piece:
    """Some text of a cell; a figure has the result that it prints."""

    text: str
    result: Result | None = None


Cell = tuple[Piece, ...]


@dataclass(frozen=True)
class Leaf:
    """A column of the table as it stands; ``label`` in lines."""

    column: Column
    label: tuple[str, ...]
    groups: Mapping[str, str]
    names: tuple[str, ...]
    """Under which a row gives its cell, the most particular first: ``arm.LOW``, ``arm``."""


@dataclass(frozen=True)
class Span:
    """A heading over columns ``first`` to ``last``."""

    label: tuple[str, ...]
    first: int
    last: int
    rule: str


@dataclass(frozen=True)
class Line:
    """A row of the table: its cells, or one ``text`` over all columns; neither is a line left empty."""

    cells: tuple[Cell, ...] = ()
    text: str = ""
    depth: int = 0

    @property
    def blank(self) -> bool:
        return not self.cells and not self.text


@dataclass(frozen=True)
class Table:
    """A table ready to be written."""

    output: Output
    protocol: str
    leaves: tuple[Leaf, ...]
    spans: tuple[Span, ...]
    lines: tuple[Line, ...]

    @property
    def figures(self) -> Iterator[Result]:
        """The results that it prints, in order."""
        for line in self.lines:
            for cell in line.cells:
                yield from (piece.result for piece in cell if piece.result is not None)


def display(event: ReportingEvent, output: Output, results: Results) -> Table:
    """Set the results in the output's table; every figure printed gets its ``formatted`` value."""
    return _Setter(event, output, results).table()


@dataclass(frozen=True)
class _Context:
    groups: Mapping[str, str]
    analysis: str = ""

    def within(self, groups: Mapping[str, str], analysis: str = "") -> _Context:
        return _Context({**self.groups, **groups}, analysis or self.analysis)


class _Setter:
    def __init__(self, event: ReportingEvent, output: Output, results: Results) -> None:
        self.event, self.output, self.results = event, output, results
        self.format = Formatter(event.formats)
        self.analyses = {each.id: each for each in output.analyses}
        self.groupings = {each.id: each for each in event.groupings}
        self._counts: dict[str, list[Result]] = {}
        self._indices: dict[tuple[str, tuple[str, ...], str], dict[tuple[str, ...], dict[str, None]]] = {}
        for result in results:
            if result.operation == "n":
                self._counts.setdefault(result.analysis, []).append(result)

    def table(self) -> Table:
        leaves: list[Leaf] = []
        spans: list[Span] = []
        for column in self.output.columns:
            for one in self._columns(column, _Context({})):
                if isinstance(one, Leaf):
                    leaves.append(one)
                else:
                    span, inner = one
                    spans.append(replace(span, first=len(leaves), last=len(leaves) + len(inner) - 1))
                    leaves += inner
        lines = [line for row in self.output.rows for line in self._row(row, _Context({}), tuple(leaves))]
        return Table(self.output, self.event.protocol, tuple(leaves), tuple(spans), tuple(_once(lines, leaves)))

    # Columns

    def _columns(self, column: Column, context: _Context, suffix: str = "") -> Iterator[Leaf | tuple[Span, list[Leaf]]]:
        for groups, group in self._repeats(column, context):
            here, name = context.within({**groups, **column.groups}), group or suffix
            label = tuple(self._plain(column.label, here).split("|")) if column.label else ()
            if not column.columns:
                names = (f"{column.id}.{name}", column.id) if name else (column.id,)
                yield Leaf(column, label, here.groups, names)
                continue
            inner = [
                leaf for each in column.columns for leaf in self._columns(each, here, name) if isinstance(leaf, Leaf)
            ]
            yield Span(label, 0, 0, column.rule), inner

    def _repeats(self, column: Column, context: _Context) -> Iterator[tuple[dict[str, str], str]]:
        if column.each is None:
            yield {}, ""
            return
        for group in self._groups(self.groupings[column.each], column.only, "", context):
            yield {column.each: group}, group

    def _groups(self, grouping: Grouping, only: tuple[str, ...], having: str, context: _Context) -> list[str]:
        """The groups of a grouping in order: those given, or those of which there are results."""
        if only:
            return list(only)
        if not grouping.data_driven:
            return [group.id for group in grouping.groups if not group.total]
        name = having or context.analysis
        if name not in self.analyses:
            return []
        outer = self._outer(name, context, without=grouping.id)
        return list(self._index(name, outer, grouping.id).get(tuple(context.groups[each] for each in outer), ()))

    def _outer(self, analysis: str, context: _Context, without: str = "") -> tuple[str, ...]:
        """The groupings of an analysis that the context is within."""
        return tuple(name for name in self.analyses[analysis].groups if name in context.groups and name != without)

    def _index(self, analysis: str, outer: tuple[str, ...], inner: str) -> dict[tuple[str, ...], dict[str, None]]:
        """Of a count: by groups of ``outer`` the groups of ``inner`` in which somebody is (with no ``inner``: one nameless)."""
        key = (analysis, outer, inner)
        if key not in self._indices:
            found: dict[tuple[str, ...], dict[str, None]] = {}
            for result in self._counts.get(analysis, []):
                if result.raw:
                    groups = dict(result.groups)
                    found.setdefault(tuple(groups[name] for name in outer), {})[groups.get(inner, "")] = None
            self._indices[key] = found
        return self._indices[key]

    # Rows

    def _row(self, row: Row, context: _Context, leaves: tuple[Leaf, ...], depth: int = 0) -> Iterator[Line]:
        here = context.within(row.groups, row.analysis)
        if row.each is None:
            if not row.having or self._anybody(row.having, here):
                yield from self._lines(row, here, leaves, depth)
            return
        groups = self._groups(self.groupings[row.each], row.only, row.having, here)
        inside = [here.within({row.each: group}) for group in groups]
        if row.having:
            inside = [each for each in inside if self._anybody(row.having, each)]
        for field in reversed(row.sort):
            inside.sort(key=lambda each, field=field: -self._number(field, each))  # type: ignore[misc]
        for each in inside:
            yield from self._lines(row, each, leaves, depth)

    def _anybody(self, analysis: str, context: _Context) -> bool:
        outer = self._outer(analysis, context)
        return tuple(context.groups[each] for each in outer) in self._index(analysis, outer, "")

    def _number(self, text: str, context: _Context) -> float:
        (field,) = template("{" + text + "}").fields
        result = self._result(field, context)
        return result.raw if result is not None and result.raw is not None else float("-inf")

    def _lines(self, row: Row, context: _Context, leaves: tuple[Leaf, ...], depth: int) -> Iterator[Line]:
        if row.blank:
            yield Line()
        if row.text:
            yield Line(text=" " * row.indent + self._plain(row.text, context), depth=depth)
        if row.cells:
            cells = [self._cell(row, context, leaf) for leaf in leaves]
            if row.indent:
                cells[0] = (Piece(" " * row.indent), *cells[0])
            yield Line(tuple(cells), depth=depth)
        for inner in row.rows:
            yield from self._row(inner, context, leaves, depth + 1)

    def _cell(self, row: Row, context: _Context, leaf: Leaf) -> Cell:
        text = next((row.cells[name] for name in leaf.names if name in row.cells), "")
        if not text:
            return ()
        return tuple(self._pieces(template(text), context.within(leaf.groups)))

    def _pieces(self, shape: Template, context: _Context) -> list[Piece]:
        figures = [part for part in shape.parts if isinstance(part, Field) and not part.is_label]
        if figures:
            first = self._result(figures[0], context)
            if first is None or first.raw is None:
                return self._pieces(shape.absent, context) if shape.absent else []
            if shape.zero is not None and first.raw == 0:
                return self._pieces(shape.zero, context)
        return [Piece(part) if isinstance(part, str) else self._figure(part, context) for part in shape.parts]

    def _figure(self, field: Field, context: _Context) -> Piece:
        if field.is_label:
            return Piece(self._label(field.name, context))
        result = self._result(field, context)
        if result is None:
            return Piece("")
        text = self.format.print(result.raw, field.format)
        if result.formatted is None:
            result.formatted = text.strip()
        return Piece(text, result)

    def _label(self, name: str, context: _Context) -> str:
        group = context.groups.get(name, "")
        labels = {each.id: each.label for each in self.groupings[name].groups}
        return labels.get(group) or group

    def _plain(self, text: str, context: _Context) -> str:
        return "".join(piece.text for piece in self._pieces(template(text), context))

    def _result(self, field: Field, context: _Context) -> Result | None:
        analysis = self.analyses.get(field.analysis or context.analysis)
        if analysis is None:
            return None
        for key in self._keys(analysis, field, context):
            found = self.results.get(analysis.id, field.name, key)
            if found is not None:
                return found
        return None

    def _keys(self, analysis: Analysis, field: Field, context: _Context) -> Iterator[tuple[GroupKey, ...]]:
        """The groups that the figure may be of: with the groups compared, then without."""
        known = dict(context.groups)
        extra: list[GroupKey] = []
        for group in field.groups:
            name = self._grouping_of(analysis, group)
            if name == analysis.compare:
                extra.append((name, group))
            else:
                known[name] = group
        base = tuple((name, known[name]) for name in analysis.groups if name in known)
        if analysis.compare:
            mine = ((analysis.compare, known[analysis.compare]),) if analysis.compare in known else ()
            if DAY in known:
                yield (*base, *mine, (DAY, known[DAY]))
            yield (*base, *mine, *extra)
            yield (*base, *extra)
        yield base

    def _grouping_of(self, analysis: Analysis, group: str) -> str:
        names: list[str] = [*analysis.groups, *filter(None, [analysis.compare])]
        return next((name for name in names if any(each.id == group for each in self.groupings[name].groups)), "")


def _once(lines: list[Line], leaves: list[Leaf]) -> Iterator[Line]:
    """Leave out what the row above says already, in the columns that ask for it; what is more to the left counts as well."""
    asked = [place for place, leaf in enumerate(leaves) if leaf.column.once]
    above: list[Cell] = []
    for line in lines:
        if not asked or not line.cells:
            yield line
            continue
        cells, same = list(line.cells), bool(above)
        for place in asked:
            same = same and _words(above[place]) == _words(line.cells[place])
            if same:
                cells[place] = ()
        above = list(line.cells)
        yield replace(line, cells=tuple(cells))


def _words(cell: Cell) -> str:
    return "".join(piece.text for piece in cell)
