"""Endpoints that read a study: its definition, sites, participants, matrix, worklist and audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router, Schema
from pydantic import Field

from helmont.api.auth import actor_of, today_of
from helmont.api.forms import EntryOut
from helmont.api.keys import Number, SiteNumber, StudyId
from helmont.api.queries import QueryOut, query_out
from helmont.api.schemas import Page, answers
from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.edc.queries.audit import participant_audit
from helmont.edc.queries.forms import forms_of
from helmont.edc.queries.matrix import Cell, matrix
from helmont.edc.queries.worklist import worklist
from helmont.participants.models import Participant
from helmont.participants.queries import encounters_of, participant_for, participants_for, recorded_encounters
from helmont.studies.queries import compiled, sites_for, studies_for, study_for
from helmont.study.publishing import canonical_json, content_hash

router = Router(tags=["studies"])
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
PageSize = Annotated[int, Field(ge=1, le=500)]
Word = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]


class StudyOut(Schema):
    key: str
    title: dict[str, str] = Field(description="By language.")
    sponsor: str
    phase: str
    status: str
    definition: str = Field(description="The version that new participants start under.")


class DefinitionOut(Schema):
    study: str
    version: str
    sha256: str = Field(description="Of the document's canonical JSON (RFC 8785).")
    document: dict[str, Any] = Field(description="The study definition, see docs/study-package.md.")


class SiteOut(Schema):
    key: str
    number: str
    name: str
    country: str
    timezone: str
    status: str


class ParticipantOut(Schema):
    key: str
    study: str
    number: str
    site: str
    country: str
    status: str
    screened: str = Field(description="Date of screening.")
    definition: str = Field(description="The version of the study definition that they are under.")
    revision: int


class ParticipantsOut(Page):
    participants: list[ParticipantOut]


class EncounterOut(Schema):
    key: str
    oid: str
    number: float
    label: str
    standing: str = Field(description="planned, due, overdue, begun, missed or not_reached.")
    date: str
    target: str
    earliest: str
    latest: str
    out_of_window: bool
    optional: bool
    reason: str


class FormStandingOut(Schema):
    key: str
    form: str
    encounter: str
    line: str
    status: str
    lock: str
    signed: str
    revision: int


class CasebookOut(ParticipantOut):
    encounters: list[EncounterOut]
    forms: list[FormStandingOut] = Field(description="Those begun, without values; empty if you may not see forms.")


class CellOut(Schema):
    encounter: str = Field(description="Empty for the logs.")
    status: str
    expected: int
    complete: int
    draft: int
    not_done: int
    signed: int
    verified: int
    queries: int


class MatrixRowOut(Schema):
    participant: ParticipantOut
    cells: list[CellOut]


class MatrixOut(Page):
    columns: list[tuple[str, str]] = Field(description="Id and label of the protocol's encounters.")
    counts: dict[str, int] = Field(description="Participants by status, before the status filter.")
    rows: list[MatrixRowOut]


class WorklistOut(Page):
    counts: dict[str, int] = Field(description="Queries by status, before the status filter.")
    queries: list[QueryOut]


class AuditOut(Schema):
    entries: list[EntryOut] = Field(description="Newest first.")
    before: int | None = Field(description="Continue with before=…; null at the end.")


@router.get("", response=answers(list[StudyOut]), url_name="studies")
def list_studies(request: HttpRequest) -> Any:
    """The studies in which you have a role."""
    actor = actor_of(request)
    return studies_for(actor, today_of(actor))


@router.get("/{study}", response=answers(StudyOut), url_name="study")
def read_study(request: HttpRequest, study: StudyId) -> Any:
    """One study."""
    actor = actor_of(request)
    return study_for(actor, study, today_of(actor))


@router.get("/{study}/definition", response=answers(DefinitionOut), url_name="definition")
def read_definition(
    request: HttpRequest, study: StudyId, version: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""
) -> Any:
    """A published version of the study definition, as published; without ``version`` the current one."""
    actor = actor_of(request)
    found = study_for(actor, study, today_of(actor))
    definition = compiled(study, version or found.definition).study
    document = orjson.loads(canonical_json(definition))
    digest = content_hash(definition)
    return {"study": study, "version": definition.version, "sha256": digest, "document": document}


@router.get("/{study}/sites", response=answers(list[SiteOut]), url_name="sites")
def list_sites(request: HttpRequest, study: StudyId) -> Any:
    """The sites that you may see."""
    actor = actor_of(request)
    study_for(actor, study, today_of(actor))
    return sites_for(actor, study, "study.view", today_of(actor))


@router.get("/{study}/participants", response=answers(ParticipantsOut), url_name="participants")
def list_participants(
    request: HttpRequest,
    study: StudyId,
    site: SiteNumber | None = None,
    status: Word = "",
    page: PageNumber = 1,
    size: PageSize = 100,
) -> Any:
    """The participants that you may see, by number."""
    actor = actor_of(request)
    found = participants_for(actor, study, today_of(actor))
    for name, value in (("site", site), ("status", status)):
        found = found.filter(**{name: value}) if value else found
    total = found.count()
    shown = list(found[(page - 1) * size : page * size])
    return {"total": total, "page": page, "pages": max(1, -(-total // size)), "participants": shown}


@router.get("/{study}/participants/{number}", response=answers(CasebookOut), url_name="participant")
def read_participant(request: HttpRequest, study: StudyId, number: Number) -> Any:
    """One participant: encounters with their windows, and the forms begun."""
    actor = actor_of(request)
    today = today_of(actor)
    found = participant_for(actor, study, number, today)
    definition = compiled(study, found.definition)
    encounters = encounters_of(found, definition, recorded_encounters(found), actor.language, today)
    return {
        **{name: getattr(found, name) for name in ParticipantOut.model_fields},
        "encounters": encounters,
        "forms": forms_of(actor, found, today),
    }


@router.get("/{study}/participants/{number}/audit", response=answers(AuditOut), url_name="audit")
def read_audit(
    request: HttpRequest,
    study: StudyId,
    number: Number,
    actor: Word = "",
    action: Word = "",
    record: Word = "",
    item: Word = "",
    since: Word = "",
    until: Word = "",
    before: Annotated[int, Field(ge=0, le=2**53)] | None = None,
    limit: PageSize = 200,
) -> Any:
    """The audit trail of one participant, newest first. ``since`` and ``until`` are dates or times, in UTC."""
    reader = actor_of(request)
    entries, following = participant_audit(
        reader,
        study,
        number,
        today_of(reader),
        actor_filter=actor,
        action=action,
        record=record,
        item=item,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )
    return {"entries": entries, "before": following}


@router.get("/{study}/matrix", response=answers(MatrixOut), url_name="matrix")
def read_matrix(
    request: HttpRequest,
    study: StudyId,
    site: SiteNumber | None = None,
    status: Word = "",
    search: Word = "",
    page: PageNumber = 1,
    size: PageSize = 50,
) -> Any:
    """The casebook matrix: participants down, encounters across, counts of forms and open queries in each cell."""
    actor = actor_of(request)
    today = today_of(actor)
    found = matrix(
        actor,
        study,
        study_for(actor, study, today).definition,
        today,
        language=actor.language,
        site=site or "",
        status=status,
        search=search,
        view="all",
        page=page,
        size=size,
    )
    rows = [
        {
            "participant": row.participant,
            "cells": [_cell(cell) for cell in (*row.cells.values(), *row.unscheduled, row.logs)],
        }
        for row in found.rows
    ]
    return {**{name: getattr(found, name) for name in ("total", "page", "pages", "columns", "counts")}, "rows": rows}


def _cell(cell: Cell) -> dict[str, Any]:
    counts = {name: getattr(cell, name) for name in CellOut.model_fields if name != "encounter"}
    return {"encounter": cell.encounter.oid if cell.encounter else "", **counts}


@router.get("/{study}/queries", response=answers(WorklistOut), url_name="queries")
def list_queries(
    request: HttpRequest,
    study: StudyId,
    status: Literal["", "open", "answered", "closed", "cancelled", "unsettled"] = "",
    site: SiteNumber | None = None,
    form: Word = "",
    rule: Word = "",
    search: Word = "",
    order: Literal["opened", "-opened", "participant", "form", "site"] = "opened",
    page: PageNumber = 1,
) -> Any:
    """The worklist of queries, a hundred a page. ``unsettled`` are those open or answered."""
    actor = actor_of(request)
    today = today_of(actor)
    found = worklist(
        actor,
        study,
        study_for(actor, study, today).definition,
        today,
        status=status,
        site=site or "",
        form=form,
        rule=rule,
        search=search,
        order=order,
        page=page,
    )
    queries = [query_out(query, actor.language) for query in found.queries]
    return {"total": found.total, "page": found.page, "pages": found.pages, "counts": found.counts, "queries": queries}


@router.get(
    "/{study}/forms.ndjson",
    url_name="forms_ndjson",
    response=answers(None),
    openapi_extra={
        "responses": {200: {"description": "One form a line.", "content": {"application/x-ndjson": {"schema": {}}}}}
    },
)
def stream_forms(request: HttpRequest, study: StudyId, site: SiteNumber | None = None) -> Any:
    """Every form that you may see, one JSON object a line: key, form, status, revision and values."""
    actor = actor_of(request)
    today = today_of(actor)
    study_for(actor, study, today)
    participants = participants_for(actor, study, today, "form.view")
    if site:
        participants = participants.filter(site=site)
    if not sites_for(actor, study, "form.view", today):
        raise NotFound(study)
    return StreamingHttpResponse(
        (line for participant in participants.iterator() for line in _lines(actor, participant, today)),
        content_type="application/x-ndjson",
    )


def _lines(actor: Actor, participant: Participant, today: date) -> Iterator[bytes]:
    for row in forms_of(actor, participant, today):
        line = {"key": row.key, "form": row.form, "status": row.status, "revision": row.revision, "values": row.data}
        yield orjson.dumps(line) + b"\n"
