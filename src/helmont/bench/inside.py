"""What is done inside a home: each call is a process of its own, since Django reads its settings once.

python -m helmont.bench.inside FUNCTION '["JSON arguments"]'     prints the result as JSON

A function of another module of the bench has its module's name before it: ``listing.figures``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

STUDY, SITE, FORM = "BENCH", "01", "ASSESS"
PACKAGE = Path(__file__).parent / "package"
VISITS = 20
FIRST_VISIT = date(2025, 1, 6)


def values(turn: int) -> dict[str, str]:
    """The 19 values that a person types into the form; each turn has others, and none raises a query."""
    severity = ("NONE", "MILD", "MODERATE", "SEVERE")
    return {
        "TAKEN": "Y",
        "TAKENDT": str(FIRST_VISIT + timedelta(days=300 + turn % 28)),
        "TAKENTM": f"{8 + turn % 9:02}:{turn % 60:02}",
        "SYSBP": str(110 + turn % 37),
        "DIABP": str(65 + turn % 23),
        "PULSE": str(61 + turn % 31),
        "RESP": str(12 + turn % 11),
        "TEMP": f"{36 + turn % 17 / 10:.1f}",
        "OXYSAT": str(90 + turn % 10),
        "HEIGHT": f"{160 + turn % 29 / 2:.1f}",
        "WEIGHT": f"{60 + turn % 41 / 2:.1f}",
        "NAUSEA": severity[turn % 4],
        "HEADACHE": severity[turn % 3],
        "FATIGUE": severity[(turn + 1) % 4],
        "PAIN": str(turn % 11),
        "SLEEP": f"{5 + turn % 7 / 2:.1f}",
        "MISSED": str(turn % 13),
        "CHANGED": "NY"[turn % 2],
        "REMARK": f"Seen by the nurse; nothing more to say than the last time, number {turn}.",
    }


def participant_number(index: int) -> str:
    return f"{SITE}-{index:04}"


def form_key(participant: int, visit: int) -> str:
    """Key of the form of the participant (from 0) at the visit (from 0)."""
    return f"{STUDY}/{participant_number(participant)}/VISIT_{visit + 1}/{FORM}"


def prepare(participants: int, people: int, datasets: bool = False) -> list[str]:
    """Publish the study, open its site, begin every visit; session keys of ``people`` signed-in site coordinators.

    Its data sets and the table of them are part of it only with ``datasets``.
    """
    from helmont.core.people.actions import CreatePerson
    from helmont.core.people.assignments import AssignRole
    from helmont.core.permissions import service
    from helmont.core.writer import perform
    from helmont.participants.actions import BeginEncounter, ScreenParticipant
    from helmont.studies.actions import OpenSite, PublishDefinition
    from helmont.study.loading import load_study

    system, importer = service("bench", "system"), service("bench", "import_service")
    study = load_study(PACKAGE)
    perform(PublishDefinition(study if datasets else replace(study, datasets=(), analyses=None)), system)
    perform(OpenSite(STUDY, SITE, "The only site", "BE"), importer)
    numbers = [participant_number(index) for index in range(participants)]
    _all(ScreenParticipant(STUDY, SITE, number, str(FIRST_VISIT)) for number in numbers)
    _all(
        BeginEncounter(STUDY, number, f"VISIT_{visit + 1}", str(FIRST_VISIT + timedelta(days=14 * visit)))
        for number in numbers
        for visit in range(VISITS)
    )
    handles = [f"coordinator{index}" for index in range(people)]
    for handle in handles:
        perform(CreatePerson(handle, handle.title(), f"{handle}@bench.example", "en"), system)
        perform(AssignRole(handle, "site_coordinator", STUDY, site=SITE), system)
    return [session_key(handle) for handle in handles]


def sponsor() -> str:
    """Session key of somebody of the sponsor."""
    from helmont.core.people.actions import CreatePerson
    from helmont.core.people.assignments import AssignRole
    from helmont.core.permissions import service
    from helmont.core.writer import perform

    system = service("bench", "system")
    perform(CreatePerson("sponsor", "Sponsor", "sponsor@bench.example", "en"), system)
    perform(AssignRole("sponsor", "sponsor", STUDY), system)
    return session_key("sponsor")


def session_key(handle: str) -> str:
    """A session in which the person is signed in, as the sign-in page would make it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from helmont.core.people.models import Person

    person = Person.objects.get(handle=handle)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _all(actions: Iterable[Any]) -> None:
    """Carry out the actions, 256 to a commit; raises the first refusal."""
    from helmont.core.actions import Job
    from helmont.core.permissions import service
    from helmont.core.writer import perform_all

    actor = service("bench", "import_service")
    iterator: Iterator[Any] = iter(actions)
    while batch := list(islice(iterator, 256)):
        for outcome in perform_all([Job(action, actor) for action in batch]):
            if isinstance(outcome, Exception):
                raise outcome


def migrate() -> None:
    """Make the tables."""
    from helmont.cli.setup import prepare_database

    prepare_database()


def replay() -> float:
    """Load the demonstration trial; seconds."""
    from rich.console import Console

    from helmont.demo.load import load

    started = time.perf_counter()
    with Path(os.devnull).open("w") as nowhere:
        load(Console(file=nowhere))
    return time.perf_counter() - started


def fill(participants: int, entries: int) -> list[str]:
    """A study of that many participants, each with every form, whose ledger has ``entries`` entries; a session key.

    The forms are written by the writer like any other record, but without running their rules, to save time.
    """
    from helmont.bench.filling import FillForm
    from helmont.core.ledger.store import log_size

    sessions = prepare(participants, 1)
    missing = entries - log_size(STUDY)
    forms = participants * VISITS
    _all(
        FillForm(
            STUDY,
            participant_number(number // VISITS % participants),
            f"VISIT_{number % VISITS + 1}",
            FORM,
            values(number // forms + number % 5),
        )
        for number in range(missing)
    )
    return sessions


def matrix(session: str) -> float:
    """The first page of the casebook matrix, from the request to its last byte; median seconds of nine."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        answer = client.get(f"/studies/{STUDY}/casebooks")
        seconds.append(time.perf_counter() - started)
        if answer.status_code != 200 or participant_number(0) not in answer.content.decode():
            raise RuntimeError(f"the matrix is not shown: {answer.status_code}")
    return sorted(seconds[1:])[4]


def proof(leaves: int) -> float:
    """Open a log of that many entries and prove one of them; median of the seconds it takes, of two hundred.

    The log has tiles only: a proof reads nothing else.
    """
    from helmont.core.ledger import store

    log = "PROOF"
    store.lock_logs([log])
    tree, tiles = store.open_tree(log)
    for start in range(0, leaves, 50_000):
        stop = min(leaves, start + 50_000)
        tiles.put(tree.append(sha256(number.to_bytes(8)).digest() for number in range(start, stop)))
    seconds = []
    for number in range(200):
        index = number * 7919 * 31 % leaves
        started = time.perf_counter()
        store.prove_inclusion(log, index, leaves)
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[99]


if __name__ == "__main__":
    module, _, name = sys.argv[1].rpartition(".")
    os.environ["DJANGO_SETTINGS_MODULE"] = "helmont.settings"
    import django

    django.setup()
    function = getattr(import_module(f"helmont.bench.{module or 'inside'}"), name)
    print(json.dumps(function(*json.loads(sys.argv[2]))))
