"""What the schedule asks of a participant: visits, minutes, blood, questionnaires, questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from helmont.study.model import Form, Study
from helmont.study.protocol import Activity, Encounter, day_offset
from helmont.study.review.findings import Finding, Values

LONG_MINUTES = 240
MANY_QUESTIONNAIRES = 5
EIGHT_WEEKS = 56
BLOOD_LIMITS = {True: Decimal(550), False: Decimal(50)}
"""mL in eight weeks, for healthy participants and for others (OHRP expedited review categories, 1998, category 2)."""


@dataclass(frozen=True, slots=True)
class EncounterBurden:
    """What one encounter takes; ``minutes`` and ``blood_ml`` are of the activities that declare them.

    ``offset`` is the day from the first anchor (0 its own day), None for an encounter that happens on an event;
    ``untimed`` counts activities without minutes.
    """

    encounter: Encounter
    offset: int | None
    activities: int
    untimed: int
    minutes: int
    blood_ml: Decimal
    questionnaires: int
    questions: int


@dataclass(frozen=True, slots=True)
class Burden:
    """The burden by encounter, in planned order; the sums are of the encounters that every participant has."""

    encounters: tuple[EncounterBurden, ...]

    @property
    def planned(self) -> tuple[EncounterBurden, ...]:
        return tuple(each for each in self.encounters if not each.encounter.optional)

    def visits(self, kind: str) -> int:
        """How many planned encounters are of a type: visit, phone or home."""
        return sum(each.encounter.type == kind for each in self.planned)

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.planned)

    @property
    def untimed(self) -> int:
        return sum(each.untimed for each in self.planned)

    @property
    def activities(self) -> int:
        return sum(each.activities for each in self.planned)

    @property
    def blood_ml(self) -> Decimal:
        return sum((each.blood_ml for each in self.planned), Decimal(0))

    @property
    def questionnaires(self) -> int:
        return sum(each.questionnaires for each in self.planned)

    @property
    def questions(self) -> int:
        return sum(each.questions for each in self.planned)


def is_questionnaire(form: Form) -> bool:
    """Whether a form's values go to the questionnaires domain of SDTM (QS)."""
    return any(item.sdtm is not None and item.sdtm.domain == "QS" for item in form.items())


def burden_of(study: Study) -> Burden:
    """What the schedule takes at each encounter."""
    forms = {form.id: form for form in study.forms}
    offsets = absolute_days(study)
    found = []
    for encounter in study.protocol.encounters:
        done = [each for each in study.protocol.activities if encounter.id in study.protocol.schedule.get(each.id, ())]
        own = {name: forms[name] for each in done for name in each.forms}.values()
        found.append(
            EncounterBurden(
                encounter,
                offsets.get(encounter.id),
                len(done),
                sum(each.minutes is None for each in done),
                sum(each.minutes or 0 for each in done),
                sum((each.blood_ml or Decimal(0) for each in done), Decimal(0)),
                sum(map(is_questionnaire, own)),
                sum(_questions(form) for form in own),
            )
        )
    return Burden(tuple(found))


def _questions(form: Form) -> int:
    """Questions that somebody answers; a repeating group counts with the rows it always has."""
    return sum(
        max(1, group.repeats.min) if group.repeats else 1
        for group in form.groups
        for item in group.items
        if item.type != "calculated"
    )


def absolute_days(study: Study) -> dict[str, int]:
    """Days from the anchor at the end of each encounter's chain of anchors; encounters without a day are left out."""
    by_id = {encounter.id: encounter for encounter in study.protocol.encounters}
    found: dict[str, int] = {}
    for encounter in study.protocol.encounters:
        total, at, seen = 0, encounter, set[str]()
        while at.day is not None and at.id not in seen:
            seen.add(at.id)
            total += day_offset(at.day)
            following = by_id.get(at.anchor or at.id, at)
            if following is at:
                found[encounter.id] = total
                break
            at = following
    return found


def burden_findings(study: Study, burden: Burden) -> Iterator[Finding]:
    """What of the burden is too much, or not known."""
    scheduled = [each for each in study.protocol.activities if study.protocol.schedule.get(each.id)]
    untimed = sum(each.minutes is None for each in scheduled)
    if untimed:
        yield Finding("BURDEN_TIME_UNKNOWN", "protocol.activities", {"unknown": untimed, "all": len(scheduled)})
    if scheduled and not any(each.blood_ml for each in scheduled):
        yield Finding("BURDEN_BLOOD_UNKNOWN", "protocol.activities")
    for each in burden.encounters:
        place = f"protocol.encounters[{each.encounter.id}]"
        name = each.encounter.label
        if each.minutes > LONG_MINUTES:
            yield Finding("BURDEN_LONG_ENCOUNTER", place, {"place": name, "hours": each.minutes // 60})
        if each.questionnaires > MANY_QUESTIONNAIRES:
            counted: Values = {"place": name, "count": each.questionnaires, "questions": each.questions}
            yield Finding("BURDEN_MANY_QUESTIONNAIRES", place, counted)
    yield from _blood(study, burden)


def _blood(study: Study, burden: Burden) -> Iterator[Finding]:
    """The heaviest eight weeks, when they are above the limit."""
    population = study.protocol.population
    limit = BLOOD_LIMITS[population is not None and population.healthy]
    days = [(each.offset, each) for each in burden.planned if each.offset is not None]
    sums = [
        (sum((other.blood_ml for day, other in days if 0 <= day - start < EIGHT_WEEKS), Decimal(0)), each)
        for start, each in days
    ]
    volume, first = max(sums, key=lambda entry: entry[0], default=(Decimal(0), None))
    if first is not None and volume > limit:
        values: Values = {"volume": f"{volume.normalize():f}", "limit": str(limit), "place": first.encounter.label}
        yield Finding("BURDEN_BLOOD_LIMIT", f"protocol.encounters[{first.encounter.id}]", values)


def times(study: Study, activity: Activity) -> int:
    """At how many encounters an activity is done."""
    return len(study.protocol.schedule.get(activity.id, ()))
