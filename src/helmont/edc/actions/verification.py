"""Changing what is verified against the source while the trial runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.edc.actions.base import refuse_locked_study
from helmont.studies.queries import compiled_for
from helmont.study.verification_plans import plan_from_document, plan_to_document


@dataclass(frozen=True)
class ChangeVerificationPlan(Action):
    """From now on this plan holds, for a reason. ``seen`` is the version that its author saw, 0 for the published one.

    What was verified stays verified whatever the plan says; only what is due follows from it.
    """

    name: ClassVar[str] = "edc.change_verification_plan"
    permission: ClassVar[str] = "verification.plan"
    study: str
    plan: Mapping[str, Any]
    reason: str
    seen: int | None = None

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        study = tx.require("study", self.study)
        refuse_locked_study(tx)
        if not self.reason.strip():
            raise ReasonRequired(["reason"])
        plan, faults = plan_from_document(self.plan, compiled_for(tx, study["definition"]).study)
        if faults:
            raise Invalid([Fault(fault.place or "plan", fault.message, fault.accepted) for fault in faults])
        earlier = tx.find("verification_plan", "study", self.study)
        current = max((int(row["version"]) for row in earlier), default=0)
        if self.seen is not None and self.seen != current:
            raise Refused(_("Somebody else changed the plan in the meantime; look at it again."), version=current)
        made = tx.put(
            "verification_plan",
            f"{self.study}/verification/{current + 1}",
            study=self.study,
            version=current + 1,
            plan=plan_to_document(plan),
            reason=self.reason.strip(),
            by=actor.handle,
            at=tx.timestamp,
        )
        return {"key": made["key"], "version": current + 1}
