"""Whatever people do to a line on paper, and in whatever order: nothing is lost, and nobody copies what they have seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, product

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from helmont.core.actions import Action
from helmont.core.errors import Refused
from helmont.core.ledger.models import Entry
from helmont.core.ledger.verify import verify
from helmont.core.writer import perform
from helmont.double_entry.actions.adjudicating import Adjudicate
from helmont.double_entry.actions.lines import DenyLine, RuleOnLine, WithdrawLine
from helmont.double_entry.actions.transcribing import Transcribe
from helmont.double_entry.models import ABSENT, CLOSED, SETTLED, WANTED, WITHDRAWN, Transcription
from helmont.double_entry.queries.turns import turn_of
from helmont.double_entry.queries.waiting import paper_lines
from helmont.double_entry.turns import Copy, standing_of, state_of
from helmont.edc.models import Form
from helmont.edc.queries.audit import participant_audit
from helmont.edc.queries.forms import form_view
from helmont.participants.models import Participant
from tests.cast import actor
from tests.double_entry.kit import LOG, PAPER, WHO, build

COPIERS = ("coordinator", "nurse", "investigator")
VERBS = ("draft", "complete", "else", "deny", "withdraw")
STEPS = [*product(COPIERS, VERBS), ("data.manager", "stands"), ("data.manager", "strike"), ("data.manager", "decide")]
numbers = count(1)


@pytest.fixture
def paper(_cast_built: None) -> None:
    build()


def action(handle: str, verb: str, key: str, mark: str) -> Action:
    """What somebody does; everybody reads the same serious event, unless they read something ``else``. The name of who
    copied is in what they misread, so that it is known again wherever it turns up."""
    match verb:
        case "draft":
            return Transcribe(key, {"AETERM": f"{mark} by {handle}"})
        case "complete":
            return Transcribe(key, {"AETERM": mark, "AESER": "Y"}, complete=True)
        case "else":
            return Transcribe(key, {"AETERM": f"{mark} by {handle}", "AESER": "N"}, complete=True)
        case "deny":
            return DenyLine(key, reason="not there")
        case "withdraw":
            return WithdrawLine(key, why="a mistake")
        case "decide":
            rows = {row.number: row for row in Transcription.objects.filter(form=key)}
            second = rows.get(2)
            one, other = rows[1].data, {} if second is None or second.status == ABSENT else second.data
            said = [item for item in ("AETERM", "AESER") if one.get(item) != other.get(item)]
            paper = {"AETERM": mark, "AESER": "Y"}
            return Adjudicate(key, {item: paper[item] for item in said}, dict.fromkeys(said, "so"))
        case _:
            return RuleOnLine(key, stands=verb == "stands", why="so it is")


def rows_of(key: str) -> list[dict[str, object]]:
    return list(Transcription.objects.filter(form=key).order_by("number").values())


@pytest.mark.database
@pytest.mark.slow
@pytest.mark.usefixtures("paper")
@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([("coordinator", "complete"), ("nurse", "else"), ("data.manager", "decide")])
@example([("coordinator", "complete"), ("nurse", "deny"), ("data.manager", "stands"), ("investigator", "complete")])
@example([("coordinator", "complete"), ("nurse", "draft"), ("nurse", "deny"), ("data.manager", "decide")])
@example([("nurse", "deny"), ("coordinator", "else"), ("data.manager", "stands"), ("nurse", "complete")])
@example([("nurse", "deny"), ("data.manager", "strike"), ("investigator", "complete"), ("coordinator", "withdraw")])
@example([("coordinator", "withdraw"), ("nurse", "complete"), ("coordinator", "draft"), ("investigator", "deny")])
@given(st.lists(st.sampled_from(STEPS), min_size=2, max_size=9))
def test_no_order_loses_a_value_or_shows_the_first_entry(steps: list[tuple[str, str]]) -> None:
    mark = f"Event {next(numbers)}."
    begun = perform(Transcribe(f"{LOG}/new", {"AETERM": f"{mark} by coordinator"}), actor("coordinator")).result
    key, typed = begun["key"], {f"{mark} by coordinator"}
    assert Transcription.objects.filter(form=key).count() == 1, "the number is new"
    for handle, verb in steps:
        before, made = rows_of(key), action(handle, verb, key, mark)
        try:
            perform(made, actor(handle))
        except Refused:
            assert rows_of(key) == before, "a refusal changes nothing"
        else:
            if isinstance(made, Transcribe):
                typed |= {value for value in made.values.values() if value.startswith("Event")}
        check(key)
    check_blind(key, mark)
    entries = Entry.objects.filter(log=PAPER, sequence__gte=begun["revision"])
    log = "".join(entries.values_list("body", flat=True))
    assert all(f'"{value}"' in log for value in typed)
    assert next(numbers) % 10 or verify().clean


def check(key: str) -> None:
    rows = {row.number: row for row in Transcription.objects.filter(form=key)}
    first, second, form = rows[1], rows.get(2), Form.objects.filter(key=key).first()
    assert second is None or first.by != second.by, "one person never makes both"
    assert (form is not None) == (first.status in SETTLED), "a line is in the record once it is settled, and not before"
    if form is not None and second is not None:
        said = {**first.data, **{item: one["value"] for item, one in second.decided.items()}}
        assert form.data == said
        assert second.decided or first.data == second.data
    if first.status == WITHDRAWN:
        assert form is None
        assert second is None or second.status == WITHDRAWN
    held = first.status in CLOSED or (second is not None and second.status not in {WANTED})
    assert held or turn(first.by, key) in ("first", "waiting"), "there is always somebody whose turn it is"


def check_blind(key: str, mark: str) -> None:
    first = Transcription.objects.get(form=key, number=1)
    for handle in COPIERS if first.status not in SETTLED else ():
        if handle != first.by:
            assert f"{mark} by {first.by}" not in "".join(shown(handle, key)), (handle, first.status)


def shown(handle: str, key: str) -> Iterator[str]:
    """Everything that somebody gets of a line: its page, its place in the log, the audit trail."""
    day, person = datetime.now(UTC).date(), actor(handle)
    _study, number, _log, form, line = key.split("/")
    view = form_view(person, PAPER, number, "LOG", form, line, day)
    if (found := turn_of(person, view, day)) is not None:
        view = found.view(view)
    yield repr(dict(view.data))
    participant = Participant.objects.get(key=f"{PAPER}/{WHO}")
    yield repr([one for one in paper_lines(person, participant, form, day) if one.key == key])
    yield repr(participant_audit(person, PAPER, WHO, day, limit=30))


def turn(handle: str, key: str) -> str:
    day = datetime.now(UTC).date()
    _study, number, _log, form, line = key.split("/")
    found = turn_of(actor(handle), form_view(actor(handle), PAPER, number, "LOG", form, line, day), day)
    return found.state if found else "settled"


STATUSES = {1: ("draft", "done", "differs", "agreed", "adjudicated", "withdrawn")}
STATUSES[2] = (*STATUSES[1], "absent", "wanted")


def test_nobody_is_offered_both_entries_or_one_that_they_have_seen() -> None:
    """Over every state that two entries can be in, and everybody who may come along."""
    firsts = [Copy("a", status, ruled) for status in STATUSES[1] for ruled in (False, True)]
    seconds = [None, *(Copy("b", status) for status in STATUSES[2])]
    for first, second, handle, adjudicates in product(firsts, seconds, "abc", (False, True)):
        state = state_of(handle, first, second, adjudicates=adjudicates)
        if state == "first":
            assert (handle, first.status) == ("a", "draft")
        if state == "second":
            assert handle != "a"
            assert first.status in ("draft", "done")
            assert second is None or second.status == "wanted" or (second.by, second.status) == (handle, "draft")
            assert not (first.ruled and adjudicates)
        assert (state == "withdrawn") == (first.status == "withdrawn")
        assert standing_of(first, second) in ("first", "second", "both", "differs", "absent", "settled", "withdrawn")
