"""The investigator's passkey: registered, used to sign in and to sign; and what a later change does to the signature."""

import re

import pytest
from playwright.sync_api import Page, expect

from helmont.demo.cast import PASSWORD
from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import SUPINE, SYSTOLIC, VITAL_SIGNS, FormPage, address, participant
from tests.browser.people import COORDINATOR, INVESTIGATOR, STUDY, confirm_password, word


def words(text: str) -> str:
    return word(INVESTIGATOR, text)


def add_authenticator(page: Page) -> None:
    """A security chip of this device, whose owner puts a finger on it whenever asked."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.database
def test_an_investigator_registers_a_passkey_signs_in_with_it_and_signs_and_a_change_breaks_the_signature(
    enter: Enter, clinic: Clinic
) -> None:
    key = participant(clinic, "01-701-9801", "BASELINE") + "/VS"
    clinic.save(COORDINATOR, key, VITAL_SIGNS)
    page = enter("", "/accounts/login/", locale="nl")
    add_authenticator(page)
    page.locator("#id_login").fill(INVESTIGATOR)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name=words("Sign in"), exact=True).click()
    page.goto("/people/me/")
    page.get_by_role("link", name=words("Manage passkeys")).click()
    page.get_by_role("link", name=words("Add a passkey")).click()
    confirm_password(page, PASSWORD)
    page.locator("#id_name").fill("Laptop")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page).not_to_have_url(re.compile("/webauthn/add/"))
    page.goto("/people/me/")
    expect(page.get_by_text(words("You cannot sign yet: add a passkey."))).to_have_count(0)

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name=words("Use a passkey")).click()
    expect(page.get_by_role("heading", level=1, name=words("Studies"))).to_be_visible()

    page.goto(address(key))
    form = FormPage(page, INVESTIGATOR)
    form.button("Sign").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Dr Anna Maes")
    expect(dialog.locator(".hash")).to_have_count(1)
    dialog.get_by_role("button", name=words("Sign with a passkey")).click()
    expect(form.heading).to_contain_text(words("Signed"))
    expect(page.locator("#form-remarks")).to_contain_text("Dr Anna Maes")

    changing = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    expect(changing.heading).to_contain_text(changing.word("Signed"))
    changing.answer(f"{SUPINE}: {SYSTOLIC}").fill("134")
    changing.save(reason="Overschrijffout")
    changing.is_saved()
    expect(changing.heading).to_contain_text(changing.word("Signature broken"))

    expect(form.notices).to_contain_text("Sofie Claes")
    page.reload()
    expect(form.heading).to_contain_text(words("Signature broken"))
    expect(page.locator("#form-remarks")).to_contain_text(
        form.says("Signed by %(name)s, %(at)s; the signature no longer holds.")
    )
    expect(form.button("Sign")).to_be_visible()
    page.goto(f"/studies/{STUDY}/participants/01-701-9801/")
    cell = page.locator("table.matrix").get_by_role(
        "link", name=f"Vitale functies, Uitgangsbezoek: {words('Signature broken')}"
    )
    expect(cell).to_be_visible()
    page.goto(f"/studies/{STUDY}/casebooks?q=01-701-9801")
    expect(page.locator("#matrix").get_by_role("link", name="Uitgangsbezoek")).to_have_attribute(
        "data-status", "broken"
    )
