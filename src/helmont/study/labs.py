"""The laboratory of a study (``labs.yaml``): which item holds which analyte, whose age counts when, criteria, alerts, files.

Every number item annotated with ``LBORRES`` and an ``LBTESTCD`` is an analyte without being listed; ``analytes`` adds what
an annotation does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from helmont.study.kinds import AnalyteId, Declares, EncounterId, FormId, UnitCode
from helmont.study.text import Text


@dataclass(frozen=True, slots=True)
class Sample:
    """The items of a form that say when, whether fasting and by which laboratory its results were obtained."""

    form: FormId
    date: str
    time: str | None = None
    fasting: str | None = None
    laboratory: str | None = None


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is measured, and the item that holds it.

    ``codes`` are how laboratories name it (LOINC or their own). ``test`` is the CDISC test code, by which grading criteria
    find it; its id unless given. ``comparator`` is an item that holds LT or GT for a result beyond the measuring range.
    """

    id: Annotated[str, Declares("analyte")]
    form: FormId
    item: str
    test: str | None = None
    codes: tuple[str, ...] = ()
    comparator: str | None = None
    molar_mass: Decimal | None = None
    valence: int | None = None


@dataclass(frozen=True, slots=True)
class LabCondition:
    """One result of the sample: at least or below so many times the upper limit, or changed so much since baseline."""

    analyte: AnalyteId
    at_least_uln: Decimal | None = None
    below_uln: Decimal | None = None
    rise: Decimal | None = None
    fall: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LabAlert:
    """When somebody has to look: a grade reached, or every condition met by results of one sample day; for ``roles``."""

    id: Annotated[str, Declares("laboratory alert")]
    text: Text
    grade: int | None = None
    all: tuple[LabCondition, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """How result files of a format are read.

    ``columns`` (CSV) maps what is meant (participant, visit, date, time, test, result, unit, status, fasting) to the
    heading in the file. ``participant`` and ``visit`` (HL7) name fields, ``PID-3`` and ``OBR-13``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    participant: str = "PID-3"
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Labs:
    """The laboratory of a study.

    ``sex`` and ``birth_date`` or ``age`` name items (``DM.SEX``). ``age_at`` declares which date counts for age: that of
    collection, or that of the visit at which ``age`` was asked. ``baseline`` names the encounters whose last result is the
    baseline. ``visits`` and ``units`` translate how a laboratory names them.
    """

    sex: str
    laboratory: str = "CENTRAL"
    age: str | None = None
    birth_date: str | None = None
    age_at: Literal["collection", "screening"] = "collection"
    grading: Literal["CTCAE5", "DAIDS21"] | None = None
    baseline: tuple[EncounterId, ...] = ()
    samples: tuple[Sample, ...] = ()
    analytes: tuple[Analyte, ...] = ()
    alerts: tuple[LabAlert, ...] = ()
    csv: ResultFiles = field(default_factory=ResultFiles)
    hl7: ResultFiles = field(default_factory=ResultFiles)
    visits: Mapping[str, EncounterId] = field(default_factory=dict)
    units: Mapping[str, UnitCode] = field(default_factory=dict)
