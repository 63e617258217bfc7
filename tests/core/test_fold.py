"""Whatever people do, the tables are the fold of the ledger."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.core.actions import Action, Job, Outcome
from helmont.core.errors import Refused
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor
from helmont.core.writer import perform_all
from helmont.edc.actions.entry import MarkNotDone, RemoveLine, SaveForm
from helmont.edc.actions.queries import WriteComment
from helmont.edc.actions.review import FreezeForm, LockForm, ReviewForm, VerifyItems
from helmont.participants.actions import BeginEncounter, ChangeStatus
from tests.edc.kit import CLEO, DANA, MONA, SAM, STUDY, WHO, ae, begin_trial, key

FORMS = [key("VS"), key("VS", "WEEK_2"), key("SUM", "WEEK_2"), key("DM", "SCREENING_1"), key("IP"), ae(1), ae(2)]
VALUES: dict[str, list[Any]] = {
    "VSPERF": ["Y", "N", ""],
    "WEIGHT": ["70", "84", "200", "", {"not_done": "broken"}],
    "HEIGHT": [{"value": "170", "unit": "cm"}, {"value": "68", "unit": "[in_i]"}, None],
    "VS_READ[1].SYSBP": ["120", "80", ""],
    "VS_READ[1].DIABP": ["90", ""],
    "AGE": ["66", "75"],
    "BRTHDTC": ["1950", "1950-01-01", ""],
    "TAKEN": ["1", "3"],
    "AETERM": ["fall", "stroke"],
    "AESER": ["Y", "N"],
    "VERDICT": ["good", ""],
}
ITEMS = {
    "VS": ["VSPERF", "WEIGHT", "HEIGHT", "VS_READ[1].SYSBP", "VS_READ[1].DIABP"],
    "DM": ["AGE", "BRTHDTC"],
    "IP": ["TAKEN"],
    "AE": ["AETERM", "AESER"],
    "SUM": ["VERDICT"],
}


@st.composite
def saves(draw: st.DrawFn) -> tuple[Action, Actor]:
    form = draw(st.sampled_from(FORMS))
    items = draw(st.lists(st.sampled_from(next(v for k, v in ITEMS.items() if f"/{k}" in form)), unique=True))
    values = {item: draw(st.sampled_from(VALUES[item])) for item in items}
    return SaveForm(form, values, None, draw(st.booleans()), draw(st.sampled_from(["", "misread"]))), CLEO


def others() -> st.SearchStrategy[tuple[Action, Actor]]:
    form, undo = st.sampled_from(FORMS), st.booleans()
    return st.one_of(
        st.tuples(st.builds(MarkNotDone, form, st.just("refused")), st.just(CLEO)),
        st.tuples(st.builds(RemoveLine, form, undo, st.just("by mistake")), st.just(CLEO)),
        st.tuples(st.builds(VerifyItems, form), st.just(MONA)),
        st.tuples(st.builds(ReviewForm, form), st.just(DANA)),
        st.tuples(st.builds(FreezeForm, form, undo, st.just("to correct")), st.just(DANA)),
        st.tuples(st.builds(LockForm, form, undo, st.just("to correct")), st.just(SAM)),
        st.tuples(st.builds(WriteComment, form, st.just(""), st.just("a remark")), st.just(MONA)),
        st.tuples(
            st.builds(
                lambda day: BeginEncounter(STUDY, WHO, "BASELINE", day, reason="misread"),
                st.sampled_from(["2026-01-19", "2026-02-10"]),
            ),
            st.just(CLEO),
        ),
        st.tuples(
            st.builds(
                lambda name: ChangeStatus(STUDY, WHO, name, "so"), st.sampled_from(["enrol", "withdraw", "reopen"])
            ),
            st.just(CLEO),
        ),
    )


@pytest.mark.django_db
@pytest.mark.database
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(saves() | saves() | others(), min_size=1, max_size=6), min_size=2, max_size=8))
def test_the_tables_are_the_fold_of_the_ledger_after_any_sequence_of_actions(
    batches: list[list[tuple[Action, Actor]]],
) -> None:
    with transaction.atomic():
        begin_trial()
        for batch in batches:
            outcomes = perform_all([Job(action, actor) for action, actor in batch])
            assert [one for one in outcomes if not isinstance(one, Outcome | Refused)] == []
        report = verify()
        assert report.clean, report.faults
        transaction.set_rollback(True)
