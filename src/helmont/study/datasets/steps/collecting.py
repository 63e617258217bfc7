"""Collected values to records: the targets that the forms declare, gathered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helmont.study.datasets.rows import Page, Row, Rows, Source, Subject
from helmont.study.datasets.vocabulary import Creates, Reads, step_making
from helmont.study.values import Value

COMPARATOR = "_COMP"
"""``ALT_COMP`` says whether the result ``ALT`` is a limit; the terms of its codelist are submitted as the sign before it."""
_KEY = re.compile(r"(?:([A-Z0-9_]+)\[(\d+)\]\.)?([A-Z0-9_]+)")
_Parts = tuple[str | None, int | None, str]
"""The repeating group and its row, and the item."""


@lru_cache(maxsize=20_000)
def _parts(key: str) -> _Parts | None:
    found = _KEY.fullmatch(key)
    return (found[1], int(found[2]) if found[2] else None, found[3]) if found else None


@dataclass(frozen=True, slots=True)
class Target:
    """Where an item goes, with all that is needed to write its value."""

    variable: str
    where: tuple[tuple[str, str], ...]
    kind: str
    unit: str | None
    terms: Mapping[str, str | None] | None
    comparator: Target | None
    """The item beside it that says when a result is a limit: its submitted values are the signs (``<``)."""
    order: int


def _makes(study: Any, arguments: Any) -> set[str]:
    """The variables that items of the study have as targets in the domain, and what goes with results."""
    domain = arguments.domain
    targets = [item.sdtm for form in study.forms for item in form.items() if item.sdtm and item.sdtm.domain == domain]
    made = {target.variable for target in targets} | {name for target in targets for name in target.where}
    if any(variable.endswith("ORRES") for variable in made):
        made |= {f"{domain}ORRESU", f"{domain}STAT", f"{domain}REASND"}
    return made


@step_making(_makes)
def collect(
    rows: Rows,
    subject: Subject,
    *,
    domain: str,
    units: Mapping[str, str] | None = None,
    not_done_reason: str | None = None,
    row: Creates | None = None,
    line: Creates | None = None,
    derived: Creates | None = None,
    numbers: tuple[Reads, ...] = (),
    others: Mapping[str, Creates] | None = None,
    codings: Mapping[Creates, str] | None = None,
    uncoded: str | None = None,
) -> Rows:
    """A record for every set of answers whose target is ``domain``: one for each page, row and ``where``.

    Items without a ``where`` on a page that has records with one (a date of collection) hold for all of these; those
    in a row of a repeating group for the records of that row. A number's unit goes to --ORRESU under the name that
    ``units`` gives it; what was not done to --STAT and --REASND (``not_done_reason`` stands for "no reason given" and
    is not submitted). A date and a time for one variable are joined. An item named as a result with _COMP
    (``ALT_COMP``) puts the submitted value of its term before the result: ``<``. Each value of a multiple choice makes
    a record of its own. ``row`` receives the number of the row of a repeating group, ``line`` that of the line of a
    log, ``derived`` a Y where the answer was calculated by the form. ``numbers`` names the variables that are numbers
    (SDTMIG 3.4, 4.5.1). ``others`` takes along answers on these pages that go elsewhere (``RELREC.RELID: _LINK``).
    ``codings`` gives variables the terms of a dictionary by level (``AEDECOD: PT``) and ``uncoded`` what stands where
    there are none yet.
    """
    made = list(rows)
    for page in subject.casebook.pages:
        targets = _targets(subject, page, domain)
        if targets:
            records = _records(page, targets, domain, units or {}, not_done_reason, row, derived, frozenset(numbers))
            if line:
                for record in records:
                    record[line] = page.line
            if others:
                _take_along(records, page, subject, others)
            if codings:
                _coded(records, subject.casebook.codings, codings, uncoded)
            made += records
    return made


def _take_along(records: list[Row], page: Page, subject: Subject, others: Mapping[str, str]) -> None:
    """Answers of the page that go to another domain, on every record of the page."""
    for target_name, variable in others.items():
        domain, _, name = target_name.partition(".")
        for item, target in _targets(subject, page, domain).items():
            value = page.data.get(item)
            if target.variable == name and value is not None:
                text = _term(target, value) if target.terms is not None else str(value)
                for record in records:
                    record[variable] = text
                    record.sources = (*record.sources, (page.key, item))


def _coded(
    records: list[Row],
    codings: Mapping[tuple[str, str], Mapping[str, str]],
    variables: Mapping[str, str],
    uncoded: str | None,
) -> None:
    for record in records:
        terms = next((found for source in record.sources if (found := codings.get((source[0], str(source[1]))))), {})
        for variable, level in variables.items():
            record[variable] = terms.get(level) or (None if terms else uncoded)


def _targets(subject: Subject, page: Page, domain: str) -> Mapping[str, Target]:
    """The targets of a page's items in a domain, by item; kept on the context."""
    context = subject.context
    cached: dict[tuple[str, str, str], dict[str, Target]] = context.cache
    key = (page.version, page.form, domain)
    found = cached.get(key)
    if found is None:
        cached[key] = found = dict(_targets_of(context.versions[page.version], page.form, domain))
    return found


def _targets_of(study: Any, form_id: str, domain: str) -> Iterator[tuple[str, Target]]:
    codelists = {codelist.id: codelist for codelist in study.codelists}
    form = next((form for form in study.forms if form.id == form_id), None)
    items = list(form.items()) if form else []
    by_id = {item.id: item for item in items}

    def terms(item: Any) -> dict[str, str | None] | None:
        return {term.code: term.sdtm for term in codelists[item.codelist].terms} if item.codelist else None

    for order, item in enumerate(items):
        if item.sdtm and item.sdtm.domain == domain:
            beside = by_id.get(f"{item.id}{COMPARATOR}")
            comparator = Target(beside.id, (), beside.type, None, terms(beside), None, 0) if beside else None
            unit = item.unit or None
            where = tuple(sorted(item.sdtm.where.items()))
            yield item.id, Target(item.sdtm.variable, where, item.type, unit, terms(item), comparator, order)


_Place = tuple[int | None, tuple[tuple[str, str], ...]]
"""A row of a repeating group, and what tells the record apart."""


def _records(
    page: Page,
    targets: Mapping[str, Target],
    domain: str,
    units: Mapping[str, str],
    not_done_reason: str | None,
    row_variable: str | None,
    derived: str | None,
    numbers: frozenset[str],
) -> list[Row]:
    records: dict[_Place, dict[str, Any]] = {}
    sources: dict[_Place, list[Source]] = {}
    several: tuple[str, list[str]] | None = None
    for key, parts, target in _in_order(page, targets):
        value = page.data[key]
        group, number, _item = parts
        place = (number, target.where)
        if target.kind == "multiselect" and isinstance(value, list):
            several = (target.variable, [text for code in value if (text := _term(target, code)) is not None])
            written: dict[str, Any] = {}
        else:
            written = _written(value, target, domain, units, not_done_reason, page.data, group, number)
        if not written and several is None:
            continue
        record = records.setdefault(place, {})
        if derived and target.kind == "calculated":
            record[derived] = "Y"
        for variable, text in written.items():
            earlier = record.get(variable)
            if earlier is not None and target.kind in ("time", "date"):
                day, time = (earlier, text) if target.kind == "time" else (text, earlier)
                text = f"{day}T{time}"
            record[variable] = float(text) if variable in numbers and text is not None else text
        sources.setdefault(place, []).append((page.key, key))
    return list(_finished(page, records, sources, several, row_variable, numbers))


def _in_order(page: Page, targets: Mapping[str, Target]) -> list[tuple[str, _Parts, Target]]:
    """The answers of a page that have a target, in the order of the form."""
    found = []
    for key in page.data:
        parts = _parts(key)
        target = targets.get(parts[2]) if parts else None
        if parts is not None and target is not None:
            found.append((key, parts, target))
    return sorted(found, key=lambda each: (each[1][1] or 0, each[2].order))


def _finished(
    page: Page,
    records: dict[_Place, dict[str, Any]],
    sources: dict[_Place, list[Source]],
    several: tuple[str, list[str]] | None,
    row_variable: str | None,
    numbers: frozenset[str],
) -> Iterator[Row]:
    shared: dict[int | None, dict[str, Any]] = {}  # of the page (None), and of each row with records to share it
    sharing = {row for row, where in records if where}
    for number in sharing | {None} if sharing else ():
        shared[number] = records.pop((number, ()), {})
    for place, record in records.items():
        row, where = place
        beside = tuple(dict.fromkeys(number for number in (row, None) if shared.get(number)))
        values = {**dict(where), **record}
        for number in beside:
            values |= shared[number]
        if row_variable:
            values[row_variable] = row
        origin = (*sources[place], *(source for number in beside for source in sources[number, ()]))
        if several is None:
            yield Row(values, origin, page)
        else:
            variable, texts = several
            for text in texts:
                yield Row({**values, variable: float(text) if variable in numbers else text}, origin, page)


def _term(target: Target, code: object) -> str | None:
    return target.terms.get(str(code)) if target.terms is not None else str(code)


def _written(
    value: Value,
    target: Target,
    domain: str,
    units: Mapping[str, str],
    not_done_reason: str | None,
    data: Mapping[str, Value],
    group: str | None,
    row: int | None,
) -> dict[str, Any]:
    """The variables that one answer gives."""
    result = target.variable.endswith("ORRES")
    if isinstance(value, dict):
        if "not_done" in value:
            reason = str(value["not_done"])
            stated = {} if reason == not_done_reason else {f"{domain}REASND": reason}
            return {f"{domain}STAT": "NOT DONE", **stated} if result else {}
        if "value" in value:
            unit = str(value["unit"])
            return {target.variable: str(value["value"]), f"{domain}ORRESU": units.get(unit, unit)}
        return {target.variable: str(value.get("name", ""))}
    text = _term(target, value) if target.terms is not None else str(value)
    if text is None:
        return {}
    if target.comparator:
        beside = target.comparator.variable
        code = data.get(f"{group}[{row}].{beside}" if group else beside)
        text = f"{_term(target.comparator, code) or ''}{text}" if code else text
    written = {target.variable: text}
    if result and target.unit:
        written[f"{domain}ORRESU"] = units.get(target.unit, target.unit)
    return written
