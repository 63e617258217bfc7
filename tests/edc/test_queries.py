"""Queries between people: raised, answered, asked again, closed, cancelled, each by those whose business it is."""

import pytest

from helmont.core.errors import Invalid, NotFound, NotPermitted, Refused
from helmont.edc.actions.queries import AnswerQuery, AskAgain, CancelQuery, CloseQuery, RaiseQuery, WriteComment
from helmont.edc.models import Comment
from helmont.edc.queries.worklist import query_for, worklist
from tests.edc.kit import (
    CLEO,
    DANA,
    MONA,
    NORA,
    OTTO,
    SAM,
    STUDY,
    TODAY,
    VERA,
    complete,
    do,
    key,
    last_entry,
    query,
    said,
    save,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS = key("VS")


@pytest.fixture(autouse=True)
def asked() -> str:
    """The monitor asks about a weight; the query's key."""
    save(VS, VSPERF="Y", WEIGHT="70")
    return str(do(RaiseQuery(VS, "WEIGHT", "  The source says 71. "), MONA)["key"])


def test_a_query_is_asked_answered_asked_again_and_closed(asked: str) -> None:
    assert do(AnswerQuery(asked, "It says 70."))["status"] == "answered"
    assert do(AskAgain(asked, "Page 2 says 71."), MONA)["status"] == "open"
    save(VS, WEIGHT="71")
    do(AnswerQuery(asked, "Corrected."), NORA)
    assert do(CloseQuery(asked), MONA)["status"] == "closed"
    one = query(VS)
    assert said(one) == ["raised", "answered", "asked_again", "answered", "closed"]
    assert [m["text"] for m in one.messages.values()] == [
        "The source says 71.", "It says 70.", "Page 2 says 71.", "Corrected.", "",
    ]  # fmt: skip
    assert [m["value"] for m in one.messages.values()] == ["70", "70", "70", "71", "71"]
    assert [m["by"] for m in one.messages.values()][1::2] == ["cleo.coordinator", "nora.nurse"]


def test_correcting_the_value_does_not_close_a_question_that_a_person_asked(asked: str) -> None:
    complete(VS, WEIGHT="71")
    assert (query(VS).key, query(VS).status) == (asked, "open")


def test_a_closed_query_can_be_asked_again_by_who_may_close(asked: str) -> None:
    do(CloseQuery(asked), MONA)
    assert do(AskAgain(asked, "I looked again."), DANA)["status"] == "open"


def test_whoever_raised_a_query_may_cancel_it_and_so_may_who_closes(asked: str) -> None:
    own = do(RaiseQuery(VS, "VSPERF", "Is this right?"), CLEO)["key"]
    assert do(CancelQuery(own, "I found it."), CLEO)["status"] == "cancelled"
    assert do(CancelQuery(asked, "Asked twice."), DANA)["status"] == "cancelled"


@pytest.mark.parametrize("action", [CancelQuery, AskAgain])
def test_the_site_neither_cancels_nor_reopens_what_others_asked(
    asked: str, action: type[CancelQuery] | type[AskAgain]
) -> None:
    if action is AskAgain:
        do(CloseQuery(asked), MONA)
    for somebody in (CLEO, SAM):
        with pytest.raises(NotPermitted):
            do(action(asked, "never mind"), somebody)


def test_the_site_does_not_cancel_what_a_check_asked() -> None:
    complete(VS, WEIGHT="200")
    with pytest.raises(NotPermitted):
        do(CancelQuery(query(VS, "RANGE").key, "never mind"), CLEO)


def test_who_asks_does_not_answer_and_who_answers_does_not_close(asked: str) -> None:
    with pytest.raises(NotPermitted):
        do(AnswerQuery(asked, "It is right."), MONA)
    with pytest.raises(NotPermitted):
        do(CloseQuery(asked), CLEO)
    with pytest.raises(NotPermitted):
        do(AnswerQuery(asked, "It is right."), VERA)


def test_the_coordinator_of_another_site_finds_no_query(asked: str) -> None:
    with pytest.raises(NotFound):
        do(AnswerQuery(asked, "?"), OTTO)
    with pytest.raises(NotFound):
        query_for(OTTO, asked, "1.0", TODAY)
    assert worklist(OTTO, STUDY, "1.0", TODAY).total == 0
    assert worklist(CLEO, STUDY, "1.0", TODAY).total == 1


def test_a_query_moves_only_from_where_it_stands(asked: str) -> None:
    do(CloseQuery(asked), MONA)
    for action, by in [(AnswerQuery(asked, "yes"), CLEO), (CloseQuery(asked), MONA), (CancelQuery(asked, "x"), MONA)]:
        with pytest.raises(Refused, match="not possible") as refusal:
            do(action, by)
        assert refusal.value.details == {"state": "closed", "accepted": ["requery"]}


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_message_says_something_and_not_too_much(asked: str, text: str) -> None:
    for action, by in [
        (RaiseQuery(VS, "WEIGHT", text), MONA),
        (AnswerQuery(asked, text), CLEO),
        (CancelQuery(asked, text), MONA),
        (WriteComment(VS, "WEIGHT", text), MONA),
    ]:
        with pytest.raises(Invalid, match="text"):
            do(action, by)


def test_a_query_is_about_an_item_of_the_form() -> None:
    with pytest.raises(Invalid, match="item"):
        do(RaiseQuery(VS, "NOSUCH", "?"), MONA)
    with pytest.raises(NotFound):
        do(RaiseQuery(key("IP"), "TAKEN", "nothing was entered here"), MONA)


def test_a_comment_asks_nothing_and_stands_beside_an_item_or_a_form() -> None:
    do(WriteComment(VS, "WEIGHT", "with shoes"), CLEO)
    do(WriteComment(VS, "", "a cold day"), MONA)
    assert set(Comment.objects.values_list("item", "text", "author")) == {
        ("WEIGHT", "with shoes", "cleo.coordinator"),
        ("", "a cold day", "mona.monitor"),
    }
    assert last_entry()["action"] == "edc.write_comment"
    with pytest.raises(NotPermitted):
        do(WriteComment(VS, "", "?"), VERA)
