"""How the records of each published data set are told apart, and where the values come from that no answer gives.

Rules are read from the top; the first whose pattern matches ``dataset.VARIABLE`` decides.
"""

from __future__ import annotations

import re
from typing import Literal

from helmont.demo.pilot.source import LABORATORY, QUESTIONNAIRES, Row, as_text

Kind = Literal["derived", "reference", "not represented"]
"""derived: the system works it out from answers; reference: fixed by the study definition; else it is nowhere."""

_FINDING = ("VISITNUM", "--TESTCD")
KEYS: dict[str, tuple[str, ...]] = {
    "dm": (), "sc": ("SCTESTCD",), "mh": ("MHSEQ",), "cm": ("VISITNUM", "CMSPID"), "ae": ("AESEQ",),
    "vs": (*_FINDING, "VSTPTNUM"), **dict.fromkeys(LABORATORY, _FINDING), **dict.fromkeys(QUESTIONNAIRES, _FINDING),
    "ex": ("VISITNUM",), "ds": ("DSSEQ",), "sv": ("VISITNUM",), "suppds": ("IDVARVAL",),
}  # fmt: skip
"""The variables that tell the records of one participant apart."""

DOMAINS = {**dict.fromkeys(LABORATORY, "LB"), **dict.fromkeys(QUESTIONNAIRES, "QS")}
"""The domain of a data set, where it is not simply its name."""

_VISIT = "the date of the visit"
_CODING = "coded with a dictionary by a coder; the dictionaries are licensed and the sites' own words were masked"
_RULES: tuple[tuple[str, Kind, str], ...] = (
    (r"(ta|te|ti|ts|tv)\..*", "reference", "the protocol"),
    (r"(suppdm|suppae|supplb..)\..*", "derived", "a sponsor's flag or ratio, worked out from the records it qualifies"),
    (r"se\.SEUPDES", "not represented", "an unplanned element whose reason the sponsor did not know"),
    (r"se\..*", "derived", "from arm, visits, treatment and disposition"),
    (r"relrec\..*", "derived", "the lines of the event whose code is on the disposition page"),
    (r".*\.(STUDYID|DOMAIN|RDOMAIN|IDVAR|QNAM|QLABEL|QORIG)", "reference", "the study and the domain"),
    (r".*\.(SUBJID|SITEID)", "derived", "parts of the participant's number"),
    (r"dm\.ARM(CD)?", "derived", "label of the allocated arm; of screen failures the status"),
    (r"dm\.(RF.*|ACTARM.*|DTH.*|DMDY|DMDTC)", "derived", "from visits, treatment and disposition"),
    (r"dm\.COUNTRY", "reference", "the country of the site"),
    (r".*\.(..ORRESU|AGEU|EXDOSU)", "reference", "the unit of the item"),
    (r"ex\.(EXDOSFRM|EXDOSFRQ|EXROUTE)", "reference", "a patch applied to the skin once a day"),
    (r".*\.(..TEST|..CAT|..SCAT)", "reference", "the item and its form"),
    (r".*\.(VISIT|VISITDY)", "reference", "the encounter of the protocol"),
    (r"vs\.(VSPOS|VSTPT.*|VSELTM)", "reference", "the row of the form"),
    (r"mh\.VISITNUM", "reference", "medical history is taken at screening 1"),
    (r"lb..\.LB(OR|ST)NR(LO|HI)", "not represented",
     "the central laboratory's ranges, a table by test, sex and age: see reference_ranges()"),
    (r"lb..\.LBNRIND", "derived", "result against the laboratory's range"),
    (r"(ae|mh)\...(LLT|DECOD|HLT|HLGT|BODSYS|SOC)", "not represented", _CODING),
    (r"cm\.(CMDECOD|CMCLAS)", "not represented", _CODING),
    (r"(vs|qs..|cm|mh|sc)\...DTC", "derived", _VISIT),
    (r"sv\.SVENDTC", "derived", "every visit took one day"),
    (r".*\.(..SEQ|..DY|..STDY|..ENDY|..BLFL|..DRVFL|..STRES[CNU]|EPOCH)", "derived", "SDTM derivation"),
)  # fmt: skip


def classify(dataset: str, variable: str) -> tuple[Kind, str]:
    """Where the values of a variable come from when no answer gives them; ``ValueError`` when nobody has said."""
    for pattern, kind, reason in _RULES:
        if re.fullmatch(pattern, f"{dataset}.{variable}"):
            return kind, reason
    raise ValueError(f"{dataset}.{variable}: not given by any answer and not classified; add a rule to _RULES")


def domain_of(dataset: str) -> str:
    """``lbch`` is part of LB."""
    return DOMAINS.get(dataset, dataset.upper())


def key_variables(dataset: str) -> tuple[str, ...]:
    """The key variables of a data set by their full names."""
    return tuple(name.replace("--", domain_of(dataset)) for name in KEYS.get(dataset, ()))


def record_key(dataset: str, row: Row) -> tuple[str, ...]:
    """What tells this record apart, as text."""
    if dataset == "relrec":
        return (row["IDVARVAL"],) if row["RDOMAIN"] == "DS" else (row["RDOMAIN"], row["IDVARVAL"])
    values = (row[name] for name in key_variables(dataset))
    return tuple(as_text(value) for value in values if value is not None)
