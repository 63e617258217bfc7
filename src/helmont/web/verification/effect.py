"""What another verification plan would make due, and no longer due, before anybody puts it in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from helmont.core.permissions import Actor
from helmont.edc.queries.verification import FormStanding, standings
from helmont.studies.models import Study
from helmont.study.verification import VerificationPlan


@dataclass
class Difference:
    """At one place: values that become due and that are due no longer, and how many are due before and after."""

    place: str = ""
    more: int = 0
    fewer: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: FormStanding | None, after: FormStanding | None) -> None:
        was, now = (set(each.due) if each else set() for each in (before, after))
        self.more += len(now - was)
        self.fewer += len(was - now)
        self.before += len(was)
        self.after += len(now)


@dataclass
class Effect:
    """Of a plan as a whole, by site and by form. ``verified`` values count towards the plan before and after it.

    The marks themselves stay in any case: a value that is required again later is still verified.
    """

    total: Difference = field(default_factory=Difference)
    sites: list[Difference] = field(default_factory=list)
    forms: list[Difference] = field(default_factory=list)
    forms_more: int = 0
    forms_fewer: int = 0
    verified: tuple[int, int] = (0, 0)

    @property
    def nothing(self) -> bool:
        return not (self.total.more or self.total.fewer or self.verified[0] != self.verified[1])


def effect(actor: Actor, study: Study, today: date, proposed: VerificationPlan) -> Effect:
    """The effect of a plan on every complete form that the person may see."""
    before = {form.key: form for form in standings(actor, study, today)}
    after = {form.key: form for form in standings(actor, study, today, proposed)}
    pairs = [(before.get(key), after.get(key)) for key in before.keys() | after.keys()]
    found = Effect(verified=(_verified(before.values()), _verified(after.values())))
    for one, other in pairs:
        found.total.add(one, other)
        was, now = (set(each.due) if each else set() for each in (one, other))
        found.forms_more += bool(now - was)
        found.forms_fewer += bool(was - now)
    found.sites, found.forms = _by(pairs, lambda each: each.site), _by(pairs, lambda each: each.form)
    return found


Pair = tuple[FormStanding | None, FormStanding | None]


def _by(pairs: Iterable[Pair], place: Callable[[FormStanding], str]) -> list[Difference]:
    """The places at which anything changes, in order."""
    places: dict[str, Difference] = {}
    for before, after in pairs:
        one = after or before
        if one is not None:
            places.setdefault(place(one), Difference(place(one))).add(before, after)
    return [places[name] for name in sorted(places) if places[name].more or places[name].fewer]


def _verified(forms: Iterable[FormStanding]) -> int:
    return sum(form.required - len(form.due) for form in forms)
