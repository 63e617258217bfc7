"""The names of ODM's elements, so that a misspelt one is found and not passed over.

Sources: ODM1-3-2-foundation.xsd; of ODM 2.0 every part but ODM-xhtml.xsd.
"""

from __future__ import annotations

from collections.abc import Mapping

from helmont.standards.odm.names import Version

_BOTH = """
    Address AdminData Alias Annotation Association AuditRecord CheckValue City ClinicalData CodeList CodeListItem
    CodeListRef Comment ConditionDef Country DateTimeStamp Decode Description ErrorMessage Flag FlagType FlagValue
    FormalExpression FullName Include InvestigatorRef ItemData ItemDef ItemGroupData ItemGroupDef ItemGroupRef ItemRef
    KeySet LegalReason Location LocationRef Meaning MetaDataVersion MetaDataVersionRef MethodDef ODM Organization OtherText
    PostalCode Protocol Question RangeCheck ReasonForChange ReferenceData Signature SignatureDef SignatureRef SiteRef
    SourceID StateProv StreetName Study StudyEventData StudyEventDef StudyEventRef SubjectData TranslatedText User UserRef
"""
_ONLY_1 = """
    Annotations ArchiveLayout ArchiveLayoutRef AuditRecords BasicDefinitions Certificate CryptoBindingManifest DisplayName
    Email EnumeratedItem ExternalCodeList ExternalQuestion Fax FirstName FormData FormDef FormRef GlobalVariables
    ImputationMethod ItemDataAny ItemDataBoolean ItemDataDate ItemDataDatetime ItemDataDouble ItemDataDurationDatetime
    ItemDataFloat ItemDataHexBinary ItemDataHexFloat ItemDataIncompleteDate ItemDataIncompleteDatetime
    ItemDataIncompleteTime ItemDataInteger ItemDataIntervalDatetime ItemDataPartialDate ItemDataPartialDatetime
    ItemDataPartialTime ItemDataString ItemDataTime ItemDataURI LastName LoginName MeasurementUnit MeasurementUnitRef Pager
    Phone Picture Presentation ProtocolName Role Signatures StudyDescription StudyName Symbol
"""
_ONLY_2 = """
    AbsoluteTimingConstraint AnnotatedCRF Arm Branching CDISCNotes CRFCompletionInstructions Class Code Coding CommentDef
    Criterion DefaultTransition Definition DocumentRef DurationTimingConstraint Epoch ExclusionCriteria ExternalCodeLib
    FamilyName GeoPosition GivenName HouseNumber Image ImplementationNotes InclusionCriteria InclusionExclusionCriteria
    IntercurrentEvent Leaf MethodSignature Origin PDFPageRef Parameter ParameterValue Prefix Prompt Query
    RelativeTimingConstraint Resource ReturnValue Selection SourceItem SourceItems Standard Standards StudyEndPoint
    StudyEndPointRef StudyEndPoints StudyEstimand StudyEstimands StudyEventGroupDef StudyEventGroupRef StudyIndication
    StudyIndications StudyIntervention StudyInterventionRef StudyInterventions StudyObjective StudyObjectives StudyParameter
    StudyStructure StudySummary StudyTargetPopulation StudyTargetPopulationRef StudyTiming StudyTimings SubClass Suffix
    SummaryMeasure SupplementalDoc TargetTransition Telecom Title Transition TransitionTimingConstraint TrialPhase UserName
    Value ValueListDef ValueListRef WhereClauseDef WhereClauseRef WorkflowDef WorkflowEnd WorkflowRef WorkflowStart
"""
ELEMENTS: Mapping[Version, frozenset[str]] = {
    "1.3.2": frozenset(f"{_BOTH} {_ONLY_1}".split()),
    "2.0": frozenset(f"{_BOTH} {_ONLY_2}".split()),
}
