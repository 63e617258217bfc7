"""The classes of USDM 4.0 and their attributes, as facts of the published API (CDISC DDF reference architecture, v4.0).

One class a line (longer ones continue on indented lines): ``name! * kind`` where ``!`` is required, ``*`` a list, ``=s`` a
text, ``=b`` a boolean, ``=n`` a number, ``=i`` an integer, ``=d`` a date, ``:Class`` an object of that class and
``@Class`` the id of one. Every class but Wrapper also has ``id``, ``instanceType`` and ``extensionAttributes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_TABLE = """
Abbreviation: abbreviatedText!=s expandedText!=s notes*:CommentAnnotation
Activity: name!=s label=s description=s previousId@Activity nextId@Activity childIds*@Activity definedProcedures*:Procedure
  biomedicalConceptIds*@BiomedicalConcept bcCategoryIds*@BiomedicalConceptCategory
  bcSurrogateIds*@BiomedicalConceptSurrogate timelineId@ScheduleTimeline notes*:CommentAnnotation
Address: text=s lines*=s city=s district=s state=s postalCode=s country:Code
AdministrableProduct: name!=s label=s description=s pharmacologicClass:Code administrableDoseForm!:AliasCode
  productDesignation!:Code sourcing:Code properties*:AdministrableProductProperty
  identifiers*:AdministrableProductIdentifier ingredients*:Ingredient notes*:CommentAnnotation
AdministrableProductIdentifier: text!=s scopeId!@Organization
AdministrableProductProperty: name!=s text!=s type!:Code quantity:Quantity
Administration: name!=s label=s description=s duration!:Duration dose:Quantity route:AliasCode frequency:AliasCode
  administrableProductId@AdministrableProduct medicalDeviceId@MedicalDevice notes*:CommentAnnotation
AliasCode: standardCode!:Code standardCodeAliases*:Code
AnalysisPopulation: name!=s label=s description=s text!=s subsetOfIds*@PopulationDefinition notes*:CommentAnnotation
AssignedPerson: name!=s label=s description=s personName!:PersonName jobTitle!=s organizationId@Organization
BiomedicalConcept: name!=s label=s synonyms*=s reference!=s properties*:BiomedicalConceptProperty code!:AliasCode
  notes*:CommentAnnotation
BiomedicalConceptCategory: name!=s label=s description=s childIds*@BiomedicalConceptCategory memberIds*@BiomedicalConcept
  code:AliasCode notes*:CommentAnnotation
BiomedicalConceptProperty: name!=s label=s isRequired!=b isEnabled!=b datatype!=s responseCodes*:ResponseCode
  code!:AliasCode notes*:CommentAnnotation
BiomedicalConceptSurrogate: name!=s label=s description=s reference=s notes*:CommentAnnotation
BiospecimenRetention: name!=s label=s description=s isRetained!=b includesDNA=b
Characteristic: name!=s label=s description=s text!=s dictionaryId@SyntaxTemplateDictionary notes*:CommentAnnotation
Code: code!=s codeSystem!=s codeSystemVersion!=s decode!=s
CommentAnnotation: text!=s codes*:Code
Condition: name!=s label=s description=s text!=s dictionaryId@SyntaxTemplateDictionary notes*:CommentAnnotation
  contextIds*@Activity|ScheduledActivityInstance
  appliesToIds*@BiomedicalConceptCategory|Procedure|Activity|BiomedicalConcept|BiomedicalConceptSurrogate
ConditionAssignment: condition!=s conditionTargetId!@ScheduledInstance
DocumentContentReference: sectionNumber!=s sectionTitle!=s appliesToId!@StudyDefinitionDocument
Duration: text=s quantity:Quantity|Range durationWillVary!=b reasonDurationWillVary=s
EligibilityCriterion: name!=s label=s description=s category!:Code identifier!=s criterionItemId!@EligibilityCriterionItem
  nextId@EligibilityCriterion previousId@EligibilityCriterion notes*:CommentAnnotation
EligibilityCriterionItem: name!=s label=s description=s text!=s dictionaryId@SyntaxTemplateDictionary
  notes*:CommentAnnotation
Encounter: name!=s label=s description=s type!:Code previousId@Encounter nextId@Encounter scheduledAtId@Timing
  environmentalSettings*:Code contactModes*:Code transitionStartRule:TransitionRule transitionEndRule:TransitionRule
  notes*:CommentAnnotation
Endpoint: name!=s label=s description=s text!=s dictionaryId@SyntaxTemplateDictionary notes*:CommentAnnotation purpose!=s
  level!:Code
Estimand: name!=s label=s description=s populationSummary!=s analysisPopulationId!@AnalysisPopulation
  interventionIds!*@StudyIntervention variableOfInterestId!@Endpoint intercurrentEvents!*:IntercurrentEvent
  notes*:CommentAnnotation
ExtensionAttribute: url!=s valueString=s valueBoolean=b valueInteger=i valueId=s valueQuantity:Quantity valueRange:Range
  valueCode:Code valueAliasCode:AliasCode valueExtensionClass:ExtensionClass
ExtensionClass: url!=s
GeographicScope: type!:Code code:AliasCode
GovernanceDate: name!=s label=s description=s type!:Code dateValue!=d geographicScopes!*:GeographicScope
Indication: name!=s label=s description=s codes*:Code isRareDisease!=b notes*:CommentAnnotation
Ingredient: role!:Code substance!:Substance
IntercurrentEvent: name!=s label=s description=s text!=s dictionaryId@SyntaxTemplateDictionary notes*:CommentAnnotation
  strategy!=s
InterventionalStudyDesign: name!=s label=s description=s studyType:Code studyPhase:AliasCode therapeuticAreas*:Code
  characteristics*:Code encounters*:Encounter activities*:Activity arms!*:StudyArm studyCells!*:StudyCell rationale!=s
  epochs!*:StudyEpoch elements*:StudyElement estimands*:Estimand indications*:Indication
  studyInterventionIds*@StudyIntervention objectives*:Objective population!:StudyDesignPopulation
  scheduleTimelines*:ScheduleTimeline biospecimenRetentions*:BiospecimenRetention
  documentVersionIds*@StudyDefinitionDocumentVersion eligibilityCriteria!*:EligibilityCriterion
  analysisPopulations*:AnalysisPopulation notes*:CommentAnnotation subTypes*:Code model!:Code intentTypes*:Code
  blindingSchema:AliasCode
Masking: text!=s isMasked!=b
MedicalDevice: name!=s label=s description=s hardwareVersion=s softwareVersion=s embeddedProductId@AdministrableProduct
  sourcing:Code identifiers*:MedicalDeviceIdentifier notes*:CommentAnnotation
MedicalDeviceIdentifier: text!=s scopeId!@Organization type!:Code
NarrativeContent: name!=s sectionNumber=s sectionTitle=s displaySectionNumber!=b displaySectionTitle!=b
  childIds*@NarrativeContent previousId@NarrativeContent nextId@NarrativeContent contentItemId@NarrativeContentItem
NarrativeContentItem: name!=s text!=s
Objective: name!=s label=s description=s text!=s dictionaryId@SyntaxTemplateDictionary notes*:CommentAnnotation level!:Code
  endpoints*:Endpoint
ObservationalStudyDesign: name!=s label=s description=s studyType:Code studyPhase:AliasCode therapeuticAreas*:Code
  characteristics*:Code encounters*:Encounter activities*:Activity arms!*:StudyArm studyCells!*:StudyCell rationale!=s
  epochs!*:StudyEpoch elements*:StudyElement estimands*:Estimand indications*:Indication
  studyInterventionIds*@StudyIntervention objectives*:Objective population!:StudyDesignPopulation
  scheduleTimelines*:ScheduleTimeline biospecimenRetentions*:BiospecimenRetention
  documentVersionIds*@StudyDefinitionDocumentVersion eligibilityCriteria!*:EligibilityCriterion
  analysisPopulations*:AnalysisPopulation notes*:CommentAnnotation subTypes*:Code model!:Code timePerspective!:Code
  samplingMethod:Code
Organization: name!=s label=s type!:Code identifierScheme!=s identifier!=s legalAddress:Address managedSites*:StudySite
ParameterMap: tag!=s reference!=s
PersonName: text=s familyName=s givenNames*=s prefixes*=s suffixes*=s
Procedure: name!=s label=s description=s procedureType!=s code!:Code studyInterventionId@StudyIntervention
  notes*:CommentAnnotation
ProductOrganizationRole: name!=s label=s description=s code!:Code appliesToIds*@AdministrableProduct|MedicalDevice
  organizationId!@Organization
Quantity: value!=n unit:AliasCode
Range: minValue!:Quantity maxValue!:Quantity isApproximate!=b
ReferenceIdentifier: text!=s scopeId!@Organization type!:Code
ResponseCode: name!=s label=s isEnabled!=b code!:Code
ScheduleTimeline: name!=s label=s description=s mainTimeline!=b entryCondition!=s entryId!@ScheduledInstance
  exits*:ScheduleTimelineExit timings*:Timing instances*:ScheduledActivityInstance|ScheduledDecisionInstance
  plannedDuration:Duration
ScheduleTimelineExit:
ScheduledActivityInstance: name!=s label=s description=s defaultConditionId@ScheduledInstance epochId@StudyEpoch
  timelineId@ScheduleTimeline timelineExitId@ScheduleTimelineExit activityIds*@Activity encounterId@Encounter
ScheduledDecisionInstance: name!=s label=s description=s defaultConditionId@ScheduledInstance epochId@StudyEpoch
  conditionAssignments!*:ConditionAssignment
Strength: name!=s label=s description=s numerator!:Quantity|Range denominator:Quantity
Study: name!=s description=s label=s versions*:StudyVersion documentedBy*:StudyDefinitionDocument
StudyAmendment: name!=s label=s description=s number!=s summary!=s primaryReason!:StudyAmendmentReason
  secondaryReasons*:StudyAmendmentReason changes!*:StudyChange impacts*:StudyAmendmentImpact
  geographicScopes!*:GeographicScope enrollments*:SubjectEnrollment dateValues*:GovernanceDate previousId@StudyAmendment
  notes*:CommentAnnotation
StudyAmendmentImpact: type!:Code text!=s isSubstantial!=b notes*:CommentAnnotation
StudyAmendmentReason: code!:Code otherReason=s
StudyArm: name!=s label=s description=s type!:Code dataOriginDescription!=s dataOriginType!:Code
  populationIds*@PopulationDefinition notes*:CommentAnnotation
StudyCell: armId!@StudyArm epochId!@StudyEpoch elementIds!*@StudyElement
StudyChange: name!=s label=s description=s summary!=s rationale!=s changedSections!*:DocumentContentReference
StudyCohort: name!=s label=s description=s includesHealthySubjects!=b plannedEnrollmentNumber:Quantity|Range
  plannedCompletionNumber:Quantity|Range plannedSex*:Code criterionIds*@EligibilityCriterion plannedAge:Range
  notes*:CommentAnnotation characteristics*:Characteristic indicationIds*@Indication
StudyDefinitionDocument: name!=s label=s description=s language!:Code type!:Code templateName!=s
  versions*:StudyDefinitionDocumentVersion childIds*@StudyDefinitionDocument notes*:CommentAnnotation
StudyDefinitionDocumentVersion: version!=s status!:Code dateValues*:GovernanceDate contents*:NarrativeContent
  notes*:CommentAnnotation
StudyDesignPopulation: name!=s label=s description=s includesHealthySubjects!=b plannedEnrollmentNumber:Quantity|Range
  plannedCompletionNumber:Quantity|Range plannedSex*:Code criterionIds*@EligibilityCriterion plannedAge:Range
  notes*:CommentAnnotation cohorts*:StudyCohort
StudyElement: name!=s label=s description=s transitionStartRule:TransitionRule transitionEndRule:TransitionRule
  studyInterventionIds*@StudyIntervention notes*:CommentAnnotation
StudyEpoch: name!=s label=s description=s type!:Code previousId@StudyEpoch nextId@StudyEpoch notes*:CommentAnnotation
StudyIdentifier: text!=s scopeId!@Organization
StudyIntervention: name!=s label=s description=s role!:Code type!:Code minimumResponseDuration:Quantity codes*:Code
  administrations*:Administration notes*:CommentAnnotation
StudyRole: name!=s label=s description=s code!:Code appliesToIds*@StudyVersion|StudyDesign assignedPersons*:AssignedPerson
  organizationIds*@Organization masking:Masking notes*:CommentAnnotation
StudySite: name!=s label=s description=s country!:Code
StudyTitle: text!=s type!:Code
StudyVersion: versionIdentifier!=s rationale!=s documentVersionIds*@StudyDefinitionDocumentVersion
  dateValues*:GovernanceDate amendments*:StudyAmendment businessTherapeuticAreas*:Code studyIdentifiers!*:StudyIdentifier
  referenceIdentifiers*:ReferenceIdentifier studyDesigns*:InterventionalStudyDesign|ObservationalStudyDesign
  titles!*:StudyTitle eligibilityCriterionItems*:EligibilityCriterionItem narrativeContentItems*:NarrativeContentItem
  abbreviations*:Abbreviation roles*:StudyRole organizations*:Organization studyInterventions*:StudyIntervention
  administrableProducts*:AdministrableProduct medicalDevices*:MedicalDevice
  productOrganizationRoles*:ProductOrganizationRole biomedicalConcepts*:BiomedicalConcept
  bcCategories*:BiomedicalConceptCategory bcSurrogates*:BiomedicalConceptSurrogate dictionaries*:SyntaxTemplateDictionary
  conditions*:Condition notes*:CommentAnnotation
SubjectEnrollment: name!=s label=s description=s quantity!:Quantity forGeographicScope:GeographicScope
  forStudyCohortId@StudyCohort forStudySiteId@StudySite
Substance: name!=s label=s description=s codes*:Code strengths!*:Strength referenceSubstance:Substance
SyntaxTemplateDictionary: name!=s label=s description=s parameterMaps!*:ParameterMap
Timing: name!=s label=s description=s type!:Code value!=s valueLabel!=s relativeToFrom!:Code
  relativeFromScheduledInstanceId!@ScheduledInstance relativeToScheduledInstanceId@ScheduledInstance windowLower=s
  windowUpper=s windowLabel=s
TransitionRule: name!=s label=s description=s text!=s
Wrapper: study!:Study usdmVersion!=s systemName=s systemVersion=s
"""

Kind = Literal["text", "boolean", "number", "integer", "date", "object", "reference"]
_KINDS: dict[str, Kind] = {"s": "text", "b": "boolean", "n": "number", "i": "integer", "d": "date"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute holds; ``classes`` are those of its objects, or of the objects whose ids it holds."""

    required: bool
    many: bool
    kind: Kind
    classes: tuple[str, ...] = ()


def _attribute(written: str) -> tuple[str, Attribute]:
    for mark in "=:@":
        name, found, rest = written.partition(mark)
        if found:
            kind: Kind = _KINDS[rest] if mark == "=" else "object" if mark == ":" else "reference"
            classes = () if mark == "=" else tuple(rest.split("|"))
            return name.rstrip("!*"), Attribute("!" in name, "*" in name, kind, classes)
    raise ValueError(written)


def _classes() -> dict[str, dict[str, Attribute]]:
    joined = _TABLE.replace("\n  ", " ").strip().splitlines()
    split = (line.partition(":") for line in joined)
    return {name: dict(map(_attribute, attributes.split())) for name, _, attributes in split}


CLASSES: Mapping[str, Mapping[str, Attribute]] = _classes()
ABSTRACT: Mapping[str, frozenset[str]] = {
    "ScheduledInstance": frozenset({"ScheduledActivityInstance", "ScheduledDecisionInstance"}),
    "StudyDesign": frozenset({"InterventionalStudyDesign", "ObservationalStudyDesign"}),
    "PopulationDefinition": frozenset({"StudyDesignPopulation", "StudyCohort"}),
}
"""Classes that only their subclasses have objects of."""
