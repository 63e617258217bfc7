"""What the device told and was not so: its clock, and who wore it. Raw samples stay as they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Conflict, Fault, Invalid, NotFound
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.sensors.actions.devices import AssignmentAction
from helmont.sensors.actions.moments import checked


def corrections_of(tx: Transaction, assignment: str) -> list[Row]:
    """The corrections of an assignment, in the order in which they were made."""
    rows = tx.find("sample_correction", "assignment", assignment)
    return sorted(rows, key=lambda row: int(row["key"].rpartition("/")[2]))


def _next_key(tx: Transaction, assignment: str) -> str:
    return f"{assignment}/corrections/{len(corrections_of(tx, assignment)) + 1}"


@dataclass(frozen=True)
class CorrectClock(AssignmentAction):
    """Say what time it was when the device's clock showed another: at least one point, straight lines between them.

    ``points`` goes from what the device showed to the true moment. A correction in force is replaced.
    """

    name: ClassVar[str] = "sensors.correct_clock"
    permission: ClassVar[str] = "samples.correct"
    points: Mapping[str, str]
    reason: str

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("device_assignment", self.assignment)
        faults: list[Fault] = []
        pairs = sorted(
            (checked(shown, "points", faults), checked(true, "points", faults)) for shown, true in self.points.items()
        )
        if not faults and (not pairs or [true for _shown, true in pairs] != sorted({true for _shown, true in pairs})):
            faults.append(
                Fault("points", _("Time would stand still or go backwards."), _("later is later on both clocks"))
            )
        if not self.reason.strip():
            faults.append(Fault("reason", _("Say why."), _("how it was found")))
        if faults:
            raise Invalid(faults)
        for row in corrections_of(tx, self.assignment):
            if row["kind"] == "clock" and not row["withdrawn"]:
                tx.put("sample_correction", row["key"], withdrawn=True)
        key = _next_key(tx, self.assignment)
        tx.put(
            "sample_correction",
            key,
            study=self.log,
            assignment=self.assignment,
            kind="clock",
            points=dict(pairs),
            reason=self.reason.strip(),
        )
        return key


@dataclass(frozen=True)
class CorrectWearer(AssignmentAction):
    """Say that somebody else wore the device for a while: another participant, or (empty) nobody of the study."""

    name: ClassVar[str] = "sensors.correct_wearer"
    permission: ClassVar[str] = "samples.correct"
    starts: str
    ends: str
    reason: str
    participant: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("device_assignment", self.assignment)
        faults: list[Fault] = []
        starts, ends = checked(self.starts, "starts", faults), checked(self.ends, "ends", faults)
        if not faults and ends <= starts:
            faults.append(Fault("ends", _("The end is not after the beginning."), _("a later moment")))
        if not self.reason.strip():
            faults.append(Fault("reason", _("Say why."), _("how it was found")))
        if self.participant and (
            not self.participant.startswith(f"{self.log}/") or tx.get("participant", self.participant) is None
        ):
            faults.append(Fault("participant", _("There is no such participant."), _("a participant of this study")))
        if faults:
            raise Invalid(faults)
        for row in corrections_of(tx, self.assignment):
            if row["kind"] == "wearer" and not row["withdrawn"] and row["starts"] < ends and starts < row["ends"]:
                raise Conflict(_("Another correction speaks of the same time; withdraw it first."))
        key = _next_key(tx, self.assignment)
        tx.put(
            "sample_correction",
            key,
            study=self.log,
            assignment=self.assignment,
            kind="wearer",
            starts=starts,
            ends=ends,
            participant=self.participant,
            reason=self.reason.strip(),
        )
        return key


@dataclass(frozen=True)
class WithdrawCorrection(AssignmentAction):
    """A correction was a mistake: what the device told holds again."""

    name: ClassVar[str] = "sensors.withdraw_correction"
    permission: ClassVar[str] = "samples.correct"
    correction: str
    reason: str

    def perform(self, tx: Transaction, actor: Actor) -> str:
        row = tx.get("sample_correction", self.correction)
        if row is None or row["assignment"] != self.assignment:
            raise NotFound(f"sample_correction:{self.correction}")
        if not self.reason.strip():
            raise Invalid([Fault("reason", _("Say why."), _("how it was found"))])
        tx.put("sample_correction", self.correction, withdrawn=True)
        return self.correction
