"""The ways in: an invitation, a password, an authenticator app, and single sign-on."""

import base64
import hmac
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.oidc import Provider, provider
from tests.browser.people import ADMINISTRATOR, COORDINATOR, confirm_password, word
from tests.serving import Stage
from tests.serving import site as serve

NEW = "els.peeters"
PASSWORD = "casting lots for half the hospital"


def code(secret: str, moment: float) -> str:
    """The six digits that an authenticator app shows (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(moment) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def sign_in(page: Page, handle: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(handle)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_somebody_invited_sets_a_password_and_signs_in_with_an_authenticator_app(enter: Enter) -> None:
    admin = enter(ADMINISTRATOR, "/people/")
    admin.get_by_role("link", name="Invite somebody").click()
    admin.get_by_label("User name").fill(NEW)
    admin.get_by_label("Name", exact=True).fill("Els Peeters")
    admin.get_by_label("E-mail").fill("els@example.org")
    admin.locator("main").get_by_role("button").last.click()
    link = admin.locator("pre.code").inner_text().strip()

    page = enter("", link)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used or has expired")
    sign_in(page, NEW, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Studies")

    page.goto("/people/me/")
    page.get_by_role("link", name="Set up").click()
    confirm_password(page, PASSWORD)
    secret = page.locator("#authenticator_secret, input[disabled]").first.input_value()
    page.locator("#id_code").fill(code(secret, time.time() - 30))
    page.locator("main form button").first.click()
    expect(page).not_to_have_url(re.compile("activate"))

    page.context.clear_cookies()
    sign_in(page, NEW, PASSWORD)
    field = page.locator("#id_code")
    expect(field).to_be_visible()
    field.fill("000000")
    page.get_by_role("button", name="Sign In").or_(page.get_by_role("button", name="Sign in")).first.click()
    expect(page.locator(".error, .errorlist").first).to_be_visible()
    field.fill(code(secret, time.time()))
    page.get_by_role("button", name="Sign In").or_(page.get_by_role("button", name="Sign in")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studies")


@pytest.fixture(scope="module")
def identity() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def federated(stage: Stage, identity: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A server that takes the word of the provider."""
    folder: Path = tmp_path_factory.mktemp("federated") / "home"
    with serve(
        stage,
        folder,
        HELMONT_OIDC_NAME="Hospital account",
        HELMONT_OIDC_ISSUER=identity.url,
        HELMONT_OIDC_CLIENT_ID=identity.client,
        HELMONT_OIDC_CLIENT_SECRET=identity.secret,
    ) as running:
        yield Clinic(running)


@pytest.mark.parametrize(
    ("email", "verified", "heading"),
    [
        (f"{COORDINATOR}@demo.helmont.example", True, word(COORDINATOR, "Studies")),
        (f"{COORDINATOR}@demo.helmont.example", False, "Accounts are by invitation"),
        ("somebody@elsewhere.example", True, "Accounts are by invitation"),
    ],
)
def test_single_sign_on_opens_the_account_whose_address_the_provider_vouches_for_and_no_other(
    browser: Browser, federated: Clinic, identity: Provider, email: str, verified: bool, heading: str
) -> None:
    identity.claims = {"sub": f"{email} {verified}", "email": email, "email_verified": verified}
    context = browser.new_context(base_url=federated.url, locale="en")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Hospital account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.goto("/people/me/")
    if verified and email.startswith(COORDINATOR):
        expect(page.get_by_role("heading", level=1)).to_have_text("Sofie Claes")
    else:
        expect(page).to_have_url(re.compile("/accounts/login/"))
    context.close()
