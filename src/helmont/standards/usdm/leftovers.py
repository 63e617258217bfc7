"""What of a document was not taken over: every attribute that holds something and that nobody reads, said once a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helmont.standards.usdm.classes import CLASSES
from helmont.standards.usdm.document import EXTENSION, Document

_READ: Mapping[str, str] = {
    "Wrapper": "study usdmVersion systemName systemVersion",
    "Study": "name label versions",
    "StudyVersion": "versionIdentifier titles studyIdentifiers organizations roles studyDesigns studyInterventions"
    " eligibilityCriterionItems dictionaries biomedicalConcepts bcSurrogates",
    "StudyTitle": "text type",
    "StudyIdentifier": "text scopeId",
    "Organization": "name label type managedSites",
    "StudySite": "country",
    "StudyRole": "code organizationIds appliesToIds name label",
    "InterventionalStudyDesign": "name label studyPhase encounters activities arms studyCells epochs elements estimands"
    " studyInterventionIds objectives population scheduleTimelines eligibilityCriteria analysisPopulations studyType",
    "ObservationalStudyDesign": "name label studyPhase encounters activities arms studyCells epochs elements estimands"
    " studyInterventionIds objectives population scheduleTimelines eligibilityCriteria analysisPopulations studyType",
    "Encounter": "name label type previousId nextId scheduledAtId environmentalSettings contactModes",
    "Activity": "name label previousId nextId childIds biomedicalConceptIds bcSurrogateIds",
    "StudyArm": "name label description type dataOriginDescription dataOriginType",
    "StudyCell": "armId epochId elementIds",
    "StudyEpoch": "name label type previousId nextId",
    "StudyElement": "name label transitionStartRule transitionEndRule",
    "TransitionRule": "name text",
    "Estimand": "name label populationSummary analysisPopulationId interventionIds variableOfInterestId intercurrentEvents",
    "IntercurrentEvent": "name text strategy",
    "AnalysisPopulation": "name text subsetOfIds",
    "StudyIntervention": "name label role type",
    "Objective": "name text level endpoints",
    "Endpoint": "name text level purpose",
    "StudyDesignPopulation": "name description includesHealthySubjects plannedEnrollmentNumber plannedSex plannedAge"
    " criterionIds",
    "Quantity": "value unit",
    "Range": "minValue maxValue isApproximate",
    "ScheduleTimeline": "name label mainTimeline entryCondition entryId exits timings instances",
    "ScheduledActivityInstance": "name label defaultConditionId epochId activityIds encounterId timelineId timelineExitId",
    "Timing": "name label type value valueLabel relativeToFrom relativeFromScheduledInstanceId"
    " relativeToScheduledInstanceId windowLower windowUpper windowLabel",
    "EligibilityCriterion": "name label category identifier criterionItemId nextId previousId",
    "EligibilityCriterionItem": "name text dictionaryId",
    "SyntaxTemplateDictionary": "name parameterMaps",
    "ParameterMap": "tag reference",
    "BiomedicalConcept": "name label properties code",
    "BiomedicalConceptProperty": "name label isRequired isEnabled datatype responseCodes code",
    "ResponseCode": "name label isEnabled code",
    "BiomedicalConceptSurrogate": "name label reference",
    "Code": "code codeSystem codeSystemVersion decode",
    "AliasCode": "standardCode",
}
"""Attributes that were used, or that only repeat or order what was. An attribute that is not here is reported."""

_REASONS: Mapping[tuple[str, str], str] = {
    ("StudyVersion", "amendments"): "amendments belong to published versions of a study",
    ("StudyVersion", "narrativeContentItems"): "the protocol's prose is a document, not part of the definition",
    ("StudyVersion", "documentVersionIds"): "the protocol's prose is a document, not part of the definition",
    ("Study", "documentedBy"): "the protocol's prose is a document, not part of the definition",
    ("StudyVersion", "conditions"): "Helmont has skips within forms, no conditions on activities",
    ("Activity", "definedProcedures"): "procedures are described on the form or in the manual",
    ("Activity", "timelineId"): "Helmont plans by encounter and day, not within one",
    ("Encounter", "transitionStartRule"): "no rule starts or ends an encounter in Helmont",
    ("Encounter", "transitionEndRule"): "no rule starts or ends an encounter in Helmont",
    ("StudyDesignPopulation", "cohorts"): "Helmont has one population and its arms",
}


def report_leftovers(document: Document) -> None:
    """Add one note for each attribute that was filled and not read: how often, where first, and why where that is known."""
    found: dict[tuple[str, str], list[str]] = {}
    _walk(document.root, "", "Wrapper", found)
    for (name, attribute), pointers in sorted(found.items(), key=lambda entry: entry[1][0]):
        reason = _REASONS.get((name, attribute), "Helmont has no place for it")
        places = "" if len(pointers) == 1 else f" ({len(pointers)} times, first here)"
        document.add(pointers[0], f"{name}.{attribute}{places} was not taken over: {reason}", severity="note")


def _walk(value: dict[str, Any], pointer: str, name: str, found: dict[tuple[str, str], list[str]]) -> None:
    read = _READ.get(name, "").split()
    for extension in value.get("extensionAttributes") or []:
        if isinstance(extension, dict) and not str(extension.get("url")).startswith(EXTENSION):
            found.setdefault((name, "extensionAttributes"), []).append(pointer)
    for key, attribute in CLASSES.get(name, {}).items():
        given = value.get(key)
        if given in (None, [], "", False) or (key == "label" and given == value.get("name")):
            continue
        if key not in read:
            found.setdefault((name, key), []).append(f"{pointer}/{key}")
        elif attribute.kind == "object":
            listed = given if isinstance(given, list) else [given]
            for number, entry in enumerate(listed):
                spot = f"{pointer}/{key}/{number}" if isinstance(given, list) else f"{pointer}/{key}"
                kind = entry.get("instanceType") or attribute.classes[0]
                if kind in _READ:
                    _walk(entry, spot, kind, found)
