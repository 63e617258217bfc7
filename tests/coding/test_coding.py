"""Verbatims are coded: by themselves where that is beyond doubt, else by a person, and again when anything changed."""

from __future__ import annotations

from datetime import date

import pytest

from helmont.coding.actions.deciding import ApproveCodings, CodeTerms, KeepSynonyms, QueryVerbatim, RetireSynonym
from helmont.coding.following import code_again
from helmont.coding.models import Coding, Synonym
from helmont.coding.queries import codings_for, form_codings, not_settled
from helmont.core.errors import Conflict, Invalid, NotFound, NotPermitted, ReasonRequired
from helmont.core.ledger.models import Entry
from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.verify import verify
from helmont.core.writer import perform
from helmont.edc.actions.entry import RemoveLine
from helmont.edc.actions.review import LockForm
from helmont.edc.models import Query
from tests import cast
from tests.coding.kit import VERSION, WHO, coding, do, enter, followed, line

pytestmark = pytest.mark.database


def test_a_verbatim_as_the_dictionary_writes_it_is_coded_with_its_hierarchy() -> None:
    followed()  # the cast entered "Headache"
    row = coding(1)
    assert (row.status, row.stage, row.code, row.term) == ("coded", "exact", "20001", "Headache")
    assert row.path["SOC"] == {"code": "51", "name": "Nervous disorders"}
    assert (row.dictionary, row.by) == (VERSION, "auto-coding")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("HEADACHE", "20001"),
        ("headaches", "20001"),
        ("ankle swellings", "10031"),
        ("Peripheral edema", "20003"),
        ("itching, application site", "20004"),
    ],
)
def test_case_plural_spelling_and_order_do_not_matter(text: str, code: str) -> None:
    enter(2, text)
    followed()
    assert (coding(2).status, coding(2).stage, coding(2).code) == ("coded", "normalised", code)


def test_what_is_only_similar_is_suggested_and_never_decided() -> None:
    enter(2, "Severe head pain")
    enter(3, "Zxqv")
    enter(4, "Cephalgia old")  # a term that is no longer current
    followed()
    assert (coding(2).status, coding(2).suggestion, coding(2).code) == ("suggested", "10011", "")
    assert coding(2).score > 60
    assert coding(3).status == "uncoded"
    assert coding(4).status in ("uncoded", "suggested")
    assert not_settled(cast.STUDY) == 3


def test_following_again_changes_nothing() -> None:
    assert followed() == 1
    assert followed() == 0


def test_a_coder_decides_and_approves_and_a_later_change_of_mind_says_why() -> None:
    enter(2, "Severe head pain")
    followed()
    key = coding(2).key
    do(CodeTerms(WHO, (key,), "Severe head pain", "10011"))
    assert (coding(2).status, coding(2).stage, coding(2).by) == ("coded", "suggested", "medical.coder")
    do(ApproveCodings(WHO, (key,)))
    assert coding(2).status == "approved"
    with pytest.raises(ReasonRequired):
        do(CodeTerms(WHO, (key,), "Severe head pain", "20001"))
    do(CodeTerms(WHO, (key,), "Severe head pain", "20001", reason="severity belongs elsewhere"))
    assert (coding(2).status, coding(2).stage, coding(2).code) == ("coded", "manual", "20001")


def test_a_code_that_the_dictionary_does_not_offer_is_refused() -> None:
    followed()
    for code in ("99999", "10012", "51"):
        with pytest.raises(Invalid):
            do(CodeTerms(WHO, (coding(1).key,), "Headache", code, reason="try"))


def test_a_decision_about_another_text_than_is_there_is_refused() -> None:
    followed()
    with pytest.raises(Conflict):
        do(CodeTerms(WHO, (coding(1).key,), "Head ache", "10011", reason="try"))


def test_a_text_that_changed_after_a_person_coded_it_is_due_again_and_says_why() -> None:
    enter(2, "Severe head pain")
    followed()
    do(CodeTerms(WHO, (coding(2).key,), "Severe head pain", "10011"))
    enter(2, "Nausea", reason="misread")
    followed()
    row = coding(2)
    assert (row.status, row.verbatim, row.code) == ("recode", "Nausea", "10011")  # what was decided stays to be seen
    assert "Severe head pain" in row.note


def test_a_text_that_only_the_machine_had_coded_is_simply_coded_anew() -> None:
    followed()
    enter(1, "Nausea", reason="misread")
    followed()
    assert (coding(1).status, coding(1).code, coding(1).stage) == ("coded", "20002", "exact")


def test_a_line_that_is_removed_takes_its_coding_along_and_brings_it_back() -> None:
    followed()
    perform(RemoveLine(line(1), reason="by mistake"), cast.actor("nurse"))
    followed()
    assert coding(1).status == "withdrawn"
    perform(RemoveLine(line(1), restore=True, reason="was right"), cast.actor("nurse"))
    enter(1, "Headache")
    followed()
    assert coding(1).status == "coded"


def test_a_text_can_be_redacted_where_it_is_coded_and_following_does_not_say_it_again() -> None:
    enter(2, "Jan Peeters has head pain")
    followed()
    for record, path in ((f"form:{line(2)}", "data/AETERM"), (f"coding:{coding(2).key}", "verbatim")):
        perform(Redact(record, path, "a name"), cast.actor("privacy.officer"))
    followed()
    assert coding(2).status == "withdrawn"
    bodies = Entry.objects.filter(log=cast.STUDY).values_list("body", flat=True)
    assert not any("Jan Peeters" in str(body) for body in bodies)
    assert verify().clean


def test_a_decision_that_is_kept_codes_the_same_words_from_then_on() -> None:
    enter(2, "My poor skull")
    followed()
    assert coding(2).status == "uncoded"
    do(KeepSynonyms(cast.STUDY, "EVENTS", (("My poor skull", "10011"),)))
    assert code_again(cast.STUDY, "EVENTS") == 1
    assert (coding(2).status, coding(2).stage) == ("coded", "synonym")
    enter(3, "poor skull, my!")
    followed()
    assert coding(3).code == "10011"
    do(RetireSynonym(Synonym.objects.get().key, "too broad"))
    enter(4, "my poor skull")
    followed()
    assert coding(4).status == "uncoded"


def test_a_query_asks_the_site_and_the_coding_waits() -> None:
    enter(2, "Zxqv")
    followed()
    do(QueryVerbatim(line(2), "AETERM", "What is meant?"))
    assert coding(2).status == "queried"
    assert Query.objects.get(form=line(2)).messages["001"]["text"] == "What is meant?"
    enter(2, "Nausea", reason="answered")
    followed()
    assert coding(2).status == "coded"


def test_codings_of_a_locked_form_stay() -> None:
    followed()
    perform(LockForm(line(1)), cast.actor("data.manager"))
    with pytest.raises(Exception, match="locked"):
        do(CodeTerms(WHO, (coding(1).key,), "Headache", "10011", reason="try"))


def test_who_may_not_code_does_not() -> None:
    followed()
    with pytest.raises(NotPermitted):
        do(CodeTerms(WHO, (coding(1).key,), "Headache", "10011", reason="try"), by="data.manager")
    with pytest.raises(NotFound):
        do(CodeTerms(WHO, (coding(1).key,), "Headache", "10011", reason="try"), by="outsider")


def test_codings_are_seen_by_those_whose_business_they_are() -> None:
    followed()
    day = date.today()
    assert codings_for(cast.actor("medical.coder"), cast.STUDY, day).count() == 1
    assert list(form_codings(cast.actor("monitor"), cast.STUDY, line(1), day)) == ["AETERM"]
    assert form_codings(cast.actor("coordinator"), cast.STUDY, line(1), day) == {}
    with pytest.raises(NotFound):
        codings_for(cast.actor("coordinator"), cast.STUDY, day)


def test_the_rows_are_what_the_ledger_says() -> None:
    enter(2, "Severe head pain")
    followed()
    do(CodeTerms(WHO, (coding(2).key,), "Severe head pain", "10011"))
    assert verify().clean
    assert Coding.objects.count() == 2
