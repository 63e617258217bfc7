"""The verification plan: which values are compared with their source, by form, item, visit, participant and site risk.

ICH E6(R3) 3.11.4 asks for monitoring in proportion to the risks to participants and to the reliability of results: a plan
names what is verified completely, what by its critical items alone, and what not at all. It is data, and it is decided
from the top: the first rule that fits a value says whether it is required.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Literal

from helmont.study.kinds import CountryCode, Declares, EncounterId, FormId
from helmont.study.text import Text

if TYPE_CHECKING:
    from helmont.study.model import Form

Extent = Literal["all", "critical", "none"]
"""How much of a form: every value that was entered, those of items with ``verify: true``, or none."""
Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Participants:
    """Which participants a rule is about; exactly one of the three.

    ``first`` of each site and ``every`` k-th of each site go by the order of screening; ``sample`` is a percentage, drawn
    with ``seed`` and the participant's number, so that anybody can draw it again and enrolment changes nobody's lot.
    """

    first: int | None = None
    every: int | None = None
    sample: int | None = None
    seed: str | None = None

    def include(self, number: str, ordinal: int) -> bool:
        """Whether the participant ``number``, the ``ordinal``-th (from 1) screened at the site, is among them."""
        if self.first is not None:
            return ordinal <= self.first
        if self.every is not None:
            return ordinal % self.every == 0
        drawn = int.from_bytes(sha256(f"{self.seed}/{number}".encode()).digest()[:8]) / 2**64
        return drawn * 100 < (self.sample or 0)


@dataclass(frozen=True, slots=True)
class VerificationRule:
    """A rule fits a value when everything that it names does; what it leaves out does not matter."""

    id: Annotated[str, Declares("verification rule")]
    require: Extent
    label: Text | None = None
    forms: tuple[FormId, ...] = ()
    items: tuple[str, ...] = ()
    encounters: tuple[EncounterId, ...] = ()
    sites: tuple[str, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    risk: tuple[Risk, ...] = ()
    participants: Participants | None = None

    def fits(self, place: Place) -> bool:
        """Whether the rule is about the form at this place (its items aside)."""
        return (
            (not self.forms or place.form in self.forms)
            and (not self.encounters or place.encounter in self.encounters)
            and (not self.sites or place.site in self.sites)
            and (not self.countries or place.country in self.countries)
            and (not self.risk or place.risk in self.risk)
            and (self.participants is None or self.participants.include(place.participant, place.ordinal))
        )


@dataclass(frozen=True, slots=True)
class VerificationPlan:
    """Rules from the top; ``default`` where none fits. ``site_risk`` is by site number, medium where nothing is said."""

    rules: tuple[VerificationRule, ...] = ()
    default: Extent = "critical"
    site_risk: Mapping[str, Risk] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form lies: ``encounter`` is ``LOG`` for a line of a log, ``ordinal`` the participant's place at the site."""

    form: str
    encounter: str
    site: str
    country: str
    risk: str
    participant: str
    ordinal: int


def required_items(plan: VerificationPlan, form: Form, place: Place) -> dict[str, str]:
    """Item id -> the id of the rule that requires it ("" for the default) of a form at a place."""
    fitting = [rule for rule in plan.rules if rule.fits(place)]
    required = {}
    for item in form.items():
        name = f"{form.id}.{item.id}"
        rule = next((rule for rule in fitting if not rule.items or name in rule.items), None)
        extent = rule.require if rule else plan.default
        if (extent == "all" and item.type != "calculated") or (extent != "none" and item.verify):
            required[item.id] = rule.id if rule else ""
    return required
