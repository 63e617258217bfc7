"""Results of devices become items of forms under the rules of any save; later samples enter them anew, and nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.utils import translation

from helmont.core.errors import NotPermitted, ReasonRequired
from helmont.core.ledger.models import Entry
from helmont.core.ledger.verify import verify
from helmont.core.writer import perform
from helmont.edc.actions.entry import MarkNotDone, SaveForm
from helmont.edc.actions.review import FreezeForm, LockForm, VerifyItems
from helmont.edc.models import Form, Query
from helmont.edc.queries.audit import Mask, participant_audit
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.participants.models import Participant
from helmont.sensors import entering
from helmont.sensors.actions.corrections import CorrectClock
from helmont.sensors.actions.results import EnterResults
from helmont.sensors.entering import enter, enter_all, form_value, planned, why_anew
from helmont.sensors.models import EndpointEntry, EndpointResult
from helmont.signals.endpoints.computing import REASONS
from helmont.signals.errors import SignalError
from helmont.studies.actions import PublishDefinition
from helmont.study.model import Item, Study
from helmont.study.publishing import from_document, to_document
from helmont.study.text import Text
from helmont.study.values import value_parser
from tests.sensors.sending import glucose
from tests.sensors.worn import (
    AFTER,
    CLEO,
    DANA,
    HIM,
    IMPORT,
    INES,
    MAX,
    MONA,
    TRIAL,
    WORN,
    beats,
    begin_trial,
    computed,
    data,
    definition,
    do,
    entered,
    entry,
    wear,
    with_item,
)

pytestmark = pytest.mark.database
ANOTHER = f"{TRIAL}/701-002"
HOUR = [72] * 61


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()
    entering._followed.clear()


def latest() -> Entry:
    return Entry.objects.filter(log=TRIAL).latest("sequence")


def queries() -> list[tuple[str, str]]:
    return [(query.item, query.status) for query in Query.objects.filter(form=WORN).order_by("key")]


def test_results_are_entered_when_their_window_is_over_and_say_what_they_rest_on() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-28", HOUR)
    beats(secret, "b2", "2026-03-29", [81] * 61)
    assert entered(datetime(2026, 3, 29, 21, 59, tzinfo=UTC)) == 0
    assert data() == {}
    assert entered() == 1
    assert data() == {
        "HRMEAN": "76.5",
        "HRHOUR": "4590",
        "TIR": {"not_done": "No channel that it can be computed from was recorded."},
        "DAYS[2].DAYDT": "2026-03-28",
        "DAYS[2].DAYHR": "72",
        "DAYS[3].DAYDT": "2026-03-29",
        "DAYS[3].DAYHR": "81",
    }
    row = entry()
    result = EndpointResult.objects.get(participant=HIM, window="visit window", endpoint="heart_rate_mean_visit")
    assert (row.endpoint, row.digest, row.basis) == ("heart_rate_mean_visit@2", result.digest, result.basis)
    assert (row.value, row.unit, row.batches, row.state) == (repr(result.value), "/min", 2, "entered")
    assert row.rests["software"].startswith("helmont ")
    saved = latest()
    assert (saved.action, saved.actor) == ("sensors.enter_results", "helmont")
    assert entry("TIR").reason == "no_channel"
    assert verify([TRIAL]).clean


def test_what_stands_there_is_left_alone() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-28", HOUR)
    assert entered() == 1
    size = latest().sequence
    assert (enter(HIM, AFTER), entered(), planned(HIM, AFTER)) == (0, 0, [])
    assert latest().sequence == size


def test_the_schedule_enters_whoever_was_computed_since() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-28", HOUR)
    computed()
    assert (enter_all(), enter_all()) == (1, 0)
    beats(secret, "b2", "2026-03-29", [81] * 61)
    computed()
    assert enter_all() == 1


END = datetime(2026, 3, 29, 22, tzinfo=UTC)
"""When the window of week 2 is over, by the clock where he is."""


def test_a_result_waits_a_day_for_samples_that_come_late_and_is_then_entered_once() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-29", [81] * 61)
    computed(END)
    assert enter_all(END) == 0
    beats(secret, "b2", "2026-03-28", HOUR)
    computed(END + timedelta(hours=23))
    assert enter_all(END + timedelta(hours=23)) == 0
    assert data() == {}
    assert enter_all(END + timedelta(hours=24)) == 1
    assert (data()["HRMEAN"], entry().batches) == ("76.5", 2)
    assert [each.action for each in Entry.objects.filter(log=TRIAL)].count("sensors.enter_results") == 1
    assert enter_all(END + timedelta(hours=25)) == 0


def test_a_result_is_entered_as_soon_as_every_channel_has_sent_beyond_the_window() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-29", [81] * 61)
    beats(secret, "b2", "2026-03-30", [81], first=1)
    assert entered(END) == 0  # no glucose yet: it may be on its way
    times = ["2026-03-29T12:00:00+02:00", "2026-03-29T23:59:00+02:00"]
    glucose(secret, "g1", times, [5.0, 6.0])
    assert entered(END) == 0
    glucose(secret, "g2", ["2026-03-30T00:00:00+02:00"], [6.0])
    assert entered(END) == 1
    assert data()["HRMEAN"] == "81.0"


def test_every_device_that_was_worn_in_the_window_is_waited_for() -> None:
    first, second = wear(), wear(label="W-002", starts="2026-03-28T22:00:00Z")
    beats(first, "b1", "2026-03-28", HOUR)
    beats(second, "b2", "2026-03-30", [81], first=1)
    glucose(second, "g1", ["2026-03-30T00:00:00+02:00"], [6.0])
    assert entered(END) == 0
    glucose(first, "g1", ["2026-03-28T12:00:00+01:00"], [6.0])
    beats(first, "b3", "2026-03-29", HOUR, first=60)
    assert entered(END) == 0  # glucose of the first device goes only to noon
    glucose(first, "g2", ["2026-03-29T01:00:00+01:00"], [6.0])
    assert entered(END) == 1


def test_whoever_asks_for_results_does_not_wait_for_samples() -> None:
    beats(wear(), "b1", "2026-03-29", [81] * 61)
    computed(END)
    assert (enter(HIM, END), enter(HIM, END, at_once=True), enter(HIM, END)) == (0, 1, 0)
    assert data()["HRMEAN"] == "81.0"


def test_one_participant_whose_results_cannot_be_entered_keeps_nobody_else_waiting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beats(wear(), "b1", "2026-03-28", HOUR)
    computed()
    mine = entering.planned

    def damaged(*_: Any) -> list[EnterResults]:
        raise SignalError("block", "damaged", "as it was written")

    monkeypatch.setattr(entering, "planned", damaged)
    assert enter_all() == 0
    assert f"results of {HIM} could not be entered" in caplog.text
    monkeypatch.setattr(entering, "planned", mine)
    assert enter_all() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"digest": "another"}, "another definition: mvpa_visit@2"),
        ({"rests": {"corrections": ["c"], "calibrations": {}, "software": "1"}}, "clock or wearer was corrected"),
        ({"batches": 3}, "Samples came later: 3 batches, before 2."),
        ({"rests": {"corrections": [], "calibrations": {"d": {}}, "software": "1"}}, "calibrated anew"),
        ({"rests": {"corrections": [], "calibrations": {}, "software": "2"}}, "Computed by another version: 2."),
        ({}, "Computed anew."),
    ],
)
def test_what_changed_is_the_reason(changed: dict[str, Any], said: str) -> None:
    rests = {"corrections": [], "calibrations": {}, "software": "1"}
    fields = {"endpoint": "mvpa_visit@2", "digest": "d", "batches": 2, "rests": rests}
    assert said in why_anew(EndpointEntry(**fields), {**fields, **changed})


def test_samples_that_come_later_enter_the_value_anew_with_the_reason_and_end_its_verification() -> None:
    secret = wear()
    beats(secret, "b2", "2026-03-29", [81] * 61)
    entered()
    assert data()["HRMEAN"] == "81.0"
    do(VerifyItems(WORN, ("HRMEAN",), True), MONA)
    beats(secret, "b1", "2026-03-28", HOUR)
    assert entered() == 1
    assert data()["HRMEAN"] == "76.5"
    form = Form.objects.get(key=WORN)
    assert "HRMEAN" not in form.verified
    assert "HRMEAN" in form.lapsed
    assert "Samples came later: 2 batches, before 1." in str(latest().body)


def test_a_correction_of_the_clock_is_named_as_the_reason() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-29", HOUR, first=23 * 60 + 30)
    beats(secret, "b2", "2026-03-28", [81] * 61)
    entered()
    before = data()["HRMEAN"]
    points = {"2026-03-16T08:00:00Z": "2026-03-16T07:00:00Z"}
    do(CorrectClock(f"{TRIAL}/devices/W-001/1", points, "An hour fast"))
    assert entered() == 1
    assert data()["HRMEAN"] != before
    assert "clock or wearer was corrected" in str(latest().body)


def test_the_final_items_are_the_same_in_whatever_order_batches_come() -> None:
    batches = [("b1", "2026-03-27", HOUR), ("b2", "2026-03-28", [81] * 61), ("b3", "2026-03-29", [95] * 75)]
    found = [_after(order) for order in permutations(batches)]
    assert all(each == found[0] for each in found)
    assert found[0]["HRMEAN"] == "83.4"


def _after(order: Any) -> dict[str, Any]:
    """The form once these batches came, each followed by entering what there is; undone afterwards."""
    from tests.one_cast import undone

    with undone():
        secret = wear()
        for name, day, values in order:
            beats(secret, name, day, values)
            entered()
        rests = {row.item: (row.value, row.basis, row.batches) for row in EndpointEntry.objects.all()}
        assert rests["HRMEAN"][2] == 3
        return data() | {"": rests["HRMEAN"][:2]}


def test_a_person_does_not_change_what_a_device_measured_without_a_reason_and_keeps_their_value() -> None:
    secret = wear()
    beats(secret, "b2", "2026-03-29", [81] * 61)
    entered()
    assert Form.objects.get(key=WORN).status == "complete"
    with pytest.raises(ReasonRequired):
        do(SaveForm(WORN, {"HRMEAN": "80"}), CLEO)
    do(SaveForm(WORN, {"HRMEAN": "80", "REMARK": "Worn loosely"}, reason="The strap was loose"), CLEO)
    beats(secret, "b1", "2026-03-28", HOUR)
    assert entered() == 1
    assert data()["HRMEAN"] == "80"
    assert data()["DAYS[2].DAYHR"] == "72"
    row = entry()
    assert (row.state, row.value) == ("waiting", "81.0")
    assert (row.waits["value"], row.waits["why"]) == ("76.5", "A person put another value there.")
    assert queries() == [("HRMEAN", "open")]
    assert entered() == 0
    do(SaveForm(WORN, {"HRMEAN": "76.5"}, reason="As the device has it"), CLEO)
    assert entered() == 1
    assert (entry().state, entry().batches) == ("entered", 2)


def another_under(study: Study) -> str:
    """A participant under that version, who came to week 2; the key of the form."""
    perform(PublishDefinition(study), IMPORT)
    perform(ScreenParticipant(TRIAL, "701", "701-002", "2026-03-10"), IMPORT)
    perform(BeginEncounter(TRIAL, "701-002", "WEEK_2", "2026-03-30"), IMPORT)
    return f"{ANOTHER}/WEEK_2/WORN"


def test_what_a_privilege_hides_is_entered_and_neither_its_source_nor_its_query_is_seen_without_it() -> None:
    form = another_under(with_item("1.2", "HRMEAN", privilege="allocation"))
    secret = wear(ANOTHER)
    beats(secret, "b1", "2026-03-29", [81] * 61)
    entered(participant=ANOTHER)
    assert data(form)["HRMEAN"] == "81.0"
    do(FreezeForm(form))
    beats(secret, "b2", "2026-03-28", [72] * 61)
    entered(participant=ANOTHER)
    assert entry(form=form).state == "waiting"
    whose = Participant.objects.get(key=ANOTHER)
    today = date.today()
    mask = Mask(DANA, whose, today)
    assert mask.hides_record(f"endpoint_entry:{form}/results/HRMEAN")
    assert not mask.hides_record(f"endpoint_entry:{form}/results/TIR")
    trail, _more = participant_audit(DANA, TRIAL, "701-002", today)
    assert "HRMEAN" not in str([change for each in trail for change in each.changes])
    assert "TIR" in str([change for each in trail for change in each.changes])


def test_a_form_that_asks_for_more_stays_a_draft_and_its_measured_items_ask_for_a_reason_too() -> None:
    form = another_under(with_item("1.1", "REMARK", required=True))
    beats(wear(ANOTHER), "b1", "2026-03-29", [81] * 61)
    assert entered(participant=ANOTHER) == 1
    assert Form.objects.get(key=form).status == "draft"
    with pytest.raises(ReasonRequired, match="A device measured this value"):
        do(SaveForm(form, {"HRMEAN": "80"}), CLEO)
    do(SaveForm(form, {"REMARK": "Worn well"}, complete=True), CLEO)
    do(SaveForm(form, {"HRMEAN": "80"}, reason="The strap was loose"), CLEO)
    assert data(form)["HRMEAN"] == "80"


def test_a_locked_form_stays_as_it_is_and_the_result_waits_until_it_is_opened() -> None:
    secret = wear()
    beats(secret, "b2", "2026-03-29", [81] * 61)
    entered()
    do(LockForm(WORN))
    beats(secret, "b1", "2026-03-28", HOUR)
    assert entered() == 1
    assert data()["HRMEAN"] == "81.0"
    assert (entry().state, entry().waits["value"]) == ("waiting", "76.5")
    assert "locked" in entry().waits["why"]
    assert queries() == []  # a locked form takes no query
    assert entered() == 0
    do(LockForm(WORN, undo=True, reason="Samples came"), MAX)
    assert entered() == 1
    assert (data()["HRMEAN"], entry().state, entry().waits) == ("76.5", "entered", {})


def test_a_frozen_form_takes_a_query_for_each_value_that_waits() -> None:
    secret = wear()
    beats(secret, "b2", "2026-03-29", [81] * 61)
    entered()
    do(FreezeForm(WORN))
    beats(secret, "b1", "2026-03-28", HOUR)
    entered()
    assert data()["HRMEAN"] == "81.0"
    assert sorted(queries()) == [("DAYS[2].DAYHR", "open"), ("HRMEAN", "open")]


def test_the_rules_of_the_form_hold() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-29", [130] * 61)
    entered()
    assert data()["HRMEAN"] == "130.0"
    assert ("HRMEAN", "open") in queries()
    assert Query.objects.get(form=WORN).rule == "HR_HIGH"


def test_too_little_wear_is_not_done_with_the_reason() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-29", [72] * 20)
    entered()
    assert data()["HRMEAN"] == {"not_done": "There is less usable data than the definition asks for."}
    assert (entry().value, entry().reason) == ("", "too_little_wear")


def in_dutch(version: str) -> Study:
    """The study, its texts said to be Dutch."""
    written = json.dumps(to_document(replace(definition(), version=version)))
    return from_document(json.loads(written.replace('{"en":', '{"nl":').replace('["en"]', '["nl"]')))


def test_words_that_enter_the_record_are_in_the_language_of_the_study() -> None:
    form = another_under(in_dutch("1.3"))
    secret = wear(ANOTHER)
    beats(secret, "b1", "2026-03-29", [81] * 61)
    entered(participant=ANOTHER)
    beats(secret, "b2", "2026-03-28", HOUR)
    with translation.override("fr"):  # whoever asks for it reads another
        entered(participant=ANOTHER)
    assert "Er kwamen later meetwaarden: 2" in str(latest().body)
    nothing = EndpointResult(value=None, evaluable=False, reason="no_data")
    item = Item("X", Text({"en": "X"}), type="integer")
    with translation.override("nl"):
        assert form_value(nothing, item) == {"not_done": "In deze tijd is niets geregistreerd."}
    with translation.override("en"):
        assert {key: str(text) for key, text in entering.NOT_DONE.items()} == REASONS
    do(SaveForm(form, {"HRMEAN": "80"}, reason="De band zat los"), CLEO)
    beats(secret, "b3", "2026-03-27", HOUR)
    entered(participant=ANOTHER)
    assert entry(form=form).waits["why"] == "Iemand heeft er een andere waarde ingevuld."


def test_a_form_that_the_site_called_not_done_stays_so() -> None:
    do(MarkNotDone(WORN, reason="The device was lost"), CLEO)
    secret = wear()
    beats(secret, "b1", "2026-03-29", HOUR)
    entered()
    assert (Form.objects.get(key=WORN).status, data()) == ("not_done", {})
    assert entry().state == "waiting"


def test_nobody_else_enters_results() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-29", HOUR)
    computed()
    [action] = planned(HIM, AFTER)
    assert isinstance(action, EnterResults)
    for person in (CLEO, INES, MONA):
        with pytest.raises(NotPermitted):
            do(action, person)
    do(action, DANA)
    assert data()["HRMEAN"] == "72.0"


@pytest.mark.parametrize(
    ("value", "asked", "held"),
    [
        (76.25, {"type": "decimal", "decimals": 1}, "76.3"),
        (-0.04, {"type": "decimal", "decimals": 1}, "0.0"),
        (1 / 3, {"type": "decimal"}, "0.33333333333333"),
        (72.0, {"type": "decimal"}, "72"),
        (123456.5, {"type": "integer"}, "123457"),
        (5.25, {"type": "decimal", "decimals": 1, "units": ("mmol/L", "mg/dL")}, {"value": "5.3", "unit": "mmol/L"}),
    ],
)
def test_an_item_holds_the_value_rounded_half_up_to_its_decimals(value: float, asked: Any, held: Any) -> None:
    item = Item("X", Text({"en": "X"}), **asked)
    result = EndpointResult(value=value, evaluable=True, reason="", unit="mmol/L")
    assert form_value(result, item) == held
    assert value_parser(item)(held, date(2026, 4, 1)) == held
