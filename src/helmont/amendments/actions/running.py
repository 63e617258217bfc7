"""Carrying an amendment out: site by site, and each participant in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.amendments.actions.base import AmendmentAction
from helmont.amendments.impact import guarded_items
from helmont.amendments.migrating import first_reads, further_reads, migrate, routes_for
from helmont.amendments.queries import in_force
from helmont.core.errors import Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read, Rows
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.forms import still_because

UNPLANNED = "unplanned"
LOCK = "lock"


@dataclass(frozen=True)
class RunAmendment(AmendmentAction):
    """Let an approved amendment run, or go on after it was stopped: from now on, where and when it is in force."""

    name: ClassVar[str] = "amendments.run"
    permission: ClassVar[str] = "amendment.run"

    def perform(self, tx: Transaction, actor: Actor) -> str:
        row = self.row(tx)
        if not row["places"]:
            raise Refused(_("Say first from when the amendment holds, and where."))
        if not row["signature"]:
            raise Refused(_("The plan has not been approved."))
        return self.move(tx, "run")


@dataclass(frozen=True)
class StopAmendment(AmendmentAction):
    """Stop after the participant at hand. What is done stays done; running again goes on with the others."""

    name: ClassVar[str] = "amendments.stop"
    permission: ClassVar[str] = "amendment.run"
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> str:
        return self.move(tx, "stop", self.reason)


@dataclass(frozen=True)
class SwitchSite(AmendmentAction):
    """New participants at a site start under the new version."""

    name: ClassVar[str] = "amendments.switch_site"
    permission: ClassVar[str] = "amendment.run"
    site: str = ""

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("site", f"{self.log}/sites/{self.site}")

    def perform(self, tx: Transaction, actor: Actor) -> str:
        row, site = self.row(tx), tx.require("site", f"{self.log}/sites/{self.site}")
        _refuse_unless_due(tx, row, site["country"], site["number"])
        tx.put("site", site["key"], definition=row["target"])
        return str(row["target"])


@dataclass(frozen=True)
class MigrateParticipant(AmendmentAction):
    """Bring one participant under the new version; doing it again changes nothing.

    Data go on being entered after the plan was made, so what happens is found out anew. Where a value would lose its
    place that the approved plan does not name, or while a lock is on the participant, the site or the study, nothing is
    done: the participant is *held*, until there is another plan.
    """

    name: ClassVar[str] = "amendments.migrate_participant"
    permission: ClassVar[str] = "amendment.run"
    participant: str = ""

    @cached_property
    def migration(self) -> str:
        return f"{self.participant}/migrations/{self.amendment.rsplit('/', 1)[1]}"

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("migration", self.migration)
        yield from first_reads(self.participant)

    def further_reads(self, rows: Rows) -> Iterator[Iterable[Read]]:
        row = rows.get("amendment", self.amendment)
        if row is not None:
            yield from further_reads(rows, self.log, self.participant, row["target"])

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant)
        return Scope(self.log, row["country"], row["site"])

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        amendment, person = self.row(tx), tx.require("participant", self.participant)
        _refuse_unless_due(tx, amendment, person["country"], person["site"])
        plan = tx.require("amendment_plan", amendment["plan"])
        source, target = person["definition"], amendment["target"]
        if source == target:
            return {"status": "done"}
        if plan["sources"] and source not in plan["sources"]:
            raise Refused(_("The plan does not speak of participants under version %s.") % source)
        branch = tx.branch()
        impact = migrate(branch, actor, self.participant, target, self.amendment)
        public = impact.without(guarded_items(routes_for(tx, source, target)))
        places = public.places()
        planned = tx.get("migration", self.migration)
        reasons = dict.fromkeys(sorted(places.keys() - (planned["kept"] if planned else {}).keys()), UNPLANNED)
        if lock := still_because(tx, person):
            reasons = {LOCK: lock}
        status = "held" if reasons else "done"
        if not reasons:
            tx.adopt(branch)
        tx.subject = f"migration:{self.migration}"
        tx.put(
            "migration",
            self.migration,
            study=self.log,
            country=person["country"],
            site=person["site"],
            participant=self.participant,
            amendment=self.amendment,
            source=source,
            target=target,
            status=status,
            counts=public.counts(),
            kept=places,
            held=reasons,
        )
        return {"status": status, "held": reasons}


@dataclass(frozen=True)
class FinishAmendment(AmendmentAction):
    """Everybody is under the new version, and it is in force everywhere: the study as a whole goes over to it."""

    name: ClassVar[str] = "amendments.finish"
    permission: ClassVar[str] = "amendment.run"

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("study", self.log)

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.put("study", self.log, definition=self.row(tx)["target"])
        tx.subject = f"amendment:{self.amendment}"
        return self.move(tx, "finish")


def _refuse_unless_due(tx: Transaction, amendment: Row, country: str, site: str) -> None:
    if amendment["status"] != "running":
        raise Refused(_("This amendment is not running."), state=amendment["status"])
    since = in_force(amendment["places"], country, site)
    if not since or since > tx.today.isoformat():
        raise Refused(_("The amendment is not in force at this site yet."), site=site, since=since)
