"""NCI codes of the value sets that Helmont has words for (CDISC DDF and SDTM terminology, USDM 4.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from helmont.study.protocol import IntercurrentEvent

CDISC = "http://www.cdisc.org"
VERSION = "2025-09-26"
Coded = Mapping[str, tuple[str, str]]
"""Helmont's word to code and decode."""

OTHER = ("C17649", "Other")
OBJECTIVES: Coded = {
    "primary": ("C85826", "Primary Objective"),
    "secondary": ("C85827", "Secondary Objective"),
    "exploratory": ("C163559", "Exploratory Objective"),
}
ENDPOINTS: Coded = {
    "primary": ("C94496", "Primary Endpoint"),
    "secondary": ("C139173", "Secondary Endpoint"),
    "exploratory": ("C170559", "Exploratory Endpoint"),
}
ARMS: Coded = {
    "experimental": ("C174266", "Investigational Arm"),
    "active_comparator": ("C174267", "Active Comparator Arm"),
    "placebo": ("C174268", "Placebo Control Arm"),
    "sham": ("C174269", "Sham Comparator Arm"),
    "no_treatment": ("C174270", "No Intervention Arm"),
    "other": OTHER,
}
CRITERIA: Coded = {"inclusion": ("C25532", "Inclusion Criteria"), "exclusion": ("C25370", "Exclusion Criteria")}
CONTACTS: Coded = {
    "visit": ("C175574", "In Person"),
    "phone": ("C171537", "Telephone Call"),
    "home": ("C175574", "In Person"),
}
SETTINGS: Coded = {"visit": ("C211570", "Clinic"), "home": ("C18002", "Home")}
SEXES: Coded = {"female": ("C16576", "Female"), "male": ("C20197", "Male"), "both": ("C49636", "Both")}
PHASES: Coded = {
    phase: (code, f"Phase {phase} Trial")
    for phase, code in (
        ("I", "C15600"),
        ("Ia", "C199990"),
        ("Ib", "C199989"),
        ("I/II", "C15693"),
        ("I/III", "C198367"),
        ("I/II/III", "C198366"),
        ("II", "C15601"),
        ("IIa", "C49686"),
        ("IIb", "C49688"),
        ("II/III", "C15694"),
        ("III", "C15602"),
        ("IIIa", "C49687"),
        ("IIIb", "C49689"),
        ("IV", "C15603"),
        ("V", "C47865"),
    )
}
EPOCHS: Coded = {
    decode: (code, decode)
    for code, decode in (
        ("C125938", "Baseline Epoch"),
        ("C102255", "Blinded Treatment Epoch"),
        ("C123452", "Continuation Therapy Epoch"),
        ("C202578", "Follow-Up Epoch"),
        ("C123453", "Induction Therapy Epoch"),
        ("C202577", "Long-term Follow-up Epoch"),
        ("C165873", "Observation Study Epoch"),
        ("C102256", "Open Label Treatment Epoch"),
        ("C98779", "Run-in Period"),
        ("C202487", "Screening Epoch"),
        ("C101526", "Treatment Epoch"),
        ("C42872", "Washout Period"),
    )
}
TITLES: Coded = {
    "title": ("C207616", "Official Study Title"),
    "short_title": ("C207615", "Brief Study Title"),
    "public_title": ("C207617", "Public Study Title"),
    "acronym": ("C94108", "Study Acronym"),
}
TIMINGS: Coded = {
    "after": ("C201356", "After"),
    "before": ("C201357", "Before"),
    "fixed": ("C201358", "Fixed Reference"),
}
START_TO_START = ("C201355", "Start to Start")
YEAR = ("C29848", "Year")
Strategy = Literal["treatment_policy", "hypothetical", "composite", "while_on_treatment", "principal_stratum"]
STRATEGIES: tuple[str, ...] = get_args(Strategy)


def word_for(coded: Coded, code: str, decode: str) -> str | None:
    """Helmont's word for a code, by the code itself or else by its decode; None when it is none of them."""
    wanted = decode.casefold()
    by_code = (word for word, (known, _) in coded.items() if known == code)
    by_decode = (word for word, (_, name) in coded.items() if name.casefold() == wanted)
    return next(by_code, None) or next(by_decode, None)


def strategy_of(text: str) -> str | None:
    """The strategy of ICH E9(R1) that a free text names first."""
    plain = re.sub(r"[^a-z]+", "_", text.casefold())
    found = sorted((plain.find(name), name) for name in STRATEGIES if name in plain)
    return found[0][1] if found else None


def strategy_text(event: IntercurrentEvent) -> str:
    return event.strategy.replace("_", " ").capitalize()
