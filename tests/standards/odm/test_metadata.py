"""A study definition as ODM and back: nothing is lost, and the file has the shape the standard asks for."""

from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree

from helmont.standards.odm.metadata import write_metadata
from helmont.standards.odm.names import NAMESPACES, Version, id_of
from helmont.standards.odm.reading import read_metadata, read_odm
from helmont.study.loading import load_study
from helmont.study.model import Study
from helmont.study.publishing import content_hash
from tests.standards.odm.shape import misplaced

ROOT = Path(__file__).parents[3]
PACKAGES = ("studies/cdiscpilot01", "tests/packages/cast", "tests/edc/package")
VERSIONS: tuple[Version, ...] = ("1.3.2", "2.0")


@pytest.fixture(scope="module", params=PACKAGES)
def study(request: pytest.FixtureRequest) -> Study:
    return load_study(ROOT / request.param)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_study_comes_back_as_it_went(study: Study, version: Version) -> None:
    found = read_metadata(BytesIO(write_metadata(study, version)))
    assert found.study is not None
    assert content_hash(found.study) == content_hash(study)
    assert [fault for fault in found.faults if fault.severity != "warning"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_element_stands_where_the_schema_has_it(study: Study, version: Version) -> None:
    root = etree.fromstring(write_metadata(study, version))
    assert root.tag == f"{{{NAMESPACES[version]}}}ODM"
    assert misplaced(root, version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_has_its_definition_and_every_oid_is_its_own(study: Study, version: Version) -> None:
    root = etree.fromstring(write_metadata(study, version))
    defined = [one.get("OID") for one in root.iter() if one.get("OID") and not one.tag.endswith("}ODM")]
    assert len(defined) == len(set(defined))
    used = {
        value
        for one in root.iter()
        for name, value in one.attrib.items()
        if name.endswith("OID") and name not in ("OID", "FileOID")
    }
    assert used - set(defined) == set()


def test_what_another_tool_edits_is_what_is_read() -> None:
    study = load_study(ROOT / "tests/packages/cast")
    text = write_metadata(study).decode()
    assert text.count("<CheckValue>60</CheckValue>") <= text.count("<CheckValue>")
    edited = text.replace('Mandatory="Yes" ItemOID', 'Mandatory="No" ItemOID').replace(">Systolic", ">Upper")
    found = read_metadata(BytesIO(edited.encode())).study
    assert found is not None
    labels = [str(item.label) for form in found.forms for item in form.items()]
    assert not any(label.startswith("Systolic") for label in labels)
    assert any(label.startswith("Upper") for label in labels)


@pytest.mark.parametrize(
    ("oid", "form", "expected"),
    [
        ("SE.SCREENING", "", "SCREENING"),
        ("I_VS_SYSBP", "VS", "SYSBP"),
        ("IT.VS.VSORRES.SYSBP", "VS", "VSORRES_SYSBP"),
        ("visit 2 (day 14)", "", "VISIT_2_DAY_14"),
        ("14", "", "X_14"),
        ("収縮期", "", "X"),
        ("VS", "VS", "VS"),
    ],
)
def test_any_oid_becomes_an_id(oid: str, form: str, expected: str) -> None:
    assert id_of(oid, form) == expected


FOREIGN = """<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Snapshot" FileOID="1" CreationDateTime="2020-01-01T00:00:00">
 <Study OID="ST.LUNG-7"><GlobalVariables>
   <StudyName>Lung</StudyName><StudyDescription>A lung trial</StudyDescription><ProtocolName>L7</ProtocolName>
  </GlobalVariables>
  <BasicDefinitions>
   <MeasurementUnit OID="MU.1" Name="kilograms"><Symbol><TranslatedText>kg</TranslatedText></Symbol></MeasurementUnit>
   <MeasurementUnit OID="MU.2" Name="furlongs"><Symbol><TranslatedText>fur</TranslatedText></Symbol></MeasurementUnit>
  </BasicDefinitions>
  <MetaDataVersion OID="v 2" Name="second">
   <Protocol><StudyEventRef StudyEventOID="SE.1" Mandatory="Yes"/></Protocol>
   <StudyEventDef OID="SE.1" Name="First visit" Repeating="No" Type="Scheduled">
    <FormRef FormOID="F.DM" Mandatory="Yes"/></StudyEventDef>
   <FormDef OID="F.DM" Name="Demography" Repeating="No"><ItemGroupRef ItemGroupOID="IG.1" Mandatory="Yes"/></FormDef>
   <ItemGroupDef OID="IG.1" Name="All" Repeating="No">
    <ItemRef ItemOID="I.AGE" Mandatory="Yes"/><ItemRef ItemOID="I.SEX" Mandatory="No"/>
    <ItemRef ItemOID="I.WT" Mandatory="No"/>
    <ItemRef ItemOID="I.DIST" Mandatory="No" CollectionExceptionConditionOID="CO.1"/>
    <ItemRef ItemOID="I.GONE" Mandatory="No"/>
   </ItemGroupDef>
   <ItemDef OID="I.AGE" Name="Age" DataType="integer" Length="3">
    <Question><TranslatedText xml:lang="fr">Âge ?</TranslatedText></Question>
    <RangeCheck Comparator="GE" SoftHard="Soft"><CheckValue>18</CheckValue></RangeCheck>
    <RangeCheck Comparator="NE" SoftHard="Hard"><CheckValue>99</CheckValue></RangeCheck></ItemDef>
   <ItemDef OID="I.SEX" Name="Sex" DataType="text"><CodeListRef CodeListOID="CL.SEX"/></ItemDef>
   <ItemDef OID="I.WT" Name="Weight" DataType="float"><MeasurementUnitRef MeasurementUnitOID="MU.1"/></ItemDef>
   <ItemDef OID="I.DIST" Name="Distance" DataType="float"><MeasurementUnitRef MeasurementUnitOID="MU.2"/></ItemDef>
   <CodeList OID="CL.SEX" Name="Sex" DataType="text">
    <EnumeratedItem CodedValue="F"/><EnumeratedItem CodedValue="M"/></CodeList>
   <Presentation OID="P.1"/>
   <ConditionDef OID="CO.1" Name="no"><Description><TranslatedText>no</TranslatedText></Description>
    <FormalExpression Context="XPath">true()</FormalExpression></ConditionDef>
  </MetaDataVersion></Study></ODM>"""


def line_with(text: str) -> int:
    return next(number for number, line in enumerate(FOREIGN.splitlines(), 1) if text in line)


def test_a_file_of_another_system_becomes_a_study_and_what_is_left_behind_is_named() -> None:
    found = read_odm(FOREIGN.encode(), "lung.xml")
    assert found.study is not None
    study = found.study
    assert (study.id, study.version, str(study.title), study.languages) == ("LUNG_7", "v-2", "A lung trial", ("fr",))
    items = {item.id: item for item in study.forms[0].items()}
    assert [items["AGE"].range.min if items["AGE"].range else None, items["AGE"].required] == [18, True]
    assert (items["SEX"].type, items["SEX"].codelist, items["WT"].unit, items["DIST"].unit) == (
        "codelist",
        "SEX",
        "kg",
        None,
    )
    assert [(check.item, check.expression, check.severity) for check in study.checks] == [
        ("AGE", "AGE != 99", "refuse")
    ]
    assert study.protocol.schedule == {"DM": ("X_1",)}
    said = {(fault.line, fault.place, fault.severity) for fault in found.findings}
    expected = {
        (line_with('ItemOID="I.GONE"'), "I.GONE", "warning"),
        (line_with('<ItemDef OID="I.DIST"'), "I.DIST", "warning"),
        (line_with("<ConditionDef"), "CO.1", "note"),
        (line_with("<Presentation"), "Presentation", "note"),
    }
    assert expected <= said


def test_a_misspelt_element_is_found_where_it_stands() -> None:
    lines = [
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileOID="F">',
        '<Study OID="S1"><GlobalVariables>',
        "<studyName>One</studyName></GlobalVariables>",
        '<MetaDataVersion OID="M" Name="1" name="2"/></Study></ODM>',
    ]
    imported = read_odm("\n".join(lines).encode(), "s.xml")
    assert imported.study is None
    assert [(finding.line, finding.message) for finding in imported.errors] == [
        (2, "the study has no StudyName, which ODM requires")
    ]
    unknown = {finding.place: finding for finding in imported.findings if "has no" in finding.message}
    assert unknown["GlobalVariables/studyName"].line == 3
    assert unknown["GlobalVariables/studyName"].accepted == "did you mean StudyName?"
    assert unknown["MetaDataVersion/@name"].accepted == "did you mean Name?"


def test_xml_that_is_not_well_formed_is_called_so_even_when_it_is_not_odm() -> None:
    imported = read_odm(b'<?xml version="1.0"?>\n<ODM xs:schemaLocation="x"></ODM>', "s.xml")
    (fault,) = imported.errors
    assert fault.line == 2
    assert fault.message.startswith("not well-formed XML: Namespace prefix xs")


def test_a_namespace_that_holds_a_brace_is_no_odm() -> None:
    """lxml reads it, and refuses to take its name apart; nor is it well-formed."""
    (fault,) = read_odm(b'<ODM xmlns="}http://www.cdisc.org/ns/odm/v1.3"/>', "s.xml").errors
    assert fault.line == 1
    assert fault.message.startswith("not well-formed XML: xmlns")
