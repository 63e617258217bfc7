"""The whole review of a study."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.study.faults import SEVERITIES
from helmont.study.model import Study
from helmont.study.review.burden import Burden, burden_findings, burden_of
from helmont.study.review.eligibility import eligibility_findings
from helmont.study.review.findings import Finding
from helmont.study.review.purposes import form_findings, purpose_findings, window_findings
from helmont.study.review.readability import readability_findings


@dataclass(frozen=True, slots=True)
class Review:
    """The burden of the schedule, and the findings: errors first, then warnings, then notes."""

    burden: Burden
    findings: tuple[Finding, ...]


def review(study: Study) -> Review:
    """Review a study that was loaded, so that every id it names exists."""
    burden = burden_of(study)
    found = [
        *burden_findings(study, burden),
        *purpose_findings(study),
        *eligibility_findings(study),
        *window_findings(study),
        *form_findings(study),
        *readability_findings(study),
    ]
    return Review(burden, tuple(sorted(found, key=lambda each: SEVERITIES.index(each.severity))))
