"""Arms, epochs, elements, objectives, estimands, population and eligibility of a USDM study design."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from helmont.standards.importing import Ids
from helmont.standards.usdm.codes import (
    ARMS,
    CRITERIA,
    ENDPOINTS,
    OBJECTIVES,
    OTHER,
    SEXES,
    YEAR,
    strategy_of,
    word_for,
)
from helmont.standards.usdm.document import Thing
from helmont.standards.usdm.texts import Texts
from helmont.study.protocol import (
    AgeRange,
    Arm,
    Criterion,
    Element,
    Endpoint,
    Epoch,
    Estimand,
    IntercurrentEvent,
    Objective,
    Population,
)


@dataclass
class DesignReader:
    """Reads one study design; ``names`` keeps which of our ids each object of the document became."""

    design: Thing
    texts: Texts
    names: dict[str, str] = field(default_factory=dict)

    def _name(self, ids: Ids, thing: Thing, fallback: str) -> str:
        made = ids.make(thing.text("name"), thing.text("label"), fallback=fallback)
        self.names[thing.id] = made
        return made

    def arms(self) -> tuple[Arm, ...]:
        ids, found = Ids(), []
        for arm in self.design.many("arms"):
            kind = word_for(ARMS, *arm.code("type")) or "other"
            if kind == "other" and arm.code("type")[0] != OTHER[0]:
                arm.say(f"the arm type {arm.code('type')[1]} became other", severity="warning", at="type")
            label = self.texts.of(arm, "label", "name", fallback="Arm")
            description = self.texts.maybe(arm, "description")
            found.append(Arm(self._name(ids, arm, "ARM"), label, cast(Any, kind), description))
        return tuple(found)

    def epochs(self) -> tuple[Epoch, ...]:
        ids, found = Ids(), []
        for epoch in in_order(self.design.many("epochs")):
            code, decode = epoch.code("type")
            kind = decode or None if code != OTHER[0] else None
            label = self.texts.of(epoch, "label", "name", fallback="Epoch")
            found.append(Epoch(self._name(ids, epoch, "EPOCH"), label, kind))
        return tuple(found)

    def elements(self) -> tuple[Element, ...]:
        """Each element in the epochs where the study cells have it; one that is in several becomes one for each."""
        arms = [arm.id for arm in self.design.many("arms")]
        places: dict[str, dict[str, list[str]]] = {}
        for cell in self.design.many("studyCells"):
            arm, epoch = cell.reference("armId"), cell.reference("epochId")
            for element in cell.references("elementIds"):
                if arm and epoch and epoch.id in self.names:
                    places.setdefault(element.id, {}).setdefault(epoch.id, []).append(arm.id)
        ids, found = Ids(), []
        for element in self.design.many("elements"):
            cells = places.get(element.id, {})
            if not cells:
                element.say("no study cell has this element, so it was not taken over", severity="warning")
            if len(cells) > 1:
                element.say(
                    f"the element is in {len(cells)} epochs and became one element for each", severity="warning"
                )
            for epoch_id, in_arms in cells.items():
                everywhere = set(in_arms) >= set(arms)
                own = tuple(self.names[arm] for arm in arms if arm in in_arms and arm in self.names)
                start, end = element.one("transitionStartRule"), element.one("transitionEndRule")
                found.append(
                    Element(
                        self._name(ids, element, "ELEMENT"),
                        self.texts.of(element, "label", "description", "name", fallback="Element"),
                        self.names[epoch_id],
                        self.texts.maybe(start, "text"),
                        self.texts.maybe(end, "text"),
                        element.extension("duration"),
                        () if everywhere else own,
                    )
                )
        return tuple(found)

    def objectives(self) -> tuple[Objective, ...]:
        ids, endpoint_ids, found = Ids(), Ids(), []
        for objective in self.design.many("objectives"):
            level = word_for(OBJECTIVES, *objective.code("level"))
            if level is None:
                objective.say("the level is not known; it became exploratory", severity="warning", at="level")
            endpoints = []
            for endpoint in objective.many("endpoints"):
                own = word_for(ENDPOINTS, *endpoint.code("level"))
                if own != level:
                    message = (
                        f"a {own} endpoint of a {level} objective; Helmont gives endpoints the level of their objective"
                    )
                    endpoint.say(message, at="level")
                words = self.texts.of(endpoint, "text", "label", "name", fallback="Endpoint")
                endpoints.append(Endpoint(self._name(endpoint_ids, endpoint, "END"), words))
            words = self.texts.of(objective, "text", "label", "name", fallback="Objective")
            made = self._name(ids, objective, "OBJ")
            found.append(Objective(made, cast(Any, level or "exploratory"), words, tuple(endpoints)))
        return tuple(found)

    def estimands(self, objectives: tuple[Objective, ...]) -> tuple[Estimand, ...]:
        owners = {endpoint.id: objective.id for objective in objectives for endpoint in objective.endpoints}
        ids, found = Ids(), []
        for estimand in self.design.many("estimands"):
            variable = estimand.reference("variableOfInterestId")
            population = estimand.reference("analysisPopulationId")
            treatments = estimand.references("interventionIds")
            owner = owners.get(self.names.get(variable.id, "")) if variable else None
            if variable is None or population is None or not treatments or owner is None:
                estimand.say("the estimand lacks a variable, a population or a treatment and was not taken over")
                continue
            words = ", ".join(thing.text("label", "description", "name") for thing in treatments)
            treatment = self.texts.with_translations(treatments[0], "label", words)
            if len(treatments) > 1:
                treatment = self.texts.plain(words)
            own = estimand.extension("variable")
            found.append(
                Estimand(
                    id=self._name(ids, estimand, "EST"),
                    objective=owner,
                    treatment=treatment,
                    population=self.texts.of(population, "text", "description", "label", "name"),
                    variable=self.texts.of(estimand, "variable", fallback=own)
                    if isinstance(own, str) and own
                    else self.texts.of(variable, "text", "label", "name"),
                    summary=self.texts.of(estimand, "populationSummary", fallback="Not stated"),
                    intercurrent_events=self._events(estimand),
                )
            )
        return tuple(found)

    def _events(self, estimand: Thing) -> tuple[IntercurrentEvent, ...]:
        found = []
        for event in estimand.many("intercurrentEvents"):
            strategy = strategy_of(event.text("strategy"))
            if strategy is None:
                message = "the strategy is none of ICH E9(R1), so the intercurrent event was not taken over"
                event.say(message, "treatment policy, hypothetical, ...", severity="warning", at="strategy")
                continue
            words = self.texts.of(event, "text", "description", "label", "name", fallback="Event")
            found.append(IntercurrentEvent(words, cast(Any, strategy)))
            rest = event.text("strategy").casefold().replace("_", " ").strip(" .")
            if rest != strategy.replace("_", " "):
                event.say(f"of the strategy only its kind was taken over: {strategy}", at="strategy")
        return tuple(found)

    def population(self) -> Population | None:
        population = self.design.one("population")
        if population is None or population.extension("none") is True:
            return None
        age = _age(population)
        sexes = {word_for(SEXES, thing.text("code"), thing.text("decode")) for thing in population.many("plannedSex")}
        sex = "both" if sexes >= {"female", "male"} or "both" in sexes else next(iter(sexes - {None}), None)
        number = population.one("plannedEnrollmentNumber")
        enrolment = _number(number) if number and number.kind == "Quantity" else None
        if number is not None and (enrolment is None or enrolment != int(enrolment)):
            number.say("the planned enrolment is not one whole number and was not taken over", severity="warning")
            enrolment = None
        return Population(
            self.texts.of(population, "description", "label", "name", fallback="Population"),
            age,
            cast(Any, sex),
            bool(population.value.get("includesHealthySubjects")),
            int(enrolment) if enrolment is not None else None,
        )

    def eligibility(self) -> tuple[Criterion, ...]:
        ids, found = Ids(), []
        for criterion in in_order(self.design.many("eligibilityCriteria")):
            category = word_for(CRITERIA, *criterion.code("category"))
            item = criterion.reference("criterionItemId") or criterion
            if category is None:
                criterion.say("the category is neither inclusion nor exclusion; not taken over", severity="warning")
                continue
            words = self.texts.of(item, "text", "description", "label", "name", fallback="Criterion")
            made = self._name(ids, criterion, "CRITERION")
            expression = criterion.extension("expression")
            found.append(
                Criterion(made, cast(Any, category), words, expression if isinstance(expression, str) else None)
            )
        return tuple(found)


def _age(population: Thing) -> AgeRange | None:
    kept = population.extension("age")
    if isinstance(kept, dict):
        limits = {key: Decimal(str(kept[key])) for key in ("min", "max") if isinstance(kept.get(key), str | int)}
        return AgeRange(**limits)
    planned = population.one("plannedAge")
    if planned is None:
        return None
    low, high = planned.one("minValue"), planned.one("maxValue")
    for limit in (low, high):
        if limit is not None and limit.code("unit")[0] not in (YEAR[0], ""):
            planned.say("the planned age is not in years and was not taken over", severity="warning")
            return None
    return AgeRange(_number(low), _number(high))


def _number(quantity: Thing | None) -> Decimal | None:
    value = quantity.value.get("value") if quantity else None
    return None if value is None else Decimal(str(int(value) if value == int(value) else value))


def in_order(things: list[Thing]) -> list[Thing]:
    """Things in the order of their ``nextId`` where that is one chain through all of them, else as they are listed."""
    following = {thing.id: thing.text("nextId") for thing in things}
    by_id = {thing.id: thing for thing in things}
    firsts = by_id.keys() - set(following.values())
    chain: list[Thing] = []
    at = next(iter(firsts), "") if len(firsts) == 1 else ""
    while at in by_id and len(chain) < len(things):
        chain.append(by_id[at])
        at = following[at]
    return chain if len(chain) == len(things) else things
