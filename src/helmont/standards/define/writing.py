"""A document as Define-XML 2.1. Elements stand in the order of the schema; what is shared is written once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar
from xml.sax.saxutils import quoteattr

from lxml import etree

from helmont.standards.define.arm import add_displays
from helmont.standards.define.documents import DocumentRef, Leaf
from helmont.standards.define.model import Codelist, Dataset, Define, Item, Term, Value, ValueList
from helmont.standards.define.names import ARM, CCODE, DEF, ODM, XLINK
from helmont.standards.define.xml import Element, add, attribute, describe, yes_no

DEFINE_VERSION = "2.1.0"


def write(define: Define, stylesheet: str | None = None) -> bytes:
    """The document as XML in UTF-8; ``stylesheet`` is the address of an XSL that a browser should apply.

    Writes what it is given: ``define_findings`` says before whether it is sound.
    """
    namespaces: Any = {None: ODM, "def": DEF, "xlink": XLINK, **({"arm": ARM} if define.displays else {})}
    root = etree.Element(f"{{{ODM}}}ODM", nsmap=namespaces)  # the stubs know no None
    for key, value in _document(define).items():
        if value:
            root.set(attribute(key), value)
    study = add(root, "Study", {"OID": define.study})
    names = add(study, "GlobalVariables")
    add(names, "StudyName", text=define.study_name)
    add(names, "StudyDescription", text=define.study_description)
    add(names, "ProtocolName", text=define.protocol)
    _Writer(define).version(study)
    etree.indent(root, "  ")
    heading = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if stylesheet:
        heading += f'<?xml-stylesheet type="text/xsl" href={quoteattr(stylesheet)}?>\n'
    return heading.encode() + etree.tostring(root, encoding="UTF-8") + b"\n"


def _document(define: Define) -> dict[str, str | None]:
    return {
        "FileType": "Snapshot",
        "FileOID": define.file,
        "ODMVersion": "1.3.2",
        "CreationDateTime": define.created,
        "Originator": define.originator,
        "SourceSystem": define.source_system,
        "SourceSystemVersion": define.source_version,
        "def:Context": define.context,
    }


class _Writer:
    def __init__(self, define: Define) -> None:
        self.define, self.language = define, define.language

    def version(self, study: Element) -> None:
        define = self.define
        said = {
            "OID": define.version, "Name": define.version_name, "Description": define.version_description,
            "def:DefineVersion": DEFINE_VERSION, "def:CommentOID": define.comment,
        }  # fmt: skip
        version = add(study, "MetaDataVersion", said)
        self.standards(version)
        for name, documents in (
            ("def:AnnotatedCRF", define.annotated_crf),
            ("def:SupplementalDoc", define.supplemental),
        ):
            if documents:
                self.documents(add(version, name), documents)
        for values in _once(item.values for item in define.items()):
            self.value_list(version, values)
        self.where_clauses(version)
        for dataset in define.datasets:
            self.dataset(version, dataset)
        for item in _once(define.items()):
            self.item(version, item)
        for codelist in define.codelists:
            self.codelist(version, codelist)
        self.methods(version)
        for comment in define.comments:
            self.comment(version, comment.oid, comment.text, comment.documents)
        for leaf in define.leaves:
            self.leaf(version, leaf)
        if define.displays:
            add_displays(version, define.displays, self.language, self.documents)

    def standards(self, version: Element) -> None:
        holder = add(version, "def:Standards") if self.define.standards else None
        for one in self.define.standards:
            assert holder is not None
            said = {
                "OID": one.oid, "Name": one.name, "Type": one.type, "PublishingSet": one.publishing_set,
                "Version": one.version, "Status": one.status, "def:CommentOID": one.comment,
            }  # fmt: skip
            add(holder, "def:Standard", said)

    def documents(self, parent: Element, documents: Iterable[DocumentRef]) -> None:
        for document in documents:
            reference = add(parent, "def:DocumentRef", {"leafID": document.leaf})
            for one in document.pages:
                said: dict[str, object] = {
                    "PageRefs": " ".join(one.names or map(str, one.pages)), "FirstPage": one.first, "LastPage": one.last,
                    "Type": "NamedDestination" if one.names else "PhysicalRef", "Title": one.title,
                }  # fmt: skip
                add(reference, "def:PDFPageRef", said)

    def value_list(self, version: Element, values: ValueList) -> None:
        holder = add(version, "def:ValueListDef", {"OID": values.oid})
        describe(holder, values.description, self.language)
        for number, value in enumerate(values.values, 1):
            self.value(holder, number, value)

    def value(self, holder: Element, number: int, value: Value) -> None:
        said = {
            "ItemOID": value.item.oid, "OrderNumber": number, "Mandatory": yes_no(value.mandatory),
            "MethodOID": value.method, "def:HasNoData": value.no_data,
        }  # fmt: skip
        reference = add(holder, "ItemRef", said)
        for where in value.where:
            add(reference, "def:WhereClauseRef", {"WhereClauseOID": where})

    def where_clauses(self, version: Element) -> None:
        for clause in self.define.where_clauses:
            holder = add(version, "def:WhereClauseDef", {"OID": clause.oid, "def:CommentOID": clause.comment})
            for one in clause.conditions:
                said = {"Comparator": one.comparator, "SoftHard": "Soft", "def:ItemOID": one.item}
                check = add(holder, "RangeCheck", said)
                for value in one.values:
                    add(check, "CheckValue", text=value)

    def dataset(self, version: Element, dataset: Dataset) -> None:
        said = {
            "OID": dataset.oid, "Name": dataset.name, "Repeating": yes_no(dataset.repeating),
            "IsReferenceData": yes_no(dataset.reference), "SASDatasetName": dataset.name, "Domain": dataset.domain,
            "Purpose": dataset.purpose, "def:Structure": dataset.structure,
            "def:ArchiveLocationID": dataset.leaf and dataset.leaf.id, "def:StandardOID": dataset.standard,
            "def:IsNonStandard": dataset.non_standard, "def:HasNoData": dataset.no_data,
            "def:CommentOID": dataset.comment,
        }  # fmt: skip
        holder = add(version, "ItemGroupDef", said)
        describe(holder, dataset.label, self.language)
        for number, one in enumerate(dataset.variables, 1):
            add(holder, "ItemRef", {
                "ItemOID": one.item.oid, "OrderNumber": number, "Mandatory": yes_no(one.mandatory),
                "KeySequence": one.key, "MethodOID": one.method, "Role": one.role, "RoleCodeListOID": one.role_codelist,
                "def:IsNonStandard": one.non_standard, "def:HasNoData": one.no_data,
            })  # fmt: skip
        for alias in dataset.aliases:
            add(holder, "Alias", {"Context": alias.context, "Name": alias.name})
        named = add(holder, "def:Class", {"Name": dataset.class_name})
        for subclass in dataset.subclasses:
            add(named, "def:SubClass", {"Name": subclass.name, "ParentClass": subclass.parent})
        if dataset.leaf is not None:
            self.leaf(holder, dataset.leaf)

    def item(self, version: Element, item: Item) -> None:
        said = {
            "OID": item.oid, "Name": item.name, "DataType": item.type, "Length": item.length,
            "SignificantDigits": item.significant_digits, "SASFieldName": item.sas_name,
            "def:DisplayFormat": item.format, "def:CommentOID": item.comment,
        }  # fmt: skip
        holder = add(version, "ItemDef", said)
        describe(holder, item.label, self.language)
        if item.codelist:
            add(holder, "CodeListRef", {"CodeListOID": item.codelist})
        for origin in item.origins:
            one = add(holder, "def:Origin", {"Type": origin.type, "Source": origin.source})
            describe(one, origin.description, self.language)
            self.documents(one, origin.documents)
        if item.values is not None:
            add(holder, "def:ValueListRef", {"ValueListOID": item.values.oid})

    def codelist(self, version: Element, codelist: Codelist) -> None:
        said = {
            "OID": codelist.oid, "Name": codelist.name, "DataType": codelist.type, "SASFormatName": codelist.sas_format,
            "def:StandardOID": codelist.standard, "def:IsNonStandard": codelist.non_standard,
            "def:CommentOID": codelist.comment,
        }  # fmt: skip
        holder = add(version, "CodeList", said)
        describe(holder, codelist.description, self.language)
        if (external := codelist.external) is not None:
            add(holder, "ExternalCodeList", {
                "Dictionary": external.dictionary, "Version": external.version, "ref": external.ref,
                "href": external.href,
            })  # fmt: skip
        decoded = any(term.decode is not None for term in codelist.terms)
        for number, term in enumerate(codelist.terms, 1):
            self.term(holder, number, term, decoded)
        self.ccode(holder, codelist.ccode)

    def term(self, holder: Element, number: int, term: Term, decoded: bool) -> None:
        rank = None if term.rank is None else f"{term.rank:g}"
        said = {"CodedValue": term.code, "Rank": rank, "OrderNumber": number, "def:ExtendedValue": term.extended}
        one = add(holder, "CodeListItem" if decoded else "EnumeratedItem", said)
        if decoded:
            describe(one, term.decode or term.code, self.language, "Decode")
        self.ccode(one, term.ccode)
        describe(one, term.description, self.language)

    def ccode(self, holder: Element, ccode: str | None) -> None:
        if ccode:
            add(holder, "Alias", {"Context": CCODE, "Name": ccode})

    def methods(self, version: Element) -> None:
        for method in self.define.methods:
            holder = add(version, "MethodDef", {"OID": method.oid, "Name": method.name, "Type": method.type})
            describe(holder, method.description, self.language)
            for expression in method.expressions:
                add(holder, "FormalExpression", {"Context": expression.context}, expression.text)
            self.documents(holder, method.documents)

    def comment(self, version: Element, oid: str, text: str, documents: Iterable[DocumentRef]) -> None:
        holder = add(version, "def:CommentDef", {"OID": oid})
        describe(holder, text, self.language)
        self.documents(holder, documents)

    def leaf(self, parent: Element, leaf: Leaf) -> None:
        add(add(parent, "def:leaf", {"ID": leaf.id, "xlink:href": leaf.href}), "def:title", text=leaf.title)


Defined = TypeVar("Defined", Item, ValueList)


def _once(found: Iterable[Defined | None]) -> Iterable[Defined]:
    """What is there, the first of every OID."""
    kept: dict[str, Defined] = {}
    for one in found:
        if one is not None:
            kept.setdefault(one.oid, one)
    return kept.values()
