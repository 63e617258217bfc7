"""Define-XML 2.1: written, read, checked, and shown as a page."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from helmont.standards import dataset_json, xpt
from helmont.standards.define import Define, define_findings, read, render, write
from helmont.standards.define.model import Codelist, Condition, External, Origin, Term, Variable
from helmont.standards.define.tables import json_dataset, xpt_table
from helmont.study.faults import StudyFaults

from .example import ADAM, ADSL, DM, SDTM

ODM, DEF = "{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/def/v2.1}"
ORDER = [
    "Standards", "AnnotatedCRF", "SupplementalDoc", "ValueListDef", "WhereClauseDef", "ItemGroupDef", "ItemDef", "CodeList",
    "MethodDef", "CommentDef", "leaf", "AnalysisResultDisplays",
]  # fmt: skip


@pytest.mark.parametrize("define", [SDTM, ADAM])
def test_it_comes_back_as_it_was(define: Define) -> None:
    assert read(io.BytesIO(write(define))) == (define, [])
    assert write(define) == write(read(io.BytesIO(write(define)))[0])


@pytest.mark.parametrize("define", [SDTM, ADAM])
def test_elements_stand_in_the_order_of_the_schema(define: Define) -> None:
    version = etree.fromstring(write(define)).find(f"{ODM}Study/{ODM}MetaDataVersion")
    assert version is not None
    places = [ORDER.index(etree.QName(one).localname) for one in version]
    assert places == sorted(places)
    inside = {
        "ItemGroupDef": "Description ItemRef Alias Class leaf", "ItemDef": "Description CodeListRef Origin ValueListRef",
        "CodeListItem": "Decode Alias Description", "MethodDef": "Description FormalExpression DocumentRef",
        "Origin": "Description DocumentRef", "ResultDisplay": "Description DocumentRef AnalysisResult",
        "AnalysisResult": "Description AnalysisDatasets Documentation ProgrammingCode",
    }  # fmt: skip
    for element in version.iter("*"):
        order = inside.get(etree.QName(element).localname, "").split()
        if order:
            places = [order.index(etree.QName(one).localname) for one in element]
            assert places == sorted(places), element.tag


def test_what_the_schema_asks_is_there() -> None:
    root = etree.fromstring(write(SDTM, stylesheet="define.xsl"))
    assert root.get(f"{DEF}Context") == "Submission"
    assert b'href="define.xsl"' in write(SDTM, stylesheet="define.xsl")
    group = root.find(f".//{ODM}ItemGroupDef[@OID='IG.VS']")
    assert group is not None
    assert group.attrib == {
        "OID": "IG.VS", "Name": "VS", "Repeating": "Yes", "IsReferenceData": "No", "SASDatasetName": "VS", "Domain": "VS",
        "Purpose": "Tabulation", f"{DEF}Structure": "One record per test per position per visit per subject",
        f"{DEF}ArchiveLocationID": "LF.VS", f"{DEF}StandardOID": "STD.SDTMIG",
    }  # fmt: skip
    pages = root.find(f".//{ODM}ItemDef[@OID='IT.DM.SEX']/{DEF}Origin/{DEF}DocumentRef/{DEF}PDFPageRef")
    assert pages is not None
    assert pages.attrib == {"PageRefs": "2 3", "Type": "PhysicalRef"}
    check = root.find(f".//{DEF}WhereClauseDef/{ODM}RangeCheck")
    assert check is not None
    assert check.get(f"{DEF}ItemOID") == "IT.VS.VSTESTCD"
    alias = root.find(f".//{ODM}CodeListItem[@CodedValue='F']/{ODM}Alias")
    assert alias is not None
    assert alias.attrib == {"Context": "nci:ExtCodeID", "Name": "C16576"}


@pytest.mark.parametrize("define", [SDTM, ADAM])
def test_a_sound_document_has_no_findings(define: Define) -> None:
    assert define_findings(define) == []


def with_item(define: Define, name: str, change: Callable[[Variable], Variable]) -> Define:
    datasets = tuple(
        replace(one, variables=tuple(change(v) if v.item.oid == name else v for v in one.variables))
        for one in define.datasets
    )
    return replace(define, datasets=datasets)


def item(define: Define, name: str, /, **changes: object) -> Define:
    return with_item(define, name, lambda v: replace(v, item=replace(v.item, **changes)))  # type: ignore[arg-type]


def dataset(define: Define, oid: str, /, **changes: object) -> Define:
    found = tuple(replace(one, **changes) if one.oid == oid else one for one in define.datasets)  # type: ignore[arg-type]
    return replace(define, datasets=found)


def codelist(**changes: object) -> Define:
    return replace(SDTM, codelists=(*SDTM.codelists[:1], replace(SDTM.codelists[1], **changes), *SDTM.codelists[2:]))  # type: ignore[arg-type]


def conditions(define: Define, *found: Condition) -> Define:
    return replace(
        define, where_clauses=(replace(define.where_clauses[0], conditions=found), *define.where_clauses[1:])
    )


WRONG: list[tuple[Define, str]] = [
    (item(SDTM, "IT.DM.SEX", codelist="CL.SX"), "IT.DM.SEX: there is no codelist 'CL.SX' (did you mean CL.SEX?)"),
    (item(SDTM, "IT.DM.SEX", codelist=None), "warning: CL.SEX: nothing refers to this codelist"),
    (with_item(SDTM, "IT.DM.AGE", lambda v: replace(v, method=None)), "IT.DM.AGE: derived without a method"),
    (with_item(SDTM, "IT.DM.AGE", lambda v: replace(v, method="MT.NONE")), "there is no method 'MT.NONE'"),
    (item(SDTM, "IT.DM.AGE", length=None), "IT.DM.AGE: no length, and the type is integer"),
    (item(SDTM, "IT.DM.AGE", type="float"), "IT.DM.AGE: a float without significant digits"),
    (item(SDTM, "IT.DM.AGE", significant_digits=1), "significant digits, and the type is integer"),
    (item(SDTM, "IT.DM.AGE", origins=()), "IT.DM.AGE: no origin"),
    (item(SDTM, "IT.DM.AGE", label=""), "IT.DM.AGE: label ''"),
    (item(SDTM, "IT.DM.AGE", comment="COM.X"), "there is no comment 'COM.X'"),
    (item(SDTM, "IT.DM.BRTHDTC", length=10), "IT.DM.BRTHDTC: a length, and the type is date"),
    (item(SDTM, "IT.DM.SEX", origins=(Origin("Collected", "Investigator"),)), "collected, and no page of the annotated CRF"),
    (item(SDTM, "IT.DM.SEX", origins=(Origin("Collected", "Sponsor"),)), "IT.DM.SEX: collected by Sponsor"),
    (replace(SDTM, annotated_crf=()), "IT.DM.SEX: the document has no annotated CRF"),
    (item(ADAM, "IT.ADSL.STUDYID", origins=(Origin("Predecessor", description="demographics"),)), "a predecessor 'demographics'"),
    (item(SDTM, "IT.VS.VSORRES", length=2), "length 3, longer than 2 of IT.VS.VSORRES"),
    (replace(SDTM, where_clauses=SDTM.where_clauses[1:]), "there is no where clause 'WC.VS.VSTESTCD.EQ.SYSBP'"),
    (conditions(SDTM, Condition("IT.VS.NOT", "EQ", ("SYSBP",))), "WC.VS.VSTESTCD.EQ.SYSBP: there is no item 'IT.VS.NOT'"),
    (conditions(SDTM, Condition("IT.VS.VSTESTCD", "EQ", ("PULSE",))), "'PULSE' is not in the codelist of IT.VS.VSTESTCD"),
    (conditions(ADAM, Condition("IT.ADQS.PARAMCD", "EQ", ("ACTOT", "X"),)),
     "WC.PRIMARY: EQ with 2 values"),
    (conditions(ADAM, Condition("IT.ADQS.PARAMCD", "EQ", ("ACTOT",)),
     Condition("IT.ADSL.TRTSDT", "GT", ("0",))), "WC.PRIMARY: conditions on several datasets"),
    (dataset(SDTM, "IG.DM", class_name="SPECIAL"), "IG.DM: class 'SPECIAL' for Tabulation (did you mean SPECIAL PURPOSE?)"),
    (dataset(SDTM, "IG.DM", structure=""), "IG.DM: no structure"),
    (dataset(SDTM, "IG.DM", leaf=None), "IG.DM: no file"),
    (dataset(SDTM, "IG.DM", no_data=True, comment=None), "IG.DM: no data, and no comment says why"),
    (dataset(SDTM, "IG.DM", standard=None), "IG.DM: no standard"),
    (dataset(SDTM, "IG.DM", standard="STD.X"), "there is no standard 'STD.X'"),
    (dataset(SDTM, "IG.DM", domain=None), "IG.DM: no domain"),
    (dataset(SDTM, "IG.DM", name="Demographics"), "IG.DM: name 'Demographics'"),
    (dataset(SDTM, "IG.DM", variables=DM.variables[3:]), "IG.DM: no key variables"),
    (dataset(SDTM, "IG.DM", variables=DM.variables[1:]), "IG.DM: keys are numbered 2 (1 to 1)"),
    (dataset(SDTM, "IG.DM", variables=(*DM.variables, DM.variables[-1])), "IG.DM: 2 variables are called ACTARMUD"),
    (with_item(SDTM, "IT.DM.USUBJID", lambda v: replace(v, item=replace(v.item, name="SUBJID"))), "IG.DM: no variable USUBJID"),
    (dataset(SDTM, "IG.VS", oid="IG.DM"), "IG.DM: 2 datasets have this OID"),
    (dataset(SDTM, "IG.VS", leaf=DM.leaf), "LF.DM: 2 documents have this id"),
    (item(SDTM, "IT.VS.VISITNUM", oid="IT.DM.AGE"), "IT.DM.AGE: items that differ have this OID"),
    (replace(SDTM, leaves=SDTM.leaves[:1]), "MT.AGE: there is no document 'LF.csdrg'"),
    (replace(SDTM, standards=SDTM.standards[:1]), "no controlled terminology among the standards"),
    (codelist(terms=(Term("F", "Female"), Term("M", "Male", "C20197"))), "CL.SEX: term 'F' has no NCI code"),
    (codelist(terms=(Term("F", "Female", "C1"), Term("F", "Female", "C2"))), "CL.SEX: 2 terms are 'F'"),
    (codelist(terms=(Term("F", None, "C1"), Term("M", "Male", "C2"))), "some terms have a decode and some have none"),
    (codelist(terms=()), "CL.SEX: no terms"),
    (codelist(external=External("MedDRA", "")), "CL.SEX: terms and an external dictionary"),
    (codelist(type="integer"), "CL.SEX: term 'F' in a codelist of integer"),
    (replace(ADAM, comments=()), "AR.14-3.01.1: there is no comment 'COM.JOIN'"),
    (dataset(ADAM, "IG.ADQS", oid="IG.OTHER"), "AR.14-3.01.1: there is no dataset 'IG.ADQS'"),
    (item(ADAM, "IT.ADQS.CHG", oid="IT.ADQS.CHG2"), "AR.14-3.01.1: IG.ADQS has no variable 'IT.ADQS.CHG'"),
]  # fmt: skip


@pytest.mark.parametrize(("define", "said"), WRONG, ids=[said for _, said in WRONG])
def test_findings(define: Define, said: str) -> None:
    assert said in "\n".join(map(str, define_findings(define)))


def test_broken_references_of_a_file_are_said_with_their_line() -> None:
    data = write(SDTM).replace(b'<ItemDef OID="IT.DM.AGE"', b'<ItemDef OID="IT.DM.AEG"')
    define, findings = read(io.BytesIO(data))
    assert [one.item.name for one in define.datasets[0].variables].count("AGE") == 0
    first, second = map(str, findings)
    assert "IG.DM: there is no item 'IT.DM.AGE' (did you mean IT.DM.A" in first
    assert "IT.DM.AEG: no dataset and no value list has this item" in second
    assert all(one.line > 1 for one in findings)


def test_a_value_list_that_leads_back_to_itself_ends() -> None:
    data = write(SDTM).replace(b'<ItemRef ItemOID="IT.VS.VSORRES.SYSBP"', b'<ItemRef ItemOID="IT.VS.VSORRES"')
    define, _ = read(io.BytesIO(data))
    assert len([*define.items()]) == len([*SDTM.items()])


@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 20_000), damage=st.binary(max_size=12), cut=st.integers(0, 200))
def test_a_damaged_file_is_refused_in_our_own_words(place: int, damage: bytes, cut: int) -> None:
    data = write(SDTM)
    with contextlib.suppress(StudyFaults):
        read(io.BytesIO(data[:place] + damage + data[place + len(damage) : len(data) - cut]))


@settings(max_examples=50, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
def test_any_text_comes_back(words: str) -> None:
    words = re.sub("[\ufffe\uffff]", "", words) or "x"
    term = Term(words, words, description=words)
    define = replace(SDTM, codelists=(*SDTM.codelists, Codelist("CL.X", words, (term,))), study_description=words)
    back = read(io.BytesIO(write(define)))[0]
    assert (back.codelists[-1], back.study_description) == (define.codelists[-1], words)


def test_entities_and_document_types_are_refused() -> None:
    data = write(SDTM).replace(b"<ODM", b'<!DOCTYPE ODM [<!ENTITY x SYSTEM "file:///etc/passwd">]><ODM', 1)
    with pytest.raises(StudyFaults, match="document type"):
        read(io.BytesIO(data))
    with pytest.raises(StudyFaults, match="not well-formed"):
        read(io.BytesIO(b"<ODM"))
    with pytest.raises(StudyFaults, match="no Study"):
        read(io.BytesIO(b'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"/>'))


@pytest.mark.parametrize("define", [SDTM, ADAM])
def test_the_page_leads_where_it_says(define: Define) -> None:
    page = etree.HTML(render(define))
    ids = [str(one) for one in page.xpath("//@id")]
    assert len(ids) == len(set(ids))
    links = {str(one) for one in page.xpath("//a/@href")}
    assert {one[1:] for one in links if one.startswith("#")} <= set(ids)
    assert {leaf.href for leaf in define.leaves} <= {one.partition("#")[0] for one in links}
    assert all(one.xpath("caption") for one in page.xpath("//table"))
    assert page.xpath("//html/@lang") == ["en"]


def test_the_page_shows_where_values_come_from() -> None:
    page = etree.HTML(render(SDTM))
    rows = {row.xpath("string(th)"): " ".join(row.xpath("string(.)").split()) for row in page.xpath("//tr")}
    assert "Collected (Investigator) Annotated CRF p. 2, 3" in rows["SEX"]
    assert "acrf.pdf#page=2" in page.xpath("//a/@href")
    assert rows["VSORRES"].startswith("VSORRESwhere VSTESTCD = TEMPfloat5.1")
    assert "Skin <temperature> & more" in rows["LZZTEMP"]


def test_addresses_that_would_run_something_are_text() -> None:
    leaf = replace(SDTM.leaves[0], href="javascript:alert(1)", title="<b>x</b>")
    page = render(replace(SDTM, leaves=(leaf, SDTM.leaves[1])))
    assert "javascript" not in page
    assert "<b>x" not in page


def test_datasets_become_files_under_the_same_names() -> None:
    frame = pl.DataFrame({"STUDYID": ["CDISCPILOT01"], "USUBJID": ["01-701-1015"], "TRTSDT": [19725.0], "_row": [0]})
    stream = io.BytesIO()
    xpt.write(xpt_table(ADSL, frame), stream, xpt.Stamp(datetime(2026, 11, 22)))
    table, _ = xpt.read(io.BytesIO(stream.getvalue()))
    assert [(one.name, one.length, one.format) for one in table.columns] == [
        ("STUDYID", 12, ""), ("USUBJID", 11, ""), ("TRTSDT", 8, "DATE9."),
    ]  # fmt: skip
    found = json_dataset(ADAM, ADSL, frame)
    assert found.columns[2] == dataset_json.Column(
        "IT.ADSL.TRTSDT", "TRTSDT", "Date of First Exposure to Treatment", "date", "integer", format="DATE9."
    )
    assert (found.oid, found.version, found.columns[1].key) == ("IG.ADSL", ADAM.version, 1)
    assert dataset_json.dataset_findings(found) == []


def test_dates_in_text_are_as_long_as_the_longest() -> None:
    frame = pl.DataFrame({one.item.name: ["2014-01"] for one in DM.variables if not one.no_data}).with_columns(
        AGE=pl.lit(63.0)
    )
    assert [one.length for one in xpt_table(DM, frame).columns if one.name == "BRTHDTC"] == [7]
