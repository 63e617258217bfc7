"""What datasets, items, codelists, where clauses and analyses have to say (Define-XML 2.1, section 5; FDA Technical
Conformance Guide, section 8.3; ARM 1.0, section 4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from helmont.standards.define.analyses import AnalysisResult
from helmont.standards.define.check_variables import variable_findings
from helmont.standards.define.model import Codelist, Dataset, Define, WhereClause
from helmont.study.faults import Fault, one_of

CLASSES = {
    "Tabulation": (
        "EVENTS", "FINDINGS", "FINDINGS ABOUT", "INTERVENTIONS", "RELATIONSHIP", "SPECIAL PURPOSE", "STUDY REFERENCE",
        "TRIAL DESIGN",
    ),
    "Analysis": (
        "ADAM OTHER", "BASIC DATA STRUCTURE", "DEVICE LEVEL ANALYSIS DATASET", "MEDICAL DEVICE BASIC DATA STRUCTURE",
        "MEDICAL DEVICE OCCURRENCE DATA STRUCTURE", "OCCURRENCE DATA STRUCTURE", "REFERENCE DATA STRUCTURE",
        "SUBJECT LEVEL ANALYSIS DATASET",
    ),
}  # fmt: skip
"""CDISC terminology C103329 (General Observation Class), by purpose."""
STANDARDS = (
    "ADaM-OCCDSIG", "ADaMIG", "ADaMIG-MD", "ADaMIG-NCA", "ADaMIG-popPK", "BIMO", "CDISC/NCI", "SDTMIG", "SDTMIG-AP",
    "SDTMIG-MD", "SENDIG", "SENDIG-AR", "SENDIG-DART", "SENDIG-GENETOX",
)  # fmt: skip
REASONS = ("SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY")
PURPOSES = ("PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE")
MAX_LABEL = 40
_NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")


def content_findings(define: Define, file: str) -> Iterator[Fault]:
    yield from _standards(define, file)
    for dataset in define.datasets:
        yield from _dataset(dataset, file)
        yield from variable_findings(define, dataset, file)
    known = _Known(define)
    for clause in define.where_clauses:
        yield from _where(known, clause, file)
    for codelist in define.codelists:
        yield from _codelist(codelist, file)
    for method in define.methods:
        if not method.description:
            yield Fault(file, 0, method.oid, "the method has no description", "how the value is made, in words")
    for comment in define.comments:
        if not comment.text:
            yield Fault(file, 0, comment.oid, "the comment has no text", "a text")
    for display in define.displays:
        for result in display.results:
            yield from _result(result, file)


def _standards(define: Define, file: str) -> Iterator[Fault]:
    for kind, what in (("IG", "implementation guide"), ("CT", "controlled terminology")):
        if not any(one.type == kind for one in define.standards):
            yield Fault(file, 0, define.version, f"no {what} among the standards", f"a standard of type {kind}")
    for one in define.standards:
        if one.name not in STANDARDS:
            yield Fault(file, 0, one.oid, f"standard {one.name!r}", one_of(STANDARDS, one.name))
        if one.type == "CT" and not one.publishing_set:
            yield Fault(file, 0, one.oid, "no publishing set", "SDTM, ADaM, SEND, CDASH or DEFINE-XML")


def _dataset(dataset: Dataset, file: str) -> Iterator[Fault]:
    def fault(message: str, accepted: str) -> Fault:
        return Fault(file, 0, dataset.oid, message, accepted)

    if not _NAME.fullmatch(dataset.name):
        yield fault(f"name {dataset.name!r}", "1 to 8 capitals and digits, a letter first")
    if not 0 < len(dataset.label) <= MAX_LABEL:
        yield fault(f"label {dataset.label!r}", f"1 to {MAX_LABEL} characters")
    if not dataset.structure:
        yield fault("no structure", "what a row is, such as: One record per subject per visit")
    known = CLASSES[dataset.purpose]
    if dataset.class_name not in known:
        yield fault(f"class {dataset.class_name!r} for {dataset.purpose}", one_of(known, dataset.class_name))
    if dataset.leaf is None and not dataset.no_data:
        yield fault("no file", "the leaf of the file, or no data")
    if dataset.no_data and dataset.comment is None:
        yield fault("no data, and no comment says why", "a comment")
    if dataset.standard is None and not dataset.non_standard:
        yield fault("no standard", "the OID of a standard, or not standard")
    if dataset.purpose == "Tabulation" and not dataset.domain:
        yield fault("no domain", "the two letters of the domain")
    yield from _keys(dataset, file)


def _keys(dataset: Dataset, file: str) -> Iterator[Fault]:
    keys = [one.key for one in dataset.key_variables()]
    if not dataset.variables:
        yield Fault(file, 0, dataset.oid, "no variables", "at least one")
    elif not keys:
        yield Fault(file, 0, dataset.oid, "no key variables", "the variables that tell rows apart, in their order")
    elif keys != [*range(1, len(keys) + 1)]:
        yield Fault(file, 0, dataset.oid, f"keys are numbered {', '.join(map(str, keys))}", f"1 to {len(keys)}")
    elif not dataset.reference and dataset.class_name not in (
        "TRIAL DESIGN",
        "STUDY REFERENCE",
        "REFERENCE DATA STRUCTURE",
    ):
        names = {one.item.name for one in dataset.variables}
        for name in ("STUDYID", "USUBJID"):
            if name not in names and not (name == "USUBJID" and dataset.class_name in ("RELATIONSHIP", "ADAM OTHER")):
                yield Fault(file, 0, dataset.oid, f"no variable {name}", "the identifiers of study and subject")
    for name, number in Counter(one.item.name for one in dataset.variables).items():
        if number > 1:
            yield Fault(file, 0, dataset.oid, f"{number} variables are called {name}", "every name once")


class _Known:
    """The terms that an item may have, and the datasets it is in, by its OID."""

    def __init__(self, define: Define) -> None:
        lists = {one.oid: [term.code for term in one.terms] for one in define.codelists}
        self.terms = {item.oid: lists.get(item.codelist or "", []) for item in define.items()}
        self.places: dict[str, set[str]] = {}
        for dataset, variable in define.variables():
            self.places.setdefault(variable.item.oid, set()).add(dataset.oid)


def _where(known: _Known, clause: WhereClause, file: str) -> Iterator[Fault]:
    if not clause.conditions:
        yield Fault(file, 0, clause.oid, "no conditions", "at least one")
    for one in clause.conditions:
        if not one.values or (len(one.values) > 1 and one.comparator not in ("IN", "NOTIN")):
            message = f"{one.comparator} with {len(one.values)} values"
            yield Fault(file, 0, clause.oid, message, "one value; several for IN and NOTIN")
        bound = one.comparator in ("LT", "LE", "GT", "GE")  # need not be a term itself
        terms = [] if bound else known.terms.get(one.item, [])
        for value in one.values if terms else ():
            if value not in terms:
                message = f"{value!r} is not in the codelist of {one.item}"
                yield Fault(file, 0, clause.oid, message, one_of(terms, value))
    datasets = [known.places[one.item] for one in clause.conditions if one.item in known.places]
    if datasets and not set.intersection(*datasets) and clause.comment is None:
        yield Fault(file, 0, clause.oid, "conditions on several datasets", "a comment that says how they are joined")


def _codelist(codelist: Codelist, file: str) -> Iterator[Fault]:
    def fault(message: str, accepted: str) -> Fault:
        return Fault(file, 0, codelist.oid, message, accepted)

    if not codelist.terms and codelist.external is None:
        yield fault("no terms", "terms, or an external dictionary")
    if codelist.terms and codelist.external is not None:
        yield fault("terms and an external dictionary", "one of them")
    if codelist.external is not None and not (codelist.external.dictionary and codelist.external.version):
        yield fault("an external dictionary without name or version", "both")
    for code, number in Counter(term.code for term in codelist.terms).items():
        if number > 1:
            yield fault(f"{number} terms are {code!r}", "every code once")
    if 0 < sum(term.decode is not None for term in codelist.terms) < len(codelist.terms):
        yield fault("some terms have a decode and some have none", "all of them or none")
    for term in codelist.terms:
        if codelist.ccode and term.ccode is None and not term.extended:
            yield fault(f"term {term.code!r} has no NCI code", "its code, or extended")
        if codelist.type != "text" and not _is_number(term.code):
            yield fault(f"term {term.code!r} in a codelist of {codelist.type}", "a number")
    if codelist.ccode and codelist.standard is None:
        yield fault("an NCI code and no standard", "the OID of the controlled terminology")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text) is not None


def _result(result: AnalysisResult, file: str) -> Iterator[Fault]:
    for what, value, known in (("reason", result.reason, REASONS), ("purpose", result.purpose, PURPOSES)):
        if value not in known:
            yield Fault(file, 0, result.oid, f"{what} {value!r}", one_of(known, value), "warning")
    if not result.datasets:
        yield Fault(file, 0, result.oid, "no datasets", "at least one")
    if len(result.datasets) > 1 and result.join_comment is None:
        yield Fault(file, 0, result.oid, "several datasets", "a comment that says how they are joined", "warning")
    if not result.documentation:
        yield Fault(file, 0, result.oid, "no documentation", "how the result was made, in words", "warning")
