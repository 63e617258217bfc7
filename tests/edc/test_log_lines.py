"""Lines of a log are struck for a reason and restored, never deleted."""

import pytest

from helmont.core.errors import NotFound, ReasonRequired, Refused
from helmont.edc.actions.entry import MarkNotDone, RemoveLine
from helmont.edc.queries.forms import log_lines, next_line
from tests.edc.kit import (
    CLEO,
    STUDY,
    TODAY,
    WHO,
    ae,
    changes,
    complete,
    do,
    form,
    key,
    participant,
    queries,
    query,
    said,
    save,
    sign,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_removed_line_keeps_its_values_and_is_not_edited() -> None:
    complete(ae(1), AETERM="headache")
    with pytest.raises(ReasonRequired):
        do(RemoveLine(ae(1)))
    do(RemoveLine(ae(1), reason="another participant's"))
    assert (form(ae(1)).status, form(ae(1)).data) == ("removed", {"AETERM": "headache"})
    assert changes(f"form:{ae(1)}") == {"status": ["complete", "removed"]}
    with pytest.raises(Refused, match="removed"):
        save(ae(1), AETERM="fall", reason="x")


def test_a_restored_line_is_a_draft_again_and_needs_a_reason() -> None:
    complete(ae(1), AETERM="headache")
    do(RemoveLine(ae(1), reason="another participant's"))
    with pytest.raises(ReasonRequired):
        do(RemoveLine(ae(1), restore=True))
    do(RemoveLine(ae(1), restore=True, reason="was right"))
    assert form(ae(1)).status == "draft"


def test_removing_a_line_closes_its_automatic_queries_and_completing_it_again_asks_anew() -> None:
    complete(ae(1), AESER="Y")
    assert queries(ae(1)) == ["AETERM REQUIRED"]
    do(RemoveLine(ae(1), reason="by mistake"))
    assert said(query(ae(1), "REQUIRED")) == ["raised", "corrected"]
    do(RemoveLine(ae(1), restore=True, reason="was right"))
    complete(ae(1))
    assert queries(ae(1)) == ["AETERM REQUIRED"]


def test_removing_a_signed_line_breaks_the_signature() -> None:
    complete(ae(1), AETERM="headache")
    sign(ae(1))
    do(RemoveLine(ae(1), reason="by mistake"))
    assert form(ae(1)).signed == "broken"


def test_forms_of_visits_are_not_removed_and_lines_are_not_called_not_done() -> None:
    complete(key("VS"), VSPERF="N")
    with pytest.raises(Refused, match="lines of a log"):
        do(RemoveLine(key("VS"), reason="by mistake"))
    with pytest.raises(Refused, match="removed, not called not done"):
        do(MarkNotDone(ae(1), "none"))
    with pytest.raises(NotFound):
        do(RemoveLine(ae(7), reason="by mistake"))


def test_lines_are_listed_in_order_under_their_title_with_the_removed_ones_marked() -> None:
    for number in (10, 2, 1):
        complete(ae(number), AETERM=f"event {number}")
    save(ae(3), AESER="Y")
    do(RemoveLine(ae(2), reason="by mistake"))
    lines = log_lines(CLEO, participant(), "AE", TODAY, "en")
    assert [(line.title, line.row.status) for line in lines] == [
        ("event 1", "complete"),
        ("event 2", "removed"),
        ("Adverse events", "draft"),
        ("event 10", "complete"),
    ]
    assert next_line(STUDY, WHO, "AE") == "11"
