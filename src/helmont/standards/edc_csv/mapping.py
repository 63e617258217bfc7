"""The mapping file: which column of which file answers which question (docs/import-csv.md).

The file is YAML, read by the rules of study packages: what is wrong is a fault with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from helmont.study.faults import Fault, StudyFaults
from helmont.study.kinds import CountryCode, UnitCode
from helmont.study.model import Range
from helmont.study.nodes import compose
from helmont.study.reading import Reading

_INSIDE = re.compile(r"(?:[\w-][\w .()-]*/)*[\w-][\w .()-]*")
"""Names of files in the folder of the data or below it: nothing that leads out of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where an item's value stands. ``column`` may name several, ``A|B``: the first that holds anything.

    ``codes`` turns what is written into the study's codes; without it a code, its submission value or its label is understood.
    ``unknown: leave`` leaves out, with a warning, what the code list does not have. ``not_done`` names the column that says NOT
    DONE. The unit is ``unit``, or stands in ``unit_column`` (``units``: as written, to UCUM), or follows from the size of the
    number (``unit_ranges``). ``dates`` are formats of strptime. ``capitals`` writes text in capitals. ``many`` gathers the
    values of all rows of a line.
    """

    column: str
    codes: Mapping[str, str] = field(default_factory=dict)
    unknown: str = "refuse"
    empty: str | None = None
    not_done: str | None = None
    unit: UnitCode | None = None
    unit_column: str | None = None
    units: Mapping[str, UnitCode] = field(default_factory=dict)
    unit_ranges: Mapping[UnitCode, Range] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    capitals: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The row of a repeating group: ``column`` (``A|B``) holds one of ``rows``."""

    group: str
    column: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Visit:
    """The visit of a row: the text of ``column``, or always ``encounter``; its date, where the row says it."""

    column: str | None = None
    encounter: str | None = None
    date: str | None = None
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One file and the form it fills. Of a log each row is a line, unless ``line_by`` names the columns that make one.

    Only rows that hold one of the texts of ``when`` (and none of ``unless``) count.
    """

    file: str
    form: str
    items: Mapping[str, Column]
    visit: Visit | None = None
    rows: Rows | None = None
    line_by: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """The file with a row for each participant, and the day they were screened."""

    file: str
    screened: str
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statuses:
    """How each participant's part in the trial ended: the text of ``column``, to a status."""

    file: str
    column: str
    statuses: Mapping[str, str]
    otherwise: str | None = None
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A whole mapping. ``participant`` and ``site`` are texts with columns in braces: ``01-{SITEID}-{SUBJID}``."""

    participant: str
    site: str
    people: People
    tables: tuple[Table, ...]
    country: CountryCode | None = None
    encounters: Mapping[str, str] = field(default_factory=dict)
    statuses: Statuses | None = None


def read_mapping(path: Path) -> Mapped:
    """The mapping of a file; ``StudyFaults`` with everything that is wrong in it."""
    faults: list[Fault] = []
    try:
        node = compose(path.read_bytes(), path.name, faults)
    except OSError as error:
        raise StudyFaults([Fault(path.name, 0, "", f"the file cannot be read: {error.strerror}")]) from error
    if node is None:
        raise StudyFaults(faults)
    reading = Reading(("en",), faults)
    mapped: Mapped = reading.read(node, Mapped, "")
    for part in (mapped.people, mapped.statuses, *mapped.tables):
        if part is not None and not _INSIDE.fullmatch(part.file):
            reading.fault_in(
                part, "file", f"{part.file[:60]!r} is not a file beside the others", "a name such as vs.csv"
            )
    if any(fault.severity == "error" for fault in reading.faults):
        raise StudyFaults(reading.faults)
    return mapped
