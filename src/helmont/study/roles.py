"""The roles of people at a site or in a study, by the names that a study package may call them."""

from __future__ import annotations

from collections.abc import Sequence

from helmont.study.faults import one_of

ROLES = (
    "site_coordinator",
    "site_nurse",
    "sub_investigator",
    "investigator",
    "pharmacist",
    "monitor",
    "unblinded_monitor",
    "data_manager",
    "medical_coder",
    "medical_reviewer",
    "safety_physician",
    "statistician",
    "unblinded_statistician",
    "study_designer",
    "study_manager",
    "sponsor",
    "inspector",
    "privacy_officer",
)


def wrong_role(roles: Sequence[str]) -> tuple[int, str, str] | None:
    """The first that is no role: where it stands (from 0), what is wrong, and what would be accepted."""
    for number, role in enumerate(roles):
        if role not in ROLES:
            return number, f"{role[:60]} is not a role", one_of(ROLES, role)
    return None
