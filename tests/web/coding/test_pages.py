"""The pages of coding: one decision for every place of a text, the dictionary beside it, dictionaries brought in."""

from __future__ import annotations

import io
import json
import re
import zipfile
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from helmont.coding.models import Coding, Dictionary, Synonym
from helmont.edc.models import Query
from tests import cast
from tests.coding.kit import NEWER, bring, coding, enter, followed, line
from tests.dictionaries.releases import LOWEST, meddra

pytestmark = pytest.mark.database
PAGE = f"/studies/{cast.STUDY}/coding"
SEVERE = {"name": "EVENTS", "status": "suggested", "verbatim": "Severe head pain"}


def text(handle: str, address: str, **query: str) -> str:
    answer = cast.sign_in(handle).get(address, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def run_job() -> None:
    """What the server's worker does with the job that waits, within this test's transaction."""
    job = DBTaskResult.objects.latest("enqueued_at")
    context = SimpleNamespace(task_result=SimpleNamespace(id=job.id))
    job.task.func(context, *job.args_kwargs["args"])


def decide(handle: str = "medical.coder", **fields: object) -> int:
    query = "&".join(f"{name}={value}" for name, value in SEVERE.items())
    return cast.sign_in(handle).post(f"{PAGE}/term?{query}", fields).status_code


def test_the_same_text_stands_once_in_the_list_with_its_suggestion() -> None:
    page = text("medical.coder", PAGE)
    assert page.count(">Severe head pain<") == 1
    assert "Head pain, similarity " in page
    assert ">Headache<" not in page  # it is coded
    assert ">Headache<" in text("medical.coder", PAGE, status="coded")


def test_somebody_who_may_not_read_the_dictionary_sees_no_suggestion() -> None:
    page = text("monitor", PAGE)
    assert ">Severe head pain<" in page
    assert "Head pain?" not in page


def test_one_decision_codes_every_place_and_is_kept() -> None:
    page = text("medical.coder", f"{PAGE}/term", **SEVERE)
    assert 'value="10011"' in page
    assert "shares: head, pain; lacks: severe" in page
    assert decide(code="10011", keep="1") == 302
    assert {coding(2).code, coding(3).code} == {"10011"}
    assert Synonym.objects.get().phrase == "head pain severe"
    enter(5, "severe pain, head")
    followed()
    assert (coding(5).status, coding(5).stage) == ("coded", "synonym")


def test_only_the_ticked_places_are_coded() -> None:
    assert decide(code="10011", some="1", row=[coding(2).key]) == 302
    assert (coding(2).status, coding(3).status) == ("coded", "suggested")


def test_the_list_codes_as_suggested_and_approves() -> None:
    row = json.dumps(["EVENTS", "suggested", "Severe head pain"])
    cast.sign_in("medical.coder").post(PAGE, {"action": "accept", "row": [row]})
    assert {coding(2).status, coding(3).status} == {"coded"}
    row = json.dumps(["EVENTS", "coded", "Severe head pain"])
    cast.sign_in("medical.coder").post(PAGE, {"action": "approve", "row": [row]})
    assert {coding(2).status, coding(3).status} == {"approved"}


def test_the_site_is_asked_through_a_query() -> None:
    assert decide(action="query", text="Where does it hurt?") == 302
    assert Query.objects.filter(form__in=[line(2), line(3)], status="open").count() == 2
    assert coding(2).status == "queried"


def test_a_coder_moves_on_to_the_next_text() -> None:
    page = text("medical.coder", f"{PAGE}/term", **SEVERE)
    [address] = re.findall(r'href="([^"]+)" data-key="n"', page)
    assert "verbatim=Zxqv" in address


def test_the_dictionary_is_searched_and_browsed() -> None:
    address = f"{PAGE}/dictionaries/EVENTS"
    assert "Nervous disorders" in text("medical.coder", address)
    assert "Head pain" in text("medical.coder", address, q="pain head")
    below = text("medical.coder", address, level="PT", code="20001")
    assert "Head pain" in below
    assert "no longer current" in below
    assert 'form="decide"' not in below


def test_coded_terms_stand_beside_the_value_for_those_who_may_see_them() -> None:
    address = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/LOG/AE/1"
    assert "Coded to <strong>Headache</strong>" in text("monitor", address)
    assert "Coded to" not in text("coordinator", address)


def test_an_upgrade_shows_its_impact_and_is_carried_out_beside_the_page() -> None:
    bring("91.0", lowest=LOWEST[1:])
    address = f"{PAGE}/dictionaries/EVENTS/upgrade"
    page = text("medical.coder", address, to=NEWER)
    assert "no longer there" in page
    answer = cast.sign_in("medical.coder").post(address, {"to": NEWER, "reason": "yearly"})
    assert "?job=" in answer["Location"]
    run_job()
    assert (coding(1).status, coding(1).term) == ("recode", "Headache")


def test_a_release_is_read_first_and_loaded_afterwards() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in meddra("92.0").items():
            archive.writestr(name, content)
    browser = cast.sign_in("administrator")
    files = [SimpleUploadedFile("release.zip", packed.getvalue())]
    checked = browser.post("/dictionaries/new/", {"kind": "meddra", "release": files})["Location"]
    page = browser.get(checked).content.decode()
    assert "92.0" in page
    assert not Dictionary.objects.filter(version="92.0").exists()
    form = {"name": "MedDRA", "version": "92.0", "language": "English", "licence": "ours"}
    assert "?job=" in browser.post(checked, form)["Location"]
    run_job()
    assert Dictionary.objects.get(version="92.0").counts["LLT"] == len(LOWEST)


def test_what_is_wrong_with_a_release_is_shown_by_file_and_line() -> None:
    browser = cast.sign_in("administrator")
    files = [SimpleUploadedFile(name, content) for name, content in {**meddra(), "soc.asc": b"x$y$\n"}.items()]
    checked = browser.post("/dictionaries/new/", {"kind": "meddra", "release": files})["Location"]
    page = browser.get(checked).content.decode()
    assert "soc.asc:1" in page
    assert "Load it" not in page


def test_the_codings_are_those_of_the_cast() -> None:
    assert Coding.objects.filter(study=cast.STUDY).count() == 4
