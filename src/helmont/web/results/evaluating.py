"""Outputs evaluated for a person at a moment, kept while nothing new is in the ledger."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from helmont.core.errors import NotFound
from helmont.datasets.definition import current_version
from helmont.datasets.seen import Seen
from helmont.reports.frames import NotInDatasets
from helmont.reports.results import Result
from helmont.reports.sight import datasets_of, privileges_of
from helmont.studies.queries import compiled
from helmont.study.analyses.model import Output, ReportingEvent
from helmont.study.datasets.privileges import Privileges
from helmont.web.datasets.moments import Shown

if TYPE_CHECKING:
    from helmont.reports.publishing import Shown as Evaluated

# What evaluates is loaded when somebody asks for a table: statistics would double the time a process takes to start.

MOST = 96
_kept: OrderedDict[tuple[Any, ...], Evaluated | None] = OrderedDict()
_turn = threading.Lock()
_FIGURE = re.compile(r'<span data-result="([^"]*)">(.*?)</span>', re.DOTALL)


def event_of(seen: Seen) -> ReportingEvent | None:
    """What is declared: by the version of the moment, or, where that declares none yet, by the current one."""
    study = seen.point.study
    event = seen.context.study.analyses
    return event or compiled(study, current_version(study)).study.analyses


def output_of(event: ReportingEvent | None, number: str) -> tuple[ReportingEvent, Output]:
    """An output by its number; raises ``NotFound``."""
    if event is None:
        raise NotFound(number)
    try:
        return event, event.output(number)
    except KeyError:
        raise NotFound(number) from None


def lacking(seen: Seen, event: ReportingEvent, output: Output) -> Privileges:
    """The privileges that the person would need to see the output, and lacks: it is blinded when there are any."""
    needed = privileges_of(event, output, seen.guards)
    internal = {name for name in datasets_of(event, output) if name in seen.guards and name not in seen.visible}
    return (needed | frozenset().union(*(seen.guards[name].whole for name in internal))) & seen.sight.lacking


def evaluated(seen: Seen, event: ReportingEvent, output: Output) -> Evaluated | None:
    """The output with its results; None when its data sets lack something that it needs.

    Call it only where ``lacking`` is empty.
    """
    from helmont.reports.publishing import shown as evaluate

    assert not lacking(seen, event, output)
    key = (seen.point, seen.sight, output.number)
    with _turn:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    try:
        found = next(evaluate(event, seen, {output.number}), None)
    except NotInDatasets:
        found = None
    with _turn:
        _kept[key] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


def with_links(one: Evaluated, moment: Shown) -> str:
    """The table as HTML, each figure a link to the rows behind it."""
    from helmont.reports.html import fragment

    address = behind_address(moment, one.output.number)

    def link(found: re.Match[str]) -> str:
        text = found[2]
        bare = text.strip()
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        query = urlencode({"result": unescape(found[1])})
        between = "&amp;" if "?" in address else "?"
        return f'{lead}<a href="{address}{between}{query}">{bare}</a>{tail}' if bare else text

    return _FIGURE.sub(link, fragment(one.table, one.drawing))


def behind_address(moment: Shown, number: str) -> str:
    return reverse("results:behind", args=[moment.seen.point.study, number]) + moment.query


@dataclass(frozen=True)
class Reached:
    """An output with its figures that rest on some rows: the address of the rows behind each, and the figure."""

    output: Output
    figures: list[tuple[str, str, str]]


def figures_on(moment: Shown, rows: Mapping[str, set[int]]) -> list[Reached]:
    """Every printed figure that rests on any of the rows (``_row`` by data set), of outputs that the person may see."""
    event = event_of(moment.seen)
    found = []
    for output in event.outputs if event else ():
        if event is None or not datasets_of(event, output) & rows.keys() or lacking(moment.seen, event, output):
            continue
        one = evaluated(moment.seen, event, output)
        reached = [] if one is None else _reached(moment, one, rows)
        if reached:
            found.append(Reached(output, reached))
    return found


def _reached(moment: Shown, one: Evaluated, rows: Mapping[str, set[int]]) -> list[tuple[str, str, str]]:
    address = behind_address(moment, one.output.number)
    between = "&" if "?" in address else "?"
    places: dict[int, Any] = {}
    found = {}
    for result in _printed(one):
        source = id(result.source)
        if source not in places:
            places[source] = _places(result, rows)
        if np.isin(result.places, places[source]).any():
            url = f"{address}{between}{urlencode({'result': result.id})}"
            found[result.id] = (url, (result.formatted or "").strip(), words_of(result))
    return list(found.values())


def _places(result: Result, rows: Mapping[str, set[int]]) -> Any:
    """The places in the source of an analysis that are among the rows."""
    everywhere = np.arange(len(result.source))
    wanted: list[int] = []
    place = 0
    # Data sets put under each other stand in the order of their name (``ADLBC + ADLBH``).
    for dataset, numbers in result.source.identities(everywhere).items():
        for number in numbers:
            if number in rows.get(dataset, ()):
                wanted.append(place)
            place += 1
    return np.array(wanted, dtype=np.int64)


def _printed(one: Evaluated) -> Iterable[Result]:
    return (result for result in one.table.figures if (result.formatted or "").strip())


def words_of(result: Result) -> str:
    """What a figure is of: its analysis, operation and groups."""
    groups = ", ".join(f"{name} {group}" for name, group in result.groups if group)
    return f"{result.analysis}, {result.operation}" + (f" ({groups})" if groups else "")
