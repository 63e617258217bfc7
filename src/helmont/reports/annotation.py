"""What is written beside the questions of an annotated CRF (SDTM Metadata Submission Guidelines 2.0, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from helmont.study.model import Form, Item, Sdtm

NOT_SUBMITTED = "NOT SUBMITTED"
COLOURS = ("#bfe9ff", "#fff59d", "#b9f2b4", "#ffc9a3", "#dcc8ff", "#ffc4dd")
"""Blue, yellow, green and orange for the first four domains of a form, as the guidelines have it; then two more."""
LABELS = {
    "AE": "Adverse Events", "AG": "Procedure Agents", "BE": "Biospecimen Events", "BS": "Biospecimen Findings",
    "CE": "Clinical Events", "CM": "Concomitant/Prior Medications", "CO": "Comments", "CP": "Cell Phenotype Findings",
    "CV": "Cardiovascular System Findings", "DA": "Product Accountability", "DD": "Death Details", "DM": "Demographics",
    "DS": "Disposition", "DV": "Protocol Deviations", "EC": "Exposure as Collected", "EG": "ECG Test Results",
    "EX": "Exposure", "FA": "Findings About Events or Interventions", "FT": "Functional Tests",
    "GF": "Genomics Findings", "HO": "Healthcare Encounters", "IE": "Inclusion/Exclusion Criteria Not Met",
    "IS": "Immunogenicity Specimen Assessments", "LB": "Laboratory Test Results",
    "MB": "Microbiology Specimen", "MH": "Medical History", "MI": "Microscopic Findings",
    "MK": "Musculoskeletal System Findings", "ML": "Meal Data", "MS": "Microbiology Susceptibility",
    "NV": "Nervous System Findings", "OE": "Ophthalmic Examinations", "PC": "Pharmacokinetics Concentrations",
    "PE": "Physical Examination", "PP": "Pharmacokinetics Parameters", "PR": "Procedures", "QS": "Questionnaires",
    "RE": "Respiratory System Findings", "RELREC": "Related Records", "RP": "Reproductive System Findings",
    "RS": "Disease Response and Clin Classification", "SC": "Subject Characteristics", "SM": "Subject Disease Milestones",
    "SR": "Skin Response", "SS": "Subject Status", "SU": "Substance Use", "SV": "Subject Visits",
    "TR": "Tumor/Lesion Results", "TU": "Tumor/Lesion Identification", "UR": "Urinary System Findings", "VS": "Vital Signs",
}  # fmt: skip
"""Names of the domains, SDTMIG 3.4 section 3.2."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A box beside a question. ``dashed`` ones say something of the question rather than where its answer goes."""

    text: str
    colour: str
    style: Literal["solid", "dashed"] = "solid"


def parent(domain: str) -> str:
    """The domain a supplemental one belongs to, since its boxes have that one's colour: ``SUPPAE`` is AE."""
    return domain[4:] if domain.startswith("SUPP") and len(domain) > 4 else domain


def domains_of(form: Form) -> dict[str, str]:
    """The domains of a form, each with its colour, in the order of the form."""
    found = dict.fromkeys(parent(item.sdtm.domain) for item in form.items() if item.sdtm is not None)
    return {domain: COLOURS[place % len(COLOURS)] for place, domain in enumerate(found)}


def legend(form: Form) -> tuple[Annotation, ...]:
    """The boxes at the top of a form: ``VS (Vital Signs)``."""
    named = domains_of(form).items()
    return tuple(Annotation(f"{code} ({LABELS[code]})" if code in LABELS else code, colour) for code, colour in named)


def annotation(item: Item, domains: dict[str, str]) -> Annotation:
    """The box of a question. Where the form has several domains the variable says which one, so that the colour need not."""
    if item.sdtm is None:
        return Annotation(NOT_SUBMITTED, "#ffffff", "dashed")
    return Annotation(said(item.sdtm, several=len(domains) > 1), domains[parent(item.sdtm.domain)])


def said(target: Sdtm, *, several: bool = False) -> str:
    """``VSORRES when VSTESTCD = SYSBP``; ``ENTCRIT in SUPPDS``; ``RELREC: RELID``."""
    if target.domain == "RELREC":
        return f"RELREC: {target.variable}{_when(target.where.items())}"
    if target.domain.startswith("SUPP") and "QNAM" in target.where:
        rest = [(name, value) for name, value in target.where.items() if name != "QNAM"]
        return f"{target.where['QNAM']} in {target.domain}{_when(rest)}"
    own = target.variable.startswith(target.domain)
    name = f"{target.domain}.{target.variable}" if several and not own else target.variable
    return f"{name}{_when(target.where.items())}"


def unit_variable(item: Item) -> str | None:
    """The variable that holds the unit of an answer: ``VSORRESU`` of ``VSORRES``, ``EXDOSU`` of ``EXDOSE`` (SDTM 2.0,
    tables of qualifiers); ``None`` for a question without a unit."""
    target = item.sdtm
    if target is None or not (item.unit or item.units):
        return None
    if target.variable.endswith("ORRES"):
        return f"{target.variable}U"
    return f"{target.variable[:-1]}U" if target.variable.endswith("DOSE") else None


def _when(where: Iterable[tuple[str, str]]) -> str:
    conditions = " and ".join(f"{name} = {value}" for name, value in where)
    return f" when {conditions}" if conditions else ""
