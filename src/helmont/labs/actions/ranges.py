"""Reference ranges: adding and correcting them, and saying which results a change regraded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction
from helmont.labs.actions.laboratories import ID
from helmont.labs.assessing import Assessment, Measurement, assess
from helmont.labs.definition import LabDefinition, define
from helmont.labs.deriving import measurement_of
from helmont.labs.models import Reading
from helmont.labs.range_checks import field_faults, in_words
from helmont.labs.ranges import FIELDS, Band, Terms
from helmont.studies.queries import compiled_for
from helmont.study.units import UnitFault, convert_amount


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


@dataclass(frozen=True, kw_only=True)
class AddRange(RangeAction, Terms):
    """A new range of one test of one laboratory."""

    name: ClassVar[str] = "labs.add_range"
    study: str
    laboratory: str
    analyte: str

    @property
    def log(self) -> str:
        return self.study

    def reads(self) -> Iterable[Read]:
        yield Get("laboratory", f"{self.study}/labs/{self.laboratory}")
        yield Find("reference_range", "container", f"{self.study}/labs/{self.laboratory}/{self.analyte}")

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        tx.require("laboratory", f"{self.study}/labs/{self.laboratory}")
        if not ID.fullmatch(self.analyte):
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
