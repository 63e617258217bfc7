"""The declared tables and figures as Analysis Results Metadata 1.0."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from helmont.reports.conditions import ConditionError
from helmont.reports.defining.parts import Shared
from helmont.reports.methods import METHODS
from helmont.standards.define.analyses import AnalysisDataset, AnalysisResult, Display, Program
from helmont.standards.define.model import Comparator, Condition, Dataset
from helmont.standards.define.names import dataset_oid, item_oid
from helmont.study.analyses.model import Analysis, Output, ReportingEvent
from helmont.study.cel import parse
from helmont.study.cel.syntax import Node
from helmont.study.publishing import to_json

LANGUAGE = "Helmont analysis (YAML, with conditions in CEL)"
_COMPARATORS: dict[str, Comparator] = {"==": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}


def displays_of(event: ReportingEvent, datasets: tuple[Dataset, ...], shared: Shared) -> tuple[Display, ...]:
    """Every output whose data sets are in the document, with its analyses."""
    return tuple(_Displays(event, datasets, shared).all())


class _Displays:
    def __init__(self, event: ReportingEvent, datasets: tuple[Dataset, ...], shared: Shared) -> None:
        self.event, self.shared = event, shared
        self.variables = {each.name: {one.item.name for one in each.variables} for each in datasets}
        self.sets = {each.id: each for each in event.analysis_sets}
        self.subsets = {each.id: each for each in event.subsets}

    def all(self) -> Iterator[Display]:
        for output in self.event.outputs:
            needed = {part.strip() for each in output.analyses for part in each.dataset.split("+")}
            if needed | {self.event.participants} <= self.variables.keys():
                results = tuple(self._result(output, each) for each in output.analyses)
                yield Display(f"RD.{output.number}", f"{output.kind} {output.number}", output.title, results)

    def _result(self, output: Output, analysis: Analysis) -> AnalysisResult:
        method, chosen = METHODS[analysis.method], self.sets[analysis.set]
        rows = [self.subsets[analysis.subset].where] if analysis.subset else []
        rows += [analysis.where] if analysis.where else []
        main, *others = [part.strip() for part in analysis.dataset.split("+")]
        used = [name for name in (analysis.variable, *analysis.settings.values()) if name]
        datasets = [AnalysisDataset(dataset_oid(main), self._where(main, rows), self._items(main, used))]
        datasets += [AnalysisDataset(dataset_oid(other), None, self._items(other, used)) for other in others]
        participants = self.event.participants
        if participants not in (main, *others):
            datasets.append(AnalysisDataset(dataset_oid(participants), self._where(participants, [chosen.where])))
        told = f"{method.label} of participants in the set “{chosen.label}” ({chosen.where})."
        if rows:
            told += f" Records: {' and '.join(rows)}."
        written = yaml.safe_dump(to_json(analysis), allow_unicode=True, sort_keys=False, width=10_000)
        joined = f"Joined by {self.event.participant}." if len(datasets) > 1 else None
        return AnalysisResult(
            oid=f"AR.{output.number}.{analysis.id}",
            description=analysis.label or f"{method.label}: {analysis.variable or analysis.id}",
            reason="SPECIFIED IN SAP",
            purpose=output.purpose,
            datasets=tuple(datasets),
            parameter=item_oid(main, "PARAMCD") if "PARAMCD" in self.variables[main] else None,
            join_comment=self.shared.comment("COM.join", joined) if joined else None,
            documentation=f"{told} {method.reference}".strip(),
            program=Program(LANGUAGE, written),
        )

    def _items(self, dataset: str, used: list[str]) -> tuple[str, ...]:
        names = dict.fromkeys(part.strip() for each in used for part in each.split(","))
        return tuple(item_oid(dataset, name) for name in names if name in self.variables[dataset])

    def _where(self, dataset: str, conditions: list[str]) -> str | None:
        """The clause of conditions that a where clause can say: comparisons that all hold."""
        try:
            parts = [part for text in conditions for part in _comparisons(parse(text).tree)]
        except ConditionError:
            return None
        if not parts or any(name not in self.variables[dataset] for name, _, _ in parts):
            return None
        items = [Condition(item_oid(dataset, name), how, values) for name, how, values in parts]
        return self.shared.where(dataset, items, [name for name, _, _ in parts])


def _comparisons(node: Node) -> Iterator[tuple[str, Comparator, tuple[str, ...]]]:
    """The comparisons that a condition joins by ``&&``; raises ``ConditionError`` when it is anything else."""
    if node.op == "&&":
        for each in node.operands:
            yield from _comparisons(each)
    elif node.op in _COMPARATORS and [each.op for each in node.operands] == ["name", "literal"]:
        name, literal = node.operands
        yield name.word, _COMPARATORS[node.op], (_text(literal),)
    elif node.op == "in" and node.operands[1].op == "[]":
        name, values = node.operands
        yield name.word, "IN", tuple(_text(each) for each in values.operands)
    else:
        raise ConditionError(f"{node.op} is in no where clause")


def _text(literal: Node) -> str:
    value = literal.args[0]
    return f"{value:g}" if isinstance(value, float) else str(value)
