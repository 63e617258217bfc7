"""Accounts from the outside: invitations, signing in by every way there is, and the entries that each leaves."""

import re
import time
from typing import Any

import orjson
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client, RequestFactory

from helmont.core.errors import Invalid, NotFound, Refused
from helmont.core.ledger.store import read_entries
from helmont.core.people.accounts import MFAAdapter, SocialAccountAdapter
from helmont.core.people.actions import (
    ChangePerson,
    ChangeProfile,
    CreatePerson,
    CreateToken,
    DeactivatePerson,
    ReactivatePerson,
    RevokeToken,
    SetPassword,
    new_secret,
)
from helmont.core.people.models import Person, Token
from helmont.core.people.queries import actor_for_token, load_actor
from helmont.core.people.session import person_of_session
from helmont.core.permissions import Scope
from helmont.core.records import Unaudited
from helmont.core.writer import perform
from tests.people.cast import HELMONT, PASSWORD, SITE, STUDY, administrator, assign, nurse, person
from tests.people.test_assignments import HERE, today
from tests.signatures.passkeys import Passkey

pytestmark = pytest.mark.urls("tests.signatures.urls")
NEW = "staple battery horse correct"


def browser_at_localhost() -> Client:
    return Client(headers={"host": "localhost"})


def sign_in(client: Client, login: str = "nora.nurse", password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password})


def confirm(client: Client) -> None:
    """Allauth asks for the password again before credentials change."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def events() -> list[dict[str, Any]]:
    return [entry.content for entry in read_entries("system")]


@pytest.mark.parametrize("login", ["nora.nurse", "nora.nurse@example.org", "Nora.Nurse@Example.ORG"])
def test_one_signs_in_by_user_name_or_e_mail_address(login: str) -> None:
    nurse()
    answer = sign_in(Client(), login)
    assert (answer.status_code, answer["location"]) == (302, "/")
    entry = events()[-1]
    assert (entry["action"], entry["actor"], entry["method"]) == ("people.sign_in", "nora.nurse", "password")
    assert entry["record"] == "person:system/nora.nurse"


def test_a_failed_sign_in_is_entered_without_the_password_or_a_name_that_is_none() -> None:
    nurse()
    sign_in(Client(), "nora.nurse", "hunter2-hunter2")
    sign_in(Client(), "my-secret-typed-in-the-wrong-box", "hunter2-hunter2")
    known, unknown = events()[-2:]
    assert (known["action"], known["record"]) == ("people.fail_sign_in", "person:system/nora.nurse")
    assert unknown["record"] == ""
    assert "secret" not in str(events())
    assert "hunter2" not in str(events())


def test_failed_sign_ins_are_limited() -> None:
    nurse()
    for _attempt in range(8):
        answer = sign_in(Client(), "nora.nurse", "wrong")
    assert "Too many failed" in answer.content.decode()
    assert "Too many failed" in sign_in(Client()).content.decode()


def test_signing_out_is_entered_and_ends_the_session_at_once() -> None:
    nurse()
    client = Client()
    sign_in(client)
    key = client.session.session_key
    assert person_of_session(key) == "nora.nurse"
    client.post("/accounts/logout/")
    assert person_of_session(key) is None
    assert events()[-1]["action"] == "people.sign_out"


def test_a_session_of_nobody_is_nobodys() -> None:
    assert person_of_session("no-such-session-no-such-session-") is None


def test_closing_an_account_ends_its_sessions_sign_ins_and_rights_at_once() -> None:
    nurse()
    client = Client()
    sign_in(client)
    perform(DeactivatePerson("nora.nurse", "left"), HELMONT)
    assert person_of_session(client.session.session_key) is None
    assert client.get("/people/me/").status_code == 302
    with pytest.raises(NotFound):
        load_actor("nora.nurse")
    again = Client()
    sign_in(again)
    assert "_auth_user_id" not in again.session
    perform(ReactivatePerson("nora.nurse", "came back"), HELMONT)
    assert load_actor("nora.nurse").handle == "nora.nurse"


def test_nobody_signs_up() -> None:
    page = Client().get("/accounts/signup/")
    assert "by invitation" in page.content.decode()
    answer = Client().post(
        "/accounts/signup/", {"email": "a@b.org", "username": "me", "password1": NEW, "password2": NEW}
    )
    assert "by invitation" in answer.content.decode()
    assert not Person.objects.filter(handle="me").exists()


def test_an_invitation_sets_a_password_once() -> None:
    admin = Client()
    administrator()
    sign_in(admin, "adam.admin")
    details = {"handle": "new.comer", "full_name": "New Comer", "email": "new@example.org"}
    page = admin.post("/people/new/", details | {"language": "nl", "timezone": "Europe/Brussels"}).content.decode()
    [link] = re.findall(r"http://testserver(/people/welcome/[^\s<]+/)", page)
    assert link in mail.outbox[0].body
    assert mail.outbox[0].to == ["new@example.org"]

    guest = Client()
    assert guest.get(link).status_code == 200
    assert guest.post(link, {"new_password1": "short", "new_password2": "short"}).status_code == 200
    assert guest.post(link, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    entry = events()[-1]
    assert (entry["action"], entry["event"], entry["actor"]) == ("people.set_password", "password_changed", "new.comer")
    assert entry["changes"] == []
    assert sign_in(guest, "new.comer", NEW).status_code == 302
    assert Client().get(link).status_code == 404


def test_a_false_link_sets_nothing() -> None:
    nurse()
    assert Client().get("/people/welcome/nora.nurse/abc-def/").status_code == 404
    assert Client().get("/people/welcome/no.body/abc-def/").status_code == 404


def test_a_forgotten_password_is_renewed_by_mail() -> None:
    nurse()
    assert Client().post("/accounts/password/reset/", {"email": "nora.nurse@example.org"}).status_code == 302
    [link] = re.findall(r"http://testserver(\S+)", mail.outbox[0].body)
    assert Client().post(link, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert sign_in(Client(), password=NEW).status_code == 302


def test_a_changed_password_is_entered_and_ends_other_sessions() -> None:
    nurse()
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert "people.set_password" in [entry["action"] for entry in events()]
    assert here.get("/people/me/").status_code == 200
    assert person_of_session(elsewhere.session.session_key) is None
    assert sign_in(Client(), password=NEW).status_code == 302


def test_e_mail_addresses_are_changed_by_administrators_only() -> None:
    nurse()
    client = Client()
    sign_in(client)
    assert client.get("/accounts/email/").status_code == 404
    answer = client.post("/accounts/email/", {"action_add": "", "email": "mine@example.org"})
    assert answer.status_code == 404


def test_an_authenticator_app_is_set_up_kept_encrypted_and_asked_for(
    django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.MFA_ADAPTER = "helmont.core.people.accounts.MFAAdapter"
    nurse()
    client = Client()
    sign_in(client)
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    assert ("people.add_authenticator", "totp") in {(entry["action"], entry.get("method")) for entry in events()}
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    again = Client()
    sign_in(again)
    assert "_auth_user_id" not in again.session
    assert again.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert events()[-1]["action"] == "people.fail_sign_in"


def code_of(secret: str) -> str:
    """A code that holds for some seconds more: one does for half a minute, by the clock."""
    if (left := 30 - time.time() % 30) < 5:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_secrets_of_authenticators_can_be_read_back_and_not_read() -> None:
    stored = MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DP" not in stored
    assert MFAAdapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"


def test_a_passkey_is_added_and_signs_in_alone() -> None:
    nurse()
    client = browser_at_localhost()
    sign_in(client)
    confirm(client)
    key = Passkey()
    page = client.get("/accounts/2fa/webauthn/add/")
    challenge = page.context["js_data"]["creation_options"]["publicKey"]["challenge"]
    form = {"name": "Phone", "passwordless": "on", "credential": orjson.dumps(key.create(challenge)).decode()}
    assert client.post("/accounts/2fa/webauthn/add/", form).status_code == 302
    assert Authenticator.objects.filter(type="webauthn").count() == 1

    guest = browser_at_localhost()
    ajax = {"X-Requested-With": "XMLHttpRequest"}
    options = guest.get("/accounts/2fa/webauthn/login/", headers=ajax).json()["request_options"]["publicKey"]
    assertion = orjson.dumps(key.get(options["challenge"], user="system/nora.nurse")).decode()
    assert guest.post("/accounts/2fa/webauthn/login/", {"credential": assertion}).status_code == 302
    assert guest.session["_auth_user_id"] == "system/nora.nurse"
    assert events()[-1]["method"] == "webauthn"


@pytest.mark.parametrize("page", ["login/", "password/reset/", "signup/"])
def test_pages_before_signing_in_need_nothing_inline(page: str) -> None:
    html = Client().get(f"/accounts/{page}").content.decode()
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.search(r"\son\w+=|\sstyle=", html)


@pytest.mark.parametrize(
    "page", ["2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/", "password/change/", "reauthenticate/"]
)
def test_pages_of_ones_own_account_open_and_need_nothing_inline(page: str) -> None:
    nurse()
    client = browser_at_localhost()
    sign_in(client)
    confirm(client)
    answer = client.get(f"/accounts/{page}")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.search(r"\son\w+=|\sstyle=", html)


class SingleSignOn:
    """What a provider says about somebody."""

    def __init__(self, email: str, verified: bool) -> None:
        account = SocialAccount(provider="oidc", uid="42")
        address = EmailAddress(email=email, verified=verified)
        self.login = SocialLogin(user=Person(), account=account, email_addresses=[address])

    def arrive(self) -> None:
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        SocialAccountAdapter().pre_social_login(request, self.login)


def test_single_sign_on_opens_the_account_with_the_confirmed_address() -> None:
    nurse()
    visit = SingleSignOn("Nora.Nurse@example.org", verified=True)
    visit.arrive()
    assert visit.login.user.handle == "nora.nurse"
    assert SocialAccount.objects.get().user_id == "system/nora.nurse"


@pytest.mark.parametrize(
    ("email", "verified"), [("nora.nurse@example.org", False), ("stranger@example.org", True), ("", True)]
)
def test_single_sign_on_opens_nothing_else(email: str, verified: bool) -> None:
    from allauth.core.exceptions import ImmediateHttpResponse

    nurse()
    with pytest.raises(ImmediateHttpResponse) as refusal:
        SingleSignOn(email, verified).arrive()
    assert refusal.value.response.status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_row_of_a_person_changes_by_action_only() -> None:
    nurse()
    row = Person.objects.get(handle="nora.nurse")
    row.set_password(NEW)
    row.save()
    row.name = "Somebody Else"
    with pytest.raises(Unaudited):
        row.save()
    with pytest.raises(Unaudited):
        Person.objects.filter(handle="nora.nurse").update(name="Somebody Else")
    assert Person.objects.get(handle="nora.nurse").check_password(NEW)


def test_the_hash_of_a_password_is_nowhere_in_the_ledger() -> None:
    nurse()
    assert "scrypt" not in str(events())


@pytest.mark.parametrize("handle", ["", "Els", "els peeters", "els..peeters", "1els", "els/peeters", "e" * 51])
def test_a_user_name_is_one_that_can_stand_in_a_ledger(handle: str) -> None:
    with pytest.raises(Invalid, match="user name"):
        perform(CreatePerson(handle, "Els Peeters"), HELMONT)


def test_a_user_name_and_an_e_mail_address_belong_to_one_person() -> None:
    nurse()
    with pytest.raises(Invalid, match="given out before"):
        perform(CreatePerson("nora.nurse", "Another"), HELMONT)
    with pytest.raises(Invalid, match="another account"):
        perform(CreatePerson("another.one", "Another", "NORA.nurse@example.org"), HELMONT)


def test_people_change_their_own_profile_and_nobody_elses() -> None:
    nora = nurse()
    other = person("other.one")
    perform(ChangeProfile("nora.nurse", "nl", "Europe/Amsterdam"), nora)
    assert load_actor("nora.nurse").timezone == "Europe/Amsterdam"
    with pytest.raises(NotFound):
        perform(ChangeProfile("nora.nurse", "fr", "UTC"), other)
    with pytest.raises(NotFound):
        perform(SetPassword.to("nora.nurse", NEW), other)
    with pytest.raises(NotFound):
        perform(ChangePerson("nora.nurse", full_name="X"), other)
    with pytest.raises(Invalid, match="time zone"):
        perform(ChangeProfile("nora.nurse", "nl", "Mars/Olympus"), nora)


def test_nobody_closes_their_own_account() -> None:
    adam = administrator()
    with pytest.raises(Refused, match="own account"):
        perform(DeactivatePerson(adam.handle, "enough"), adam)


def test_a_token_acts_within_its_study_and_rights_and_never_on_the_account() -> None:
    nurse()
    assign("nora.nurse", "site_nurse", site=SITE)
    assign("nora.nurse", "site_nurse", "TRIAL2", site=SITE)
    secret, digest = new_secret()
    perform(CreateToken("nora.nurse", "scales", digest, STUDY, ("form.enter",)), load_actor("nora.nurse"))
    actor = actor_for_token(secret)
    assert actor.may("form.enter", HERE, today())
    assert not actor.may("form.view", HERE, today())
    assert not actor.may("form.enter", Scope("TRIAL2", "BE", SITE), today())
    assert not actor.may("account.change", Scope("system"), today())
    assert secret not in str(events())


def test_a_token_of_an_administrator_is_narrowed_to_its_study() -> None:
    adam = administrator()
    secret, digest = new_secret()
    perform(CreateToken(adam.handle, "one study", digest, STUDY), adam)
    actor = actor_for_token(secret)
    assert actor.may("assignment.change", Scope(STUDY), today())
    assert not actor.may("assignment.change", Scope("TRIAL2"), today())


def test_a_revoked_token_a_closed_account_and_a_guess_act_for_nobody() -> None:
    nora = nurse()
    secret, digest = new_secret()
    key = perform(CreateToken("nora.nurse", "scales", digest), nora).result["token"]
    assert actor_for_token(secret).handle == "nora.nurse"
    assert Token.objects.get(key=key).last_used is not None
    with pytest.raises(NotFound):
        perform(RevokeToken("other.one", key), person("other.one"))
    perform(RevokeToken("nora.nurse", key), nora)
    for attempt in (secret, "helmont_guess", ""):
        with pytest.raises(NotFound):
            actor_for_token(attempt)


def test_a_change_by_this_process_is_seen_at_once() -> None:
    nurse()
    assert not load_actor("nora.nurse").may("form.enter", HERE, today())
    assign("nora.nurse", "site_nurse", site=SITE)
    assert load_actor("nora.nurse").may("form.enter", HERE, today())


def test_the_sign_in_page_asks_each_thing_once_and_remembers_nobody() -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert "User name or e-mail" in page
    assert page.count("Forgot your password?") == 1
    assert 'name="remember"' not in page
