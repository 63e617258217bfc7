"""The cast of the tests: one study in two sites with a little data, one person of each role, and an outsider.

Everything is made through actions. ``build()`` needs a database that rolls back afterwards (pytest-django's ``db``).

    701 (BE)  coordinator, nurse, investigator, pharmacist      participant 701-001, with data
    702 (NL)  elsewhere (coordinator)                           participant 702-001, in screening

``ALLOCATION`` and ``CONFIDENCE`` are the values of two items that need a privilege to be seen; neither may ever reach
somebody without it, in whatever form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.test import Client

from helmont.core.actions import Job, Outcome
from helmont.core.people.actions import CreatePerson, CreateToken, SetPassword, new_secret
from helmont.core.people.assignments import AssignRole
from helmont.core.people.models import Person
from helmont.core.people.queries import forget_actors, load_actor
from helmont.core.people.session import forget_sessions
from helmont.core.permissions import Actor, service
from helmont.core.roles import ROLES
from helmont.core.writer import perform, perform_all
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.queries import RaiseQuery, WriteComment
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study
from helmont.study.model import Study

PACKAGE = Path(__file__).parent / "packages" / "cast"
STUDY, OTHER = "CAST1", "OTHER1"
SITE, OTHER_SITE = "701", "702"
PARTICIPANT, OTHER_PARTICIPANT = "701-001", "702-001"
PASSWORD = "correct horse battery staple"
VS, RAND, AE = (f"{STUDY}/{PARTICIPANT}/{rest}" for rest in ("BASELINE/VS", "BASELINE/RAND", "LOG/AE/1"))
ALLOCATION = "ZXARMQ7"
CONFIDENCE = "ZXCONFIDEQ8"
HELMONT = service("helmont", "system")
IMPORT = service("import", "import_service")

# Handle -> role, site. A role without a site is one of the whole study.
PEOPLE: dict[str, tuple[str, str]] = {
    "coordinator": ("site_coordinator", SITE),
    "nurse": ("site_nurse", SITE),
    "investigator": ("investigator", SITE),
    "pharmacist": ("pharmacist", SITE),
    "elsewhere": ("site_coordinator", OTHER_SITE),
    "monitor": ("monitor", ""),
    "unblinded.monitor": ("unblinded_monitor", ""),
    "data.manager": ("data_manager", ""),
    "medical.reviewer": ("medical_reviewer", ""),
    "statistician": ("statistician", ""),
    "unblinded.statistician": ("unblinded_statistician", ""),
    "sponsor": ("sponsor", ""),
    "inspector": ("inspector", ""),
    "study.manager": ("study_manager", ""),
    "privacy.officer": ("privacy_officer", ""),
    "medical.coder": ("medical_coder", ""),
}
OUTSIDER = "outsider"  # study manager of another study
ADMINISTRATOR = "administrator"
EVERYBODY = (*PEOPLE, OUTSIDER, ADMINISTRATOR)
BLINDED = tuple(handle for handle, (role, _) in PEOPLE.items() if not ROLES[role].unblinded)


@cache
def definition(study: str = STUDY) -> Study:
    return dataclasses.replace(load_study(PACKAGE), id=study)


@cache
def password_hash() -> str:
    """scrypt takes a tenth of a second; everybody shares one hash of ``PASSWORD``."""
    return SetPassword.to("anyone", PASSWORD).password_hash


def build() -> None:
    """Make the studies, sites, people and data."""
    forget_actors()
    forget_sessions()
    for study in (STUDY, OTHER):
        perform(PublishDefinition(definition(study)), IMPORT)
    perform(OpenSite(STUDY, SITE, "Ghent", "BE", "Europe/Brussels"), IMPORT)
    perform(OpenSite(STUDY, OTHER_SITE, "Utrecht", "NL", "Europe/Amsterdam"), IMPORT)
    people = (CreatePerson(h, h.replace(".", " ").title(), f"{h}@example.org") for h in EVERYBODY)
    _all(Job(action, HELMONT) for action in people)
    _all(Job(SetPassword(handle, password_hash()), actor(handle)) for handle in EVERYBODY)
    _all(Job(AssignRole(handle, role, STUDY, site=site), HELMONT) for handle, (role, site) in PEOPLE.items())
    perform(AssignRole(OUTSIDER, "study_manager", OTHER), HELMONT)
    perform(AssignRole(ADMINISTRATOR, "administrator", "*"), HELMONT)
    forget_actors()
    _enter_data()


def _all(jobs: Iterable[Job]) -> None:
    for outcome in perform_all(list(jobs)):
        if not isinstance(outcome, Outcome):
            raise outcome


def _enter_data() -> None:
    by = actor
    perform(ScreenParticipant(STUDY, SITE, PARTICIPANT, "2026-01-05"), by("coordinator"))
    perform(ScreenParticipant(STUDY, OTHER_SITE, OTHER_PARTICIPANT, "2026-01-06"), by("elsewhere"))
    perform(BeginEncounter(STUDY, PARTICIPANT, "BASELINE", "2026-01-12"), by("coordinator"))
    values = {"VSDTC": "2026-01-12", "SYSBP": "80", "DIABP": "85", "CONFIDE": CONFIDENCE}
    perform(SaveForm(VS, values, complete=True), by("coordinator"))  # systolic below diastolic: a query
    allocation = {"RANDDTC": "2026-01-12", "ALLOC": ALLOCATION, "KIT": "499"}
    perform(SaveForm(RAND, allocation, complete=True), by("pharmacist"))  # the wrong kit: a query on the allocation
    perform(SaveForm(AE, {"AETERM": "Headache", "AESER": "N"}, complete=True), by("nurse"))
    perform(RaiseQuery(VS, "DIABP", "Please check the cuff"), by("monitor"))
    perform(RaiseQuery(RAND, "ALLOC", f"Is {ALLOCATION} right?"), by("unblinded.monitor"))
    perform(WriteComment(RAND, "ALLOC", f"Seen: {ALLOCATION}"), by("unblinded.monitor"))
    perform(WriteComment(VS, "CONFIDE", f"Seen: {CONFIDENCE}"), by("monitor"))


def actor(handle: str) -> Actor:
    return load_actor(handle)


def token(handle: str, **options: Any) -> str:
    """A new access token of this person, as the header's value."""
    secret, digest = new_secret()
    perform(CreateToken(handle, "tests", digest, **options), actor(handle))
    return f"Bearer {secret}"


def sign_in(handle: str) -> Client:
    """A browser in which this person is signed in, and which sends the CSRF token as our pages do."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(Person.objects.get(handle=handle), "allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["csrftoken"] = client.defaults["HTTP_X_CSRFTOKEN"] = "0123456789abcdef" * 2
    return client


def json(content: Any) -> bytes:
    """A request's body; nothing for None."""
    return b"" if content is None else orjson.dumps(content)
