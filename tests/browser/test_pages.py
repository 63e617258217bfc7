"""Every page of the application, as one person meets it: what each of them owes its reader.

The list comes from the router: every address that answers a GET with HTML has to stand in ``PAGES``, or in ``NOT_PAGES``
with what it is instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page, ViewportSize, expect

from tests import cast
from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import VITAL_SIGNS, participant
from tests.browser.people import (
    ADMINISTRATOR,
    COORDINATOR,
    DATA_MANAGER,
    INSPECTOR,
    INVESTIGATOR,
    LANGUAGES,
    MEDICAL_REVIEWER,
    MONITOR,
    STUDY,
)
from tests.coding.kit import NEWER
from tests.double_entry import kit as paper
from tests.staging import AMENDED, BROUGHT, DRAFT

NUMBER = "01-701-9901"
CASEBOOK = f"/studies/{STUDY}/participants/{NUMBER}"
# A participant of the cast, whose identity is in the vault.
KNOWN = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}"
WORN = f"/studies/{cast.STUDY}/devices/W-001"
AMENDMENTS = f"/studies/{AMENDED}/amendments"
PAPER = f"/studies/{paper.PAPER}"
OFFICER, CODER = "privacy.officer", "medical.coder"
# Name of the URL -> who opens it, and where; and the links to follow from there, where the address is not known beforehand.
PAGES: dict[str, tuple[str, ...]] = {
    "account_login": ("", "/accounts/login/"),
    "account_logout": (COORDINATOR, "/accounts/logout/"),
    "account_signup": ("", "/accounts/signup/"),
    "account_reset_password": ("", "/accounts/password/reset/"),
    "account_reset_password_done": ("", "/accounts/password/reset/done/"),
    "account_reauthenticate": (COORDINATOR, "/accounts/reauthenticate/"),
    "account_change_password": (COORDINATOR, "/accounts/password/change/"),
    "account_inactive": ("", "/accounts/inactive/"),
    "mfa_index": (COORDINATOR, "/accounts/2fa/"),
    "mfa_list_webauthn": (COORDINATOR, "/accounts/2fa/webauthn/"),
    "people:people": (ADMINISTRATOR, "/people/"),
    "people:new": (ADMINISTRATOR, "/people/new/"),
    "people:assign": (ADMINISTRATOR, "/people/assign/"),
    "people:person": (ADMINISTRATOR, f"/people/person/{COORDINATOR}/"),
    "people:change": (ADMINISTRATOR, f"/people/person/{COORDINATOR}/change/"),
    "people:standing": (ADMINISTRATOR, f"/people/person/{COORDINATOR}/standing/"),
    "people:log": (INVESTIGATOR, f"/people/log/{STUDY}/701/"),
    "people:delegate": (INVESTIGATOR, f"/people/log/{STUDY}/701/delegate/"),
    "designs:workbench": (COORDINATOR, "/designs/?design=BOIN&design=Keyboard&truth=0.05+0.15+0.3+0.45+0.6"),
    "designs:all": (COORDINATOR, "/designs/all/"),
    "designs:kind": (COORDINATOR, "/designs/GroupSequential/"),
    "people:profile": (MEDICAL_REVIEWER, "/people/me/"),
    "people:new_token": (INSPECTOR, "/people/me/tokens/new/"),
    "studies:list": (COORDINATOR, "/"),
    "studies:home": (MEDICAL_REVIEWER, f"/studies/{STUDY}/"),
    "studies:definition": (INSPECTOR, f"/studies/{STUDY}/definition/"),
    "studies:checks": (INSPECTOR, f"/studies/{STUDY}/definition/checks/"),
    "studies:review": (INSPECTOR, f"/studies/{STUDY}/definition/review/"),
    "studies:form": (INSPECTOR, f"/studies/{STUDY}/definition/form/VS"),
    "casebooks:matrix": (MONITOR, f"/studies/{STUDY}/casebooks?view=verification&select=1"),
    "casebooks:screen": (COORDINATOR, f"/studies/{STUDY}/casebooks/new"),
    "casebooks:participant": (INVESTIGATOR, f"{CASEBOOK}/"),
    "casebooks:status": (COORDINATOR, f"{CASEBOOK}/do/status?transition=enrol"),
    "casebooks:begin": (COORDINATOR, f"{CASEBOOK}/do/begin/WEEK_2"),
    "casebooks:miss": (COORDINATOR, f"{CASEBOOK}/do/miss/WEEK_2"),
    "casebooks:extra": (COORDINATOR, f"{CASEBOOK}/do/extra/BASELINE"),
    "coding:worklist": (CODER, f"/studies/{cast.STUDY}/coding?status=all"),
    "coding:term": (CODER, f"/studies/{cast.STUDY}/coding?status=all", "tbody th a"),
    "coding:dictionaries": (CODER, f"/studies/{cast.STUDY}/coding/dictionaries"),
    "coding:dictionary": (CODER, f"/studies/{cast.STUDY}/coding/dictionaries/EVENTS?q=head"),
    "coding:decisions": (CODER, f"/studies/{cast.STUDY}/coding/dictionaries/EVENTS/decisions"),
    "coding:upgrade": (CODER, f"/studies/{cast.STUDY}/coding/dictionaries/EVENTS/upgrade?to={NEWER}"),
    "dictionaries:dictionaries": (ADMINISTRATOR, "/dictionaries/"),
    "dictionaries:bring": (ADMINISTRATOR, "/dictionaries/new/"),
    "definitions:bring": (ADMINISTRATOR, "/definitions/new/"),
    "definitions:draft": ("study.manager", f"/definitions/new/{BROUGHT}/"),
    "worklist:queries": (DATA_MANAGER, f"/studies/{STUDY}/queries"),
    "worklist:thread": (DATA_MANAGER, f"/studies/{STUDY}/queries", "a[hx-target='#drawer-content']"),
    "verification:due": (MONITOR, f"/studies/{STUDY}/verification"),
    "verification:plan": (INSPECTOR, f"/studies/{STUDY}/verification/plan"),
    "verification:edit": ("eva.smit", f"/studies/{STUDY}/verification/plan/edit?rule=new"),
    "verification:sources": (MONITOR, f"/studies/{STUDY}/sources"),
    "verification:offer": (COORDINATOR, f"{CASEBOOK}/do/source"),
    "locks:locks": (DATA_MANAGER, f"/studies/{STUDY}/locks?site=701"),
    "locks:checklist": (DATA_MANAGER, f"/studies/{STUDY}/checklist"),
    "locks:listing": (DATA_MANAGER, f"/studies/{STUDY}/checklist/signatures"),
    "labs:results": (MEDICAL_REVIEWER, f"/studies/{STUDY}/labs"),
    "labs:alerts": (INVESTIGATOR, f"/studies/{STUDY}/labs/alerts?all=1"),
    "labs:acknowledge": ("investigator", f"/studies/{cast.STUDY}/labs/alerts", "a[href*='/alerts/acknowledge']"),
    "labs:ranges": (DATA_MANAGER, f"/studies/{STUDY}/labs/ranges"),
    "labs:range": (DATA_MANAGER, f"/studies/{STUDY}/labs/ranges/CENTRAL/ALT/1"),
    "labs:add_range": (DATA_MANAGER, f"/studies/{STUDY}/labs/ranges/new"),
    "labs:correct_range": (DATA_MANAGER, f"/studies/{STUDY}/labs/ranges/CENTRAL/ALT/1/correct"),
    "devices:waiting": ("data.manager", "/studies/WORN1/devices/results"),
    "devices:listing": ("data.manager", f"/studies/{cast.STUDY}/devices"),
    "devices:device": ("data.manager", WORN),
    "devices:overview": ("data.manager", f"/studies/{cast.STUDY}/devices/overview?days=28&sort=-received"),
    "devices:participant": ("data.manager", f"{KNOWN}/sensors?values=wrist"),
    "devices:alerts": ("coordinator", f"/studies/{cast.STUDY}/devices/alerts?all=1"),
    "devices:acknowledge": (
        "coordinator",
        f"/studies/{cast.STUDY}/devices/alerts",
        "a[href*='/alerts/acknowledge']",
    ),
    "devices:register": ("data.manager", f"/studies/{cast.STUDY}/devices/register"),
    "devices:assign": ("coordinator", f"/studies/{cast.STUDY}/devices/W-002/assign"),
    "devices:end": ("coordinator", f"{WORN}/1/end"),
    "devices:secret": ("coordinator", f"{WORN}/1/secret"),
    "devices:clock": ("data.manager", f"{WORN}/1/clock"),
    "devices:wearer": ("data.manager", f"{WORN}/1/wearer"),
    "devices:withdraw": ("data.manager", f"{WORN}/1/corrections/1/withdraw"),
    "labs:upload_ranges": (DATA_MANAGER, f"/studies/{STUDY}/labs/ranges/upload"),
    "labs:laboratory": (DATA_MANAGER, f"/studies/{STUDY}/labs/laboratories/new"),
    "labs:imports": (DATA_MANAGER, f"/studies/{STUDY}/labs/imports"),
    "labs:draft": ("data.manager", f"/studies/{cast.STUDY}/labs/imports/{DRAFT}"),
    "labs:participant": ("investigator", f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/labs"),
    "listings:snapshots": (DATA_MANAGER, f"/studies/{STUDY}/workbench/"),
    "listings:snapshot": (DATA_MANAGER, f"/studies/{STUDY}/workbench/", "tbody th a"),
    "listings:python": (DATA_MANAGER, f"/studies/{STUDY}/workbench/", "tbody th a", ".tabs a[href$='/python']"),
    "listings:missing": (COORDINATOR, f"/studies/{STUDY}/reports/missing"),
    "listings:overdue": (MONITOR, f"/studies/{STUDY}/reports/overdue"),
    "listings:ageing": (DATA_MANAGER, f"/studies/{STUDY}/reports/ageing"),
    "listings:index": (DATA_MANAGER, f"/studies/{STUDY}/listings/"),
    "listings:rows": (DATA_MANAGER, f"/studies/{STUDY}/listings/rows?form=VS&group=VS_READ&fc=SYSBP&fo=gt&fv=100"),
    "oversight:live": ("karl.weber", f"/studies/{STUDY}/live/"),
    "datasets:findings": (DATA_MANAGER, f"/studies/{STUDY}/datasets/findings"),
    "cuts:index": (DATA_MANAGER, f"/studies/{STUDY}/cuts/"),
    "datasets:index": ("karl.weber", f"/studies/{STUDY}/datasets/"),
    "datasets:dataset": (DATA_MANAGER, f"/studies/{STUDY}/datasets/VS/"),
    "datasets:row": (DATA_MANAGER, f"/studies/{STUDY}/datasets/VS/", "tbody th a"),
    "datasets:reaches": ("data.manager", f"/studies/{cast.STUDY}/datasets/reaches?form={cast.VS}&item=SYSBP"),
    "results:index": (DATA_MANAGER, f"/studies/{STUDY}/results/"),
    "results:output": ("unblinded.statistician", f"/studies/{cast.STUDY}/results/1/"),
    "results:behind": ("unblinded.statistician", f"/studies/{cast.STUDY}/results/1/", ".report-table td a"),
    "amendments:list": ("study.manager", f"{AMENDMENTS}/"),
    "amendments:amendment": ("study.manager", f"{AMENDMENTS}/2/"),
    "amendments:difference": ("study.manager", f"{AMENDMENTS}/2/difference"),
    "amendments:participants": ("data.manager", f"{AMENDMENTS}/2/participants"),
    "amendments:participant": ("data.manager", f"{AMENDMENTS}/2/participants/{cast.PARTICIPANT}"),
    "amendments:values": ("coordinator", f"{AMENDMENTS}/values"),
    "amendments:value": ("coordinator", f"{AMENDMENTS}/values", "tbody a[hx-target='#dialog-content']"),
    "audit:study": (INSPECTOR, f"/studies/{STUDY}/audit"),
    "audit:participant": (MEDICAL_REVIEWER, f"{CASEBOOK}/audit"),
    "ledger:ledger": (INSPECTOR, f"/studies/{STUDY}/ledger/"),
    "ledger:entry": (INSPECTOR, f"/studies/{STUDY}/ledger/entries/3"),
    "entry:form": (COORDINATOR, f"{CASEBOOK}/BASELINE/VS"),
    "entry:form-history": (MONITOR, f"{CASEBOOK}/BASELINE/VS/history?item=VS_READ[1].SYSBP"),
    "entry:log": (COORDINATOR, f"{CASEBOOK}/LOG/AE/"),
    "entry:line": (COORDINATOR, f"{CASEBOOK}/LOG/AE/1"),
    "entry:line-history": (COORDINATOR, f"{CASEBOOK}/LOG/AE/1/history?item=AETERM"),
    "double_entry:worklist": ("data.manager", f"{PAPER}/double-entry"),
    "double_entry:adjudicate": ("data.manager", f"{PAPER}/double-entry/701-001/BASELINE/VS"),
    "double_entry:adjudicate-line": ("data.manager", f"{PAPER}/double-entry/701-001/LOG/AE/1"),
    "exports:exports": (DATA_MANAGER, f"/studies/{STUDY}/exports"),
    "imports:listing": (DATA_MANAGER, f"/studies/{STUDY}/imports"),
    "paper:copies": (INVESTIGATOR, f"/studies/{STUDY}/copies"),
    "privacy:identity": ("coordinator", f"{KNOWN}/identity"),
    "privacy:erase": (OFFICER, f"{KNOWN}/identity/erase"),
    "privacy:redactions": (OFFICER, f"/studies/{cast.STUDY}/redactions"),
    "privacy:choose": (OFFICER, f"{KNOWN}/audit", "a[href*='/redactions/entries/']"),
    "privacy:redact": (OFFICER, f"/studies/{cast.STUDY}/redactions/new?record=form:{cast.AE}&path=data/AETERM"),
}
# What answers no GET with a page of its own, or is a step between pages.
NOT_PAGES = {
    "devices:enter",
    "set_language", "studies:events", "casebooks:step", "casebooks:undo", "worklist:download", "entry:upload", "entry:file",
    # It needs files that were sent and a job that read them; tests/web/imports/test_data.py reads it without a browser.
    "imports:draft", "studies:file",
    "ledger:checkpoint", "ledger:key", "ledger:verifier", "ledger:export", "ledger:proof",
    "people:end", "people:revoke_token", "people:password", "people:invitation", "signatures:begin", "signatures:complete",
    "devices:today", "devices:endpoints", "devices:data",
    "email_not_offered", "privacy:change", "redcap:api", "rws:rws", "dictionaries:check", "paper:document",
    "paper:download", "jobs:progress", "locks:items", "locks:verify", "exports:download",
    # They need cuts, which tests/web/datasets makes.
    "cuts:cut", "cuts:checkpoint", "cuts:compare", "cuts:download",
    "designs:download", "designs:appendix", "designs:part",
    "datasets:download", "datasets:figures", "datasets:finding_counts", "results:download",
    "listings:download", "listings:keep", "listings:remove", "listings:ask", "listings:progress",
    "listings:snapshot_file", "listings:notebook", "listings:worker", "listings:answer",
    "verification:compare", "verification:source-file", "verification:plan-file", "casebooks:standing",
}  # fmt: skip
LIBRARY = ("account_", "mfa_", "socialaccount_", "openid_connect_", "api-")
STANDARD = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
# The markup is the same at every width and in every scheme: only these can differ.
APPEARANCE = ["color-contrast", "target-size"]
AXE = Axe()
PHONE, DESK = ViewportSize(width=390, height=800), ViewportSize(width=1400, height=900)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """[...document.querySelectorAll("main *")].sort(
    (one, other) => other.getBoundingClientRect().right - one.getBoundingClientRect().right
)[0]?.outerHTML.slice(0, 300)"""


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The full name of every address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if not inner.startswith("api"):
                yield from names(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}"


def test_every_page_of_the_router_is_visited() -> None:
    ours = {name for name in names(get_resolver().url_patterns) if not name.startswith(LIBRARY)}
    assert ours - set(PAGES) - NOT_PAGES == set(), "put these into PAGES, or into NOT_PAGES"
    assert {name for name in PAGES if not name.startswith(LIBRARY)} <= ours


@pytest.fixture(scope="session")
def furnished(clinic: Clinic) -> Clinic:
    """A participant with a query, a comment, a verified item and a line of a log."""
    form = participant(clinic, NUMBER, "BASELINE", "SCREENING_1") + "/VS"
    clinic.save(COORDINATOR, form, VITAL_SIGNS | {"VS_READ[1].SYSBP": "80"})
    clinic.save(COORDINATOR, f"{STUDY}/{NUMBER}/LOG/AE/1", {"AETERM": "Hoofdpijn"}, complete=False)
    clinic.post(MONITOR, f"/forms/{form}/verify", items=["VS_READ[2].SYSBP"])
    clinic.post(MONITOR, f"/forms/{form}/comment", item="VS_READ[3].SYSBP", text="Cuff changed")
    return clinic


def faults(page: Page, rules: list[str]) -> str:
    """What axe finds by these rules or tags, one line an element; nothing when the page holds."""
    found = AXE.run(page, options={"runOnly": rules}).response["violations"]
    return "\n".join(
        f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]
    )


@pytest.mark.usefixtures("furnished")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_open_to_everybody(enter: Enter, name: str) -> None:
    handle, address, *link = PAGES[name]
    page = enter(handle, "about:blank", color_scheme="light", viewport=DESK)
    refusals: list[str] = []
    page.on("response", lambda answer: refusals.append(answer.url) if answer.status >= 400 else None)
    page.goto(address)
    for step in link:
        page.goto(str(page.locator(step).first.get_attribute("href")))
    page.wait_for_load_state("load")
    assert not refusals
    assert page.title().replace("· Helmont", "").strip(" ·"), "a page has a title of its own"
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGES.get(handle, "en"))
    assert faults(page, STANDARD) == "", f"{address} in light colours on a desk"
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    assert page.evaluate(SIDEWAYS) <= 0, f"{address} scrolls sideways on a phone: {page.evaluate(WIDEST)}"
    assert faults(page, APPEARANCE) == "", f"{address} in dark colours on a phone"
