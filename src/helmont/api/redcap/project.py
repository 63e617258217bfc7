"""The project itself: what it is, the version of REDCap whose calls are answered, and making a new one."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import Any
from zlib import crc32

from django.http import HttpResponse

from helmont.api.redcap.call import BadRequest, Call, handles
from helmont.api.redcap.importing import import_rows
from helmont.api.redcap.wire import read_tree, write_object
from helmont.core.errors import Fault, Invalid
from helmont.core.ledger.models import Entry
from helmont.core.people.actions import new_secret
from helmont.core.people.queries import actor_for_token
from helmont.core.permissions import Scope
from helmont.projects.actions import CreateProject, CreateProjectToken, definition_of
from helmont.projects.design import Design, DesignFault, read_dictionary
from helmont.projects.project_xml import group_names, read_design, read_records
from helmont.projects.queries import design_for
from helmont.studies.actions import OpenSite

VERSION = "13.1.0"
"""The release of REDCap whose API is followed; clients look at it before they make a call."""
EMPTY = {"field_name": "record_id", "form_name": "form_1", "field_type": "text", "field_label": "Record ID"}


@handles("version")
def export_version(_call: Call) -> HttpResponse:
    return HttpResponse(VERSION, content_type="text/plain")


@handles("project")
def export_project(call: Call) -> HttpResponse:
    layout, design = call.layout, design_for(call.study.key)
    settings = design.settings if design else {}
    made = Entry.objects.filter(log=call.study.key, sequence=0).values_list("time", flat=True).first() or ""
    content: dict[str, Any] = {
        "project_id": crc32(call.study.key.encode()),
        "project_title": layout.title,
        "creation_time": made[:19].replace("T", " "),
        "production_time": "" if design else made[:19].replace("T", " "),
        "in_production": 0 if design else 1,
        "project_language": "English",
        "purpose": int(settings.get("purpose", "0")) if design else 2,
        "purpose_other": settings.get("purpose_other", ""),
        "project_notes": settings.get("project_notes", ""),
        "custom_record_label": "",
        "secondary_unique_field": "",
        "is_longitudinal": int(layout.longitudinal),
        "has_repeating_instruments_or_events": int(bool(layout.repeating)),
        "surveys_enabled": 0,
        "scheduling_enabled": 0,
        "record_autonumbering_enabled": 0,
        "randomization_enabled": 0,
        "ddp_enabled": 0,
        "project_irb_number": "",
        "project_grant_number": "",
        "project_pi_firstname": "",
        "project_pi_lastname": "",
        "display_today_now_button": 1,
        "missing_data_codes": "",
        "external_modules": "",
        "bypass_branching_erase_field_prompt": 0,
    }
    return call.answer(write_object(content, call.form, "items"))


@handles("project", "import")
def create_project(call: Call) -> HttpResponse:
    """A new project, from REDCap's project XML where one is sent; the answer is its token, 32 characters long.

    For an administrator's token that is for every study. The design is checked, and the records are, before anything
    is made.
    """
    if not call.actor.may("study.publish", Scope("*"), call.today):
        raise BadRequest("Projects are made with an administrator's token that is not for one study only.")
    rows = call.rows()
    about = rows[0] if rows else {}
    title = str(about.get("project_title") or "").strip()
    if not title:
        raise Invalid([Fault("data", "project_title is missing", "the title of the new project")])
    purpose = str(about.get("purpose") or "0")
    if purpose not in "01234" or len(purpose) != 1:
        raise Invalid([Fault("data", f"“{purpose[:20]}” is not a purpose", "0 to 4")])
    root = read_tree(call.get("odm"), "odm") if call.get("odm") else None
    try:
        design = _empty(title) if root is None else read_design(root, title)
        records = [] if root is None else read_records(root, design.record_field)
    except DesignFault as fault:
        raise Invalid([Fault("odm", str(fault))]) from None
    settings = {"purpose": purpose, "project_notes": str(about.get("project_notes") or "")[:2000]}
    design = replace(design, settings=settings)
    definition_of(design, "CHECK", "1")
    study = _new_id(title)
    call.perform(CreateProject(study, design))
    secret, digest = new_secret(short=True)
    call.perform(CreateProjectToken(study, digest))
    owner = Call(actor_for_token(secret), {}, call.form, "From the project's file")
    groups = [] if root is None else group_names(root)
    owner.perform(*(OpenSite(study, str(n), name[:200], "ZZ") for n, name in enumerate(groups, start=2)))
    if records:
        import_rows(owner, records, group_field="redcap_data_access_group")
    return HttpResponse(secret, content_type="text/plain")


def _empty(title: str) -> Design:
    fields, forms = read_dictionary([EMPTY])
    return Design(title, "record_id", fields, forms)


def _new_id(title: str) -> str:
    words = re.sub(r"[^A-Z0-9]+", "_", title.upper()).strip("_")[:24].strip("_")
    start = words if words[:1].isalpha() else f"P_{words}".strip("_")
    return f"{start}_{secrets.token_hex(3).upper()}"
