"""The pages of listings: look, keep, share, take along, and ask the sites about what is seen."""

import csv
import io
from html import unescape

import pytest

from helmont.edc.models import Query
from helmont.listings.actions import SaveListing
from helmont.listings.models import Listing
from tests import cast
from tests.listings.kit import save, week_2
from tests.queued import do_what_is_queued

pytestmark = pytest.mark.database
HERE = f"/studies/{cast.STUDY}/listings/"
NUMBER_OF_ROWS = "2 rows"


def text(handle: str, address: str) -> tuple[int, str]:
    response = cast.sign_in(handle).get(HERE + address)
    return response.status_code, unescape(response.getvalue().decode())


def two_visits() -> str:
    form = week_2()
    save(form, SYSBP="131", DIABP="70")
    return form


def test_what_can_be_listed_is_offered() -> None:
    status, content = text("data.manager", "")
    assert status == 200
    assert f"{HERE}rows?form=VS" in content
    assert "No listing is kept yet" in content


def test_a_page_shows_rows_and_as_of_when() -> None:
    two_visits()
    _status, content = text("data.manager", "rows?form=VS&sort=-SYSBP")
    assert NUMBER_OF_ROWS in content
    assert "of the ledger" in content
    assert content.index(">131<") < content.index(">80<")
    assert cast.CONFIDENCE not in content


def test_a_condition_that_does_not_fit_is_said_and_the_rows_stay() -> None:
    status, content = text("data.manager", "rows?form=VS&fc=SYSBP&fo=gt&fv=many")
    assert status == 200
    assert "“many” is not a number." in content
    assert ">Week 2<" not in content


def test_a_file_holds_every_row_with_the_entry_it_is_as_of() -> None:
    form = two_visits()
    response = cast.sign_in("statistician").get(f"{HERE}rows.csv?form=VS&col=participant&col=SYSBP&sort=SYSBP")
    rows = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["participant", "SYSBP", "form_key", "ledger_entry"]
    assert [row[:3] for row in rows[1:]] == [[cast.PARTICIPANT, "80", cast.VS], [cast.PARTICIPANT, "131", form]]


def kept(by: str = "data.manager", **fields: str) -> str:
    """Keep a listing through the page; its number."""
    answer = cast.sign_in(by).post(f"{HERE}keep", {"form": "VS", "title": "High", **fields})
    assert answer.status_code == 302
    return str(answer.headers["Location"]).rpartition("=")[2]


def test_a_listing_is_kept_changed_shared_and_removed() -> None:
    number = kept(fc="SYSBP", fo="gt", fv="100")
    key = f"{cast.STUDY}/listings/{number}"
    two_visits()
    assert "1 row" in text("data.manager", f"rows?kept={number}")[1]
    assert text("monitor", f"rows?kept={number}")[0] == 404
    kept(kept=number, replace="1", shared="1", title="Higher", fc="SYSBP", fo="gt", fv="50")
    assert Listing.objects.get(key=key).title == "Higher"
    assert NUMBER_OF_ROWS in text("monitor", f"rows?kept={number}")[1]
    assert "Higher" in text("monitor", "")[1]
    assert cast.sign_in("monitor").post(f"{HERE}remove", {"kept": number}).status_code == 403
    assert cast.sign_in("data.manager").post(f"{HERE}remove", {"kept": number}).status_code == 302
    assert text("data.manager", f"rows?kept={number}")[0] == 404


def test_who_may_not_share_keeps_for_themselves() -> None:
    answer = cast.sign_in("monitor").post(f"{HERE}keep", {"form": "VS", "title": "Mine", "shared": "1"})
    assert answer.status_code == 403
    kept("monitor")
    assert SaveListing.permission == "listing.read"


def asking(**fields: object) -> dict[str, object]:
    return {"form": "VS", "item": "SYSBP", "text": "Please check", **fields}


def test_queries_are_shown_before_they_are_raised_and_then_raised_with_their_origin() -> None:
    form, number = two_visits(), kept()
    browser = cast.sign_in("data.manager")
    before = Query.objects.count()
    shown = browser.post(f"{HERE}queries", asking(all="1", kept=number, text=""))
    content = unescape(shown.getvalue().decode())
    assert "Raise 1 query" in content  # the other has an open query
    assert Query.objects.count() == before
    answer = browser.post(f"{HERE}queries", asking(all="1", kept=number, confirm="1"))
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert "waiting to start" in browser.get(address).getvalue().decode()
    do_what_is_queued()
    ended = browser.get(address).getvalue().decode()
    assert "The queries are raised" in ended
    query = Query.objects.get(form=form, item="SYSBP")
    origin = query.messages["001"]["origin"]
    assert (origin["listing"], origin["title"]) == (f"{cast.STUDY}/listings/{number}", "High")
    assert origin["sequence"] > 0
    thread = browser.get(f"/studies/{cast.STUDY}/queries/{cast.PARTICIPANT}/{query.key.rsplit('/', 1)[1]}")
    assert "From the listing “High”" in unescape(thread.getvalue().decode())
    assert cast.sign_in("monitor").get(address).status_code == 404  # somebody else's job


def test_only_the_chosen_rows_are_asked_about() -> None:
    form = two_visits()
    content = cast.sign_in("data.manager").post(f"{HERE}queries", asking(row=[f"{form}|0"])).getvalue().decode()
    assert "Raise 1 query" in content
    assert "Week 2" in content
    content = cast.sign_in("data.manager").post(f"{HERE}queries", asking(row=["x|0"], confirm="1")).getvalue().decode()
    assert "No row was chosen." in content


def test_an_item_that_is_hidden_cannot_be_asked_about() -> None:
    answer = cast.sign_in("data.manager").post(f"{HERE}queries", asking(item="CONFIDE", all="1"))
    assert answer.status_code == 422
    assert cast.sign_in("statistician").post(f"{HERE}queries", asking(all="1")).status_code == 403
