"""Which values a study's verification plan requires to be compared with their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.edc.items import base_item
from helmont.edc.keys import LOG
from helmont.studies.queries import compiled_for
from helmont.study.compiled_forms import CompiledForm
from helmont.study.model import Study
from helmont.study.verification import Place, VerificationPlan, required_items
from helmont.study.verification_plans import plan_from_document

Required = Mapping[str, str]
"""Item id -> the id of the rule that requires it, "" for the plan's default."""
Person = tuple[str, str, str]
"""Of a participant: site, number and the day of their screening."""


def plan_in_force(definition: Study, latest: Mapping[str, Any] | None) -> VerificationPlan:
    """The latest plan (its JSON), else the one the study was published with, else every critical item."""
    if latest is None:
        return definition.verification or VerificationPlan()
    # A plan may name what a later version of the study no longer has; such a rule fits nothing.
    return plan_from_document(latest, definition)[0]


class Requirements:
    """What a plan requires of the forms of a study's participants.

    ``people`` are all participants of the sites concerned: "the first of each site" is counted among them, by the day of
    screening and then by number. ``countries`` is the country of each of these sites.
    """

    def __init__(self, plan: VerificationPlan, people: Iterable[Person], countries: Mapping[str, str]) -> None:
        self.plan = plan
        self._countries = countries
        self._risk = {site: str(risk) for site, risk in plan.site_risk.items()}
        by_site: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for site, number, screened in people:
            by_site[site].append((screened, number))
        self._ordinals = {
            number: place for those in by_site.values() for place, (_, number) in enumerate(sorted(those), start=1)
        }
        self._lots: dict[str, tuple[bool, ...]] = {}
        self._known: dict[tuple[Any, ...], Required] = {}

    def of(self, form: CompiledForm, encounter: str, site: str, number: str) -> Required:
        """The items to verify of one form. ``encounter`` is "" or ``LOG`` for a log's line."""
        where = (form, encounter, site, self._lot(number))
        if (known := self._known.get(where)) is None:
            risk, ordinal = self._risk.get(site, "medium"), self._ordinals.get(number, 0)
            country = self._countries.get(site, "")
            place = Place(form.id, encounter or LOG, site, country, risk, number, ordinal)
            known = self._known[where] = required_items(self.plan, form.form, place)
        return known

    def _lot(self, number: str) -> tuple[bool, ...]:
        """Which choices of participants this one is in; the plan treats all with the same lot alike."""
        if number not in self._lots:
            ordinal = self._ordinals.get(number, 0)
            chosen = (rule.participants for rule in self.plan.rules if rule.participants)
            self._lots[number] = tuple(who.include(number, ordinal) for who in chosen)
        return self._lots[number]


def requirements_at(tx: Transaction, participant: Row) -> Requirements:
    """For an action: what is required at the participant's site now."""
    memo = ("requirements", tx.log, participant["site"])
    if memo not in tx.rows.memo:
        plans = tx.find("verification_plan", "study", tx.log)
        latest = max(plans, key=lambda row: int(row["version"]), default=None)
        definition = compiled_for(tx, tx.require("study", tx.log)["definition"]).study
        plan = plan_in_force(definition, latest["plan"] if latest else None)
        people: list[Person] = []
        if any(rule.participants for rule in plan.rules):
            found = tx.find("participant", "site", participant["site"])
            people = [(row["site"], row["number"], row["screened"]) for row in found if row["study"] == tx.log]
        tx.rows.memo[memo] = Requirements(plan, people, {participant["site"]: participant["country"]})
    made: Requirements = tx.rows.memo[memo]
    return made


def items_required(tx: Transaction, form: CompiledForm, row: Row) -> tuple[str, ...]:
    """The keys of a form's values that the plan requires to be verified."""
    participant = tx.require("participant", row["participant"])
    required = requirements_at(tx, participant).of(form, row["encounter"], row["site"], participant["number"])
    return tuple(key for key in row["data"] if base_item(key) in required)
