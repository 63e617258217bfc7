"""A realistic submission of a small trial: SDTM and ADaM, with value-level metadata and analysis results."""

from __future__ import annotations

from helmont.standards.define.analyses import AnalysisDataset, AnalysisResult, Display, Program
from helmont.standards.define.documents import DocumentRef, Leaf, Pages
from helmont.standards.define.model import (
    Alias,
    Codelist,
    Comment,
    Condition,
    Dataset,
    Define,
    Expression,
    External,
    Item,
    Method,
    Origin,
    Standard,
    SubClass,
    Term,
    Value,
    ValueList,
    Variable,
    WhereClause,
)
from helmont.standards.define.names import item_oid, value_oid, where_oid

ACRF = "LF.acrf"
ASSIGNED, DERIVED, PROTOCOL = Origin("Assigned", "Sponsor"), Origin("Derived", "Sponsor"), Origin("Protocol", "Sponsor")


def crf(*pages: int) -> Origin:
    return Origin("Collected", "Investigator", documents=(DocumentRef(ACRF, (Pages(pages),)),))


def text(
    dataset: str, name: str, label: str, length: int, origin: Origin = ASSIGNED, codelist: str | None = None
) -> Item:
    return Item(item_oid(dataset, name), name, "text", label, length, codelist=codelist, origins=(origin,))


def number(dataset: str, name: str, label: str, length: int, origin: Origin = DERIVED, form: str | None = None) -> Item:
    return Item(item_oid(dataset, name), name, "integer", label, length, format=form, origins=(origin,))


def identifiers(dataset: str) -> tuple[Variable, ...]:
    return (
        Variable(text(dataset, "STUDYID", "Study Identifier", 12, PROTOCOL), True, 1, role="Identifier"),
        Variable(text(dataset, "DOMAIN", "Domain Abbreviation", 2, codelist="CL.DOMAIN"), True, role="Identifier"),
        Variable(text(dataset, "USUBJID", "Unique Subject Identifier", 11, DERIVED), True, 2, "MT.USUBJID"),
    )


def orres(test: str, length: int, page: int) -> Value:
    item = Item(value_oid("VS", "VSORRES", test), "VSORRES", "integer", "", length, origins=(crf(page),))
    return Value(item, (where_oid("VS", "VSTESTCD", "EQ", test),), mandatory=True)


TEMP = Value(
    Item(value_oid("VS", "VSORRES", "TEMP"), "VSORRES.TEMP", "float", "", 5, 1, origins=(crf(4),)),
    (where_oid("VS", "VSTESTCD", "EQ", "TEMP"),),
)
DM = Dataset(
    "IG.DM", "DM", "Demographics", "SPECIAL PURPOSE", "One record per subject",
    (
        *identifiers("DM"),
        Variable(Item(item_oid("DM", "BRTHDTC"), "BRTHDTC", "date", "Date/Time of Birth", origins=(crf(2),))),
        Variable(number("DM", "AGE", "Age", 2), method="MT.AGE", role="Record Qualifier"),
        Variable(text("DM", "SEX", "Sex", 1, crf(2, 3), "CL.SEX"), True),
        Variable(text("DM", "ACTARMUD", "Description of Unplanned Actual Arm", 1, Origin("Not Available")), no_data=True),
    ),
    repeating=False, domain="DM", leaf=Leaf("LF.DM", "dm.xpt", "dm.xpt"), standard="STD.SDTMIG", comment="COM.DM",
)  # fmt: skip
VS = Dataset(
    "IG.VS", "VS", "Vital Signs", "FINDINGS", "One record per test per position per visit per subject",
    (
        *identifiers("VS"),
        Variable(text("VS", "VSTESTCD", "Vital Signs Test Short Name", 8, codelist="CL.VSTESTCD"), True, 3, role="Topic"),
        Variable(
            Item(item_oid("VS", "VSORRES"), "VSORRES", "text", "Result or Finding in Original Units", 20,
                 values=ValueList("VL.VS.VSORRES", (orres("SYSBP", 3, 4), orres("DIABP", 3, 4), TEMP))),
        ),
        Variable(number("VS", "VISITNUM", "Visit Number", 4, PROTOCOL), True, 4, role="Timing"),
    ),
    domain="VS", leaf=Leaf("LF.VS", "vs.xpt", "vs.xpt"), standard="STD.SDTMIG",
)  # fmt: skip
AE = Dataset(
    "IG.AE", "AE", "Adverse Events", "EVENTS", "One record per adverse event per subject",
    (
        *identifiers("AE"),
        Variable(text("AE", "AETERM", "Reported Term for the Adverse Event", 200, crf(9)), True, 3, role="Topic"),
        Variable(text("AE", "AEDECOD", "Dictionary-Derived Term", 200, codelist="CL.MEDDRA"), True),
        Variable(Item(item_oid("AE", "AESTDTC"), "AESTDTC", "partialDate", "Start Date/Time", origins=(crf(9),)), key=4),
    ),
    domain="AE", leaf=Leaf("LF.AE", "ae.xpt", "ae.xpt"), standard="STD.SDTMIG",
)  # fmt: skip
SUPPAE = Dataset(
    "IG.SUPPAE", "SUPPAE", "Supplemental Qualifiers for AE", "RELATIONSHIP", "One record per qualifier per event",
    (
        Variable(text("SUPPAE", "STUDYID", "Study Identifier", 12, PROTOCOL), True, 1),
        Variable(text("SUPPAE", "RDOMAIN", "Related Domain Abbreviation", 2), True, 2),
        Variable(text("SUPPAE", "USUBJID", "Unique Subject Identifier", 11), True, 3),
        Variable(text("SUPPAE", "QNAM", "Qualifier Variable Name", 8), True, 4),
        Variable(text("SUPPAE", "QVAL", "Data Value", 200, crf(9)), True),
    ),
    domain="AE", leaf=Leaf("LF.SUPPAE", "suppae.xpt", "suppae.xpt"), standard="STD.SDTMIG",
    aliases=(Alias("DomainDescription", "Adverse Events"),),
)  # fmt: skip
CODELISTS = (
    Codelist("CL.DOMAIN", "Domain Abbreviation", (Term("AE", "Adverse Events", "C49562"), Term("DM", "Demographics", "C49572"),
             Term("VS", "Vital Signs", "C49622")), ccode="C66734", standard="STD.SDTM-CT"),
    Codelist("CL.SEX", "Sex", (Term("F", "Female", "C16576", rank=1), Term("M", "Male", "C20197", rank=2)), ccode="C66731",
             standard="STD.SDTM-CT"),
    Codelist("CL.VSTESTCD", "Vital Signs Test Code", (Term("SYSBP", "Systolic Blood Pressure", "C25298"),
             Term("DIABP", "Diastolic Blood Pressure", "C25299"), Term("TEMP", "Temperature", "C25206"),
             Term("LZZTEMP", "Skin <temperature> & more", extended=True)), ccode="C66741", standard="STD.SDTM-CT"),
    Codelist("CL.MEDDRA", "Adverse Event Dictionary", external=External("MedDRA", "27.0", href="https://www.meddra.org/")),
)  # fmt: skip
SDTM = Define(
    file="CDISCPILOT01.SDTM", created="2026-11-22T14:30:05", study="CDISCPILOT01", study_name="CDISCPILOT01",
    study_description="Safety and efficacy of xanomeline in mild to moderate Alzheimer’s disease", protocol="H2Q-MC-LZZT",
    version="MDV.CDISCPILOT01.SDTM", version_name="Data definitions, SDTM",
    standards=(
        Standard("STD.SDTMIG", "SDTMIG", "IG", "3.4"),
        Standard("STD.SDTM-CT", "CDISC/NCI", "CT", "2026-03-27", publishing_set="SDTM"),
    ),
    datasets=(DM, VS, AE, SUPPAE),
    where_clauses=tuple(
        WhereClause(where_oid("VS", "VSTESTCD", "EQ", test), (Condition(item_oid("VS", "VSTESTCD"), "EQ", (test,)),))
        for test in ("SYSBP", "DIABP", "TEMP")
    ),
    codelists=CODELISTS,
    methods=(
        Method("MT.USUBJID", "Unique subject identifier", "Project, site and number of the subject.",
               expressions=(Expression("CEL", "participant.id"),)),
        Method("MT.AGE", "Age", "Completed years from birth to informed consent.",
               documents=(DocumentRef("LF.csdrg", (Pages(first=3, last=4, title="Guide"),)),)),
    ),
    comments=(Comment("COM.DM", "Screen failures are included.", (DocumentRef("LF.csdrg", (Pages(names=("screening",)),)),)),),
    leaves=(Leaf(ACRF, "acrf.pdf", "Annotated CRF"), Leaf("LF.csdrg", "csdrg.pdf", "Reviewer’s guide")),
    annotated_crf=(DocumentRef(ACRF),), supplemental=(DocumentRef("LF.csdrg"),),
    source_system="Helmont", source_version="0.1.0", originator="Helmont",
)  # fmt: skip


def predecessor(dataset: str, name: str, label: str, length: int, of: str) -> Item:
    return text(dataset, name, label, length, Origin("Predecessor", description=of))


ADSL = Dataset(
    "IG.ADSL", "ADSL", "Subject-Level Analysis Dataset", "SUBJECT LEVEL ANALYSIS DATASET", "One record per subject",
    (
        Variable(predecessor("ADSL", "STUDYID", "Study Identifier", 12, "DM.STUDYID"), True),
        Variable(predecessor("ADSL", "USUBJID", "Unique Subject Identifier", 11, "DM.USUBJID"), True, 1),
        Variable(number("ADSL", "TRTSDT", "Date of First Exposure to Treatment", 8, form="DATE9."), method="MT.TRTSDT"),
    ),
    purpose="Analysis", repeating=False, leaf=Leaf("LF.ADSL", "adsl.xpt", "adsl.xpt"), standard="STD.ADaMIG",
)  # fmt: skip
ADQS = Dataset(
    "IG.ADQS", "ADQS", "ADAS-Cog Analysis Dataset", "BASIC DATA STRUCTURE", "One record per subject per parameter per visit",
    (
        Variable(predecessor("ADQS", "STUDYID", "Study Identifier", 12, "ADSL.STUDYID"), True),
        Variable(predecessor("ADQS", "USUBJID", "Unique Subject Identifier", 11, "ADSL.USUBJID"), True, 1),
        Variable(text("ADQS", "PARAMCD", "Parameter Code", 8, codelist="CL.PARAMCD"), True, 2),
        Variable(number("ADQS", "AVISITN", "Analysis Visit (N)", 2, ASSIGNED), key=3),
        Variable(Item(item_oid("ADQS", "CHG"), "CHG", "float", "Change", 8, 1, "8.1", origins=(DERIVED,)), method="MT.CHG"),
    ),
    purpose="Analysis", leaf=Leaf("LF.ADQS", "adqs.xpt", "adqs.xpt"), standard="STD.ADaMIG",
    subclasses=(SubClass("TIME-TO-EVENT", "BASIC DATA STRUCTURE"),),
)  # fmt: skip
ADAM = Define(
    file="CDISCPILOT01.ADaM", created="2026-11-22T14:30:05", study="CDISCPILOT01", study_name="CDISCPILOT01",
    study_description="Safety and efficacy of xanomeline", protocol="H2Q-MC-LZZT",
    version="MDV.CDISCPILOT01.ADaM", version_name="Data definitions, ADaM",
    standards=(
        Standard("STD.ADaMIG", "ADaMIG", "IG", "1.3"),
        Standard("STD.ADaM-CT", "CDISC/NCI", "CT", "2026-03-27", publishing_set="ADaM"),
    ),
    datasets=(ADSL, ADQS),
    where_clauses=(
        WhereClause("WC.PRIMARY", (Condition(item_oid("ADQS", "PARAMCD"), "EQ", ("ACTOT",)),
                                   Condition(item_oid("ADQS", "AVISITN"), "IN", ("8", "16", "24")))),
    ),
    codelists=(Codelist("CL.PARAMCD", "Parameter Code", (Term("ACTOT", "ADAS-Cog (11) Total Score"),), non_standard=True),),
    methods=(
        Method("MT.TRTSDT", "First exposure", "The first date of exposure, without its time."),
        Method("MT.CHG", "Change", "AVAL - BASE", expressions=(Expression("SAS 9.4", "chg = aval - base;"),)),
    ),
    leaves=(Leaf("LF.sap", "sap.pdf", "Statistical analysis plan"), Leaf("LF.report", "report.pdf", "Tables and figures")),
    displays=(
        Display(
            "RD.14-3.01", "Table 14-3.01", "Primary endpoint analysis: ADAS-Cog (11)",
            (
                AnalysisResult(
                    "AR.14-3.01.1", "Dose response of the change to week 24", "SPECIFIED IN SAP", "PRIMARY OUTCOME MEASURE",
                    (AnalysisDataset("IG.ADQS", "WC.PRIMARY", (item_oid("ADQS", "CHG"),)),
                     AnalysisDataset("IG.ADSL")),
                    parameter=item_oid("ADQS", "PARAMCD"), join_comment="COM.JOIN",
                    documentation="Analysis of covariance with site group and baseline.",
                    documents=(DocumentRef("LF.sap", (Pages((17,)),)),),
                    program=Program("SAS 9.4", "proc glm;\n  model chg = trtpn base sitegr1;\nrun;"),
                ),
            ),
            (DocumentRef("LF.report", (Pages((12, 13)),)),),
        ),
    ),
    comments=(Comment("COM.JOIN", "ADQS and ADSL by USUBJID."),),
    supplemental=(DocumentRef("LF.sap"),),
)  # fmt: skip
