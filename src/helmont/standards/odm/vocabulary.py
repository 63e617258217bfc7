"""The names of ODM's elements and attributes, so that a misspelt one is found and not passed over.

Sources: ODM1-3-2-foundation.xsd; of ODM 2.0 every part but ODM-xhtml.xsd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from helmont.standards.odm.names import Version
from helmont.standards.odm.xml import Element, line_of, local, namespace
from helmont.study.faults import Fault, one_of

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
_ATTRIBUTES_OF_BOTH = """
    AsOfDateTime Category Code CodeListOID CodedValue CollectionExceptionConditionOID Comparator Context CreationDateTime
    DataType Dictionary Domain EditPoint EffectiveDate FileOID FileType Granularity ID IsNull IsReferenceData ItemGroupOID
    ItemGroupRepeatKey ItemOID KeySequence Length LocationOID Mandatory MetaDataVersionOID MethodOID Methodology Name
    ODMVersion OID OrderNumber Originator PriorFileOID Purpose Rank Repeating Role RoleCodeListOID SeqNum SignatureOID
    SoftHard SourceSystem SourceSystemVersion SponsorOrSite StudyEventOID StudyEventRepeatKey StudyOID SubjectKey
    TransactionType Type UserOID UserType Value Version href ref
"""
_ATTRIBUTES_OF_1 = """
    AnnotationID Archival ArchiveLayoutOID AuditRecordID Comment Description FormOID FormRepeatKey ImageType
    ImputationMethodOID LocationType MeasurementUnitOID Origin PdfFileName PictureFileName PresentationOID SASDatasetName
    SASFieldName SASFormatName SDSVarName SignatureID SignificantDigits UsedImputationMethod
"""
_ATTRIBUTES_OF_2 = """
    Altitude ArchiveLocationID ArmOID Attribute CommentOID ConditionOID Core DatasetName Definition DisplayFormat
    DurationPostWindow DurationPreWindow DurationTarget EndConditionOID EndOID EpochOID ExtendedValue FirstPage HasNoData
    ImageFileName IsNonStandard ItemGroupDataSeq Label LastPage LastUpdateDatetime Latitude LeafID Level Library Longitude
    Method MimeType OrganizationOID Other PageRefs ParentClass PartOfOrganizationOID Path PreSpecifiedValue PredecessorOID
    ProtocolName PublishingSet Repeat RepeatingLimit SequenceNumber ShortName Source SourceOID StandardOID StartConditionOID
    StartOID State Status StructuralElementOID Structure StudyEndPointOID StudyEventGroupOID StudyInterventionOID StudyName
    StudyTargetPopulationOID SuccessorOID System SystemName SystemVersion Target TargetOID TargetTransitionOID TelecomType
    Term TimepointPostWindow TimepointPreWindow TimepointRelativeTarget TimepointTarget Title TransitionOID UnitsItemOID
    UsedMethod ValueListOID VariableSet VersionID VersionName WhereClauseOID WorkflowOID leafID
"""
ATTRIBUTES: Mapping[Version, frozenset[str]] = {
    "1.3.2": frozenset(f"{_ATTRIBUTES_OF_BOTH} {_ATTRIBUTES_OF_1}".split()),
    "2.0": frozenset(f"{_ATTRIBUTES_OF_BOTH} {_ATTRIBUTES_OF_2}".split()),
}


class Strangers:
    """What of a file stands in ODM's namespace and is not ODM's. Each name is told of once, where it comes first."""

    def __init__(self, version: Version, file: str) -> None:
        self.version, self.file = version, file
        self._tags: set[object] = set()
        self._names: set[str] = set(ATTRIBUTES[version])

    def within(self, tree: Element) -> Iterator[Fault]:
        """Warnings about the elements and attributes of ``tree`` that were not met before."""
        ours = namespace(tree)
        for element in tree.iter():
            if element.tag not in self._tags and isinstance(element.tag, str):
                self._tags.add(element.tag)
                if namespace(element) == ours and local(element) not in ELEMENTS[self.version]:
                    yield self._fault(element, "element", local(element), ELEMENTS[self.version])
            for attribute in element.attrib:
                if attribute not in self._names:
                    self._names.add(str(attribute))
                    if not str(attribute).startswith("{") and namespace(element) == ours:
                        yield self._fault(element, "attribute", str(attribute), ATTRIBUTES[self.version])

    def _fault(self, element: Element, kind: str, name: str, known: frozenset[str]) -> Fault:
        message = f"ODM {self.version} has no {kind} {name[:60]}; it was not read"
        place = f"{local(element)}/@{name}" if kind == "attribute" else _path(element)
        return Fault(self.file, line_of(element), place, message, one_of(sorted(known), name), "warning")


def _path(element: Element) -> str:
    parent = element.getparent()
    return f"{local(parent)}/{local(element)}" if parent is not None else local(element)
