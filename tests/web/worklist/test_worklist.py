"""The query worklist: who sees which queries, what is done with them, what is taken along."""

from __future__ import annotations

import csv
import io
import re

import pytest

from helmont.core.writer import perform
from helmont.edc.actions.queries import RaiseQuery
from helmont.edc.models import Query
from helmont.web.worklist.views import safe_cell
from tests import cast

QUERIES = f"/studies/{cast.STUDY}/queries"


def rows(handle: str, query: str = "") -> list[str]:
    """The keys of the queries in the list, by the address of their thread."""
    page = cast.sign_in(handle).get(f"{QUERIES}?{query}").content.decode()
    return re.findall(rf'hx-get="{QUERIES}/([^"]+)"', page)


def test_the_list_leaves_out_queries_on_hidden_items() -> None:
    assert len(rows("coordinator")) == 2
    assert len(rows("unblinded.monitor")) == 4
    assert rows("elsewhere") == []


def test_filters_narrow_the_list_and_stay_in_its_links() -> None:
    assert len(rows("monitor", "origin=manual")) == 1
    assert len(rows("monitor", "origin=check")) == 1
    assert rows("monitor", "form=AE") == []
    assert rows("monitor", "status=closed") == []
    assert rows("monitor", "age=30") == []
    assert len(rows("monitor", "q=DIABP")) == 1
    page = cast.sign_in("monitor").get(f"{QUERIES}?form=VS&sort=site").content.decode()
    assert "form=VS" in re.findall(r'aria-label="Queries by status">.*?</nav>', page, re.DOTALL)[0]


def test_a_row_leads_to_the_item_on_its_form() -> None:
    page = cast.sign_in("monitor").get(f"{QUERIES}?q=DIABP").content.decode()
    assert f'href="/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/BASELINE/VS#DIABP"' in page


def test_the_ticked_queries_are_answered_and_then_closed() -> None:
    keys = list(Query.objects.filter(form=cast.VS).values_list("key", flat=True))
    cast.sign_in("coordinator").post(QUERIES, {"action": "answer", "row": keys, "text": "Checked"})
    assert set(Query.objects.filter(key__in=keys).values_list("status", flat=True)) == {"answered"}
    cast.sign_in("monitor").post(QUERIES, {"action": "close", "row": keys})
    assert set(Query.objects.filter(key__in=keys).values_list("status", flat=True)) == {"closed"}


def test_a_query_that_one_does_not_see_is_not_closed_by_naming_it() -> None:
    hidden = Query.objects.filter(form=cast.RAND).values_list("key", flat=True)
    cast.sign_in("monitor").post(QUERIES, {"action": "close", "row": list(hidden)})
    assert set(Query.objects.filter(form=cast.RAND).values_list("status", flat=True)) == {"open"}


def test_a_coordinator_does_not_close() -> None:
    assert cast.sign_in("coordinator").post(QUERIES, {"action": "close", "row": []}).status_code == 403


def test_the_thread_shows_what_was_said_and_takes_an_answer() -> None:
    [thread] = rows("coordinator", "q=DIABP")
    client = cast.sign_in("coordinator")
    assert "Please check the cuff" in client.get(f"{QUERIES}/{thread}").content.decode()
    client.post(f"{QUERIES}/{thread}", {"action": "answer", "text": "It was the large cuff"})
    assert "It was the large cuff" in client.get(f"{QUERIES}/{thread}").content.decode()
    assert cast.sign_in("elsewhere").get(f"{QUERIES}/{thread}").status_code == 404


def test_the_csv_holds_the_list_and_no_formula() -> None:
    perform(RaiseQuery(cast.VS, "SYSBP", '=HYPERLINK("https://elsewhere.example")'), cast.actor("monitor"))
    answer = cast.sign_in("monitor").get(f"{QUERIES}.csv?origin=manual")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row.values())


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM", "\t=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(value: str) -> None:
    assert safe_cell(value) == f"'{value}"
