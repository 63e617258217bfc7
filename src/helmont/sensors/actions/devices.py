"""The devices of a study, and who wears them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.sensors.actions.moments import check_zone, checked

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}", re.ASCII)
PLACEMENTS = (
    "",
    "non_dominant_wrist",
    "dominant_wrist",
    "hip",
    "thigh",
    "lower_back",
    "chest",
    "upper_arm",
    "abdomen",
    "finger",
    "none",
)
"""Where on the body; ``none`` for what is not worn (a scale, a cuff)."""


def device_key(study: str, label: str) -> str:
    return f"{study}/devices/{label}"


@dataclass(frozen=True)
class RegisterDevice(Action):
    """Make a device known to the study under a label of its own, or correct what is known. The serial number is not kept here."""

    name: ClassVar[str] = "sensors.register_device"
    permission: ClassVar[str] = "device.change"
    study: str
    label: str
    model: str
    note: str = ""
    retired: bool = False

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("study", self.study)
        faults = []
        if not LABEL.fullmatch(self.label):
            faults.append(Fault("label", _("This is not a label."), _("letters, digits, _ and -, at most 24: W-017")))
        if not self.model.strip():
            faults.append(Fault("model", _("The model is missing."), "Axivity AX3"))
        if faults:
            raise Invalid(faults)
        key = device_key(self.study, self.label)
        if self.retired and any(not row["ends"] for row in assignments_of(tx, self.study, self.label)):
            raise Conflict(_("Somebody wears this device; end that first."))
        tx.put(
            "device",
            key,
            study=self.study,
            label=self.label,
            model=self.model.strip(),
            note=self.note.strip(),
            retired=self.retired,
        )
        return key


def assignments_of(tx: Transaction, study: str, label: str) -> list[Row]:
    """Everybody who wore the device, in the order in which it was given to them."""
    rows = [row for row in tx.find("device_assignment", "device", label) if row["study"] == study]
    return sorted(rows, key=lambda row: int(row["key"].rpartition("/")[2]))


@dataclass(frozen=True)
class AssignDevice(Action):
    """Give a device to a participant from a moment on. ``digest`` is that of the secret the device will send with.

    One device is with one participant at a time.
    """

    name: ClassVar[str] = "sensors.assign_device"
    permission: ClassVar[str] = "device.assign"
    participant: str
    label: str
    starts: str
    timezone: str
    ends: str = ""
    placement: str = ""
    firmware: str = ""
    clock: str = "UTC"
    digest: str = ""

    @property
    def log(self) -> str:
        return self.participant.split("/", 1)[0]

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant)
        return Scope(self.log, row["country"], row["site"])

    def perform(self, tx: Transaction, actor: Actor) -> str:
        device = tx.require("device", device_key(self.log, self.label))
        faults: list[Fault] = []
        starts = checked(self.starts, "starts", faults)
        ends = checked(self.ends, "ends", faults) if self.ends else ""
        check_zone(self.timezone, "timezone", faults)
        check_zone(self.clock, "clock", faults)
        if self.placement not in PLACEMENTS:
            faults.append(Fault("placement", _("This is not a place on the body."), ", ".join(PLACEMENTS[1:])))
        if starts and ends and ends <= starts:
            faults.append(Fault("ends", _("The end is not after the beginning."), _("a later moment, or nothing")))
        if self.digest and not re.fullmatch(r"[0-9a-f]{64}", self.digest):
            faults.append(Fault("digest", "this is not a SHA-256", "64 hexadecimal digits"))
        if faults:
            raise Invalid(faults)
        if device["retired"]:
            raise Conflict(_("This device is out of use."))
        earlier = assignments_of(tx, self.log, self.label)
        for row in earlier:
            if (not ends or row["starts"] < ends) and (not row["ends"] or row["ends"] > starts):
                raise Conflict(_("Somebody else wears this device then; end that first."))
        key = f"{device['key']}/{len(earlier) + 1}"
        tx.put(
            "device_assignment",
            key,
            study=self.log,
            device=self.label,
            participant=self.participant,
            starts=starts,
            ends=ends,
            placement=self.placement,
            firmware=self.firmware.strip(),
            clock=self.clock,
            timezone=self.timezone,
            digest=self.digest,
        )
        return key


@dataclass(frozen=True)
class AssignmentAction(Action):
    """What changes one assignment, ``STUDY/devices/<label>/<n>``: allowed at the site of whoever wears the device."""

    assignment: str

    @property
    def log(self) -> str:
        return self.assignment.split("/", 1)[0]

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("device_assignment", self.assignment)
        person = tx.require("participant", row["participant"])
        return Scope(self.log, person["country"], person["site"])


@dataclass(frozen=True)
class EndAssignment(AssignmentAction):
    """The participant has given the device back. What it took until then may still come; its secret is no longer needed after."""

    name: ClassVar[str] = "sensors.end_assignment"
    permission: ClassVar[str] = "device.assign"
    ends: str

    def perform(self, tx: Transaction, actor: Actor) -> str:
        row = tx.require("device_assignment", self.assignment)
        faults: list[Fault] = []
        ends = checked(self.ends, "ends", faults)
        if ends and ends <= row["starts"]:
            faults.append(Fault("ends", _("The end is not after the beginning."), _("a later moment")))
        if faults:
            raise Invalid(faults)
        for other in assignments_of(tx, self.log, row["device"]):
            if other["key"] != row["key"] and other["starts"] >= row["starts"] and other["starts"] < ends:
                raise Conflict(_("Somebody else wears this device by then."))
        tx.put("device_assignment", self.assignment, ends=ends)
        return self.assignment


@dataclass(frozen=True)
class RenewSecret(AssignmentAction):
    """Give the device another secret; the one before is no good any more. An empty digest takes it away."""

    name: ClassVar[str] = "sensors.renew_secret"
    permission: ClassVar[str] = "device.assign"
    digest: str

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("device_assignment", self.assignment)
        if self.digest and not re.fullmatch(r"[0-9a-f]{64}", self.digest):
            raise Invalid([Fault("digest", "this is not a SHA-256", "64 hexadecimal digits")])
        tx.put("device_assignment", self.assignment, digest=self.digest)
        return self.assignment
