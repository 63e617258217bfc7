"""The ceremony end to end: what is shown is what is signed, by the signer, once, within two minutes."""

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import orjson
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.utils import websafe_decode

from helmont.core.actions import Action
from helmont.core.errors import Conflict
from helmont.core.ledger.store import read_entries
from helmont.core.people.models import Assignment, Person
from helmont.core.permissions import Actor, Scope
from helmont.core.signatures import ceremony
from helmont.core.signatures.actions import apply_signature, break_signatures, signatures_read
from helmont.core.signatures.evidence import Evidence
from helmont.core.signatures.meanings import register_signing
from helmont.core.signatures.models import Signature
from helmont.core.signatures.queries import records_under, signatures_of
from helmont.core.transactions import Transaction
from helmont.core.writer import perform
from tests.people.cast import PASSWORD, SITE, STUDY, assign, investigator, nurse, person
from tests.signatures.passkeys import Passkey

pytestmark = [pytest.mark.urls("tests.signatures.urls"), pytest.mark.usefixtures("signing")]


@dataclass(frozen=True)
class SignRecords(Action):
    """What a room does: sign records of one site."""

    name: ClassVar[str] = "test.sign"
    permission: ClassVar[str] = "form.sign"

    records: tuple[str, ...]
    evidence: Evidence
    reason: str = ""

    @property
    def log(self) -> str:
        return self.records[0].partition(":")[2].split("/")[0]

    def scope(self, tx: Transaction) -> Scope:
        return Scope(self.log, "", tx.require(*self.records[0].split(":"))["site"])

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        return {"signature": apply_signature(tx, actor, self.evidence, self.records)}


@dataclass(frozen=True)
class Retouch(Action):
    """Change a signed record."""

    name: ClassVar[str] = "test.change"
    permission: ClassVar[str] = "form.enter"

    record: str
    ends: str

    @property
    def log(self) -> str:
        return STUDY

    def reads(self) -> Sequence[Any]:
        return [signatures_read(self.record)]

    def scope(self, tx: Transaction) -> Scope:
        return Scope(STUDY, "", SITE)

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        tx.put("assignment", self.record.split(":")[1], ends=self.ends)
        return break_signatures(tx, self.record, actor)


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helmont.core.signatures.meanings._FACTORIES", {})
    register_signing("investigator_approval", lambda e, records, reason: SignRecords(tuple(records), e, reason))


@pytest.fixture
def ines() -> Actor:
    return investigator()


@pytest.fixture
def record() -> str:
    nurse()
    return f"assignment:{assign('nora.nurse', 'site_nurse', site=SITE)}"


class Desk:
    """A signed-in person's browser at http://localhost."""

    def __init__(self, handle: str) -> None:
        self.client = Client(headers={"host": "localhost"})
        self.person = Person.objects.get(handle=handle)
        self.client.force_login(self.person)

    def post(self, address: str, body: Any) -> tuple[int, dict[str, Any]]:
        answer = self.client.post(address, orjson.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    def begin(self, *records: str, meaning: str = "investigator_approval") -> dict[str, Any]:
        status, shown = self.post("/sign/begin/", {"meaning": meaning, "records": records})
        assert status == 200, shown
        return shown

    def complete(self, **credential: Any) -> tuple[int, dict[str, Any]]:
        return self.post("/sign/complete/", credential)

    def by_password(self, password: str = PASSWORD, code: str = "") -> tuple[int, dict[str, Any]]:
        return self.complete(username=self.person.handle, password=password, code=code)


@pytest.fixture
def desk(ines: Actor) -> Desk:
    return Desk(ines.handle)


def add_passkey(handle: str) -> Passkey:
    """Enrol a passkey as allauth stores it."""
    key = Passkey()
    data = {"name": "Phone", "credential": key.create("AAAA")}
    Authenticator.objects.create(user_id=Person.key_of(handle), type="webauthn", data=data)
    return key


def test_the_dialog_shows_signer_meaning_and_hash_of_each_record(desk: Desk, record: str) -> None:
    shown = desk.begin(record)
    assert shown["name"] == "Ines Investigator"
    assert "complete and accurate" in shown["statement"]
    assert [item["record"] for item in shown["records"]] == [record]
    assert re.fullmatch(r"[0-9a-f]{64}", shown["records"][0]["sha256"])
    assert shown["methods"] == ["password"]


def test_a_signature_names_signer_time_meaning_and_what_was_signed(desk: Desk, record: str) -> None:
    shown = desk.begin(record)
    status, outcome = desk.by_password()
    assert status == 200
    signature = Signature.objects.get(key=outcome["result"]["signature"])
    assert (signature.person, signature.name, signature.method) == (
        "ines.investigator",
        "Ines Investigator",
        "password",
    )
    assert signature.statement == shown["statement"]
    assert signature.signed == {record: shown["records"][0]["sha256"]}
    entry = list(read_entries(STUDY))[-1].content
    assert entry["signature"] == signature.key
    assert entry["role"] == "investigator"


def test_the_hash_is_of_the_canonical_json_of_the_record(desk: Desk, record: str) -> None:
    shown = desk.begin(record)
    row = Assignment.objects.get(key=record.split(":")[1])
    values = {
        "person": "nora.nurse",
        "role": "site_nurse",
        "study": STUDY,
        "site": SITE,
        "starts": row.starts,
        "delegated_by": "helmont",
    }
    content = {"type": "assignment", "key": row.key, "revision": row.revision, "values": values}
    expected = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert shown["records"][0]["sha256"] == expected


def test_a_wrong_password_signs_nothing_and_is_entered_in_the_ledger(desk: Desk, record: str) -> None:
    desk.begin(record)
    status, refusal = desk.by_password("wrong")
    assert (status, refusal["code"]) == (403, "signature_refused")
    assert not Signature.objects.exists()
    assert [e.action for e in read_entries("system")][-2:] == ["people.fail_sign_in", "people.fail_signature"]


def test_a_ceremony_is_one_attempt(desk: Desk, record: str) -> None:
    desk.begin(record)
    desk.by_password("wrong")
    assert desk.by_password()[1]["message"] == "There is no open signature. Start again."


def test_being_signed_in_is_not_a_signature(desk: Desk, record: str) -> None:
    desk.begin(record)
    assert desk.complete()[0] == 403
    desk.begin(record)
    assert desk.complete(password=PASSWORD)[0] == 403


def test_somebody_elses_password_does_not_sign(desk: Desk, record: str) -> None:
    desk.begin(record)
    assert desk.complete(username="nora.nurse", password=PASSWORD)[0] == 403


def test_a_record_that_changed_after_it_was_shown_is_not_signed(desk: Desk, record: str, ines: Actor) -> None:
    desk.begin(record)
    perform(Retouch(record, "2099-01-01"), ines)
    status, refusal = desk.by_password()
    assert (status, refusal["code"]) == (409, "conflict")
    assert not Signature.objects.exists()


def test_a_ceremony_lasts_two_minutes(desk: Desk, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.begin(record)
    monkeypatch.setattr(ceremony, "LIFETIME", timedelta(seconds=-1))
    assert "two minutes" in desk.by_password()[1]["message"]


def test_what_is_not_theirs_to_sign_is_not_there(record: str) -> None:
    investigator("other.investigator", site="702")
    status, refusal = Desk("other.investigator").post(
        "/sign/begin/", {"meaning": "investigator_approval", "records": [record]}
    )
    assert (status, refusal["code"]) == (404, "not_found")


def test_a_nurse_may_see_the_record_and_not_sign_it(record: str) -> None:
    status, _ = Desk("nora.nurse").post("/sign/begin/", {"meaning": "investigator_approval", "records": [record]})
    assert status == 403


def test_nobody_signs_without_signing_in(record: str) -> None:
    answer = Client().post("/sign/begin/", {"records": [record]}, content_type="application/json")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "body", [[], {}, {"meaning": "investigator_approval", "records": []}, {"meaning": "no", "records": ["x:y"]}]
)
def test_a_request_that_does_not_fit_is_refused_with_what_would(desk: Desk, body: Any) -> None:
    status, refusal = desk.post("/sign/begin/", body)
    assert (status, refusal["code"]) == (422, "invalid")
    assert refusal["faults"][0]["accepted"]


def test_an_authenticator_app_adds_its_code(desk: Desk, record: str) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(desk.person, secret)
    assert desk.begin(record)["methods"] == ["password+totp"]
    assert desk.by_password(code="000000")[0] == 403
    desk.begin(record)
    if (left := 30 - time.time() % 30) < 5:
        time.sleep(left)  # a code holds for half a minute, by the clock
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    status, outcome = desk.by_password(code=code)
    assert status == 200
    assert Signature.objects.get(key=outcome["result"]["signature"]).method == "password+totp"


def test_a_passkey_signs_over_the_statement_and_anybody_can_check_it(desk: Desk, record: str) -> None:
    key = add_passkey(desk.person.handle)
    options = desk.begin(record)["passkey"]["publicKey"]
    assert options["userVerification"] == "required"
    status, outcome = desk.complete(passkey=key.get(options["challenge"]))
    assert status == 200, outcome
    signature = Signature.objects.get(key=outcome["result"]["signature"])
    assert signature.method == "passkey"

    # An outsider: the public key verifies the assertion, whose challenge is the hash of what was signed.
    proof = {name: websafe_decode(value) for name, value in signature.proof.items()}
    public = CoseKey.parse(cbor.decode(proof["public_key"]))
    public.verify(proof["authenticator_data"] + hashlib.sha256(proof["client_data"]).digest(), proof["signature"])
    shown = ("person", "name", "meaning", "statement", "signed", "time", "nonce")
    statement = {name: getattr(signature, name) for name in shown}
    challenge = hashlib.sha256(orjson.dumps(statement, option=orjson.OPT_SORT_KEYS)).digest()
    assert websafe_decode(orjson.loads(proof["client_data"])["challenge"]) == challenge


@pytest.mark.parametrize(
    "change",
    [
        {"verifies": False},
        {"origin": "http://elsewhere.example"},
        {"origin": "http://sub.localhost"},
        {"host": "elsewhere.example"},
        {"identifier": b"unknown"},
        {"key": ec.generate_private_key(ec.SECP256R1())},
    ],
)
def test_a_passkey_that_does_not_hold_signs_nothing(desk: Desk, record: str, change: dict[str, Any]) -> None:
    key = add_passkey(desk.person.handle)
    challenge = desk.begin(record)["passkey"]["publicKey"]["challenge"]
    for name, value in change.items():
        setattr(key, name, value)
    status, refusal = desk.complete(passkey=key.get(challenge))
    assert (status, refusal["code"]) == (403, "signature_refused")
    assert not Signature.objects.exists()


def test_a_passkeys_answer_to_another_ceremony_signs_nothing(desk: Desk, record: str) -> None:
    key = add_passkey(desk.person.handle)
    earlier = key.get(desk.begin(record)["passkey"]["publicKey"]["challenge"])
    desk.begin(record)
    assert desk.complete(passkey=earlier)[0] == 403


def test_whoever_only_signs_in_elsewhere_is_told_to_add_a_passkey(ines: Actor, record: str) -> None:
    single = Person.objects.get(handle=ines.handle)
    single.set_unusable_password()
    single.save(update_fields=["password"])
    desk = Desk(ines.handle)
    status, refusal = desk.post("/sign/begin/", {"meaning": "investigator_approval", "records": [record]})
    assert (status, refusal["missing"]) == (409, "passkey")
    assert "add a passkey in your profile" in refusal["message"]


def test_evidence_signs_once(ines: Actor, record: str, desk: Desk) -> None:
    evidence = evidence_of(desk, record)
    perform(SignRecords((record,), evidence), ines)
    with pytest.raises(ceremony.SignatureRefused, match="used already"):
        perform(SignRecords((record,), evidence), ines)


def test_evidence_signs_for_its_person_only(record: str, desk: Desk) -> None:
    other = investigator("other.investigator")
    with pytest.raises(ceremony.SignatureRefused, match="by the person who signs"):
        perform(SignRecords((record,), evidence_of(desk, record)), other)


def test_evidence_signs_what_was_shown_and_nothing_else(ines: Actor, record: str, desk: Desk) -> None:
    person("one.more")
    other = f"assignment:{assign('one.more', 'site_nurse', site=SITE)}"
    with pytest.raises(Conflict):
        perform(SignRecords((record, other), evidence_of(desk, record)), ines)


def test_a_change_breaks_the_signature_of_that_record_and_says_who_broke_it(ines: Actor, desk: Desk) -> None:
    nurse()
    person("one.more")
    first, second = (f"assignment:{assign(who, 'site_nurse', site=SITE)}" for who in ("nora.nurse", "one.more"))
    desk.begin(first, second)
    key = desk.by_password()[1]["result"]["signature"]
    perform(Retouch(first, "2099-01-01"), ines)
    [broken], [standing] = signatures_of(first), signatures_of(second)
    assert (broken.valid, broken.broken_by) == (False, "ines.investigator")
    assert broken.broken_at == Assignment.objects.get(key=first.split(":")[1]).revision
    assert standing.valid
    assert not Signature.objects.get(key=key).valid
    assert {row.record for row in records_under(key)} == {first, second}


def test_a_record_signed_again_stands_again(ines: Actor, record: str, desk: Desk) -> None:
    desk.begin(record)
    desk.by_password()
    perform(Retouch(record, "2099-01-01"), ines)
    desk.begin(record)
    desk.by_password()
    assert [standing.valid for standing in signatures_of(record)] == [True, False]


def test_a_record_that_does_not_exist_cannot_be_signed(desk: Desk) -> None:
    status, _ = desk.post(
        "/sign/begin/", {"meaning": "investigator_approval", "records": [f"assignment:{STUDY}/assignments/999"]}
    )
    assert status == 404


def evidence_of(desk: Desk, *records: str) -> Evidence:
    """Evidence as a ceremony leaves it, taken from a ceremony that was begun."""
    desk.begin(*records)
    statement = desk.client.session[ceremony.SESSION_KEY]["statement"]
    return Evidence(**statement, method="password")
