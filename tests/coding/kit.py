"""A study whose adverse events are coded with a small made-up release, and short ways to say what happens."""

from __future__ import annotations

from typing import Any

from helmont.coding.following import follow
from helmont.coding.loading import install
from helmont.coding.models import Coding
from helmont.core.actions import Action
from helmont.core.permissions import service
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.standards.dictionaries import Findings, read
from tests import cast
from tests.dictionaries.releases import meddra

VERSION = "system/dictionaries/MedDRA/90.0/English"
NEWER = "system/dictionaries/MedDRA/91.0/English"
WHO = f"{cast.STUDY}/{cast.PARTICIPANT}"


def bring(version: str = "90.0", **changed: Any) -> str:
    """Load a release; its key."""
    dictionary = read("meddra", meddra(version, **changed), Findings())
    assert dictionary is not None
    return install(dictionary, "MedDRA", version, "English", "meddra", "ours", service("tests", "system"))


def line(number: int) -> str:
    return f"{WHO}/LOG/AE/{number}"


def enter(number: int, text: str, reason: str = "") -> None:
    perform(SaveForm(line(number), {"AETERM": text}, complete=True, reason=reason), cast.actor("nurse"))


def followed() -> int:
    """What the schedule does: the projection catches up, the codings follow."""
    catch_up("coding")
    return follow(cast.STUDY)


def coding(number: int) -> Coding:
    return Coding.objects.get(key=f"{line(number)}/AETERM")


def do(action: Action, by: str = "medical.coder") -> Any:
    return perform(action, cast.actor(by)).result
