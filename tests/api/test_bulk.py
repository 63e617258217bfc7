"""Bulk changes, pages of lists, and sessions that have to say where they come from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from helmont.core.ledger.store import log_size
from helmont.core.people.models import Person
from helmont.edc.models import Form
from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]
NOT_THERE = f"{cast.STUDY}/{cast.PARTICIPANT}/LOG/AE/77"


def post(handle: str, path: str, body: dict[str, Any], **headers: str) -> Any:
    headers |= {"Authorization": cast.token(handle)}
    return Client().post(f"/api/v1/{path}", body, "application/json", headers=headers)


def test_each_key_of_a_bulk_request_succeeds_or_is_refused_for_itself() -> None:
    answer = post("data.manager", "bulk/forms", {"verb": "lock", "keys": [cast.AE, NOT_THERE]}).json()
    assert (answer["done"], answer["refused"]) == (1, 1)
    assert [outcome["key"] for outcome in answer["outcomes"]] == [cast.AE, NOT_THERE]
    assert answer["outcomes"][1]["error"]["code"] == "not_found"
    assert Form.objects.get(key=cast.AE).lock == "locked"


def test_a_key_given_twice_is_done_once() -> None:
    answer = post("data.manager", "bulk/forms", {"verb": "lock", "keys": [cast.AE, cast.AE]}).json()
    assert (answer["done"], len(answer["outcomes"])) == (1, 1)


def test_a_bulk_request_repeated_under_its_key_changes_nothing_more() -> None:
    body = {"verb": "lock", "keys": [cast.AE, NOT_THERE]}
    first = post("data.manager", "bulk/forms", body, **{"Idempotency-Key": "bulk-1"}).json()
    size = log_size(cast.STUDY)
    assert post("data.manager", "bulk/forms", body, **{"Idempotency-Key": "bulk-1"}).json() == first
    assert log_size(cast.STUDY) == size


def test_keys_of_somebody_elses_site_and_study_are_refused_within_the_answer() -> None:
    for handle in ("elsewhere", cast.OUTSIDER):
        answer = post(handle, "bulk/forms", {"verb": "verify", "keys": [cast.VS]}).json()
        assert (answer["done"], answer["refused"]) == (0, 1)
        assert answer["outcomes"][0]["error"]["code"] == "not_found"


def test_a_list_is_read_page_by_page_without_loss_or_repetition() -> None:
    def page(number: int) -> Any:
        path = f"/api/v1/studies/{cast.STUDY}/participants?size=1&page={number}"
        return Client().get(path, headers={"Authorization": cast.token("monitor")}).json()

    pages = [page(number) for number in (1, 2, 3)]
    assert [found["total"] for found in pages] == [2, 2, 2]
    numbers = [[each["number"] for each in found["participants"]] for found in pages]
    assert numbers == [[cast.PARTICIPANT], [cast.OTHER_PARTICIPANT], []]


@pytest.mark.parametrize("given", [None, "x" * 32])
def test_a_session_writes_only_with_the_csrf_token_of_its_page(given: str | None) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(Person.objects.get(handle="monitor"), "allauth.account.auth_backends.AuthenticationBackend")
    browser.cookies["csrftoken"] = "0123456789abcdef" * 2
    headers = {} if given is None else {"X-CSRFToken": given}
    size = log_size(cast.STUDY)
    answer = browser.post(f"/api/v1/forms/{cast.VS}/verify", {}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    assert log_size(cast.STUDY) == size
    good = {"X-CSRFToken": "0123456789abcdef" * 2}
    assert browser.post(f"/api/v1/forms/{cast.VS}/verify", {}, "application/json", headers=good).status_code == 200


def test_a_form_that_hides_items_does_not_name_them_or_their_checks_when_it_is_saved() -> None:
    token = cast.token("coordinator")
    body = {"values": {"RANDDTC": "2026-01-13"}, "complete": True, "reason": "misread"}
    answer = Client().put(f"/api/v1/forms/{cast.RAND}", body, "application/json", headers={"Authorization": token})
    text = answer.content.decode()
    assert answer.status_code == 200, text
    assert answer.json()["queries"] == []
    assert not [hidden for hidden in ("ALLOC", "KIT", "kit does not belong") if hidden in text]
