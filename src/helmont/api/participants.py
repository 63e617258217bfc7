"""Endpoints that change participants and their encounters."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from helmont.api.keys import Date, Encounter, Number, Reason, SiteNumber, StudyId
from helmont.api.schemas import Request, Written, write_answers
from helmont.api.writes import carry_out
from helmont.participants.actions import BeginEncounter, ChangeStatus, MissEncounter, ScreenParticipant

router = Router(tags=["participants"])


class Screen(Request):
    study: StudyId
    site: SiteNumber
    participant: Number
    date: Date


class Transition(Request):
    transition: Literal["fail", "enrol", "complete", "withdraw", "reopen"]
    reason: Reason = ""


class Begin(Request):
    encounter: Encounter
    date: Date
    number: str = Field("", pattern=r"^(\d{1,4}(\.\d{1,2})?)?$", description="Of an unscheduled one; empty: the next.")
    ended: Date | Literal[""] = Field("", description="The last day, where it took several.")
    reason: Reason = Field("", description="Why; required where the date changes.")


class Missed(Request):
    reason: Reason = Field(min_length=1)


class StatusWritten(Written):
    status: str


@router.post("", response=write_answers(Written), url_name="screen")
def screen_participant(request: HttpRequest, body: Screen) -> Any:
    """A person enters screening, under a number that the study's pattern allows."""
    return carry_out(request, ScreenParticipant(body.study, body.site, body.participant, body.date))


@router.post("/{study}/{number}/status", response=write_answers(StatusWritten), url_name="participant_status")
def change_status(request: HttpRequest, study: StudyId, number: Number, body: Transition) -> Any:
    """Move a participant to another status."""
    answer = carry_out(request, ChangeStatus(study, number, body.transition, body.reason))
    return {**answer, "key": f"{study}/{number}", "status": answer["key"]}


@router.post("/{study}/{number}/encounters", response=write_answers(Written), url_name="encounters")
def begin_encounter(request: HttpRequest, study: StudyId, number: Number, body: Begin) -> Any:
    """A visit took place, or its date is corrected. ``key`` of the answer is the encounter's."""
    action = BeginEncounter(study, number, body.encounter, body.date, body.number, body.ended, body.reason)
    return carry_out(request, action)


@router.post("/{study}/{number}/encounters/{encounter}/missed", response=write_answers(Written), url_name="missed")
def miss_encounter(request: HttpRequest, study: StudyId, number: Number, encounter: Encounter, body: Missed) -> Any:
    """A planned visit did not take place. Refused once data were entered for it."""
    return carry_out(request, MissEncounter(study, number, encounter, body.reason))
