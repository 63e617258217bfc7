"""Laboratories and their reference ranges: making, correcting, and saying which results a change regraded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction
from helmont.labs.assessing import Assessment, Measurement, assess
from helmont.labs.definition import LabDefinition, define
from helmont.labs.deriving import measurement_of
from helmont.labs.models import Reading
from helmont.labs.ranges import DAYS, Band
from helmont.studies.queries import compiled_for
from helmont.study.units import UNITS, UnitFault, convert_amount

_ID = re.compile(r"[A-Z0-9_]{1,40}", re.ASCII)
FIELDS = ("unit", "sex", "age_low", "age_high", "age_unit", "fasting", "low", "high", "effective_from", "effective_to")


@dataclass(frozen=True)
class OpenLaboratory(Action):
    """Record a laboratory of the study, or correct what is known of it."""

    name: ClassVar[str] = "labs.open_laboratory"
    permission: ClassVar[str] = "labs.change"
    study: str
    laboratory: str
    title: str
    country: str = ""
    accreditation: str = ""

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("study", self.study)
        faults = []
        if not _ID.fullmatch(self.laboratory):
            faults.append(Fault("laboratory", _("This is not an id."), _("capitals, digits and _: CENTRAL")))
        if not self.title.strip():
            faults.append(Fault("title", _("The name is missing.")))
        if self.country and not re.fullmatch(r"[A-Z]{2}", self.country):
            faults.append(Fault("country", _("The country is not a code of ISO 3166."), "BE, NL, US …"))
        if faults:
            raise Invalid(faults)
        key = f"{self.study}/labs/{self.laboratory}"
        tx.put(
            "laboratory",
            key,
            study=self.study,
            name=self.title.strip(),
            country=self.country,
            accreditation=self.accreditation.strip(),
        )
        return key


@dataclass(frozen=True)
class RangeAction(Action):
    """Base of what is done to ranges of one analyte of one laboratory."""

    permission: ClassVar[str] = "labs.change"

    def definition(self, tx: Transaction) -> LabDefinition:
        found = define(compiled_for(tx, tx.require("study", self.log)["definition"]))
        if found is None:
            raise Refused(_("This study declares no laboratory: its package has no labs.yaml."))
        return found

    def write(self, tx: Transaction, actor: Actor, key: str, row: Row, reason: str) -> dict[str, Any]:
        """Check the range against its fields and its neighbours, write it, and record what it regrades."""
        band = Band.of({**row, "key": key})
        container = key.rsplit("/", 1)[0]
        if not row["withdrawn"]:
            self._check(tx, band, container)
        tx.subject = f"reference_range:{key}"
        tx.put("reference_range", key, **row)
        return self._regrade(tx, actor, band, container, reason)

    def _check(self, tx: Transaction, band: Band, container: str) -> None:
        measurand = self.definition(tx).measurands.get(band.analyte)
        faults = list(field_faults(band))
        if measurand is None:
            faults.append(
                Fault("analyte", _("The study has no such test."), _("a test of the study’s laboratory forms"))
            )
        elif not faults and band.unit != measurand.unit:
            try:
                convert_amount(Decimal(1), band.unit, measurand.unit, measurand.rules.substance)
            except UnitFault as fault:
                faults.append(Fault("unit", str(fault), measurand.unit))
        if faults:
            raise Invalid(faults)
        for row in tx.find("reference_range", "container", container):
            other = Band.of(row)
            if other.key != band.key and not row["withdrawn"] and band.overlaps(other):
                raise Invalid(
                    [
                        Fault(
                            "effective_from",
                            _("This overlaps %(key)s (%(range)s).") % {"key": other.key, "range": in_words(other)},
                            _("another sex, age, fasting state or period, or an end of the other range"),
                        )
                    ]
                )

    def _regrade(self, tx: Transaction, actor: Actor, band: Band, container: str, reason: str) -> dict[str, Any]:
        """Judge every result shown before by the ranges as they are now, and record whose flag or grade is another."""
        measurand = self.definition(tx).measurands.get(band.analyte)
        if measurand is None:
            return {"range": band.key, "considered": 0, "changed": 0}
        bands = [Band.of(row) for row in tx.find("reference_range", "container", container) if not row["withdrawn"]]
        shown = list(Reading.objects.filter(study=self.log, laboratory=band.laboratory, analyte=band.analyte))
        before = {one.key: one for one in shown}
        series: dict[str, list[Measurement]] = defaultdict(list)
        for one in shown:
            series[one.participant].append(measurement_of(one))
        changes: dict[str, Any] = {}
        hidden = 0
        for measurements in series.values():
            for each, judged in assess(measurements, {(band.laboratory, band.analyte): bands}, measurand.rules):
                was = before[each.key]
                if was.range and (difference := _difference(was, judged)):
                    if was.privilege:
                        hidden += 1
                    else:
                        changes[each.key.split("/", 1)[1]] = difference
        result = {"range": band.key, "considered": len(shown), "changed": len(changes)}
        if changes or hidden:
            key = tx.new_key(f"{self.log}/labs/regrades")
            tx.create(
                "lab_regrade",
                key,
                study=self.log,
                range=band.key,
                analyte=band.analyte,
                version=band.version,
                time=tx.timestamp,
                by=actor.handle,
                reason=reason,
                considered=len(shown),
                changes=changes,
            )
            result["regrade"] = key
        return result


def _difference(was: Reading, now: Assessment) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if was.flag != now.flag:
        found["flag"] = [was.flag, now.flag]
    grade = now.grade.grade if now.grade else None
    if was.grade != grade:
        found["grade"] = [was.grade, grade]
    return found


@dataclass(frozen=True)
class AddRange(RangeAction):
    """A new range. ``replaces`` names a range that ends on the day before this one begins."""

    name: ClassVar[str] = "labs.add_range"
    study: str
    laboratory: str
    analyte: str
    unit: str
    low: str = ""
    high: str = ""
    sex: str = ""
    age_low: str = ""
    age_high: str = ""
    age_unit: str = "a"
    fasting: str = ""
    effective_from: str = ""
    effective_to: str = ""

    @property
    def log(self) -> str:
        return self.study

    def reads(self) -> Iterable[Read]:
        yield Get("laboratory", f"{self.study}/labs/{self.laboratory}")
        yield Find("reference_range", "container", f"{self.study}/labs/{self.laboratory}/{self.analyte}")

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        tx.require("laboratory", f"{self.study}/labs/{self.laboratory}")
        if not _ID.fullmatch(self.analyte):
            raise Invalid([Fault("analyte", _("This is not the code of a test."), "ALT")])
        container = f"{self.study}/labs/{self.laboratory}/{self.analyte}"
        there = tx.find("reference_range", "container", container)
        number = max((int(row["key"].rsplit("/", 1)[1]) for row in there), default=0) + 1
        row = {name: getattr(self, name).strip() for name in FIELDS} | {
            "study": self.study,
            "container": container,
            "laboratory": self.laboratory,
            "analyte": self.analyte,
            "version": 1,
            "withdrawn": False,
        }
        return self.write(tx, actor, f"{container}/{number}", row, "")


@dataclass(frozen=True)
class CorrectRange(RangeAction):
    """A range was wrong, ends, or should not be there: its next version, with the reason. Unnamed fields stay."""

    name: ClassVar[str] = "labs.correct_range"
    key: str
    fields: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    withdraw: bool = False

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("reference_range", self.key)
        if row["withdrawn"]:
            raise Refused(_("This range was withdrawn; add another."))
        given = {name: value.strip() for name, value in self.fields}
        if unknown := given.keys() - set(FIELDS):
            raise NotFound(", ".join(sorted(unknown)))
        if not self.withdraw and all(row[name] == value for name, value in given.items()):
            return {"range": self.key, "considered": 0, "changed": 0}
        if not self.reason.strip():
            raise ReasonRequired(["reason"])
        changed = {**{name: row[name] for name in row if name not in ("key", "revision")}, **given}
        changed |= {"version": row["version"] + 1, "withdrawn": self.withdraw}
        return self.write(tx, actor, self.key, changed, self.reason)


def field_faults(band: Band) -> Sequence[Fault]:
    """What is wrong with the fields of a range by themselves."""
    faults = []
    numbers: dict[str, Decimal] = {}
    for name in ("low", "high"):
        text = getattr(band, name)
        try:
            if text:
                numbers[name] = Decimal(text)
            if text and not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", text, re.ASCII):
                raise InvalidOperation
        except InvalidOperation:
            numbers.pop(name, None)
            faults.append(Fault(name, _("This is not a number."), "4.5"))
    if not band.low and not band.high:
        faults.append(Fault("low", _("A range has a lower limit, an upper limit, or both.")))
    if len(numbers) == 2 and numbers["low"] > numbers["high"]:
        faults.append(Fault("high", _("The upper limit lies below the lower one.")))
    if band.unit not in UNITS:
        faults.append(Fault("unit", _("This is not a unit Helmont knows."), "U/L, mg/dL, 10*9/L"))
    if band.sex not in ("", "F", "M"):
        faults.append(Fault("sex", _("This is not a sex that a range can be for."), _("F, M, or empty for both")))
    if band.fasting not in ("", "Y", "N"):
        faults.append(Fault("fasting", _("This is not an answer."), _("Y, N, or empty for either")))
    if band.age_unit not in DAYS:
        faults.append(Fault("age_unit", _("This is not a unit of age."), "a, mo, wk, d"))
    for name in ("age_low", "age_high"):
        if getattr(band, name) and not re.fullmatch(r"\d{1,5}", getattr(band, name), re.ASCII):
            faults.append(Fault(name, _("An age is a whole number of completed units."), "18"))
    for name in ("effective_from", "effective_to"):
        if getattr(band, name) and not _is_date(getattr(band, name)):
            faults.append(Fault(name, _("This is not a date."), "2014-01-16"))
    if not faults and band.age_low and band.age_high and int(band.age_low) > int(band.age_high):
        faults.append(Fault("age_high", _("The ages end before they begin.")))
    if not faults and band.effective_to and band.effective_to < band.effective_from:
        faults.append(Fault("effective_to", _("The range ends before it begins.")))
    return faults


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_words(band: Band) -> str:
    """A range in one line: whose it is, and its limits."""
    units = {"a": _("years"), "mo": _("months"), "wk": _("weeks"), "d": _("days")}
    ages = ""
    if band.age_low or band.age_high:
        ages = f"{band.age_low or 0}–{band.age_high or '…'} {units.get(band.age_unit, band.age_unit)}"
    period = ""
    if band.effective_from or band.effective_to:
        period = f"{band.effective_from or '…'}–{band.effective_to or '…'}"
    limits = f"{band.low or '…'}–{band.high or '…'} {band.unit}"
    return ", ".join(part for part in (band.sex, ages, period, limits) if part)
