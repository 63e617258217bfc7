"""Results, grades and ranges as the pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helmont.core.errors import NotFound
from helmont.edc.queries.titles import encounter_title
from helmont.labs.definition import LabDefinition, lab_definition
from helmont.labs.models import Reading, ReferenceRange
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.study.units import unit_text
from helmont.web.addresses import form_address, participant_address

FLAGS = ("HIGH", "LOW", "NORMAL")
AGE_UNITS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}


def laboratory_of(study: Study) -> tuple[CompiledStudy, LabDefinition]:
    """The laboratory of the study's present version; raises ``NotFound`` when it has none."""
    definition = lab_definition(study.key, study.definition) if study.definition else None
    if definition is None:
        raise NotFound(f"{study.key} labs")
    return compiled(study.key, study.definition), definition


def flag_word(flag: str) -> str:
    return {
        "HIGH": pgettext("laboratory flag", "High"),
        "LOW": pgettext("laboratory flag", "Low"),
        "NORMAL": pgettext("laboratory flag", "Normal"),
    }.get(flag, pgettext("laboratory flag", "No range"))


def analyte_label(definition: LabDefinition, analyte: str, language: str) -> str:
    measurand = definition.measurands.get(analyte)
    return str(measurand.label.get(language)[0]) if measurand else analyte


def limits_text(low: str, high: str) -> str:
    """``10–50``, ``≤ 50``, ``≥ 10`` or nothing."""
    low, high = _short(low), _short(high)
    if low and high:
        return f"{low}–{high}"
    return f"≤ {high}" if high else f"≥ {low}" if low else ""


def _short(number: str) -> str:
    return f"{Decimal(number).normalize():f}"[:10] if number else ""


@dataclass(frozen=True)
class ShownReading:
    """One result in words; ``tone`` and ``glyph`` colour its flag, ``grade_tone`` its grade."""

    key: str
    participant: str
    participant_url: str
    analyte: str
    url: str
    visit: str
    collected: str
    value: str
    unit: str
    limits: str
    range_url: tuple[str, str, str] | None
    flag: str
    flag_word: str
    tone: str
    glyph: str
    grade: int | None
    grade_tone: str
    term: str
    assumed: str
    baseline: str


def shown(one: Reading, study: CompiledStudy, definition: LabDefinition, language: str) -> ShownReading:
    number, place = one.participant.split("/", 1)[1], one.key.split("/")[2]
    parts = one.range.split("/")
    return ShownReading(
        key=one.key,
        participant=number,
        participant_url=participant_address(one.participant) + "labs",
        analyte=analyte_label(definition, one.analyte, language),
        url=form_address(one.key.partition("#")[0], one.item),
        visit=encounter_title(study, place, language),
        collected=one.collected,
        value=f"{one.comparator} {one.value}".strip(),
        unit=unit_text(one.unit),
        limits=limits_text(one.low, one.high),
        range_url=(parts[2], parts[3], parts[4]) if len(parts) == 5 else None,
        flag=one.flag,
        flag_word=flag_word(one.flag),
        tone={"HIGH": "attention", "LOW": "attention", "NORMAL": "good"}.get(one.flag, "neutral"),
        glyph={"HIGH": "warning", "LOW": "warning", "NORMAL": "check"}.get(one.flag, "missing"),
        grade=one.grade,
        grade_tone="bad" if (one.grade or 0) >= 3 else "attention",
        term=one.term,
        assumed=one.assumed,
        baseline=one.baseline,
    )


@dataclass(frozen=True)
class Trend:
    """A small picture of one analyte over time, in a box of 200 by 48: the line, the points, and the band of the range."""

    line: str
    points: tuple[tuple[str, str, bool], ...]
    band: tuple[str, str] | None


def trend(rows: Sequence[Reading]) -> Trend | None:
    """The picture of results in order; None for fewer than two."""
    if len(rows) < 2:
        return None
    values = [float(row.value) for row in rows]
    low = next((float(row.low) for row in reversed(rows) if row.low), None)
    high = next((float(row.high) for row in reversed(rows) if row.high), None)
    known = [*values, *(limit for limit in (low, high) if limit is not None)]
    least, most = min(known), max(known)
    span = (most - least) or 1.0

    def y(value: float) -> float:
        return 44 - 40 * (value - least) / span

    step = 192 / (len(values) - 1)
    places = [(4 + step * number, y(value)) for number, value in enumerate(values)]
    top = y(high) if high is not None else 2.0
    bottom = y(low) if low is not None else 46.0
    return Trend(
        line=" ".join(f"{x:.1f},{at:.1f}" for x, at in places),
        points=tuple(
            (f"{x:.1f}", f"{at:.1f}", row.flag in ("HIGH", "LOW")) for (x, at), row in zip(places, rows, strict=True)
        ),
        band=(f"{top:.1f}", f"{max(bottom - top, 0.5):.1f}") if low is not None or high is not None else None,
    )


@dataclass(frozen=True)
class ShownRange:
    """A range in a list."""

    laboratory: str
    code: str
    number: str
    analyte: str
    who: str
    fasting: str
    limits: str
    unit: str
    period: tuple[str, str]
    version: int
    withdrawn: bool


def shown_range(row: ReferenceRange, definition: LabDefinition, language: str) -> ShownRange:
    return ShownRange(
        laboratory=row.laboratory,
        code=row.analyte,
        number=row.key.rsplit("/", 1)[1],
        analyte=analyte_label(definition, row.analyte, language),
        who=who_text(vars(row)),
        fasting={"Y": _("Fasting"), "N": _("Not fasting")}.get(row.fasting, ""),
        limits=limits_text(row.low, row.high),
        unit=unit_text(row.unit),
        period=(row.effective_from, row.effective_to),
        version=row.version,
        withdrawn=row.withdrawn,
    )


def who_text(row: Mapping[str, object]) -> str:
    """For whom a range is: sex and ages, or everybody."""
    sex = {"F": _("Female"), "M": _("Male")}.get(str(row.get("sex") or ""), "")
    low, high = str(row.get("age_low") or ""), str(row.get("age_high") or "")
    unit = {"a": _("years"), "mo": _("months"), "wk": _("weeks"), "d": _("days")}.get(str(row.get("age_unit")), "")
    ages = ""
    if low and high:
        ages = _("%(low)s to %(high)s %(unit)s") % {"low": low, "high": high, "unit": unit}
    elif low:
        ages = _("from %(low)s %(unit)s") % {"low": low, "unit": unit}
    elif high:
        ages = _("up to %(high)s %(unit)s") % {"high": high, "unit": unit}
    return ", ".join(part for part in (sex, ages) if part) or _("Everybody")
