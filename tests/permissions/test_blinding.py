"""What somebody may not see reaches them nowhere: not in a page, an answer, a header, an error, nor through a log.

Two items of the cast's study need a privilege: the allocation, and what was told in confidence. Each holds a text that
stands nowhere else. Everybody walks through everything that they can reach and tries to coax it out.
"""

from __future__ import annotations

import html
import logging
import re
from collections import Counter, deque
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile

import pytest
from django.http import HttpResponseBase
from django.test import Client

from helmont.api.auth import today_of
from helmont.core.events import Event
from helmont.core.ledger.models import Entry
from helmont.core.ledger.store import log_size
from helmont.core.permissions import Scope
from helmont.core.roles import ROLES
from helmont.edc.models import Query
from tests import cast
from tests.permissions.table import ROWS

pytestmark = pytest.mark.usefixtures("db")
LINK = re.compile(r"""(?:href|src|action|hx-get|data-[\w-]*url|data-href)=["']([^"'#]+)""")
# A stream of events does not end; what it says is looked at by itself. Static files, the description of the API and the
# calculations of designs, which read no study, are the same for everybody.
NOT_WALKED = re.compile(
    r"/events$|^/static/|^/accounts/|^/language/|/openapi\.json$|/verifier\.py$|^/people/welcome/"
    r"|^/designs/[^/]+/(?:appendix|part)"
)
MOST, VARIANTS = 600, 3
"""Pages that one person walks at most; filters and sortings of one page that are tried of the many it links to."""

MARKERS = {"allocation": cast.ALLOCATION, "source": cast.CONFIDENCE}


def hidden_from(handle: str) -> list[str]:
    role, _site = cast.PEOPLE[handle]
    permissions = ROLES[role].permissions
    return [marker for privilege, marker in MARKERS.items() if f"{privilege}.read" not in permissions]


def starts() -> Iterator[str]:
    """Where the walk begins: every address of the table, and everything about the form that holds the allocation."""
    yield from (row.address for row in ROWS if row.method == "GET")
    for key in (cast.RAND, cast.VS):
        study, number, encounter, form = key.split("/")
        yield f"/api/v1/forms/{key}"
        yield f"/api/v1/forms/{key}/history"
        yield from (f"/api/v1/forms/{key}/history?item={item}" for item in ("ALLOC", "KIT", "CONFIDE"))
        yield f"/studies/{study}/participants/{number}/{encounter}/{form}"
        yield f"/studies/{study}/participants/{number}/{encounter}/{form}/history"
    audit = f"/api/v1/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/audit"
    yield from (f"{audit}?{query}" for query in ("item=ALLOC", "record=RAND", "action=edc.save_form", "record=comment"))
    yield from (f"/api/v1/queries/{key}" for key in Query.objects.values_list("key", flat=True))
    for sequence in range(log_size(cast.STUDY)):
        yield f"/api/v1/ledger/{cast.STUDY}/entries/{sequence}"
        yield f"/api/v1/ledger/{cast.STUDY}/entries/{sequence}/proof"


def attempts() -> Iterator[tuple[str, str, object]]:
    """Writes that touch what is hidden, all of which are refused to the blinded; some are repeated."""
    for key, item in ((cast.RAND, "ALLOC"), (cast.RAND, "KIT"), (cast.VS, "CONFIDE")):
        address = f"/api/v1/forms/{key}"
        for value in ("other", "x" * 5000, "100000", 7, None, {"value": "1", "unit": "kg"}):
            yield "PUT", address, {"values": {item: value}, "seen": {item: "seen"}, "reason": "try"}
        yield "PUT", address, {"values": {f"NO_GROUP[1].{item}": "x"}, "reason": "try"}
        yield "PUT", address, {"values": {}, "complete": True, "reason": "try"}
        yield "PUT", address, {"values": {"RANDDTC": "2026-01-13"}, "seen": {"RANDDTC": "2026-01-01"}, "reason": "try"}
        yield "POST", f"{address}/verify", {"items": [item]}
        yield "POST", f"{address}/verify", {}
        yield "POST", f"{address}/query", {"item": item, "text": "what is it?"}
        yield "POST", f"{address}/comment", {"item": item, "text": "what is it?"}
        yield "POST", f"{address}/freeze", {}
        yield "POST", f"{address}/lock", {}
        yield "POST", f"{address}/not-done", {"reason": "try"}
    keys = list(Query.objects.values_list("key", flat=True))
    for verb in ("answer", "ask-again", "close", "cancel"):
        yield "POST", "/api/v1/bulk/queries", {"verb": verb, "keys": keys, "text": "try"}
        yield from (("POST", f"/api/v1/queries/{key}/{verb}", {"text": "try"}) for key in keys)
    yield "POST", "/api/v1/bulk/forms", {"verb": "lock", "keys": [cast.RAND, cast.VS]}


def posts() -> Iterator[tuple[str, dict[str, Any]]]:
    """What pages send about what is hidden."""
    here = f"/studies/{cast.STUDY}"
    keys = list(Query.objects.values_list("key", flat=True))
    for action in ("answer", "close"):
        yield f"{here}/queries", {"action": action, "row": keys, "text": "try"}
    for key in keys:
        _study, number, _queries, query = key.split("/")
        for action in ("answer", "ask_again", "close", "cancel"):
            yield f"{here}/queries/{number}/{query}", {"action": action, "text": "try"}
    for step in ("verify", "review", "freeze", "unfreeze", "lock", "unlock"):
        cells = [f"{cast.PARTICIPANT}/BASELINE", f"{cast.PARTICIPANT}/LOG"]
        yield f"{here}/casebooks/do/forms", {"step": step, "cell": cells, "reason": "try"}
    for form, item in ((cast.RAND, "ALLOC"), (cast.VS, "CONFIDE")):
        yield f"{here}/files", {"form": form, "item": item}
        yield f"{here}/redactions/new?record=form:{form}&path=data/{item}", {"reason": "try", "seen": "0"}
    yield f"{here}/ledger/export", {"reason": "try"}


def everything_sent(response: HttpResponseBase) -> str:
    body = response.getvalue()
    if response.headers.get("Content-Type") == "application/zip":
        archive = ZipFile(BytesIO(body))
        body = b"".join(archive.read(name) for name in archive.namelist())
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{html.unescape(body.decode(errors='replace'))}"


def walk(browser: Client) -> Iterator[tuple[str, str]]:
    """Every address that can be reached, and everything that came back."""
    begin = list(dict.fromkeys(starts()))
    waiting, seen, variants = deque(begin), set[str](), Counter[str]()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        variants[path] += address not in seen
        if address in seen or NOT_WALKED.search(path) or (variants[path] > VARIANTS and address not in begin):
            continue
        seen.add(address)
        assert len(seen) <= MOST, f"more addresses than {MOST} can be reached: raise MOST, or see what multiplies them"
        response = browser.get(address)
        sent = everything_sent(response)
        yield f"GET {address} ({response.status_code})", sent
        if response.headers.get("Content-Type", "").startswith("text/html"):
            links = (urljoin(address, link) for link in LINK.findall(sent))
            waiting += [link for link in links if link.startswith("/")]


def insist(browser: Client) -> Iterator[tuple[str, str]]:
    """Every attempt, twice under the same idempotency key, and everything that came back."""
    for ordinal, (method, address, body) in enumerate(attempts()):
        for repeated in ("", " again") if method == "PUT" else ("",):
            content = cast.json(body)
            response = browser.generic(
                method, address, content, "application/json", headers={"Idempotency-Key": f"attempt-{ordinal}"}
            )
            yield f"{method} {address} {body}{repeated} ({response.status_code})", everything_sent(response)
    for address, fields in posts():
        response = browser.post(address, fields)
        yield f"POST {address} {fields} ({response.status_code})", everything_sent(response)
        if response.status_code == 302:  # what became of it stands on the page that follows
            yield f"after POST {address} {fields}", everything_sent(browser.get(response.headers["Location"]))


def leaks(found: Iterator[tuple[str, str]], markers: list[str]) -> list[str]:
    return [f"{marker} in {where}" for where, sent in found for marker in markers if marker in sent]


ON_BOTH = ("monitor", "sponsor", "data.manager")
"""Who walks on PostgreSQL too: what another database might show, it would show to them."""


WALKERS = [
    pytest.param(handle, marks=pytest.mark.database if handle in ON_BOTH else ())
    for handle in filter(hidden_from, cast.PEOPLE)
]


@pytest.mark.parametrize("handle", WALKERS)
def test_nothing_hidden_reaches_somebody_without_the_privilege(handle: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "django.request")
    caplog.set_level(logging.DEBUG, "helmont")
    browser = cast.sign_in(handle)
    markers = hidden_from(handle)
    assert leaks(walk(browser), markers) == []
    assert leaks(insist(browser), markers) == []
    assert [marker for marker in MARKERS.values() if marker in caplog.text] == []


@pytest.mark.database
def test_the_walk_finds_the_markers_where_they_may_be_seen() -> None:
    assert any(cast.ALLOCATION in sent for _, sent in walk(cast.sign_in("unblinded.monitor")))
    assert any(cast.CONFIDENCE in sent for _, sent in walk(cast.sign_in("coordinator")))


def test_an_event_has_no_room_for_a_value() -> None:
    entries = Entry.objects.values("log", "sequence", "time", "actor", "action", "record", "participant")
    events = [str(Event(**entry)) for entry in entries]
    assert len(events) > log_size(cast.STUDY)
    assert [event for event in events if any(marker in event for marker in MARKERS.values())] == []


def test_every_blinded_role_of_the_cast_is_walked() -> None:
    here = Scope(cast.STUDY, "BE", cast.SITE)
    for handle in cast.BLINDED:
        actor = cast.actor(handle)
        assert "allocation" in actor.hidden(here, today_of(actor))
        assert cast.ALLOCATION in hidden_from(handle)
