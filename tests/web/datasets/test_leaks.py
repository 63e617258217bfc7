"""What somebody must not see is on no page and in no file of data sets, results and cuts, now or then, nor their findings."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.test import Client

from helmont.core.ledger.store import log_size
from helmont.core.projections.runner import catch_up
from helmont.core.roles import ROLES
from helmont.core.writer import perform
from helmont.datasets.models import Cut
from helmont.edc.actions.entry import SaveForm
from helmont.studies.actions import PublishDefinition
from helmont.study.datasets.model import Dataset
from tests import cast

pytestmark = pytest.mark.database
HERE = f"/studies/{cast.STUDY}/"
WALKED = re.compile(rf"^{HERE}(datasets|results|cuts|live)/")
LINK = re.compile(r"""(?:href|hx-get)=["']([^"'#]+)""")
HIDDEN = {"allocation": ("ZXARM", "499"), "source": ("ZXCONFIDE",)}
"""What every value of a hidden item holds, those before and after the correction alike."""
FEW = {"VSORRES": 1, "CONFIDE": 5, "ARM": 3}
"""Lengths that leave no room for what is there."""
VARIANTS = 1
READERS = [handle for handle, (role, _site) in cast.PEOPLE.items() if "dataset.read" in ROLES[role].permissions]
TELLING = {"allocation.read", "source.read"}
ALIKE = {frozenset(ROLES[cast.PEOPLE[handle][0]].permissions & TELLING): handle for handle in READERS}
"""Of people with the same rights to see, one is walked."""


def shortened(dataset: Dataset) -> Dataset:
    variables = [dataclasses.replace(each, length=FEW.get(each.name, each.length)) for each in dataset.variables]
    return dataclasses.replace(dataset, variables=tuple(variables))


@pytest.fixture
def past(_cast_built: None) -> int:
    """Two cuts; between them what is hidden was corrected, and variables became too short. Answers with the entry before."""
    catch_up("datasets")
    analyst = cast.sign_in("statistician")
    analyst.post(f"{HERE}cuts/", {"title": "Interim"})
    first = log_size(cast.STUDY) - 1
    perform(SaveForm(cast.VS, {"CONFIDE": "ZXCONFIDE later"}, reason="Misheard"), cast.actor("coordinator"))
    perform(SaveForm(cast.RAND, {"ALLOC": "ZXARM later"}, reason="Mistaken"), cast.actor("pharmacist"))
    study = cast.definition()
    datasets = tuple(shortened(each) for each in study.datasets)
    perform(PublishDefinition(dataclasses.replace(study, version="1.1", datasets=datasets)), cast.IMPORT)
    catch_up("datasets")
    analyst.post(f"{HERE}cuts/", {"title": "Final"})
    return first


def starts(past: int) -> Iterator[str]:
    """Where walks begin: every address of these pages, also those that nothing leads this person to."""
    one, other = (each.key.rsplit("/", 1)[1] for each in Cut.objects.filter(study=cast.STUDY).order_by("size"))
    for query in ("", f"?as_of={past}"):
        joined = "&" if query else "?"
        yield from (f"{HERE}{page}{query}" for page in ("datasets/", "datasets/findings", "datasets/findings/counts"))
        yield from (f"{HERE}results/{query}", f"{HERE}live/{query}")
        for name in ("DM", "VS", "ADVS"):
            yield from (f"{HERE}datasets/{name}/{query}", f"{HERE}datasets/{name}/{cast.PARTICIPANT}/1{query}")
            yield from (f"{HERE}datasets/{name}/file/{kind}{query}" for kind in ("csv", "xpt", "json"))
        for form, item in ((cast.VS, "SYSBP"), (cast.VS, "CONFIDE"), (cast.RAND, "ALLOC")):
            asked = urlencode({"form": form, "item": item})
            yield from (f"{HERE}datasets/{page}{query}{joined}{asked}" for page in ("reaches", "reaches/figures"))
        for number in ("1", "2"):
            yield from (f"{HERE}results/{number}/{query}", f"{HERE}live/{query}{joined}output={number}")
            yield from (f"{HERE}results/{number}/file/{kind}{query}" for kind in ("txt", "json"))
    yield from (f"{HERE}cuts/", f"{HERE}cuts/compare/file?one={one}&other={other}")
    for name in ("", "DM", "VS", "ADVS"):
        yield f"{HERE}cuts/compare?one={one}&other={other}&dataset={name}"


def walk(browser: Client, begin: list[str]) -> Iterator[tuple[str, int, str]]:
    """Every address that can be reached, its status, and what came back."""
    waiting, seen, variants = deque(begin), set[str](), Counter[str]()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        if address in seen or (address not in begin and variants[path] >= VARIANTS):
            continue
        seen.add(address)
        variants[path] += 1
        response = browser.get(address)
        sent = unescape(response.getvalue().decode(errors="replace"))
        yield address, response.status_code, f"{response.headers}\n{sent}"
        if response.headers.get("Content-Type", "").startswith("text/html"):
            links = (urljoin(address, link) for link in LINK.findall(sent))
            waiting += [link for link in links if WALKED.match(link) and "/file/" not in link]


@pytest.mark.slow
def test_blinded_people_and_those_without_the_privilege_see_nothing_hidden_anywhere(past: int) -> None:
    begin = list(starts(past))
    assert len(ALIKE) == 3
    for handle in ALIKE.values():
        permissions = ROLES[cast.PEOPLE[handle][0]].permissions
        hidden = [text for name, texts in HIDDEN.items() if f"{name}.read" not in permissions for text in texts[:1]]
        assert hidden, f"{handle} sees everything: nothing would be shown by looking"
        found = list(walk(cast.sign_in(handle), begin))
        assert [(address, text) for address, _status, sent in found for text in hidden if text in sent] == []
        assert {status for _address, status, _sent in found} <= {200, 404, 422}
        # What this person may see is where it is expected: the walk looks at what there is.
        shown = {text for name, texts in HIDDEN.items() for text in texts[:1]} - set(hidden)
        for text in shown:
            pages = {urlsplit(address).path for address, _status, sent in found if text in sent}
            assert pages >= {f"{HERE}datasets/findings", f"{HERE}cuts/compare", f"{HERE}cuts/compare/file"}, text


def test_nobody_else_gets_anywhere(past: int) -> None:
    others = [handle for handle in cast.EVERYBODY if handle not in READERS]
    few = [
        f"{HERE}{page}" for page in ("datasets/VS/file/csv", "results/1/", "live/", f"datasets/findings?as_of={past}")
    ]
    for handle in others:
        browser = cast.sign_in(handle)
        assert {browser.get(address).status_code for address in few} <= {403, 404}, handle


def test_findings_lead_to_the_row_and_the_line_of_the_study_package(past: int) -> None:
    browser = cast.sign_in("statistician")
    page = unescape(browser.get(f"{HERE}datasets/findings").getvalue().decode())
    assert f"{HERE}datasets/VS/{cast.PARTICIPANT}/1" in page
    assert "Longer than 1 character" in page
    assert re.search(r"datasets/vs\.yaml:\d+", page)
    counted = unescape(browser.get(f"{HERE}datasets/findings/counts").getvalue().decode())
    assert "2 values do not fit their variables" in counted
    assert '<span id="findings-AE" hx-swap-oob="true">0</span>' in counted
    then = unescape(browser.get(f"{HERE}datasets/findings?as_of={past}").getvalue().decode())
    assert "Every value fits its variable" in then
