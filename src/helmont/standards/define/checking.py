"""What a reviewer would object to in a document. Errors are what breaks it; warnings deserve a look or an explanation."""

from __future__ import annotations

from helmont.standards.define.check_contents import content_findings
from helmont.standards.define.check_references import reference_findings
from helmont.standards.define.model import Define
from helmont.study.faults import Fault


def define_findings(define: Define, file: str = "define.xml") -> list[Fault]:
    """Every finding, errors first; ``place`` is the OID of what it is about."""
    found = [*reference_findings(define, file), *content_findings(define, file)]
    return sorted(dict.fromkeys(found), key=lambda one: one.severity != "error")
