"""Verification plans written and read: checked against the study, as YAML for people and as JSON for the record."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import yaml

from helmont.study.checking import check_verification
from helmont.study.faults import Fault
from helmont.study.model import Study
from helmont.study.nodes import Node, compose, from_json
from helmont.study.publishing import to_json
from helmont.study.reading import Reading, faults_in_order
from helmont.study.verification import VerificationPlan

FILE = "verification.yaml"


def read_plan(node: Node | None, study: Study, faults: list[Fault]) -> tuple[VerificationPlan, list[Fault]]:
    """The plan of a tree, checked against the study; it is only usable when no fault is an error."""
    reading = Reading(study.languages, faults)
    reading.declared["form"] = {form.id: Node() for form in study.forms}
    reading.declared["encounter"] = {encounter.id: Node() for encounter in study.protocol.encounters}
    plan: VerificationPlan = reading.read(node or Node(FILE, 0, entries={}), VerificationPlan, "")
    reading.check_references()
    check_verification(dataclasses.replace(study, verification=plan), reading)
    return plan, faults_in_order([fault for fault in reading.faults if fault.severity == "error"])


def plan_from_yaml(text: str, study: Study) -> tuple[VerificationPlan, list[Fault]]:
    """The plan that somebody wrote; faults name its lines."""
    faults: list[Fault] = []
    node = compose(text.encode(), FILE, faults)
    if faults:
        return VerificationPlan(), faults
    return read_plan(node, study, faults)


def plan_from_document(document: Mapping[str, Any], study: Study) -> tuple[VerificationPlan, list[Fault]]:
    """The plan of a JSON document, as ``plan_to_document`` made it."""
    return read_plan(from_json(document, "verification"), study, [])


def plan_to_document(plan: VerificationPlan) -> dict[str, Any]:
    """The plan as JSON; what holds its default is absent."""
    document: dict[str, Any] = to_json(plan)
    return document


def plan_to_yaml(plan: VerificationPlan) -> str:
    """The plan as a person edits it."""
    document = plan_to_document(plan)
    shown: dict[str, Any] = {"default": plan.default}
    shown |= {key: document[key] for key in ("site_risk", "rules") if key in document}
    return str(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100))
