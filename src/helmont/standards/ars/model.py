"""The classes of the ARS logical data model. Attributes are those of the model in snake case; what may be left out has a default.

An attribute that is a controlled term or a sponsor's own is a ``Term``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helmont.standards.ars.outputs import GlobalDisplaySection, ListOfContents, Output
from helmont.standards.ars.terms import DocumentReference, ProgrammingCode, Term

Comparator = Literal["EQ", "NE", "GT", "GE", "LT", "LE", "IN", "NOTIN"]
Operator = Literal["AND", "OR", "NOT"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A variable of a dataset compared with a value, or with several for IN and NOTIN; no value means missing."""

    dataset: str = ""
    variable: str = ""
    comparator: Comparator = "EQ"
    value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompoundExpression:
    logical_operator: Operator
    where_clauses: tuple[WhereClause, ...] = ()


@dataclass(frozen=True, slots=True)
class WhereClause:
    """A condition, several of them, or (``sub_clause_id``) another set, subset or group by its id."""

    level: int
    order: int
    condition: Condition | None = None
    compound_expression: CompoundExpression | None = None
    sub_clause_id: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """An AnalysisSet, a DataSubset or a Group: which participants or rows it takes."""

    id: str
    name: str
    level: int
    order: int
    label: str = ""
    description: str = ""
    condition: Condition | None = None
    compound_expression: CompoundExpression | None = None


@dataclass(frozen=True, slots=True)
class GroupingFactor:
    id: str
    name: str
    data_driven: bool
    label: str = ""
    description: str = ""
    grouping_dataset: str = ""
    grouping_variable: str = ""
    groups: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferencedOperationRelationship:
    id: str
    referenced_operation_role: Term
    operation_id: str
    analysis_id: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    name: str
    order: int
    label: str = ""
    description: str = ""
    result_pattern: str = ""
    referenced_operation_relationships: tuple[ReferencedOperationRelationship, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysisMethod:
    id: str
    name: str
    operations: tuple[Operation, ...]
    label: str = ""
    description: str = ""
    document_refs: tuple[DocumentReference, ...] = ()
    code_template: ProgrammingCode | None = None


@dataclass(frozen=True, slots=True)
class OrderedGroupingFactor:
    order: int
    grouping_id: str
    results_by_group: bool


@dataclass(frozen=True, slots=True)
class ReferencedAnalysisOperation:
    referenced_operation_relationship_id: str
    analysis_id: str


@dataclass(frozen=True, slots=True)
class ResultGroup:
    grouping_id: str
    group_id: str = ""
    group_value: str = ""


@dataclass(frozen=True, slots=True)
class OperationResult:
    operation_id: str
    result_groups: tuple[ResultGroup, ...] = ()
    raw_value: str = ""
    formatted_value: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    id: str
    name: str
    method_id: str
    reason: Term
    purpose: Term
    version: int | None = None
    label: str = ""
    description: str = ""
    category_ids: tuple[str, ...] = ()
    document_refs: tuple[DocumentReference, ...] = ()
    analysis_set_id: str = ""
    data_subset_id: str = ""
    dataset: str = ""
    variable: str = ""
    ordered_groupings: tuple[OrderedGroupingFactor, ...] = ()
    referenced_analysis_operations: tuple[ReferencedAnalysisOperation, ...] = ()
    programming_code: ProgrammingCode | None = None
    results: tuple[OperationResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    label: str = ""
    sub_categorizations: tuple[Categorization, ...] = ()


@dataclass(frozen=True, slots=True)
class Categorization:
    id: str
    categories: tuple[Category, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class SponsorTerm:
    id: str
    submission_value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class TerminologyExtension:
    id: str
    sponsor_terms: tuple[SponsorTerm, ...]
    enumeration: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceDocument:
    id: str
    name: str
    label: str = ""
    description: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class ReportingEvent:
    """Everything of one report: what its analyses share, the analyses with their results, and the outputs that show them."""

    id: str
    name: str
    main_list_of_contents: ListOfContents
    version: int | None = None
    label: str = ""
    description: str = ""
    other_lists_of_contents: tuple[ListOfContents, ...] = ()
    reference_documents: tuple[ReferenceDocument, ...] = ()
    terminology_extensions: tuple[TerminologyExtension, ...] = ()
    analysis_output_categorizations: tuple[Categorization, ...] = ()
    analysis_sets: tuple[Selection, ...] = ()
    data_subsets: tuple[Selection, ...] = ()
    analysis_groupings: tuple[GroupingFactor, ...] = ()
    methods: tuple[AnalysisMethod, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    outputs: tuple[Output, ...] = ()
    global_display_sections: tuple[GlobalDisplaySection, ...] = ()
