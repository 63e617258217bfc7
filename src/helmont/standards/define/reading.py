"""Define-XML 2.1 as a document. A damaged file raises ``StudyFaults``, never anything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, get_args

from helmont.standards.define.arm import read_displays
from helmont.standards.define.model import (
    Alias,
    Comment,
    Dataset,
    DataType,
    Define,
    Item,
    SubClass,
    Value,
    ValueList,
    Variable,
)
from helmont.standards.define.parts import Parts, order
from helmont.standards.define.xml import (
    Element,
    described,
    each,
    first,
    get,
    line_of,
    parsed,
    qualified,
    refused,
    text_of,
    whole,
)
from helmont.study.faults import Fault, one_of


def read(source: Path | IO[bytes], file: str = "") -> tuple[Define, list[Fault]]:
    """The document of a file, and what of the file was not as it should be and was left out or taken otherwise.

    Texts are taken in the first language they come in.
    """
    name = file or (source.name if isinstance(source, Path) else "define.xml")
    root = parsed(source, name)
    if root.tag != qualified("ODM"):
        raise refused(name, line_of(root), f"the document is {root.tag}")
    study = first(root, "Study")
    version = first(study, "MetaDataVersion")
    if study is None or version is None:
        raise refused(name, line_of(root), "no Study with a MetaDataVersion")
    reader = _Reader(name, version)
    return reader.define(root, study), reader.findings


class _Reader(Parts):
    def __init__(self, file: str, version: Element) -> None:
        super().__init__(file)
        self.version = version
        self.item_elements = {get(one, "OID") or "": one for one in each(version, "ItemDef")}
        self.list_elements = {get(one, "OID") or "": one for one in each(version, "def:ValueListDef")}
        self.items: dict[str, Item] = {}

    def define(self, root: Element, study: Element) -> Define:
        names, version = first(study, "GlobalVariables"), self.version
        if not (get(version, "def:DefineVersion") or "").startswith("2.1."):
            self.find(version, "", f"version {get(version, 'def:DefineVersion')}", "Define-XML 2.1")
        datasets = tuple(self._dataset(one) for one in each(version, "ItemGroupDef"))
        for oid in self.item_elements.keys() - self.items.keys():
            self.find(self.item_elements[oid], oid, "no dataset and no value list has this item", "an item in use")
        return Define(
            file=get(root, "FileOID") or "",
            created=get(root, "CreationDateTime") or "",
            study=get(study, "OID") or "",
            study_name=text_of(first(names, "StudyName")),
            study_description=text_of(first(names, "StudyDescription")),
            protocol=text_of(first(names, "ProtocolName")),
            version=get(version, "OID") or "",
            version_name=get(version, "Name") or "",
            version_description=get(version, "Description") or "",
            comment=get(version, "def:CommentOID"),
            context="Other" if get(root, "def:Context") == "Other" else "Submission",
            originator=get(root, "Originator"),
            source_system=get(root, "SourceSystem"),
            source_version=get(root, "SourceSystemVersion"),
            standards=tuple(self.standard(one) for one in each(first(version, "def:Standards"), "def:Standard")),
            annotated_crf=self.documents(first(version, "def:AnnotatedCRF")),
            supplemental=self.documents(first(version, "def:SupplementalDoc")),
            datasets=datasets,
            where_clauses=tuple(self.where(one) for one in each(version, "def:WhereClauseDef")),
            codelists=tuple(self.codelist(one) for one in each(version, "CodeList")),
            methods=tuple(self.method(one) for one in each(version, "MethodDef")),
            comments=tuple(
                Comment(get(one, "OID") or "", described(one), self.documents(one))
                for one in each(version, "def:CommentDef")
            ),
            leaves=tuple(self.leaf(one) for one in each(version, "def:leaf")),
            displays=tuple(read_displays(version, self.documents)),
            language=self._language(),
        )

    def _language(self) -> str:
        text = next(self.version.iter(qualified("TranslatedText")), None)
        return (get(text, "xml:lang") if text is not None else None) or "en"

    def _dataset(self, element: Element) -> Dataset:
        oid, leaf, named = get(element, "OID") or "", first(element, "def:leaf"), first(element, "def:Class")
        references = sorted(each(element, "ItemRef"), key=order)
        return Dataset(
            oid=oid,
            name=get(element, "Name") or "",
            label=described(element),
            class_name=(get(named, "Name") if named is not None else None) or "",
            structure=get(element, "def:Structure") or "",
            variables=tuple(one for reference in references for one in self._variable(reference, oid)),
            purpose=self.word(element, "Purpose", ("Tabulation", "Analysis"), "Tabulation"),
            repeating=get(element, "Repeating") == "Yes",
            reference=get(element, "IsReferenceData") == "Yes",
            domain=get(element, "Domain"),
            subclasses=tuple(
                SubClass(get(one, "Name") or "", get(one, "ParentClass")) for one in each(named, "def:SubClass")
            ),
            leaf=None if leaf is None else self.leaf(leaf),
            standard=get(element, "def:StandardOID"),
            non_standard=get(element, "def:IsNonStandard") == "Yes",
            no_data=get(element, "def:HasNoData") == "Yes",
            comment=get(element, "def:CommentOID"),
            aliases=tuple(Alias(get(one, "Context") or "", get(one, "Name") or "") for one in each(element, "Alias")),
        )

    def _variable(self, reference: Element, dataset: str) -> Iterator[Variable]:
        for element in self._item_element(reference, dataset):
            oid = get(element, "OID") or ""
            if oid not in self.items or self.items[oid].values is None:
                self.items[oid] = self._item(element, self._values(element, oid))
            yield Variable(
                item=self.items[oid],
                mandatory=get(reference, "Mandatory") == "Yes",
                key=whole(reference, "KeySequence"),
                method=get(reference, "MethodOID"),
                role=get(reference, "Role"),
                role_codelist=get(reference, "RoleCodeListOID"),
                non_standard=get(reference, "def:IsNonStandard") == "Yes",
                no_data=get(reference, "def:HasNoData") == "Yes",
            )

    def _item_element(self, reference: Element, place: str) -> Iterator[Element]:
        oid = get(reference, "ItemOID") or ""
        if oid in self.item_elements:
            yield self.item_elements[oid]
        else:
            self.find(reference, place, f"there is no item {oid!r}", one_of(list(self.item_elements), oid))

    def _item(self, element: Element, values: ValueList | None) -> Item:
        codes = first(element, "CodeListRef")
        return Item(
            oid=get(element, "OID") or "",
            name=get(element, "Name") or "",
            type=self.word(element, "DataType", get_args(DataType), "text"),
            label=described(element),
            length=whole(element, "Length"),
            significant_digits=whole(element, "SignificantDigits"),
            format=get(element, "def:DisplayFormat"),
            codelist=None if codes is None else get(codes, "CodeListOID"),
            origins=tuple(self.origin(one) for one in each(element, "def:Origin")),
            comment=get(element, "def:CommentOID"),
            values=values,
            sas_name=get(element, "SASFieldName"),
        )

    def _values(self, element: Element, place: str) -> ValueList | None:
        reference = first(element, "def:ValueListRef")
        if reference is None:
            return None
        oid = get(reference, "ValueListOID") or ""
        if oid not in self.list_elements:
            self.find(reference, place, f"there is no value list {oid!r}", one_of(list(self.list_elements), oid))
            return None
        listed = self.list_elements[oid]
        values = tuple(
            one for reference in sorted(each(listed, "ItemRef"), key=order) for one in self._value(reference, oid)
        )
        return ValueList(oid, values, described(listed))

    def _value(self, reference: Element, place: str) -> Iterator[Value]:
        for element in self._item_element(reference, place):
            oid = get(element, "OID") or ""
            self.items.setdefault(oid, self._item(element, None))  # an item on some rows has no rows of its own
            yield Value(
                item=self.items[oid],
                where=tuple(get(one, "WhereClauseOID") or "" for one in each(reference, "def:WhereClauseRef")),
                mandatory=get(reference, "Mandatory") == "Yes",
                method=get(reference, "MethodOID"),
                no_data=get(reference, "def:HasNoData") == "Yes",
            )
