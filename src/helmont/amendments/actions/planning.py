"""Planning an amendment: the dry run is put on record, signed, and told from when it holds where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.amendments.actions.base import AmendmentAction
from helmont.amendments.workflows import AMENDMENT
from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Find, Get, Read
from helmont.core.signatures.actions import apply_signature
from helmont.core.signatures.evidence import Evidence
from helmont.core.transactions import Transaction

EVERYWHERE = "*"


@dataclass(frozen=True)
class PlannedMigration:
    """What the dry run found for one participant, values and items under a privilege left out."""

    participant: str
    country: str
    site: str
    source: str
    counts: dict[str, int]
    kept: dict[str, str]


@dataclass(frozen=True)
class RecordPlan(Action):
    """Put a dry run on record (``planning.plan`` makes it); an amendment that was planned before gets another plan.

    ``size`` is the ledger's length when the dry run began; ``difference`` and ``impact`` are hashes of what it found.
    """

    name: ClassVar[str] = "amendments.plan"
    permission: ClassVar[str] = "amendment.plan"
    study: str
    target: str
    size: int
    difference: str
    impact: str
    totals: dict[str, int]
    migrations: tuple[PlannedMigration, ...] = ()

    @property
    def log(self) -> str:
        return self.study

    def reads(self) -> Iterable[Read]:
        yield Find("amendment", "study", self.study)
        yield Get("definition", f"{self.study}/definitions/{self.target}")
        for one in self.migrations:
            yield Get("participant", one.participant)

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("definition", f"{self.study}/definitions/{self.target}")
        rows = tx.find("amendment", "study", self.study)
        row = next((r for r in rows if r["target"] == self.target and r["status"] != "withdrawn"), None)
        number = row["number"] if row else str(len(rows) + 1)
        key = f"{self.study}/amendments/{number}"
        plans = int(row["plan"].rsplit("/", 1)[1]) if row else 0
        plan = f"{key}/plans/{plans + 1}"
        status = AMENDMENT.target(row, "plan") if row else AMENDMENT.initial
        tx.subject = f"amendment:{key}"
        tx.put(
            "amendment",
            key,
            study=self.study,
            number=number,
            target=self.target,
            status=status,
            plan=plan,
            signature="",
        )
        sources: dict[str, int] = {}
        for one in self.migrations:
            sources[one.source] = sources.get(one.source, 0) + 1
            tx.put(
                "migration",
                f"{one.participant}/migrations/{number}",
                study=self.study,
                country=one.country,
                site=one.site,
                participant=one.participant,
                amendment=key,
                source=one.source,
                target=self.target,
                status="planned",
                counts=one.counts,
                kept=one.kept,
                held={},
            )
        tx.put(
            "amendment_plan",
            plan,
            study=self.study,
            target=self.target,
            made=tx.timestamp,
            size=self.size,
            difference=self.difference,
            impact=self.impact,
            sources=sources,
            totals=self.totals,
        )
        return key


@dataclass(frozen=True)
class ApproveAmendment(Action):
    """Sign the plan that was shown: its difference, its impact on participants, by their hashes."""

    name: ClassVar[str] = "amendments.approve"
    permission: ClassVar[str] = "amendment.approve"
    evidence: Evidence
    plan: str

    @property
    def amendment(self) -> str:
        return self.plan.rsplit("/", 2)[0]

    @property
    def log(self) -> str:
        return self.plan.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        yield Get("amendment_plan", self.plan)
        yield Get("amendment", self.amendment)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("amendment", self.amendment)
        status = AMENDMENT.target(row, "approve")
        if row["plan"] != self.plan:
            raise Conflict(_("There is a newer plan than the one that was shown to you."), plan=row["plan"])
        role = actor.role_for(self.permission, Scope(self.log), tx.today) or ""
        signature = apply_signature(tx, actor, self.evidence, [f"amendment_plan:{self.plan}"], role=role)
        tx.subject = f"amendment:{self.amendment}"
        tx.put("amendment", self.amendment, status=status, signature=signature)
        return {"amendment": self.amendment, "signature": signature}


@dataclass(frozen=True)
class SetApproval(AmendmentAction):
    """Say from when the amendment holds: everywhere (``*``), in a country, or at a site. An empty date takes it back."""

    name: ClassVar[str] = "amendments.set_approval"
    permission: ClassVar[str] = "amendment.run"
    place: str = EVERYWHERE
    date: str = ""

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Find("site", "study", self.log)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, str]:
        row = self.row(tx)
        if row["status"] in ("done", "withdrawn"):
            raise Refused(_("This amendment is over."), state=row["status"])
        sites = tx.find("site", "study", self.log)
        known = [EVERYWHERE, *sorted({s["country"] for s in sites}), *(s["number"] for s in sites)]
        if self.place not in known:
            raise Invalid([Fault("place", _("There is no such country or site in this study."), ", ".join(known))])
        if self.date:
            try:
                date.fromisoformat(self.date)
            except ValueError:
                message = _("“%(text)s” is not a whole date.") % {"text": self.date}
                raise Invalid([Fault("date", message, "2026-11-22")]) from None
        places = {place: on for place, on in row["places"].items() if place != self.place}
        if self.date:
            places[self.place] = self.date
        tx.put("amendment", self.amendment, places=places)
        return places


@dataclass(frozen=True)
class WithdrawAmendment(AmendmentAction):
    """Give an amendment up before it ran."""

    name: ClassVar[str] = "amendments.withdraw"
    permission: ClassVar[str] = "amendment.plan"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> str:
        return self.move(tx, "withdraw", self.reason)
