"""Queries raised from a listing: one action each, with where they came from, and never twice on the same item."""

from collections import Counter

import pytest

from helmont.core.errors import Refused
from helmont.core.ledger.store import log_size, read_entry
from helmont.core.ledger.verify import verify
from helmont.core.writer import perform
from helmont.edc.actions.queries import RaiseQuery
from helmont.edc.actions.review import LockForm
from helmont.edc.models import Query
from helmont.listings.asking import plan, raise_queries
from tests import cast
from tests.listings.kit import save, week_2

pytestmark = pytest.mark.database
ORIGIN = {"listing": f"{cast.STUDY}/listings/5-1", "sha256": "ab" * 32, "sequence": 17}


def test_each_query_is_an_entry_that_names_the_listing() -> None:
    form, before = week_2(), log_size(cast.STUDY) + 1
    save(form, SYSBP="131", DIABP="70")
    done = raise_queries(
        cast.actor("data.manager"), [(form, "SYSBP"), (form, "DIABP")], "Sure?", ORIGIN, {"channel": "web"}
    )
    assert (done.raised, done.refused) == (2, Counter())
    assert log_size(cast.STUDY) == before + 2
    entry = read_entry(cast.STUDY, before)
    assert entry is not None
    [change] = entry.content["changes"]
    assert entry.content["action"] == "edc.raise_query"
    assert change["set"]["messages/001"][1]["origin"] == ORIGIN
    assert Query.objects.get(form=form, item="SYSBP").messages["001"]["text"] == "Sure?"
    assert verify().clean


def test_an_item_with_an_open_query_is_skipped_and_said() -> None:
    form = week_2()
    save(form, SYSBP="131", DIABP="70")
    targets = [(cast.VS, "SYSBP"), (cast.VS, "DIABP"), (form, "SYSBP"), (form, "SYSBP")]
    planned = plan(targets)
    assert planned.able == ((form, "SYSBP"),)
    assert planned.asked == ((cast.VS, "SYSBP"), (cast.VS, "DIABP"))
    done = raise_queries(cast.actor("monitor"), targets, "Sure?", ORIGIN, {})
    assert done.raised == 1  # also when somebody asked in the meantime
    assert done.refused.total() == 3


def test_a_locked_form_is_skipped_and_left_alone() -> None:
    form = week_2()
    save(form, SYSBP="131")
    perform(LockForm(form), cast.actor("data.manager"))
    assert plan([(form, "SYSBP")]).locked == ((form, "SYSBP"),)
    assert raise_queries(cast.actor("monitor"), [(form, "SYSBP")], "Sure?", ORIGIN, {}).raised == 0


def test_somebody_who_may_not_ask_raises_nothing() -> None:
    done = raise_queries(cast.actor("statistician"), [(cast.AE, "AETERM")], "Sure?", ORIGIN, {})
    assert (done.raised, done.refused.total()) == (0, 1)


def test_without_once_a_second_query_on_an_item_is_as_before() -> None:
    perform(RaiseQuery(cast.AE, "AETERM", "One"), cast.actor("monitor"))
    perform(RaiseQuery(cast.AE, "AETERM", "Two"), cast.actor("monitor"))
    with pytest.raises(Refused):
        perform(RaiseQuery(cast.AE, "AETERM", "Three", once=True), cast.actor("monitor"))
