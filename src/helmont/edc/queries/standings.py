"""The verification plan in force, and each complete form's standing under it, kept up to date from one look to the next.

Reading every value of a large study takes a second, so what was found is kept by the process: the next look reads only the
forms whose revision is newer. It begins anew when the plan, the participants it counts or the record itself is another.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from django.db.models import Q

from helmont.core.ledger import store
from helmont.edc.items import base_item, privileges
from helmont.edc.models import Form, VerificationPlan
from helmont.edc.verification import Person, Requirements, plan_in_force
from helmont.participants.models import Participant
from helmont.studies.models import Site, Study
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.verification import VerificationPlan as Plan

MOST_KEPT = 8


def latest_plan(study: str) -> VerificationPlan | None:
    """The latest change of the plan; None while the one that was published holds."""
    found: VerificationPlan | None = VerificationPlan.objects.filter(study=study).order_by("-version").first()
    return found


def plan_of(study: Study) -> Plan:
    """The plan in force."""
    return _plan(study.key, study.definition, *plan_id(study))


def plan_at(study: Study, version: VerificationPlan | None) -> Plan:
    """The plan as a version has it; None is the published one."""
    return _plan(study.key, study.definition, version.version if version else 0, version.at if version else "")


@lru_cache(maxsize=32)
def _plan(study: str, definition: str, version: int, _at: str) -> Plan:
    row = VerificationPlan.objects.get(key=f"{study}/verification/{version}") if version else None
    return plan_in_force(compiled(study, definition).study, row.plan if row else None)


def requirements(study: Study, plan: Plan | None = None) -> Requirements:
    """What the plan in force (or another one, to see its effect) requires of every participant."""
    plan = plan or plan_of(study)
    people: list[Person] = []
    if any(rule.participants for rule in plan.rules):
        people = list(Participant.objects.filter(study=study.key).values_list("site", "number", "screened"))
    countries = dict(Site.objects.filter(study=study.key).values_list("number", "country"))
    return Requirements(plan, people, countries)


def requirements_for(participant: Participant) -> Requirements:
    """The same for the forms of one participant."""
    return requirements(Study.objects.get(key=participant.study))


@dataclass(frozen=True, slots=True)
class FormStanding:
    """One complete form. ``required`` values, of which ``due`` (item keys) are not verified; ``lapsed`` were once."""

    key: str
    site: str
    participant: str
    encounter: str
    form: str
    required: int
    due: tuple[str, ...]
    lapsed: Mapping[str, Mapping[str, Any]]

    @property
    def number(self) -> str:
        return self.participant.split("/", 1)[1]


def hidden_of(form: CompiledForm, lacking: frozenset[str]) -> frozenset[str]:
    guarded = privileges(form)
    return frozenset(item for item, privilege in guarded.items() if privilege in lacking) if guarded else frozenset()


Standings = dict[str, FormStanding]
"""By the form's key, in its order at first reading."""


@dataclass
class _Kept:
    """What was found, when the log had ``size`` entries, the last with hash ``leaf``."""

    terms: tuple[Any, ...]
    size: int
    leaf: bytes
    forms: Standings


_KEPT: OrderedDict[tuple[str, frozenset[str]], _Kept] = OrderedDict()
_TURN = Lock()


def counted(study: Study, lacking: frozenset[str]) -> Standings:
    """The standing of every complete form under the plan in force, for somebody who lacks these privileges."""
    with _TURN:
        size = store.log_size(study.key)
        plan = plan_of(study)
        people = list(Participant.objects.filter(study=study.key).order_by("key").values_list(*_PERSON))
        terms = (plan_id(study), study.definition, tuple(people))
        kept = _KEPT.get((study.key, lacking))
        if kept is None or kept.terms != terms or kept.size > size or kept.leaf != _leaf(study.key, kept.size):
            kept = _Kept(terms, size, b"", count(study, lacking, plan))
        elif kept.size < size:
            changed = Q(revision__gte=kept.size)
            kept = _Kept(terms, size, b"", {**kept.forms, **count(study, lacking, plan, changed)})
            gone = Form.objects.filter(changed, study=study.key).exclude(status="complete")
            for key in gone.values_list("key", flat=True):
                kept.forms.pop(key, None)
        kept.leaf = kept.leaf or _leaf(study.key, size)
        _KEPT[study.key, lacking] = kept
        _KEPT.move_to_end((study.key, lacking))
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
        return kept.forms


_PERSON = ("key", "site", "number", "screened", "definition")


def plan_id(study: Study) -> tuple[int, str]:
    """The version of the plan in force, 0 for the one that was published, and since when it holds."""
    changes = VerificationPlan.objects.filter(study=study.key).order_by("-version").values_list("version", "at")
    return changes.first() or (0, "")


def _leaf(study: str, size: int) -> bytes:
    """The hash of the entry before ``size``: salted, so that no other record has the same."""
    entry = store.read_entry(study, size - 1) if size else None
    return entry.leaf if entry else b""


def count(study: Study, lacking: frozenset[str], plan: Plan, which: Q | None = None) -> Standings:
    """The standing of complete forms (or those that ``which`` names) under a plan, read now.

    A form without anything required is there too, so that it replaces what was known of it.
    """
    needed = requirements(study, plan)
    people = dict(Participant.objects.filter(study=study.key).values_list("key", "definition"))
    found = Form.objects.filter(which or Q(), study=study.key, status="complete").order_by("key")
    columns = ("key", "site", "participant_id", "encounter", "form", "data", "verified", "lapsed")
    standings: Standings = {}
    for key, site, participant, encounter, form_id, data, verified, lapsed in found.values_list(*columns).iterator():
        form = compiled(study.key, people[participant]).forms.get(form_id)
        required = needed.of(form, encounter, site, participant.split("/", 1)[1]) if form else {}
        hidden = hidden_of(form, lacking) if form else frozenset()
        items = [item for item in data if base_item(item) in required and base_item(item) not in hidden]
        due = tuple(sys.intern(item) for item in items if item not in verified)
        since = {item: lapsed[item] for item in due if item in lapsed} if lapsed else {}
        standings[key] = FormStanding(key, site, participant, encounter, form_id, len(items), due, since)
    return standings
