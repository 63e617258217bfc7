"""Which other forms of a participant have rules that look at a form that was just saved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read, Rows
from helmont.core.transactions import Transaction
from helmont.edc.context import place_in_time
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.workflows import EDITABLE, EVALUATED
from helmont.study.compiled_forms import Dependency
from helmont.study.compiling import CompiledStudy

Checks = frozenset[str] | None
"""Ids of the checks to run again; None stands for every rule, since a skip or a calculation may change."""

Search = Callable[[str, str, str], list[Row]]
"""The records of a type whose column has a value: of a transaction, or of what a batch has read."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one form: the item keys (``ITEM`` or ``GROUP[2].ITEM``), or None for everything."""

    key: str
    items: Iterable[str] | None = None

    @property
    def participant(self) -> str:
        return self.key.rsplit("/", self.key.count("/") - 1)[0]

    def dependencies(self, study: CompiledStudy) -> tuple[Dependency, ...]:
        """The rules elsewhere that look at what changed."""
        _study, _participant, encounter, form, _line = split_form_key(self.key)
        found = study.dependents(form, encounter)
        if self.items is None or not found:
            return found
        parts = [key.partition("[") for key in self.items]
        names = {name for group, _, rest in parts for name in (group, rest.rpartition(".")[2])}
        return tuple(each for each in found if each.values is None or not names.isdisjoint(each.values))


def dependent_reads(rows: Rows, study: CompiledStudy, change: Change) -> Iterator[Iterable[Read]]:
    """What ``dependent_forms`` and running the rules will read, in rounds (``Action.further_reads``)."""
    dependencies = change.dependencies(study)
    if dependencies:
        yield [Find("encounter", "participant", change.participant), *_logs(study, change, dependencies)]
        keys = _reading(rows.found, study, change)
        yield [read for key in keys for read in (Get("form", key), Find("query", "form", key))]


def dependent_forms(
    tx: Transaction, study: CompiledStudy, change: Change, but: Collection[str] = ()
) -> Iterator[tuple[Row, Checks]]:
    """The open forms with values whose rules look at the change, and which of their checks do; without it itself."""
    reading = {key: checks for key, checks in _reading(tx.find, study, change).items() if key not in but}
    tx.rows.prefetch(Get("form", key) for key in reading)
    rows = [row for key in reading if (row := tx.get("form", key)) is not None]
    able = [row for row in rows if row["status"] in EVALUATED and row["lock"] in EDITABLE]
    tx.rows.prefetch(Find("query", "form", row["key"]) for row in able)
    for row in able:
        yield row, reading[row["key"]]


def _reading(search: Search, study: CompiledStudy, change: Change) -> dict[str, Checks]:
    reading: dict[str, Checks] = {}
    for dependency in change.dependencies(study):
        for key in _keys(search, study, change, dependency):
            known = reading.get(key, frozenset())
            reading[key] = None if known is None or dependency.items else known | frozenset(dependency.checks)
    reading.pop(change.key, None)
    return reading


def _keys(search: Search, study: CompiledStudy, change: Change, dependency: Dependency) -> Iterable[str]:
    """Keys under which the dependent form may read the changed one: where the reference can point to it at all."""
    root = dependency.reference.split(".")[0]
    container = change.key.rsplit("/", 1)[0]
    if root == "here":
        yield f"{container}/{dependency.form}"
    elif study.forms[dependency.form].form.kind == "log":
        for line in search("form", "container", _log(change, dependency)):
            yield line["key"]
    else:
        encounters = search("encounter", "participant", change.participant)
        own = next((place_in_time(each) for each in encounters if each["key"] == container), None)
        for encounter in encounters:
            if root != "previous" or own is None or place_in_time(encounter) > own:
                yield f"{encounter['key']}/{dependency.form}"


def _log(change: Change, dependency: Dependency) -> str:
    return f"{change.participant}/{LOG}/{dependency.form}"


def _logs(study: CompiledStudy, change: Change, dependencies: Iterable[Dependency]) -> Iterator[Read]:
    for dependency in dependencies:
        if study.forms[dependency.form].form.kind == "log":
            yield Find("form", "container", _log(change, dependency))
