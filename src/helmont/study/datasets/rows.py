"""Rows of data sets while they are made, and what one participant brings to them.

A data set is made of one participant at a time: a save touches one participant, so only their rows are made again. A row
is a mapping from variable to value that knows where it came from. Values are JSON: text, numbers, ``None`` for empty;
dates of SDTM are ISO 8601 text, those of ADaM days since 1 January 1960, as SAS counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helmont.study.values import Value

if TYPE_CHECKING:
    from helmont.study.datasets.context import Context

Cell = str | float | int | None
"""A value of a data set."""
Source = tuple[str, str | int]
"""Where a row came from: record and item (``form:…/VS``, ``VS_READ[1].SYSBP``), or data set and position (``LB``, 17)."""


class Row(dict[str, Any]):
    """A record of a data set: variable to value.

    ``sources`` say what it was made of; ``page`` is the form it was collected on, for records of SDTM.
    """

    __slots__ = ("page", "sources")

    def __init__(self, values: Mapping[str, Any], sources: tuple[Source, ...] = (), page: Page | None = None) -> None:
        super().__init__(values)
        self.sources = sources
        self.page = page

    def derived(self, **changes: Cell) -> Row:
        """A copy with ``changes``, made of the same sources."""
        return Row({**self, **changes}, self.sources, self.page)


Rows = list[Row]


@dataclass(frozen=True, slots=True)
class Visit:
    """An encounter that took place. ``number`` is that of an unscheduled one, as text (``3.1``)."""

    key: str
    encounter: str
    date: str
    end: str | None = None
    number: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A saved form: its record key, the encounter (or line of a log) it belongs to and its values by item key."""

    key: str
    form: str
    data: Mapping[str, Value]
    visit: Visit | None = None
    line: int | None = None
    version: str = ""
    """The version of the study definition it is read with; empty for the current one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the laboratory says about a result: its limits, as text in the unit of the result, and the flag."""

    low: str | None = None
    high: str | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class Casebook:
    """Everything collected about one participant, as it stood at one point of the ledger."""

    participant: str
    site: str
    country: str
    pages: tuple[Page, ...]
    visits: tuple[Visit, ...]
    status: str = ""
    codings: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    """By record key and item key: the terms of the coding by level (``PT``, ``SOC``…)."""
    readings: Mapping[tuple[str, str], Reading] = field(default_factory=dict)
    """By record key and item key: what the laboratory says about the result."""


@dataclass(slots=True)
class Subject:
    """One participant while data sets are made: the casebook, the data sets so far, and what is known of the trial."""

    casebook: Casebook
    context: Context
    datasets: dict[str, Rows] = field(default_factory=dict)

    def rows_of(self, dataset: str) -> Rows:
        """The participant's records in a data set; none while it is not made."""
        try:
            return self.datasets[dataset]
        except KeyError:
            return []

    def only(self, dataset: str) -> Row | None:
        """The participant's record in a data set that has one for each, such as DM or ADSL."""
        rows = self.rows_of(dataset)
        return rows[0] if rows else None


class Environment(Mapping[str, object]):
    """What an expression sees: the variables of the row at hand, and under its name each data set with one record.

    ``row`` is set anew for each record; nothing is copied.
    """

    __slots__ = ("_singles", "_subject", "row")

    def __init__(self, subject: Subject) -> None:
        self.row: Mapping[str, object] = {}
        self._subject = subject
        book = subject.casebook
        person = {"id": book.participant, "site": book.site, "country": book.country, "status": book.status}
        # Under their whole names too, by which expressions look first.
        self._singles: dict[str, object] = {"participant": person, **{f"participant.{n}": v for n, v in person.items()}}

    def _single(self, name: str) -> object:
        """The record of a data set that has one; looked for once."""
        if name not in self._singles:
            rows = self._subject.rows_of(name) if name in self._subject.context.datasets else []
            self._singles[name] = rows[0] if len(rows) == 1 else None
        return self._singles[name]

    def __getitem__(self, name: str) -> object:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str, default: object = None) -> object:
        """The value of a variable of the row, or the record of a data set."""
        value = self.row.get(name)
        if value is None and name not in self.row:
            value = self._single(name)
        return default if value is None else value

    def __iter__(self) -> Iterator[str]:
        return iter({**self.row, **self._singles})

    def __len__(self) -> int:
        return len({**self.row, **self._singles})
