"""Data against their definitions: what a row holds that the document says it does not."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from helmont.standards.define.model import Codelist, Dataset, Define, Item
from helmont.standards.define.where import where
from helmont.study.faults import Fault, Severity, one_of

_YEAR, _MONTH, _DAY = r"\d{4}", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
_ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
_PARTIAL_CLOCK = r"(?:[01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?"
PATTERNS = {
    "date": f"{_YEAR}-{_MONTH}-{_DAY}",
    "time": f"{_CLOCK}{_ZONE}",
    "datetime": f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}",
    "partialDate": f"{_YEAR}(?:-{_MONTH}(?:-{_DAY})?)?",
    "partialTime": _PARTIAL_CLOCK,
    "partialDatetime": f"{_YEAR}(?:-{_MONTH}(?:-{_DAY}(?:T{_PARTIAL_CLOCK}{_ZONE})?)?)?",
}  # fmt: skip
"""ISO 8601 as the data types of ODM have it; the types with gaps and durations are not looked into."""
SHOWN = 10


def data_findings(define: Define, dataset: Dataset, frame: pl.DataFrame) -> list[Fault]:
    """What of ``frame`` does not fit its dataset, with variable, row (from 1) and value. Columns whose name begins with
    ``_`` are nobody's business."""
    return [*_Checker(define, dataset, frame).findings()]


class _Checker:
    def __init__(self, define: Define, dataset: Dataset, frame: pl.DataFrame) -> None:
        self.define, self.dataset, self.frame = define, dataset, frame
        self.codelists = {one.oid: one for one in define.codelists}
        self._clauses: dict[str, pl.Series | None] = {}

    def findings(self) -> Iterator[Fault]:
        names = [one.item.name for one in self.dataset.variables]
        for name in self.frame.columns:
            if name not in names and not name.startswith("_"):
                yield self._fault(name, 0, "the definition has no such variable", one_of(names, name))
        for variable in self.dataset.variables:
            item = variable.item
            if item.name not in self.frame.columns:
                if not variable.no_data:
                    yield self._fault(item.name, 0, "the data have no such column", "a column for every variable")
                continue
            missing = self.frame[item.name].is_null()
            if variable.mandatory:
                yield from self._rows(item.name, missing, "missing, and mandatory", "a value")
            if variable.no_data:
                yield from self._rows(item.name, ~missing, "a value, and the definition says there are none", "no data")
            yield from self._values(item.name, item, None)
            yield from self._on_some_rows(item)
        yield from self._keys()

    def _values(self, name: str, item: Item, rows: pl.Series | None) -> Iterator[Fault]:
        """The values of an item, on all rows or on those of a value list's where clause."""
        everything = self.frame[name]
        present = everything.is_not_null()
        places = (present if rows is None else rows & present).arg_true()
        values = everything if len(places) == len(everything) else everything.gather(places)
        if values.dtype == pl.String and item.length is not None:
            long = values.str.len_chars() > item.length
            yield from self._rows(name, long, f"longer than {item.length} characters", f"at most {item.length}", places)
        if values.dtype == pl.String and item.type in PATTERNS:
            odd = ~values.str.contains(f"^(?:{PATTERNS[item.type]})$")
            yield from self._rows(name, odd, f"not a {item.type}", "ISO 8601", places)
        if item.type in ("integer", "float"):
            numbers = values.cast(pl.Float64, strict=False)
            yield from self._rows(
                name, numbers.is_null() | numbers.is_nan(), "not a number", f"type {item.type}", places
            )
            if item.type == "integer":
                yield from self._rows(name, numbers != numbers.round(), "not a whole number", "type integer", places)
        codelist = self.codelists.get(item.codelist or "")
        if codelist is not None and codelist.terms:
            yield from self._terms(name, codelist, values, places)

    def _terms(self, name: str, codelist: Codelist, values: pl.Series, places: pl.Series) -> Iterator[Fault]:
        codes = [term.code for term in codelist.terms]
        if values.dtype == pl.String:
            known = values.is_in(codes)
        else:
            numbers = pl.Series(codes, dtype=pl.String).cast(pl.Float64, strict=False).drop_nulls()
            known = values.cast(pl.Float64).is_in(numbers.to_list())
        odd = ~known.fill_null(True)
        for value, place in _first_of_each(values, odd):
            yield self._fault(
                name, places[place] + 1, f"{value!r} is not in {codelist.name}", one_of(codes, str(value))
            )

    def _on_some_rows(self, item: Item) -> Iterator[Fault]:
        covered: pl.Series | None = None
        for value in item.values.values if item.values else ():
            for oid in value.where:
                rows = self._held(oid)
                if rows is None:
                    continue
                covered = rows if covered is None else covered | rows
                yield from self._values(item.name, value.item, rows)
                if value.mandatory:
                    missing = rows & self.frame[item.name].is_null()
                    yield from self._rows(item.name, missing, f"missing, and mandatory in {value.item.oid}", "a value")
        if covered is not None:
            bare = ~covered & self.frame[item.name].is_not_null()
            accepted = "a where clause for every row"
            said = "no where clause of the value list holds"
            yield from self._rows(item.name, bare, said, accepted, severity="warning")

    def _held(self, oid: str) -> pl.Series | None:
        """The rows for which a where clause holds; several variables have the same."""
        if oid not in self._clauses:
            expression = where(self.define, self.dataset, self.frame, oid)
            rows = None if expression is None else self.frame.select(expression.alias("rows")).to_series()
            if rows is not None and rows.len() != self.frame.height:  # it holds everywhere or nowhere: one value
                rows = pl.Series([rows[0]]).new_from_index(0, self.frame.height)
            self._clauses[oid] = rows
        return self._clauses[oid]

    def _keys(self) -> Iterator[Fault]:
        keys = [one.item.name for one in self.dataset.key_variables() if one.item.name in self.frame.columns]
        if keys and self.frame.height:
            twice = self.frame.select(pl.struct(keys).is_duplicated().alias("twice")).to_series()
            place = ", ".join(keys)
            for row in twice.arg_true().head(SHOWN):
                said = ", ".join(str(value) for value in self.frame.select(keys).row(row))
                yield self._fault(place, row + 1, f"another row has the same keys: {said}", "keys that tell rows apart")
            if (more := int(twice.sum()) - SHOWN) > 0:
                yield self._fault(place, 0, f"the same keys in {more} more rows", "keys that tell rows apart")

    def _rows(
        self, name: str, wrong: pl.Series, message: str, accepted: str, among: pl.Series | None = None,
        severity: Severity = "error",
    ) -> Iterator[Fault]:  # fmt: skip
        """A finding for each row that is ``wrong``, which speaks of all rows or of those ``among`` them."""
        places = wrong.fill_null(False).arg_true()
        if among is not None and len(places):
            places = among.gather(places)
        for place in places.head(SHOWN):
            value = self.frame[name][place]
            said = message if value is None else f"{value!r:.80}: {message}"
            yield self._fault(name, place + 1, said, accepted, severity)
        if len(places) > SHOWN:
            yield self._fault(name, 0, f"{message} in {len(places) - SHOWN} more rows", accepted, severity)

    def _fault(self, name: str, row: int, message: str, accepted: str, severity: Severity = "error") -> Fault:
        return Fault(self.dataset.name, 0, f"{name} row {row}" if row else name, message, accepted, severity)


def _first_of_each(values: pl.Series, wrong: pl.Series) -> Iterator[tuple[object, int]]:
    """Every wrong value once, with the first place (from 0) that holds it."""
    seen: set[object] = set()
    for place in wrong.fill_null(False).arg_true():
        value = values[place]
        if value not in seen:
            seen.add(value)
            yield value, place
        if len(seen) >= SHOWN:
            return
