"""Assigning roles and delegating tasks: who may do what, where, from when until when.

Rules that hold whoever assigns:

* nobody assigns a role to themselves;
* who knows or has known the allocations of a study never gets a blinded role in it, and nobody holds a blinded and an
  unblinded role of one study at the same time (ICH E9 2.3.1, ICH E6(R3) 4.1.4: bias through knowledge of treatment);
* the roles of a service are not for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted, Refused
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.models import Person
from helmont.core.permissions import Actor, Scope, union
from helmont.core.records import Row
from helmont.core.roles import ROLES, TASKS, Role
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction

EVERY_STUDY = "*"
FOREVER = "9999-12-31"


class Assigning(Action):
    """What AssignRole and Delegate share: the place, the checks and the row they write."""

    person: str
    role: str
    study: str
    country: str
    site: str
    starts: str
    ends: str

    @property
    def log(self) -> str:
        return SYSTEM_LOG if self.study == EVERY_STUDY else self.study

    def reads(self) -> Iterable[Read]:
        return (Get("person", Person.key_of(self.person)), Find("assignment", "person", self.person))

    def scope(self, tx: Transaction) -> Scope:
        return Scope(self.log, self.country, self.site)

    def assign(self, tx: Transaction, actor: Actor, tasks: dict[str, bool]) -> dict[str, str]:
        role = self._check(tx, actor, set(tasks))
        starts = self.starts or tx.today.isoformat()
        if reason := blinding_conflict(
            role, self.study, starts, self.ends, tx.find("assignment", "person", self.person)
        ):
            raise Refused(reason, person=self.person, role=self.role)
        key = f"{self.log}/assignments/{tx.sequence}"
        tx.put(
            "assignment",
            key,
            person=self.person,
            role=self.role,
            study=self.study,
            country=self.country,
            site=self.site,
            starts=starts,
            ends=self.ends,
            tasks=tasks,
            delegated_by=actor.handle,
        )
        return {"assignment": key}

    def _check(self, tx: Transaction, actor: Actor, tasks: set[str]) -> Role:
        faults = []
        role = ROLES.get(self.role)
        person = tx.get("person", Person.key_of(self.person))
        if person is None or not person["active"]:
            faults.append(Fault("person", _("nobody with an open account has this user name"), _("a user name")))
        if self.person == actor.handle:
            faults.append(Fault("person", _("nobody can assign a role to themselves"), _("somebody else")))
        if role is None or role.places == "service":
            people_roles = [name for name, other in ROLES.items() if other.places != "service"]
            faults.append(Fault("role", _("there is no such role"), ", ".join(people_roles)))
        else:
            faults.extend(_place_faults(role, self.study, self.site))
        if self.site and self.study == EVERY_STUDY:
            faults.append(Fault("site", _("a site belongs to one study"), _("a study")))
        if unknown := sorted(tasks - TASKS.keys()):
            faults.append(Fault("tasks", _("there are no such tasks: %s") % ", ".join(unknown), ", ".join(TASKS)))
        faults.extend(_period_faults(tx, self.starts, self.ends))
        if faults or role is None:
            raise Invalid(faults)
        return role


@dataclass(frozen=True)
class AssignRole(Assigning):
    """Give a person a role in a study (``*`` for every study), a country or a site of it, for a period.

    ``starts`` and ``ends`` are ISO 8601 days, both included; without ``starts`` the role begins today.
    """

    name: ClassVar[str] = "people.assign_role"
    permission: ClassVar[str] = "assignment.change"

    person: str
    role: str
    study: str
    country: str = ""
    site: str = ""
    starts: str = ""
    ends: str = ""
    tasks: tuple[str, ...] = ()
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        return self.assign(tx, actor, dict.fromkeys(self.tasks, True))


@dataclass(frozen=True)
class Delegate(Assigning):
    """An investigator gives a person of the own site a role with the tasks that go with it (ICH E6(R3) 2.3.3).

    The role must be one of a site, and may not allow what the investigator may not do there.
    """

    name: ClassVar[str] = "people.delegate"
    permission: ClassVar[str] = "assignment.delegate"

    person: str
    role: str
    study: str
    site: str
    tasks: tuple[str, ...]
    country: str = ""
    starts: str = ""
    ends: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        faults = []
        if not self.tasks:
            faults.append(Fault("tasks", _("a delegation names at least one task"), ", ".join(TASKS)))
        if self.starts and self.starts < tx.today.isoformat():
            faults.append(Fault("starts", _("tasks are delegated before they are done"), tx.today.isoformat()))
        if faults:
            raise Invalid(faults)
        if self.role not in delegable_roles(actor, self.scope(tx), tx.today):
            raise NotPermitted(
                _("The role %s allows more than you may do at this site: ask the study manager to assign it.")
                % (ROLES[self.role].title if self.role in ROLES else self.role),
                role=self.role,
            )
        return self.assign(tx, actor, dict.fromkeys(self.tasks, True))


def delegable_roles(actor: Actor, scope: Scope, on: date) -> list[str]:
    """The site roles that allow nothing the actor may not do there; ``assignment.delegate`` is never passed on."""
    own = union(grant for grant in actor.grants if grant.covers(scope, on.isoformat()))
    return [
        role.name
        for role in ROLES.values()
        if role.places == "site" and role.permissions <= own - {"assignment.delegate"}
    ]


class Ending(Action):
    """What EndAssignment and EndDelegation share. The row stays: an assignment is ended, never removed."""

    assignment: str
    reason: str
    ends: str

    @property
    def log(self) -> str:
        return self.assignment.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        return (Get("assignment", self.assignment),)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("assignment", self.assignment)
        return Scope(self.log, row["country"], row["site"])

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        """End on the given last day, default today; yesterday ends it at once. One that lies ahead never begins."""
        row = tx.require("assignment", self.assignment)
        if row["person"] == actor.handle:
            raise Refused(_("Nobody can end their own assignment: ask somebody else who may."))
        if not self.reason.strip():
            raise Invalid([Fault("reason", _("this change needs a reason"), _("why it is made"))])
        today, yesterday = tx.today.isoformat(), (tx.today - timedelta(days=1)).isoformat()
        if row["ends"] and row["ends"] < today:
            raise Refused(_("This assignment ended on %s already.") % row["ends"])
        if row["starts"] > today:
            ends = (date.fromisoformat(row["starts"]) - timedelta(days=1)).isoformat()
        else:
            ends = self.ends or today
            earliest = max(yesterday, row["starts"])
            if not is_date(ends) or ends < earliest or (row["ends"] and ends > row["ends"]):
                accepted = _("a day from %(first)s to %(last)s") % {"first": earliest, "last": row["ends"] or FOREVER}
                raise Invalid([Fault("ends", _("an assignment cannot end on this day"), accepted)])
        tx.put("assignment", self.assignment, ends=ends)
        return {"assignment": self.assignment, "ends": ends}


@dataclass(frozen=True)
class EndAssignment(Ending):
    """End anybody's assignment."""

    name: ClassVar[str] = "people.end_assignment"
    permission: ClassVar[str] = "assignment.change"

    assignment: str
    reason: str
    ends: str = ""


@dataclass(frozen=True)
class EndDelegation(Ending):
    """End a delegation at the investigator's own site."""

    name: ClassVar[str] = "people.end_delegation"
    permission: ClassVar[str] = "assignment.delegate"

    assignment: str
    reason: str
    ends: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        row = tx.require("assignment", self.assignment)
        if ROLES[row["role"]].places != "site" or not row["tasks"]:
            raise NotFound(f"assignment:{self.assignment}")
        return super().perform(tx, actor)


def blinding_conflict(role: Role, study: str, starts: str, ends: str, others: Iterable[Row]) -> str:
    """Why ``role`` in that period cannot go with the person's ``others``; empty when it can.

    Knowledge is not forgotten: an unblinded role that has begun bars every later blinded one of the study. A blinded
    role that ends before the unblinded one begins does not stand in the way.
    """
    for row in others:
        other = ROLES[row["role"]]
        never = bool(row["ends"]) and row["ends"] < row["starts"]
        if never or not (study == row["study"] or EVERY_STUDY in (study, row["study"])):
            continue
        if role.blinded and other.unblinded and (ends or FOREVER) >= row["starts"]:
            return _(
                "%(person)s has the unblinded role %(other)s in %(study)s from %(day)s and cannot be %(role)s, which is"
                " a blinded role: whoever has seen allocations stays unblinded."
            ) % _words(row, other, role, row["starts"])
        if role.unblinded and other.blinded and (row["ends"] or FOREVER) >= starts:
            return _(
                "%(person)s has the blinded role %(other)s in %(study)s until %(day)s and cannot be %(role)s, which"
                " sees allocations: end the blinded role first, or choose somebody else."
            ) % _words(row, other, role, row["ends"] or _("further notice"))
    return ""


def _words(row: Row, other: Role, role: Role, day: str) -> dict[str, str]:
    study = _("every study") if row["study"] == EVERY_STUDY else row["study"]
    return {"person": row["person"], "other": other.title, "role": role.title, "study": study, "day": day}


def _place_faults(role: Role, study: str, site: str) -> list[Fault]:
    if role.places == "installation" and (study != EVERY_STUDY or site):
        return [Fault("study", _("%s is a role in the whole installation") % role.title, EVERY_STUDY)]
    if role.places == "site" and not site:
        return [Fault("site", _("%s is a role at a site") % role.title, _("one site of the study"))]
    return []


def _period_faults(tx: Transaction, starts: str, ends: str) -> list[Fault]:
    faults = [
        Fault(place, _("this is not a day"), "2026-11-22")
        for place, day in (("starts", starts), ("ends", ends))
        if day and not is_date(day)
    ]
    if not faults and ends and ends < (starts or tx.today.isoformat()):
        faults.append(Fault("ends", _("the last day comes before the first"), starts or tx.today.isoformat()))
    return faults


def is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
