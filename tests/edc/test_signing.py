"""The investigator's signature: over what was shown, all or none, broken by any later change for good."""

from dataclasses import replace

import pytest

from helmont.core.errors import Conflict, NotFound, NotPermitted, Refused
from helmont.core.ledger.models import Entry
from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.verify import verify
from helmont.core.records import record_type
from helmont.core.rows import fetch
from helmont.core.signatures.models import Signature, SignedRecord
from helmont.edc.actions.review import SignForms, VerifyItems
from helmont.edc.models import Form
from tests.edc.kit import CLEO, INES, MONA, changes, complete, do, form, key, last_entry, person, save, shown_to, sign

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, WEEK_2 = key("VS"), key("VS", "WEEK_2")


@pytest.fixture(autouse=True)
def forms() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    complete(WEEK_2, VSPERF="Y", WEIGHT="71")


def test_a_signature_stands_under_every_form_it_was_given_for() -> None:
    answer = sign(VS, WEEK_2)
    assert set(Form.objects.values_list("signed", "signature")) == {("valid", answer["signature"])}
    assert Signature.objects.get().signed.keys() == {f"form:{VS}", f"form:{WEEK_2}"}
    assert last_entry()["signature"] == answer["signature"]


def test_a_signature_keeps_the_role_in_which_it_was_given() -> None:
    sign(VS)
    assert Signature.objects.get().role == "investigator"


def test_the_dialog_names_a_form_by_its_title_and_visit() -> None:
    [row] = fetch(record_type("form"), "key", [WEEK_2])
    assert record_type("form").describe(row) == "Vital signs, Week 2, 701-001"


def test_a_later_change_breaks_it_and_the_entry_shows_that() -> None:
    sign(VS)
    save(VS, reason="misread", WEIGHT="72")
    assert form(VS).signed == "broken"
    assert changes(f"form:{VS}")["signed"] == ["valid", "broken"]
    signature = Signature.objects.get()
    assert (signature.valid, signature.broken_by) == (False, "cleo.coordinator")
    assert changes(f"signature:{signature.key}")["valid"] == [True, False]


def test_the_entry_that_breaks_a_signature_is_about_the_form_and_its_participant() -> None:
    sign(VS)
    save(VS, reason="misread", WEIGHT="72")
    assert Entry.objects.order_by("sequence").values_list("record", "participant").last() == (
        f"form:{VS}",
        VS.rsplit("/", 2)[0],
    )


def test_restoring_the_old_value_does_not_heal_it() -> None:
    sign(VS)
    save(VS, reason="misread", WEIGHT="72")
    save(VS, reason="was right", WEIGHT="70")
    assert (form(VS).signed, Signature.objects.get().valid) == ("broken", False)


def test_signing_again_makes_another_signature_beside_the_broken_one() -> None:
    first = sign(VS)["signature"]
    save(VS, reason="misread", WEIGHT="72")
    second = sign(VS)["signature"]
    assert (form(VS).signed, form(VS).signature) == ("valid", second)
    assert {s.key: s.valid for s in Signature.objects.all()} == {first: False, second: True}
    assert verify().clean


def test_a_signature_over_several_forms_keeps_standing_for_the_others() -> None:
    sign(VS, WEEK_2)
    save(WEEK_2, reason="misread", WEIGHT="72")
    assert (form(VS).signed, form(WEEK_2).signed) == ("valid", "broken")
    assert {s.record: s.valid for s in SignedRecord.objects.all()} == {f"form:{VS}": True, f"form:{WEEK_2}": False}


def test_marks_of_others_do_not_break_it() -> None:
    sign(VS)
    do(VerifyItems(VS), MONA)
    assert form(VS).signed == "valid"


def test_what_changed_after_it_was_shown_is_not_signed() -> None:
    evidence = shown_to(INES, VS, WEEK_2)
    save(WEEK_2, reason="misread", WEIGHT="72")
    with pytest.raises(Conflict, match="changed after it was shown"):
        do(SignForms(evidence, (VS, WEEK_2)), INES)
    assert not Signature.objects.exists()
    assert set(Form.objects.values_list("signed", flat=True)) == {""}


def test_other_forms_than_were_shown_are_not_signed() -> None:
    with pytest.raises(Conflict, match="Something else"):
        do(SignForms(shown_to(INES, VS), (VS, WEEK_2)), INES)


def test_the_evidence_of_somebody_else_or_without_a_credential_signs_nothing() -> None:
    for evidence in (shown_to(CLEO, VS), replace(shown_to(INES, VS), method="")):
        with pytest.raises(Refused):
            do(SignForms(evidence, (VS,)), INES)
    assert not Signature.objects.exists()


def test_a_draft_is_not_signed() -> None:
    save(key("DM", "SCREENING_1"), AGE="40")
    with pytest.raises(Refused, match="not complete"):
        sign(VS, key("DM", "SCREENING_1"))


def test_forms_of_two_participants_are_not_signed_together() -> None:
    other = VS.replace("701-001", "701-002")
    with pytest.raises(NotFound):
        do(SignForms(shown_to(INES, VS), (VS, other)), INES)


def test_who_is_not_the_investigator_does_not_sign() -> None:
    with pytest.raises(NotPermitted):
        do(SignForms(shown_to(CLEO, VS), (VS,)), CLEO)


def test_redacting_a_value_that_was_signed_breaks_the_signature() -> None:
    sign(VS, WEEK_2)
    officer = person("paul.officer", "privacy_officer")
    do(Redact(f"form:{VS}", "data/WEIGHT", "it names somebody"), officer)
    assert (form(VS).signed, form(WEEK_2).signed) == ("broken", "valid")
    assert Signature.objects.get().valid is False
    assert verify().clean
