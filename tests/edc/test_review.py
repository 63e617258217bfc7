"""Verification against the source, review, freezing and locking: what each mark means, ends and forbids."""

import pytest

from helmont.core.actions import Action
from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.edc.actions.entry import MarkNotDone
from helmont.edc.actions.queries import AnswerQuery, AskAgain, CloseQuery, RaiseQuery, WriteComment
from helmont.edc.actions.review import FreezeForm, LockForm, ReviewForm, VerifyItems
from tests.edc.kit import (
    CLEO,
    DANA,
    INES,
    MONA,
    OTTO,
    SAM,
    changes,
    complete,
    do,
    form,
    key,
    queries,
    query,
    save,
    sign,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, DM = key("VS"), key("DM", "SCREENING_1")
CM = {"value": "170", "unit": "cm"}


@pytest.fixture
def vs() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70", HEIGHT=CM)


@pytest.mark.usefixtures("vs")
def test_the_items_that_the_study_asks_to_verify_are_verified_together() -> None:
    assert do(VerifyItems(VS), MONA)["verified"] == ["HEIGHT", "WEIGHT"]
    mark = form(VS).verified["WEIGHT"]
    assert mark["by"] == "mona.monitor"
    assert changes(f"form:{VS}") == {"verified/HEIGHT": [None, mark], "verified/WEIGHT": [None, mark]}


@pytest.mark.usefixtures("vs")
def test_any_item_with_a_value_can_be_verified_and_the_mark_taken_away() -> None:
    do(VerifyItems(VS, ("VSPERF", "WEIGHT")), MONA)
    do(VerifyItems(VS, ("WEIGHT",), verified=False), MONA)
    assert list(form(VS).verified) == ["VSPERF"]
    [[old, new]] = changes(f"form:{VS}").values()
    assert (old["by"], new) == ("mona.monitor", None)


@pytest.mark.usefixtures("vs")
def test_a_changed_item_loses_its_own_verification_only_and_the_entry_shows_it() -> None:
    do(VerifyItems(VS), MONA)
    mark = form(VS).verified["WEIGHT"]
    save(VS, reason="misread", WEIGHT="71")
    assert list(form(VS).verified) == ["HEIGHT"]
    assert changes(f"form:{VS}")["verified/WEIGHT"] == [mark, None]
    assert "verified/HEIGHT" not in changes(f"form:{VS}")


@pytest.mark.usefixtures("vs")
def test_an_item_without_a_value_cannot_be_verified() -> None:
    with pytest.raises(Invalid, match="no value"):
        do(VerifyItems(VS, ("VSDTC",)), MONA)


def test_a_draft_is_neither_verified_reviewed_frozen_nor_locked() -> None:
    save(VS, VSPERF="Y")
    for action, by in [(VerifyItems(VS), MONA), (ReviewForm(VS), DANA), (FreezeForm(VS), DANA), (LockForm(VS), DANA)]:
        with pytest.raises(Refused):
            do(action, by)


@pytest.mark.usefixtures("vs")
def test_a_review_is_marked_by_kind_and_ends_with_any_change() -> None:
    do(ReviewForm(VS), DANA)
    do(ReviewForm(VS, "medical"), INES)
    assert sorted(form(VS).reviewed) == ["data", "medical"]
    save(VS, reason="misread", WEIGHT="71")
    assert form(VS).reviewed == {}
    assert {"reviewed/data", "reviewed/medical"} <= changes(f"form:{VS}").keys()


@pytest.mark.usefixtures("vs")
def test_a_review_can_be_taken_back_and_there_are_two_kinds() -> None:
    do(ReviewForm(VS), DANA)
    do(ReviewForm(VS, reviewed=False), DANA)
    assert form(VS).reviewed == {}
    with pytest.raises(Invalid, match="kind"):
        do(ReviewForm(VS, "legal"), DANA)


def test_a_not_done_form_that_is_filled_in_after_all_loses_its_review_and_signature() -> None:
    do(MarkNotDone(VS, "refused"))
    do(ReviewForm(VS), DANA)
    sign(VS)
    complete(VS)
    assert (form(VS).status, form(VS).reviewed, form(VS).signed) == ("complete", {}, "broken")


@pytest.mark.usefixtures("vs")
def test_a_frozen_form_is_not_edited_until_it_is_opened_with_a_reason() -> None:
    do(FreezeForm(VS), DANA)
    with pytest.raises(Refused, match=r"This form is frozen, by dana.manager since .* UTC\. Ask the data") as refusal:
        save(VS, reason="misread", WEIGHT="71")
    assert refusal.value.details.items() >= {"lock": "frozen", "level": "form", "by": "dana.manager"}.items()
    with pytest.raises(ReasonRequired):
        do(FreezeForm(VS, undo=True), DANA)
    do(FreezeForm(VS, undo=True, reason="a correction is due"), DANA)
    save(VS, reason="misread", WEIGHT="71")
    assert form(VS).data["WEIGHT"] == "71"


@pytest.mark.usefixtures("vs")
def test_a_frozen_form_is_still_verified_reviewed_asked_about_and_signed() -> None:
    do(FreezeForm(VS), DANA)
    do(VerifyItems(VS), MONA)
    do(ReviewForm(VS), DANA)
    do(RaiseQuery(VS, "WEIGHT", "is this right?"), MONA)
    do(AnswerQuery(query(VS).key, "yes"))
    sign(VS)
    assert (form(VS).signed, queries(VS, "answered")) == ("valid", ["WEIGHT"])


@pytest.mark.usefixtures("vs")
def test_a_locked_form_is_neither_edited_verified_reviewed_nor_asked_about_but_may_be_signed() -> None:
    do(RaiseQuery(VS, "WEIGHT", "is this right?"), MONA)
    do(CloseQuery(query(VS).key), MONA)
    do(LockForm(VS), DANA)
    refused: list[tuple[Action, Actor]] = [
        (VerifyItems(VS), MONA),
        (ReviewForm(VS), DANA),
        (RaiseQuery(VS, "WEIGHT", "and this?"), MONA),
        (AskAgain(query(VS).key, "and this?"), MONA),
        (MarkNotDone(VS, "refused"), CLEO),
        (FreezeForm(VS), DANA),
        (LockForm(VS), DANA),
    ]
    for action, by in refused:
        with pytest.raises(Refused):
            do(action, by)
    with pytest.raises(Refused, match="This form is locked, by dana"):
        save(VS, reason="misread", WEIGHT="71")
    do(WriteComment(VS, "WEIGHT", "looked at again after the lock"), MONA)
    sign(VS)
    with pytest.raises(NotPermitted, match="may unlock"):
        do(LockForm(VS, undo=True, reason="an inspector's finding"), DANA)
    with pytest.raises(ReasonRequired):
        do(LockForm(VS, undo=True), SAM)
    do(LockForm(VS, undo=True, reason="an inspector's finding"), SAM)
    assert (form(VS).lock, form(VS).signed) == ("open", "valid")


@pytest.mark.usefixtures("vs")
def test_a_form_with_open_queries_is_neither_frozen_nor_locked() -> None:
    do(RaiseQuery(VS, "WEIGHT", "is this right?"), MONA)
    for action in (FreezeForm(VS), LockForm(VS)):
        with pytest.raises(Refused, match="open queries"):
            do(action, DANA)


@pytest.mark.usefixtures("vs")
@pytest.mark.parametrize(
    ("action", "by"),
    [(VerifyItems(VS), CLEO), (ReviewForm(VS), MONA), (FreezeForm(VS), MONA), (LockForm(VS), INES)],
)
def test_each_mark_belongs_to_its_role(action: Action, by: Actor) -> None:
    with pytest.raises(NotPermitted):
        do(action, by)
    with pytest.raises(NotFound):
        do(action, OTTO)
