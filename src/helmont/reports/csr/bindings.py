"""What a binding in the words of a report stands for.

| binding | stands for |
|---|---|
| ``result(output, analysis, operation, group…, format)`` | a result, printed by the format (``0``, ``.1``, ``P3``) |
| ``said(words)`` | words that stand in the study definition or in a declared output, such as ``Week 24`` |
| ``study(field)`` | ``title``, ``id``, ``version``, ``sponsor``, ``phase``, or the type of an identifier (``NCT``) |
| ``count(what)`` | how many ``arms``, ``encounters``, ``inclusion`` or ``exclusion`` criteria the protocol has |
| ``table(number)`` | the table, in the text; ``ref(number)`` its name: ``Table 14-3.01`` |
| ``arms()``, ``estimands()``, ``objectives()``, ``schedule()``, ``eligibility(kind)`` | tables made from the definition |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from helmont.reports.csr import protocol
from helmont.reports.csr.blocks import Grid
from helmont.reports.csr.tables import grid_of
from helmont.reports.csr.templates import Binding
from helmont.reports.formats import Formatter
from helmont.reports.publishing import Shown
from helmont.reports.results import Result
from helmont.study.analyses.model import ReportingEvent
from helmont.study.analyses.templates import NUMBER_FORMAT
from helmont.study.faults import Fault, one_of
from helmont.study.model import Study
from helmont.study.text import Text

BLOCKS = ("table", "arms", "estimands", "objectives", "schedule", "eligibility", "outputs")
"""Bindings that are a table and stand alone in their paragraph."""
MISSING = "[not available]"


@dataclass(frozen=True, slots=True)
class Bound:
    """A number of the report and the result that it is."""

    section: str
    text: str
    result: str
    raw: float | None


class Binder:
    """Resolves bindings; keeps what numbers came from, and what is wrong."""

    def __init__(self, study: Study, event: ReportingEvent | None, outputs: Mapping[str, Shown]) -> None:
        self.study, self.event, self.outputs = study, event, outputs
        self.bound: list[Bound] = []
        self.faults: list[Fault] = []
        self.format = Formatter(event.formats if event else ())
        self._formats = {each.id for each in event.formats} if event else set[str]()
        self._said = "\n".join([*_texts(study), *(_texts(event) if event else ())])

    def text(self, binding: Binding, section: str) -> str:
        """The words of a binding."""
        match binding.name, binding.arguments:
            case "result", (output, analysis, operation, *groups, form) if output:
                return self._result(binding, section, output, analysis, operation, groups, form)
            case "said", (words,):
                if words in self._said:
                    return words
                return self._wrong(
                    binding, f"{words!r} stands nowhere in the study definition", "words that stand there"
                )
            case "study", (field,):
                return self._study(binding, field)
            case "count", (what,):
                return self._count(binding, what)
            case "ref", (number,):
                for each in self.event.outputs if self.event else ():
                    if each.number == number:
                        return f"{each.kind} {number}"
                return self._wrong(binding, f"{number} is no output", "the number of a declared table or figure")
        return self._wrong(binding, f"{binding.name} with {len(binding.arguments)} texts", "see docs/publishing.md")

    def grid(self, binding: Binding) -> Grid | None:
        """The table of a binding."""
        match binding.name, binding.arguments:
            case "table", (number,):
                if number in self.outputs:
                    return grid_of(self.outputs[number].table)
                self._wrong(binding, f"{number} is no table that was made", one_of([*self.outputs], number))
            case "arms", ():
                return protocol.arms(self.study)
            case "estimands", ():
                return protocol.estimands(self.study)
            case "objectives", ():
                return protocol.objectives(self.study)
            case "schedule", ():
                return protocol.schedule(self.study)
            case "eligibility", ("inclusion" | "exclusion" as kind,):
                return protocol.eligibility(self.study, kind)
            case "outputs", ():
                return protocol.outputs([each.output for each in self.outputs.values()])
            case _:
                self._wrong(binding, f"{binding.name} with {len(binding.arguments)} texts", "see docs/publishing.md")
        return None

    def _result(
        self, binding: Binding, section: str, output: str, analysis: str, operation: str, groups: list[str], form: str
    ) -> str:
        if output not in self.outputs:
            return self._wrong(binding, f"{output} is no output that was made", one_of([*self.outputs], output))
        found: list[Result] = [
            each
            for each in self.outputs[output].results
            if each.analysis == analysis
            and each.operation == operation
            and [group for _, group in each.groups] == groups
        ]
        if len(found) != 1:
            near = sorted({f"{each.analysis} {each.operation}" for each in self.outputs[output].results})
            said = f"{output} has no result {analysis} {operation} {' '.join(groups)}".strip()
            return self._wrong(binding, said, one_of(near, f"{analysis} {operation}"))
        result = found[0]
        if result.raw is None:
            text = self._wrong(binding, f"{result.id} cannot be computed from the data", "data for the analysis")
        else:
            if not NUMBER_FORMAT.fullmatch(form) and form not in self._formats:
                return self._wrong(binding, f"{form!r} is no format", "decimals such as .1, or a declared format")
            text = self.format.print(result.raw, form).strip()
        self.bound.append(Bound(section, text, result.id, result.raw))
        return text

    def _study(self, binding: Binding, field: str) -> str:
        if field in ("title", "id", "version", "sponsor", "phase", "short_title", "acronym"):
            value = getattr(self.study, field)
            return str(value) if value else MISSING
        for each in self.study.identifiers:
            if each.type == field:
                return each.value
        return self._wrong(binding, f"{field} is no field of the study", "title, id, version, sponsor, phase")

    def _count(self, binding: Binding, what: str) -> str:
        plan = self.study.protocol
        counted = {
            "arms": len(plan.arms),
            "encounters": len(plan.encounters),
            "inclusion": sum(each.category == "inclusion" for each in plan.eligibility),
            "exclusion": sum(each.category == "exclusion" for each in plan.eligibility),
        }
        if what in counted:
            return str(counted[what])
        return self._wrong(binding, f"{what} is not counted", one_of([*counted], what))

    def _wrong(self, binding: Binding, message: str, accepted: str) -> str:
        self.faults.append(Fault(binding.file, binding.line, binding.name, message, accepted))
        return MISSING


def _texts(thing: Any) -> Iterator[str]:
    """Every text of a definition, in the source language."""
    if isinstance(thing, Text):
        yield str(thing)
    elif isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping):
        for each in thing.values():
            yield from _texts(each)
    elif isinstance(thing, tuple):
        for each in thing:
            yield from _texts(each)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            if field.name not in ("datasets", "checks", "verification"):
                yield from _texts(getattr(thing, field.name))
