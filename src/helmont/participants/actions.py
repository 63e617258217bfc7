"""Participants and their encounters: screening, status, visits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, ReasonRequired, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.core.workflow import Transition, Workflow
from helmont.studies.queries import compiled_for
from helmont.study.model import ParticipantId
from helmont.study.partial_dates import PartialDate

PARTICIPANT = Workflow(
    record="participant",
    field="status",
    states={
        "screening": gettext_lazy("in screening"),
        "screen_failed": gettext_lazy("screen failure"),
        "enrolled": gettext_lazy("enrolled"),
        "completed": gettext_lazy("completed"),
        "withdrawn": gettext_lazy("withdrawn"),
        "removed": gettext_lazy("entered by mistake"),
    },
    transitions=(
        Transition(
            "fail", gettext_lazy("Screen failure"), frozenset({"screening"}), "screen_failed", "participant.change"
        ),
        Transition(
            "enrol", gettext_lazy("Enrol"), frozenset({"screening", "screen_failed"}), "enrolled", "participant.change"
        ),
        Transition("complete", gettext_lazy("Complete"), frozenset({"enrolled"}), "completed", "participant.change"),
        Transition(
            "withdraw",
            gettext_lazy("Withdraw"),
            frozenset({"screening", "enrolled"}),
            "withdrawn",
            "participant.change",
        ),
        Transition(
            "reopen",
            gettext_lazy("Reopen"),
            frozenset({"completed", "withdrawn", "screen_failed"}),
            "enrolled",
            "participant.change",
            reason=True,
        ),
        # Nobody is deleted: who was entered by mistake stays in the record and leaves the data.
        Transition(
            "remove",
            gettext_lazy("Entered by mistake"),
            frozenset({"screening"}),
            "removed",
            "participant.change",
            reason=True,
        ),
        Transition(
            "restore", gettext_lazy("Restore"), frozenset({"removed"}), "screening", "participant.change", reason=True
        ),
    ),
)
ENCOUNTER = Workflow(
    record="encounter",
    field="status",
    states={
        "planned": gettext_lazy("planned"),
        "begun": gettext_lazy("begun"),
        "missed": gettext_lazy("missed"),
        "renamed": gettext_lazy("under another name"),
    },
    transitions=(
        Transition(
            "begin", gettext_lazy("Begin"), frozenset({"planned", "missed", "begun"}), "begun", "encounter.change"
        ),
        Transition(
            "miss", gettext_lazy("Missed"), frozenset({"planned", "begun"}), "missed", "encounter.change", reason=True
        ),
    ),
)
UNSCHEDULED = "UNSCHEDULED"

# What other rooms do, in the same transaction, once a visit's date or a participant's status was changed (its row).
Follower = Callable[[Transaction, Actor, Row], None]
DATE_FOLLOWERS: list[Follower] = []
STATUS_FOLLOWERS: list[Follower] = []
# What other rooms ask of before anything changes at a site (its number), of a participant (theirs; "" at screening).
Guard = Callable[[Transaction, str, str], None]
GUARDS: list[Guard] = []


def ask_guards(tx: Transaction, site: str, participant: str = "") -> None:
    """Let every guard raise ``Refused``."""
    for guard in GUARDS:
        guard(tx, site, participant)


def participant_key(study: str, number: str) -> str:
    return f"{study}/{number}"


def encounter_key(study: str, participant: str, oid: str, number: str = "") -> str:
    """``STUDY/<participant>/<encounter>``, an unscheduled one with its visit number: ``…/UNSCHEDULED_3.1``."""
    return f"{study}/{participant}/{oid}_{number}" if oid == UNSCHEDULED else f"{study}/{participant}/{oid}"


def full_date(place: str, text: str, tx: Transaction) -> str:
    """A whole date that is not in the future; raises ``Invalid``."""
    try:
        day = PartialDate.parse(text)
    except ValueError:
        day = None
    if day is None or day.day is None:
        raise Invalid([Fault(place, _("“%(text)s” is not a whole date.") % {"text": text}, "2026-11-22")])
    if day.earliest() > tx.today:
        raise Invalid([Fault(place, _("%(text)s lies in the future.") % {"text": text}, _("today or earlier"))])
    return str(day)


@dataclass(frozen=True)
class ParticipantAction(Action):
    """Base of what is done to one participant; the permission has to hold at the participant's site."""

    study: str
    participant: str

    @property
    def log(self) -> str:
        return self.study

    @property
    def participant_key(self) -> str:
        return participant_key(self.study, self.participant)

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self.participant_key)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant_key)
        return Scope(self.study, row["country"], row["site"])

    def guarded(self, tx: Transaction) -> Row:
        """The participant, when nothing forbids a change; raises ``Refused``."""
        row = tx.require("participant", self.participant_key)
        ask_guards(tx, row["site"], row["number"])
        return row


@dataclass(frozen=True)
class ScreenParticipant(Action):
    """A person enters screening at a site, under a number that the study's pattern allows."""

    name: ClassVar[str] = "participants.screen"
    permission: ClassVar[str] = "participant.screen"
    study: str
    site: str
    participant: str
    date: str

    @property
    def log(self) -> str:
        return self.study

    def reads(self) -> Iterable[Read]:
        yield Get("study", self.study)
        yield Get("site", f"{self.study}/sites/{self.site}")
        yield Get("participant", participant_key(self.study, self.participant))

    def scope(self, tx: Transaction) -> Scope:
        site = tx.require("site", f"{self.study}/sites/{self.site}")
        return Scope(self.study, site["country"], site["number"])

    def perform(self, tx: Transaction, actor: Actor) -> str:
        study = tx.require("study", self.study)
        site = tx.require("site", f"{self.study}/sites/{self.site}")
        ask_guards(tx, site["number"])
        if site["status"] == "closed":
            raise Invalid([Fault("site", _("This site is closed."), _("an open site"))])
        version = site["definition"] or study["definition"]
        rule = compiled_for(tx, version).study.participant_id or ParticipantId(r"[\w-]{1,40}")
        if not re.fullmatch(rule.pattern, self.participant):
            accepted = rule.hint or rule.pattern
            raise Invalid([Fault("participant", _("“%s” is not a number of this study.") % self.participant, accepted)])
        key = participant_key(self.study, self.participant)
        if tx.get("participant", key):
            raise Invalid(
                [Fault("participant", _("%s is in the study already.") % self.participant, _("another number"))]
            )
        tx.put(
            "participant",
            key,
            study=self.study,
            number=self.participant,
            site=site["number"],
            country=site["country"],
            status=PARTICIPANT.initial,
            screened=full_date("date", self.date, tx),
            definition=version,
        )
        return key


@dataclass(frozen=True)
class ChangeStatus(ParticipantAction):
    """Move a participant to another status by one of the transitions of ``PARTICIPANT``."""

    name: ClassVar[str] = "participants.change_status"
    permission: ClassVar[str] = "participant.change"
    transition: str
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> str:
        row = self.guarded(tx)
        if self.transition not in {t.name for t in PARTICIPANT.transitions}:
            accepted = ", ".join(t.name for t in PARTICIPANT.transitions)
            raise Invalid([Fault("transition", _("There is no transition “%s”.") % self.transition, accepted)])
        target = PARTICIPANT.target(row, self.transition, self.reason)
        changed = tx.put("participant", row["key"], status=target)
        for follow in STATUS_FOLLOWERS:
            follow(tx, actor, changed)
        return target


@dataclass(frozen=True)
class BeginEncounter(ParticipantAction):
    """A visit takes place, or its date is corrected. ``number`` is given for an unscheduled one; next free when empty."""

    name: ClassVar[str] = "participants.begin_encounter"
    permission: ClassVar[str] = "encounter.change"
    encounter: str
    date: str
    number: str = ""
    ended: str = ""
    reason: str = ""

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        if self.encounter != UNSCHEDULED or self.number:
            yield Get("encounter", encounter_key(self.study, self.participant, self.encounter, self.number))

    def perform(self, tx: Transaction, actor: Actor) -> str:
        self.guarded(tx)
        number = self.number
        if self.encounter == UNSCHEDULED:
            if number and not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", number):
                raise Invalid([Fault("number", _("“%s” is not a visit number.") % number, "3.1")])
            number = number or self._next_number(tx)
        else:
            number = _planned_number(self, tx, self.encounter)
        key = encounter_key(self.study, self.participant, self.encounter, number)
        row = tx.get("encounter", key)
        date = full_date("date", self.date, tx)
        ended = full_date("ended", self.ended, tx) if self.ended else ""
        if ended and ended < date:
            raise Invalid([Fault("ended", _("The last day lies before the first."), _("%s or later") % date)])
        if row and row["date"] and row["date"] != date and not self.reason.strip():
            raise ReasonRequired(["date"])
        begun = tx.put(
            "encounter",
            key,
            study=self.study,
            participant=self.participant_key,
            oid=self.encounter,
            number=number,
            status=ENCOUNTER.target(row or {"status": ""}, "begin"),
            date=date,
            ended=ended,
            reason=self.reason if self.encounter == UNSCHEDULED or row else "",
        )
        if row and row["date"] != date:
            for follow in DATE_FOLLOWERS:
                follow(tx, actor, begun)
        return key

    def _next_number(self, tx: Transaction) -> str:
        """The number after the latest encounter on or before the date: 3.1 after 3, 3.2 after 3.1."""
        rows = [
            r for r in tx.find("encounter", "participant", self.participant_key) if r["date"] and r["date"] <= self.date
        ]
        latest = max(rows, key=lambda r: (r["date"], float(r["number"])), default=None)
        whole = int(float(latest["number"])) if latest else 0
        taken = {r["number"] for r in tx.find("encounter", "participant", self.participant_key)}
        # 3.9 is followed by 3.91: as a number, 3.10 would lie before 3.2.
        after = (f"{whole}.{n}" for n in (*range(1, 10), *range(91, 100), *range(991, 1000)))
        number = next((each for each in after if each not in taken), "")
        if not number:
            raise Invalid([Fault("number", _("There is no number left after visit %d.") % whole, _("another number"))])
        return number


def _planned_number(action: ParticipantAction, tx: Transaction, oid: str) -> str:
    """The protocol's number of an encounter; raises ``Invalid`` when the protocol has no such encounter."""
    study = compiled_for(tx, tx.require("participant", action.participant_key)["definition"])
    if oid not in study.encounters:
        accepted = ", ".join([*study.encounters, UNSCHEDULED])
        raise Invalid([Fault("encounter", _("The protocol has no encounter “%s”.") % oid, accepted)])
    return study.number(oid)


@dataclass(frozen=True)
class MissEncounter(ParticipantAction):
    """A planned visit did not take place; refused once data were entered for it."""

    name: ClassVar[str] = "participants.miss_encounter"
    permission: ClassVar[str] = "encounter.change"
    encounter: str
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> str:
        self.guarded(tx)
        number = _planned_number(self, tx, self.encounter)
        key = encounter_key(self.study, self.participant, self.encounter)
        row: Row | dict[str, Any] = tx.get("encounter", key) or {"status": ""}
        status = ENCOUNTER.target(row, "miss", self.reason)
        if any(form["data"] for form in tx.find("form", "container", key)):
            raise Refused(_("Data were entered for this visit; it cannot be called missed."))
        tx.put(
            "encounter",
            key,
            study=self.study,
            participant=self.participant_key,
            oid=self.encounter,
            number=number,
            status=status,
            date="",
            ended="",
            reason=self.reason,
        )
        return key
