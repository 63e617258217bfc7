"""The study design but its schedule: arms, epochs, cells, objectives, estimands, population, eligibility."""

from __future__ import annotations

from helmont.standards.usdm.building import Builder, Object, chain
from helmont.standards.usdm.codes import (
    ARMS,
    CRITERIA,
    ENDPOINTS,
    EPOCHS,
    OBJECTIVES,
    OTHER,
    PHASES,
    SEXES,
    YEAR,
    strategy_text,
)
from helmont.study.model import Study
from helmont.study.protocol import Element, Estimand, Population
from helmont.study.text import Text

_NOT_STATED = "Not recorded in Helmont"
_INTERVENTION = ("C41161", "Experimental Intervention")
_COLLECTED = ("C188866", "Data Generated Within Study")
_SINGLE_GROUP = ("C82640", "Single Group Study")
_INTERVENTIONAL = ("C98388", "Interventional Study")


class DesignWriter:
    """Writes one design; ``ids`` are the document's ids by kind and our id, such as ``("epoch", "SCREENING")``."""

    def __init__(self, builder: Builder, study: Study) -> None:
        self.builder, self.study, self.protocol = builder, study, study.protocol
        self.ids: dict[tuple[str, str], str] = {}
        self.criterion_items: list[Object] = []
        self.interventions: dict[Text, Object] = {}
        self.populations: dict[Text, Object] = {}

    def design(self) -> Object:
        make, code = self.builder.make, self.builder.code
        arms, epochs = self._arms(), self._epochs()
        elements, cells = self._elements(), self._cells()
        objectives, criteria = self._objectives(), self._criteria()
        estimands = [made for each in self.protocol.estimands if (made := self._estimand(each)) is not None]
        phase = self.study.phase
        return make(
            "InterventionalStudyDesign",
            name=self.study.id,
            label=str(self.study.title),
            rationale=_NOT_STATED,
            studyType=code(_INTERVENTIONAL),
            studyPhase=self.builder.alias(PHASES.get(phase, (OTHER[0], phase))) if phase else None,
            model=code(_SINGLE_GROUP if len(arms) == 1 else OTHER),
            arms=arms,
            epochs=epochs,
            elements=elements,
            studyCells=cells,
            objectives=objectives,
            estimands=estimands,
            analysisPopulations=list(self.populations.values()),
            studyInterventionIds=[each["id"] for each in self.interventions.values()],
            population=self._population(self.protocol.population, [each["id"] for each in criteria]),
            eligibilityCriteria=criteria,
        )

    def _arms(self) -> list[Object]:
        made = []
        for arm in self.protocol.arms:
            attributes, extensions = self.builder.texts(label=arm.label, description=arm.description)
            thing = self.builder.make(
                "StudyArm",
                extensions,
                name=arm.id,
                **attributes,
                type=self.builder.code(ARMS[arm.type]),
                dataOriginDescription="Collected in the study",
                dataOriginType=self.builder.code(_COLLECTED),
            )
            self.ids["arm", arm.id] = thing["id"]
            made.append(thing)
        return made

    def _epochs(self) -> list[Object]:
        made = []
        for epoch in self.protocol.epochs:
            attributes, extensions = self.builder.texts(label=epoch.label)
            if epoch.type is None or epoch.type in EPOCHS:
                kind = self.builder.code(EPOCHS.get(epoch.type or "", OTHER))
            else:
                kind = self.builder.code((epoch.type, epoch.type), "Sponsor", self.study.version)
            thing = self.builder.make("StudyEpoch", extensions, name=epoch.id, **attributes, type=kind)
            self.ids["epoch", epoch.id] = thing["id"]
            made.append(thing)
        return chain(made)

    def _elements(self) -> list[Object]:
        made = []
        for element in self.protocol.elements:
            attributes, extensions = self.builder.texts(label=element.label)
            rules = {}
            for name, text in (("transitionStartRule", element.starts), ("transitionEndRule", element.ends)):
                if text is not None:
                    own, kept = self.builder.texts(text=text)
                    rules[name] = self.builder.make(
                        "TransitionRule", kept, name=f"{element.id}_{name[10:].upper()}", **own
                    )
            extensions["duration"] = element.duration
            thing = self.builder.make("StudyElement", extensions, name=element.id, **attributes, **rules)
            self.ids["element", element.id] = thing["id"]
            made.append(thing)
        return made

    def _cells(self) -> list[Object]:
        def in_cell(element: Element, arm: str, epoch: str) -> bool:
            return element.epoch == epoch and (not element.arms or arm in element.arms)

        return [
            self.builder.make(
                "StudyCell",
                armId=self.ids["arm", arm.id],
                epochId=self.ids["epoch", epoch.id],
                elementIds=[
                    self.ids["element", element.id]
                    for element in self.protocol.elements
                    if in_cell(element, arm.id, epoch.id)
                ],
            )
            for arm in self.protocol.arms
            for epoch in self.protocol.epochs
        ]

    def _objectives(self) -> list[Object]:
        made = []
        for objective in self.protocol.objectives:
            endpoints = []
            for endpoint in objective.endpoints:
                attributes, extensions = self.builder.texts(text=endpoint.text)
                level = self.builder.code(ENDPOINTS[objective.level])
                own = self.builder.make(
                    "Endpoint", extensions, name=endpoint.id, **attributes, purpose=_NOT_STATED, level=level
                )
                self.ids["endpoint", endpoint.id] = own["id"]
                endpoints.append(own)
            attributes, extensions = self.builder.texts(text=objective.text)
            level = self.builder.code(OBJECTIVES[objective.level])
            made.append(
                self.builder.make(
                    "Objective", extensions, name=objective.id, **attributes, level=level, endpoints=endpoints
                )
            )
        return made

    def _estimand(self, estimand: Estimand) -> Object | None:
        """The estimand; None when its objective has no endpoint, which USDM needs as the variable."""
        objective = next((each for each in self.protocol.objectives if each.id == estimand.objective), None)
        if objective is None or not objective.endpoints:
            return None
        same = [endpoint for endpoint in objective.endpoints if endpoint.text == estimand.variable]
        variable = (same or objective.endpoints)[0]
        if estimand.treatment not in self.interventions:
            attributes, extensions = self.builder.texts(label=estimand.treatment)
            coded = {"role": self.builder.code(_INTERVENTION), "type": self.builder.code(OTHER)}
            name = f"INTERVENTION_{len(self.interventions) + 1}"
            self.interventions[estimand.treatment] = self.builder.make(
                "StudyIntervention", extensions, name=name, **attributes, **coded
            )
        if estimand.population not in self.populations:
            attributes, extensions = self.builder.texts(text=estimand.population)
            name = f"POPULATION_{len(self.populations) + 1}"
            self.populations[estimand.population] = self.builder.make(
                "AnalysisPopulation", extensions, name=name, **attributes
            )
        attributes, extensions = self.builder.texts(populationSummary=estimand.summary)
        if not same:
            words, translations = self.builder.texts(variable=estimand.variable)
            extensions |= {"variable": words["variable"], **translations}
        events = []
        for number, event in enumerate(estimand.intercurrent_events, 1):
            own, kept = self.builder.texts(text=event.event)
            name = f"{estimand.id}_EVENT_{number}"
            events.append(self.builder.make("IntercurrentEvent", kept, name=name, **own, strategy=strategy_text(event)))
        return self.builder.make(
            "Estimand",
            extensions,
            name=estimand.id,
            **attributes,
            variableOfInterestId=self.ids["endpoint", variable.id],
            analysisPopulationId=self.populations[estimand.population]["id"],
            interventionIds=[self.interventions[estimand.treatment]["id"]],
            intercurrentEvents=events,
        )

    def _population(self, population: Population | None, criteria: list[str]) -> Object:
        make = self.builder.make
        if population is None:
            kept = {"none": True}
            return make(
                "StudyDesignPopulation", kept, name="POPULATION", includesHealthySubjects=False, criterionIds=criteria
            )
        attributes, extensions = self.builder.texts(description=population.text)
        age = population.age
        if age is not None and age.min is not None and age.max is not None:
            limits = {
                name: make("Quantity", value=_number(limit), unit=self.builder.alias(YEAR))
                for name, limit in (("minValue", age.min), ("maxValue", age.max))
            }
            attributes["plannedAge"] = make("Range", **limits, isApproximate=False)
        elif age is not None:
            known = (("min", age.min), ("max", age.max))
            extensions["age"] = {name: str(limit) for name, limit in known if limit is not None}
        if population.enrolment is not None:
            attributes["plannedEnrollmentNumber"] = make("Quantity", value=population.enrolment, unit=None)
        return make(
            "StudyDesignPopulation",
            extensions,
            name="POPULATION",
            **attributes,
            includesHealthySubjects=population.healthy,
            plannedSex=[self.builder.code(SEXES[population.sex])] if population.sex else [],
            criterionIds=criteria,
        )

    def _criteria(self) -> list[Object]:
        made = []
        for number, criterion in enumerate(self.protocol.eligibility, 1):
            attributes, extensions = self.builder.texts(text=criterion.text)
            item = self.builder.make("EligibilityCriterionItem", extensions, name=criterion.id, **attributes)
            self.criterion_items.append(item)
            made.append(
                self.builder.make(
                    "EligibilityCriterion",
                    {"expression": criterion.expression},
                    name=criterion.id,
                    category=self.builder.code(CRITERIA[criterion.category]),
                    identifier=f"{number:02}",
                    criterionItemId=item["id"],
                )
            )
        return chain(made)


def _number(value: object) -> int | float:
    number = float(str(value))
    return int(number) if number.is_integer() else number
