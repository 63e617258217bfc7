"""Pages of people: what each of the cast may open; what is not theirs is 404."""

import pytest
from django.test import Client

from helmont.core.people.models import Assignment, Person, Token
from helmont.core.people.queries import actor_for_token
from helmont.studies.models import Site
from tests.people.cast import SITE, STUDY, administrator, assign, investigator, manager, nurse, person

pytestmark = pytest.mark.urls("tests.signatures.urls")
LOG = f"/people/log/{STUDY}/{SITE}/"


@pytest.fixture(autouse=True)
def _site(_fresh: None) -> None:
    site = Site(key=f"{STUDY}/sites/{SITE}", study=STUDY, number=SITE, name="Ghent", country="BE")
    site.save_base(force_insert=True)


def browser_of(handle: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(handle=handle))
    return client


def test_pages_ask_to_sign_in_first() -> None:
    for page in ("/people/", "/people/me/", "/people/new/", LOG):
        assert Client().get(page).status_code == 302


@pytest.mark.parametrize(
    ("page", "admin", "study_manager", "principal", "outsider"),
    [
        ("/people/", 200, 200, 200, 404),
        ("/people/new/", 200, 404, 404, 404),
        ("/people/assign/", 200, 404, 404, 404),
        ("/people/person/nora.nurse/", 200, 200, 200, 404),
        ("/people/person/otto.outsider/", 200, 404, 404, 404),
        ("/people/person/nora.nurse/change/", 200, 404, 404, 404),
        ("/people/person/nora.nurse/standing/", 200, 404, 404, 404),
        ("/people/person/no.body/", 404, 404, 404, 404),
        (LOG, 200, 200, 200, 404),
        (LOG + "delegate/", 404, 404, 200, 404),
        (f"/people/log/{STUDY}/999/", 404, 404, 404, 404),
        ("/people/me/", 200, 200, 200, 200),
        ("/people/me/tokens/new/", 200, 200, 200, 200),
    ],
)
def test_who_may_open_what(page: str, admin: int, study_manager: int, principal: int, outsider: int) -> None:
    administrator()
    manager()
    investigator()
    nurse()
    assign("nora.nurse", "site_nurse", site=SITE)
    person("otto.outsider")
    expected = {
        "adam.admin": admin,
        "mia.manager": study_manager,
        "ines.investigator": principal,
        "otto.outsider": outsider,
    }
    assert {handle: browser_of(handle).get(page).status_code for handle in expected} == expected


def test_the_list_is_searched_and_filtered() -> None:
    administrator()
    nurse()
    assign("nora.nurse", "site_nurse", site=SITE)
    browser = browser_of("adam.admin")
    assert "Site nurse" in browser.get("/people/?q=nora").content.decode()
    assert "Nora Nurse" not in browser.get("/people/?role=monitor").content.decode()
    assert "Nobody fits" in browser.get("/people/?active=no").content.decode()


def test_an_investigator_delegates_and_the_log_shows_it() -> None:
    investigator()
    nurse()
    browser = browser_of("ines.investigator")
    form = {"person": "nora.nurse", "role": "site_nurse", "tasks": ["vital_signs", "data_entry"]}
    assert browser.post(LOG + "delegate/", form).status_code == 302
    html = browser.get(LOG).content.decode()
    assert "Nora Nurse" in html
    assert "Vital signs and measurements, Enter data" in html
    key = Assignment.objects.get(person="nora.nurse").key
    assert browser.post(f"/people/assignments/{key}/end/", {"reason": "left"}).status_code == 302
    assert Assignment.objects.get(key=key).ends


def test_a_refusal_stands_on_the_form() -> None:
    investigator()
    browser = browser_of("ines.investigator")
    form = {"person": "no.body", "role": "site_nurse", "tasks": ["vital_signs"]}
    assert "nobody with an open account" in browser.post(LOG + "delegate/", form).content.decode()


def test_a_token_is_shown_once_and_works() -> None:
    nurse()
    browser = browser_of("nora.nurse")
    page = browser.post("/people/me/tokens/new/", {"label": "scales"})
    secret = page.context["secret"]
    assert actor_for_token(secret).handle == "nora.nurse"
    assert secret not in browser.get("/people/me/").content.decode()
    assert browser.post(f"/people/me/tokens/{Token.objects.get().key}/revoke/").status_code == 302
    assert Token.objects.get().revoked


def test_closing_an_account_takes_a_reason_and_is_in_its_history() -> None:
    administrator()
    nurse()
    browser = browser_of("adam.admin")
    assert browser.post("/people/person/nora.nurse/standing/", {}).status_code == 200
    assert browser.post("/people/person/nora.nurse/standing/", {"reason": "left the site"}).status_code == 302
    html = browser.get("/people/person/nora.nurse/").content.decode()
    assert "Account closed" in html
    assert "left the site" in html
