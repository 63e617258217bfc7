"""Locks of items, participants, sites and the study: what each forbids, to whom, and who opens it again."""

from collections.abc import Callable, Iterator

import pytest

from helmont.core.actions import Action
from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.ledger.verify import verify
from helmont.edc.actions.entry import MarkNotDone, RemoveLine, SaveForm
from helmont.edc.actions.locks import LockStudy, SetLock
from helmont.edc.actions.queries import AnswerQuery, AskAgain, CloseQuery, RaiseQuery, WriteComment
from helmont.edc.actions.review import FreezeForm, HoldItems, LockForm, ReviewForm, VerifyItems
from helmont.edc.actions.verification import ChangeVerificationPlan
from helmont.edc.checklist import examine
from helmont.edc.models import LedgerCheck, Lock
from helmont.participants.actions import BeginEncounter, ChangeStatus, ScreenParticipant
from tests.edc.kit import (
    CLEO,
    DANA,
    INES,
    MONA,
    OTTO,
    SAM,
    STUDY,
    TODAY,
    WHO,
    ae,
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
VS, WEEK_2 = key("VS"), key("VS", "WEEK_2")
CM = {"value": "170", "unit": "cm"}
PLACES = [("participant", WHO), ("site", "701"), ("study", "")]


@pytest.fixture(autouse=True)
def vs() -> Iterator[None]:
    complete(VS, VSPERF="Y", WEIGHT="70", HEIGHT=CM)
    complete(ae(1), AETERM="Headache")
    yield
    assert verify([STUDY]).faults == []


def hold(level: str, place: str, state: str = "frozen", by: object = DANA, reason: str = "interim analysis") -> None:
    do(SetLock(STUDY, level, place, state, reason), by)  # type: ignore[arg-type]  # people of the kit


def of_the_site() -> list[Action]:
    return [
        SaveForm(VS, {"WEIGHT": "71"}, reason="misread"),
        SaveForm(WEEK_2, {"VSPERF": "N"}),
        MarkNotDone(key("DM", "SCREENING_1"), "refused"),
        RemoveLine(ae(1), reason="by mistake"),
        SaveForm(ae(2), {"AETERM": "Nausea"}),
        BeginEncounter(STUDY, WHO, "UNSCHEDULED", "2026-02-09"),
        BeginEncounter(STUDY, WHO, "WEEK_2", "2026-02-03", reason="misread"),
        ChangeStatus(STUDY, WHO, "enrol"),
    ]


@pytest.mark.parametrize(("level", "place"), PLACES)
@pytest.mark.parametrize("state", ["frozen", "locked"])
def test_what_is_frozen_or_locked_is_closed_to_the_site_and_says_by_whom(level: str, place: str, state: str) -> None:
    hold(level, place)
    if state == "locked":
        lock_whole_study() if level == "study" else hold(level, place, "locked")
    for action in of_the_site():
        with pytest.raises(Refused) as refusal:
            do(action)
        assert refusal.value.details.items() >= {"lock": state, "level": level, "place": place}.items()
        who = "sam.manager" if (level, state) == ("study", "locked") else "dana.manager"
        assert f"is {state}, by {who} since" in refusal.value.message
        assert "interim analysis" in refusal.value.message


def lock_whole_study() -> None:
    LedgerCheck.objects.create(study=STUDY, size=10**6, faults=0, time="")
    waive = {line.name: "of no account here" for line in examine(STUDY, TODAY)}
    do(LockStudy(STUDY, "interim analysis", waive), SAM)


def test_a_lock_of_one_place_leaves_the_others_open() -> None:
    hold("site", "702")
    for action in of_the_site():
        do(action)
    with pytest.raises(Refused, match="Site 702 is frozen"):
        do(ScreenParticipant(STUDY, "702", "702-001", "2026-01-06"), OTTO)


def test_a_frozen_participant_is_still_verified_reviewed_and_asked_about() -> None:
    hold("participant", WHO)
    for action, by in [(VerifyItems(VS), MONA), (ReviewForm(VS), DANA), (RaiseQuery(VS, "WEIGHT", "sure?"), MONA)]:
        do(action, by)
    do(AnswerQuery(query(VS).key, "yes"))
    sign(VS)


@pytest.mark.parametrize(("level", "place"), PLACES[:2])
def test_what_is_locked_is_closed_to_everybody_except_for_a_signature(level: str, place: str) -> None:
    do(RaiseQuery(VS, "WEIGHT", "sure?"), MONA)
    do(CloseQuery(query(VS).key), MONA)
    hold(level, place, "locked")
    for action, by in [
        (VerifyItems(VS), MONA),
        (ReviewForm(VS), DANA),
        (RaiseQuery(VS, "HEIGHT", "and this?"), MONA),
        (AskAgain(query(VS).key, "really?"), MONA),
        (FreezeForm(VS), DANA),
        (HoldItems(VS, ("WEIGHT",)), DANA),
    ]:
        with pytest.raises(Refused, match="is locked, by dana"):
            do(action, by)
    do(WriteComment(VS, "WEIGHT", "seen"), MONA)
    sign(VS)
    with pytest.raises(NotPermitted, match="may unlock"):
        hold(level, place, "open", reason="an inspector's finding")
    hold(level, place, "open", SAM, "an inspector's finding")
    save(VS, reason="misread", WEIGHT="71")


def test_nothing_at_all_changes_in_a_locked_study() -> None:
    hold("study", "")
    lock_whole_study()
    for action, by in [(VerifyItems(VS), MONA), (WriteComment(VS, "", "seen"), MONA), (FreezeForm(VS), DANA)]:
        with pytest.raises(Refused, match="The study is locked, by sam"):
            do(action, by)
    with pytest.raises(Refused, match="The study is locked"):
        sign(VS)
    with pytest.raises(Refused, match="The study is locked"):
        do(ChangeVerificationPlan(STUDY, {"default": "all"}, "why not"), SAM)
    with pytest.raises(Refused, match="The study is locked"):
        do(ScreenParticipant(STUDY, "702", "702-001", "2026-01-06"), OTTO)
    hold("study", "", "open", SAM, "an error was found")
    save(VS, reason="misread", WEIGHT="71")


def test_a_lock_takes_a_reason_a_change_and_a_place_that_exists() -> None:
    with pytest.raises(ReasonRequired):
        hold("site", "701", reason="  ")
    hold("site", "701")
    with pytest.raises(Refused, match="so already"):
        hold("site", "701")
    with pytest.raises(NotFound):
        hold("site", "799")
    with pytest.raises(Invalid, match="no such place"):
        hold("country", "BE")
    with pytest.raises(Invalid, match="state"):
        hold("site", "701", "sealed")


@pytest.mark.parametrize("by", [CLEO, INES, MONA])
def test_only_data_management_freezes(by: object) -> None:
    with pytest.raises((NotPermitted, NotFound)):
        hold("participant", WHO, by=by)


def test_what_is_locked_holds_no_draft_and_no_open_query() -> None:
    save(WEEK_2, VSPERF="Y")
    with pytest.raises(Refused, match="1 drafts, 0 open queries"):
        hold("participant", WHO, "locked")
    complete(WEEK_2, VSPERF="Y", WEIGHT="71", HEIGHT=CM)
    do(RaiseQuery(VS, "WEIGHT", "sure?"), MONA)
    with pytest.raises(Refused, match="0 drafts"):
        hold("site", "701", "locked")


# Items


def test_a_frozen_item_alone_keeps_still() -> None:
    do(HoldItems(VS, ("WEIGHT",), reason="source seen"), DANA)
    with pytest.raises(Refused, match="The item WEIGHT is frozen, by dana"):
        save(VS, reason="misread", WEIGHT="71")
    save(VS, reason="misread", VSPERF="Y", VSDTC="2026-01-19")
    with pytest.raises(Refused, match="The item WEIGHT is frozen"):
        save(VS, reason="misread", WEIGHT="71", VSDTC="2026-01-18")
    assert form(VS).data["VSDTC"] == "2026-01-19"
    do(VerifyItems(VS), MONA)
    do(HoldItems(VS, ("WEIGHT",), "open", "a correction is due"), DANA)
    save(VS, reason="misread", WEIGHT="71")


def test_what_is_calculated_from_other_items_is_not_changed_by_them_while_it_is_frozen() -> None:
    do(HoldItems(VS, ("BMI",)), DANA)
    with pytest.raises(Refused, match="The item BMI is frozen"):
        save(VS, reason="misread", WEIGHT="71")


def test_what_another_form_calculates_into_a_frozen_item_catches_up_when_it_is_opened() -> None:
    complete(WEEK_2, VSPERF="Y", WEIGHT="77")
    was = form(WEEK_2).data["CHANGE"]
    do(HoldItems(WEEK_2, ("CHANGE",)), DANA)
    save(VS, reason="misread", WEIGHT="84")
    assert form(WEEK_2).data["CHANGE"] == was
    do(HoldItems(WEEK_2, ("CHANGE",), "open", "baseline was corrected"), DANA)
    assert form(WEEK_2).data["CHANGE"] == "-7.0"


def test_a_locked_item_is_neither_verified_nor_asked_about_and_opened_by_a_higher_role() -> None:
    do(HoldItems(VS, ("WEIGHT",), "locked", "agreed"), DANA)
    for action in (VerifyItems(VS, ("WEIGHT",)), RaiseQuery(VS, "WEIGHT", "sure?")):
        with pytest.raises(Refused, match="The item WEIGHT is locked"):
            do(action, MONA)
    do(VerifyItems(VS), MONA)
    assert list(form(VS).verified) == ["HEIGHT"]
    with pytest.raises(NotPermitted):
        do(HoldItems(VS, ("WEIGHT",), "open", "an error"), DANA)
    do(HoldItems(VS, ("WEIGHT",), "open", "an error"), SAM)
    assert form(VS).held == {}


def test_an_item_with_an_open_query_is_not_locked_and_there_is_no_other_item() -> None:
    do(RaiseQuery(VS, "WEIGHT", "sure?"), MONA)
    with pytest.raises(Refused, match="open queries on WEIGHT"):
        do(HoldItems(VS, ("WEIGHT",)), DANA)
    with pytest.raises(Invalid, match="no such item"):
        do(HoldItems(VS, ("WAIT",)), DANA)
    with pytest.raises(Invalid, match="state"):
        do(HoldItems(VS, ("HEIGHT",), "sealed"), DANA)


# The study's checklist


def counts() -> dict[str, int]:
    return {line.name: line.count for line in examine(STUDY, TODAY)}


def test_the_checklist_counts_what_is_left_and_follows_the_data() -> None:
    before = counts()
    assert before.keys() >= {"queries", "forms", "visits", "verification", "review", "signatures", "participants"}
    assert (before["queries"], before["verification"], before["participants"]) == (0, 2, 1)
    do(RaiseQuery(VS, "WEIGHT", "sure?"), MONA)
    do(VerifyItems(VS), MONA)
    do(ReviewForm(VS), DANA)
    sign(VS)
    after = counts()
    assert (after["queries"], after["verification"]) == (1, 0)
    assert (after["review"], after["signatures"]) == (before["review"] - 1, before["signatures"] - 1)
    do(ChangeStatus(STUDY, WHO, "withdraw"))
    assert counts()["participants"] == 0


def test_a_study_is_locked_once_frozen_and_nothing_is_left_but_what_is_waived() -> None:
    with pytest.raises(Refused, match="frozen first"):
        do(LockStudy(STUDY, "final", {}), SAM)
    hold("study", "")
    with pytest.raises(Refused, match="from its checklist"):
        hold("study", "", "locked", SAM)
    with pytest.raises(Invalid, match="The checklist is not done") as refusal:
        do(LockStudy(STUDY, "final", {"forms": "screen failures have none"}), SAM)
    places = {fault.place for fault in refusal.value.faults}
    assert {"verification", "review", "signatures", "participants", "ledger"} <= places
    assert "forms" not in places
    with pytest.raises(Invalid, match="no such line"):
        do(LockStudy(STUDY, "final", {"weather": "fine"}), SAM)
    with pytest.raises((NotPermitted, NotFound)):
        do(LockStudy(STUDY, "final", {}), DANA)
    waive = {name: f"why not {name}" for name, count in counts().items() if count}
    do(LockStudy(STUDY, "final", waive), SAM)
    lock = Lock.objects.get(key=f"{STUDY}/locks/study")
    assert (lock.state, lock.by, lock.waived) == ("locked", "sam.manager", waive)
    assert lock.checklist["verification"] == "2"


@pytest.mark.parametrize("narrow", [FreezeForm, LockForm])
def test_locks_of_several_levels_hold_until_each_is_opened(narrow: Callable[[str], Action]) -> None:
    do(narrow(VS), DANA)
    hold("participant", WHO)
    hold("participant", WHO, "open", reason="done")
    with pytest.raises(Refused, match="This form is"):
        save(VS, reason="misread", WEIGHT="71")
    assert queries(VS) == []
