"""A study whose vital signs and adverse events come on paper, and those who copy them."""

from __future__ import annotations

import dataclasses
from typing import Any

from helmont.core.people.assignments import AssignRole
from helmont.core.people.queries import forget_actors
from helmont.core.writer import perform
from helmont.double_entry.actions.lines import DenyLine, WithdrawLine
from helmont.double_entry.actions.transcribing import Transcribe
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.model import Study
from tests import cast

PAPER, WHO = "PAPER1", "701-001"
VS, LOG = f"{PAPER}/{WHO}/BASELINE/VS", f"{PAPER}/{WHO}/LOG/AE"
ON_PAPER = ("VS", "AE")
CAST = {
    "coordinator": ("site_coordinator", cast.SITE),
    "nurse": ("site_nurse", cast.SITE),
    "investigator": ("investigator", cast.SITE),
    "data.manager": ("data_manager", ""),
    "monitor": ("monitor", ""),
    "inspector": ("inspector", ""),
}


def definition(**changes: Any) -> Study:
    """The cast's study, its forms of ``ON_PAPER`` entered twice."""
    study = cast.definition(PAPER)
    forms = tuple(
        dataclasses.replace(form, entry="double" if form.id in ON_PAPER else "single") for form in study.forms
    )
    return dataclasses.replace(study, forms=forms, **changes)


def build() -> None:
    """The study with one participant, whose baseline visit has begun."""
    perform(PublishDefinition(definition()), cast.IMPORT)
    perform(OpenSite(PAPER, cast.SITE, "Ghent", "BE", "Europe/Brussels"), cast.IMPORT)
    for handle, (role, site) in CAST.items():
        perform(AssignRole(handle, role, PAPER, site=site), cast.HELMONT)
    forget_actors()
    perform(ScreenParticipant(PAPER, cast.SITE, WHO, "2026-01-05"), cast.actor("coordinator"))
    perform(BeginEncounter(PAPER, WHO, "BASELINE", "2026-01-12"), cast.actor("coordinator"))


def copy_line(handle: str, line: str | int = "new", complete: bool = True, **values: str) -> str:
    """Somebody copies a line of the log of adverse events; its number."""
    found = perform(Transcribe(f"{LOG}/{line}", values, complete=complete), cast.actor(handle)).result
    return str(found["key"].rpartition("/")[2])


def furnish() -> None:
    """What stands in every state: five lines, and a visit's form in which two people differ."""
    for line in range(1, 6):
        copy_line("coordinator", complete=line != 5, AETERM=f"Vertigo {line}", AESER="N")
    perform(DenyLine(f"{LOG}/1", reason="The page ends after the headache."), cast.actor("nurse"))
    copy_line("nurse", 2, AETERM="Vertigo 2", AESER="Y")
    perform(WithdrawLine(f"{LOG}/4", why="Read from another page."), cast.actor("coordinator"))
    for handle, systolic in (("coordinator", "120"), ("nurse", "121")):
        values = {"VSDTC": "2026-01-12", "SYSBP": systolic, "DIABP": "85"}
        perform(Transcribe(VS, values, complete=True), cast.actor(handle))


def page(handle: str, path: str, status: int = 200) -> str:
    """A page of the study as somebody gets it."""
    answer = cast.sign_in(handle).get(f"/studies/{PAPER}{path}")
    assert answer.status_code == status, (handle, path, answer.status_code)
    return answer.content.decode()
