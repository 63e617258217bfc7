"""The outline of a clinical study report (ICH E3, with the names of its sections in our short form)."""

from __future__ import annotations

from typing import NamedTuple


class Section(NamedTuple):
    """A section: its number and title in E3, and the section of an M11 protocol that it draws on."""

    number: str
    title: str
    m11: str = ""

    @property
    def level(self) -> int:
        return min(self.number.count(".") + 1, 3)


_OUTLINE = """
2|Synopsis|1.1 Protocol Synopsis
4|Abbreviations and definitions
5|Ethics
5.1|Ethics committee or review board
5.2|Ethical conduct of the study
5.3|Participant information and consent
6|Investigators and administrative structure
7|Introduction|2 Introduction
8|Study objectives|3 Trial Objectives and Associated Estimands
9|Investigational plan|4 Trial Design
9.1|Overall design and plan|4.1 Description of Trial Design
9.2|Discussion of design and choice of control groups|4.2 Rationale for Trial Design
9.3|Selection of study population|5 Trial Population
9.3.1|Inclusion criteria|5.2 Inclusion Criteria
9.3.2|Exclusion criteria|5.3 Exclusion Criteria
9.3.3|Removal from therapy or assessment
9.4|Treatments|6 Trial Intervention and Concomitant Therapy
9.4.1|Treatments administered|6.1 Description of Investigational Trial Intervention
9.4.3|Assignment to treatment groups|6.7 Assignment, Randomisation and Blinding
9.4.6|Blinding|6.7.3 Measures to Maintain Blinding
9.4.8|Treatment compliance|6.8 Investigational Trial Intervention Adherence
9.5|Efficacy and safety variables
9.5.1|Measurements assessed and flow chart|1.3 Schedule of Activities
9.6|Data quality assurance
9.7|Statistical methods and sample size
9.7.1|Statistical and analytical plans
9.7.2|Determination of sample size
9.8|Changes in the conduct or planned analyses
10|Study patients
10.1|Disposition
10.2|Protocol deviations
11|Efficacy evaluation
11.1|Data sets analysed
11.2|Demographic and other baseline characteristics
11.3|Measurements of treatment compliance
11.4|Efficacy results and tabulations
11.4.1|Analysis of efficacy
11.4.2|Statistical and analytical issues
11.4.7|Efficacy conclusions
12|Safety evaluation
12.1|Extent of exposure
12.2|Adverse events
12.3|Deaths and other serious adverse events
12.4|Clinical laboratory evaluation
12.5|Vital signs and other observations related to safety
12.6|Safety conclusions
13|Discussion and overall conclusions
14|Tables and figures referred to but not included in the text
15|Reference list
16|Appendices
"""
OUTLINE = tuple(Section(*line.split("|")) for line in _OUTLINE.split("\n") if line)
SECTIONS = {each.number: each for each in OUTLINE}
AUTHORS = {
    "5": ("the sponsor and the investigators", "the approvals, the conduct and the consent, with documents in the appendices"),
    "6": ("the sponsor", "the investigators, the organisations and what each was responsible for"),
    "9.6": ("quality assurance", "training, monitoring, audits and the handling of data"),
    "10.2": ("the clinical lead", "the important deviations, by site and reason"),
}  # fmt: skip
"""Who writes what, by section; a section within it goes to the same people."""
MEDICAL_WRITER = ("the medical writer", "what this section of ICH E3 asks for")
APPENDICES = (
    ("16.1.1", "Protocol and amendments"), ("16.1.2", "Sample case report form"),
    ("16.1.3", "Ethics committees, participant information and consent forms"),
    ("16.1.4", "Investigators and other important participants in the study"),
    ("16.1.5", "Signatures of the principal or coordinating investigator or the sponsor’s responsible medical officer"),
    ("16.1.6", "Participants who received test drug from specific batches"), ("16.1.7", "Randomisation scheme and codes"),
    ("16.1.8", "Audit certificates"), ("16.1.9", "Documentation of statistical methods"),
    ("16.1.10", "Documentation of laboratory standardisation"), ("16.1.11", "Publications based on the study"),
    ("16.1.12", "Important publications referenced in the report"), ("16.2", "Participant data listings"),
    ("16.3", "Case report forms"), ("16.4", "Individual participant data listings"),
)  # fmt: skip
IN_PACKAGE = {"16.1.2": "sdtm/acrf.pdf", "16.1.9": "adam/adrg.pdf and adam/define.xml", "16.4": "sdtm/ and adam/"}


def author_of(number: str) -> tuple[str, str]:
    """Who writes a section, and what."""
    while number:
        if number in AUTHORS:
            return AUTHORS[number]
        number = number.rpartition(".")[0]
    return MEDICAL_WRITER
