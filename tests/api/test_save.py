"""Saving a form over the API: on the save path and through Django alike, and refusing whatever is not a save."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from helmont.api.fast import FIELDS
from helmont.core.ledger.store import log_names, log_size
from helmont.core.people.models import Person
from tests import cast
from tests.api.client import bearer, put

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "in_this_thread")]
PATH = f"/api/v1/forms/{cast.VS}"
SAVE = {"values": {"SYSBP": "131"}, "reason": "misread"}
GENTLE = rules(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def sizes() -> dict[str, int]:
    return {log: log_size(log) for log in log_names()}


def session(handle: str) -> tuple[dict[str, str], str]:
    browser = Client()
    browser.force_login(Person.objects.get(handle=handle), "allauth.account.auth_backends.AuthenticationBackend")
    token = "0123456789abcdef" * 2
    return {
        settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value,
        "csrftoken": token,
    }, token


def cookie(cookies: dict[str, str]) -> tuple[bytes, bytes]:
    return b"cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()


def test_a_program_saves_with_a_token() -> None:
    answer = put(PATH, orjson.dumps(SAVE), bearer(cast.token("coordinator")))
    assert answer.status == 200, answer.body
    assert answer.json["status"] == "complete"
    assert answer.json["calculated"] == {"MAP": "100"}
    assert answer.headers[b"cache-control"] == b"no-store"


def test_both_ways_give_the_same_answer() -> None:
    token = cast.token("coordinator")
    fast = put(PATH, orjson.dumps(SAVE), bearer(token)).json
    again = {"values": {"SYSBP": "132"}, "reason": "misread"}
    slow = Client().put(PATH, orjson.dumps(again), "application/json", headers={"Authorization": token}).json()
    assert slow.keys() == fast.keys()
    assert slow["sequence"] == slow["revision"] == fast["sequence"] + 1


def test_a_page_saves_with_its_session_and_csrf_token() -> None:
    cookies, token = session("coordinator")
    answer = put(PATH, orjson.dumps(SAVE), cookie(cookies), (b"x-csrftoken", token.encode()))
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, "csrf"), (b"", "csrf"), (b"x" * 32, "csrf"), ("\xe9".encode("latin-1") * 32, "csrf")],
)
def test_a_session_without_its_csrf_token_changes_nothing(header: bytes | None, code: str) -> None:
    cookies, _ = session("coordinator")
    before = sizes()
    headers = [cookie(cookies)] + ([(b"x-csrftoken", header)] if header is not None else [])
    answer = put(PATH, orjson.dumps(SAVE), *headers)
    assert (answer.status, answer.code) == (403, code)
    assert sizes() == before


def test_another_origin_is_refused_even_with_the_token() -> None:
    cookies, token = session("coordinator")
    headers = (cookie(cookies), (b"x-csrftoken", token.encode()), (b"origin", b"https://elsewhere.example"))
    assert put(PATH, orjson.dumps(SAVE), *headers).status == 403


def test_an_unknown_host_is_refused() -> None:
    token = bearer(cast.token("coordinator"))
    for host in (b"evil.example", b"", b"testserver.evil.example", b"\xff\xfe", b"[::1"):
        answer = put(PATH, orjson.dumps(SAVE), (b"host", host), token, host=False)
        assert answer.status == 403, host


def test_a_token_that_is_no_good_is_not_taken_for_the_session() -> None:
    cookies, token = session("coordinator")
    headers = (cookie(cookies), (b"x-csrftoken", token.encode()), bearer("Bearer helmont_nothing"))
    assert put(PATH, orjson.dumps(SAVE), *headers).code == "not_signed_in"


def test_a_repeated_save_changes_nothing_and_answers_the_same() -> None:
    headers = (bearer(cast.token("coordinator")), (b"idempotency-key", b"save-1"))
    one, two = (put(PATH, orjson.dumps(SAVE), *headers) for _ in range(2))
    assert one.json == two.json
    other = put(PATH, orjson.dumps({**SAVE, "reason": "another"}), *headers)
    assert (other.status, other.code) == (409, "refused")


def test_the_repetition_is_known_on_the_other_way_too() -> None:
    token = cast.token("coordinator")
    body = orjson.dumps(SAVE)
    fast = put(PATH, body, bearer(token), (b"idempotency-key", b"save-2")).json
    headers = {"Authorization": token, "Idempotency-Key": "save-2"}
    assert Client().put(PATH, body, "application/json", headers=headers).json() == fast


def test_a_value_that_somebody_else_changed_is_a_conflict_with_both() -> None:
    body = {"values": {"SYSBP": "131"}, "seen": {"SYSBP": "120"}, "reason": "misread"}
    answer = put(PATH, orjson.dumps(body), bearer(cast.token("coordinator")))
    assert (answer.status, answer.code) == (409, "conflict")
    assert answer.json["error"]["items"] == {"SYSBP": {"yours": "131", "theirs": "80"}}


def test_another_study_or_one_that_is_not_there_is_not_found_and_makes_no_log() -> None:
    for handle in ("outsider", "administrator", "coordinator"):
        token = bearer(cast.token(handle))
        before = sizes()
        for study in ("NOSUCH", "OTHER1" if handle == "coordinator" else "NOSUCH2", "system"):
            answer = put(f"/api/v1/forms/{study}/701-001/BASELINE/VS", orjson.dumps(SAVE), token)
            assert (answer.status, answer.code) == (404, "not_found")
        assert sizes() == before


KEYS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["", "CAST1", "CAST1/701-001/LOG/AE/0", "CAST1/701-001/LOG/AE/²", "CAST1/701-001/LOG/AE/1/2"]),
    st.builds("CAST1/701-001/{}/{}".format, st.text(max_size=10), st.text(max_size=10)),
    st.builds("{}/701-001/BASELINE/VS".format, st.text(min_size=1, max_size=90)),
    st.just("CAST1/701-001/BASELINE/\udcff"),
)


@GENTLE
@given(key=KEYS)
def test_no_address_breaks_it(key: str) -> None:
    token = bearer(cast.token("coordinator"))
    before = sizes()
    answer = put(f"/api/v1/forms/{key}", orjson.dumps({"values": {"NO_SUCH_ITEM": "1"}}), token)
    assert 400 <= answer.status < 500, answer.body
    assert answer.json["error"]["message"]
    assert sizes() == before


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ITEM_KEYS = st.sampled_from(["SYSBP", "VSDTC", "MAP", "CONFIDE", "ALLOC", "SYSBP[1]", "G[1].SYSBP"]) | st.text(
    max_size=12
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"{", b"[" * 100_000, b'{"values":' * 2000, b"\xff\xfe", b"NaN"]),
    st.just(b'{"values": {"SYSBP": "\\ud800"}}'),
    st.just(b'{"values": {"CONFIDE": "a\\u0000b"}, "reason": "x"}'),
    st.just(b'{"values": {"SYSBP": "131"}, "reason": "\\u0000"}'),
    st.just(b'{"values": {"CONFIDE": "' + b"x" * 900_000 + b'"}, "reason": "x"}'),
    JSON.map(lambda value: orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)),
    st.dictionaries(st.sampled_from([*FIELDS, "key", "unknown"]), JSON).map(orjson.dumps),
)


@GENTLE
@given(body=BODIES)
def test_no_body_breaks_it(body: bytes) -> None:
    token = bearer(cast.token("coordinator"))
    before = sizes()
    answer = put(PATH, body, token)
    assert answer.status < 500, answer.body
    content = answer.json
    if answer.status != 200:
        assert content["error"]["message"]
        assert b"Traceback" not in answer.body
        assert len(answer.body) < 10_000
        assert sizes() == before


@GENTLE
@given(values=st.dictionaries(ITEM_KEYS, JSON, max_size=3), seen=st.dictionaries(ITEM_KEYS, JSON, max_size=2))
def test_no_value_breaks_it(values: dict[str, Any], seen: dict[str, Any]) -> None:
    token = bearer(cast.token("coordinator"))
    before = sizes()
    answer = put(PATH, orjson.dumps({"values": values, "seen": seen, "reason": "try"}), token)
    assert answer.status in (200, 404, 409, 422), answer.body
    if answer.status != 200:
        assert answer.json["error"]["message"]
        assert sizes() == before


def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    before = cast.token("coordinator")
    answer = put(PATH, b"x" * (1024 * 1024 + 1), bearer(before))
    assert (answer.status, answer.code) == (413, "too_large")


def test_other_methods_are_passed_on() -> None:
    assert put(PATH, b"", method="GET").status == 299
