"""The pages of data sets and results: from a figure to the entry that set its value, and from a value to every figure."""

import csv
import io
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection

from helmont.api.auth import today_of
from helmont.core.ledger.store import log_size
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform
from helmont.datasets.definition import maker_for
from helmont.datasets.kept import keep
from helmont.datasets.models import Cut
from helmont.datasets.proof import signatures_under_cuts
from helmont.datasets.queries import sight_of
from helmont.datasets.seen import Seen, _frame, _joined, now, then
from helmont.datasets.standing import standing_of
from helmont.edc.actions.entry import SaveForm
from helmont.participants.models import Participant
from helmont.standards import xpt
from helmont.web.datasets.moments import Shown
from helmont.web.datasets.origins import origins
from helmont.web.oversight.standing import past
from tests import cast

pytestmark = pytest.mark.database
HERE = f"/studies/{cast.STUDY}/"
ALL = ("statistician", "sponsor", "inspector")


@pytest.fixture(autouse=True)
def _followed(_cast_built: None) -> None:
    catch_up("datasets")


def text(handle: str, address: str) -> str:
    response = cast.sign_in(handle).get(address if address.startswith("/") else HERE + address)
    assert response.status_code == 200, address
    return unescape(response.getvalue().decode())


def status(handle: str, address: str) -> int:
    return cast.sign_in(handle).get(HERE + address).status_code


def test_every_data_set_is_listed_with_its_records() -> None:
    content = text("statistician", "datasets/")
    for name in ("DM", "VS", "AE", "ADVS"):
        assert f"{HERE}datasets/{name}/" in content
    assert "(1 hidden)" in content
    assert status("coordinator", "datasets/") in (403, 404)


def test_rows_are_limited_and_sorted_and_what_is_hidden_is_named() -> None:
    content = text(
        "statistician", f"datasets/VS/?participant={cast.PARTICIPANT}&fc=VSTESTCD&fo=eq&fv=SYSBP&sort=-VSSEQ"
    )
    assert "1 record." in content
    assert "CONFIDE (source documents)" in content
    assert cast.CONFIDENCE not in content
    assert "0 records" in text("statistician", "datasets/VS/?fc=VSSTRESN&fo=gt&fv=many")
    assert cast.ALLOCATION in text("unblinded.statistician", "datasets/DM/")


@pytest.mark.parametrize("handle", ALL)
def test_files_hold_nothing_hidden(handle: str) -> None:
    sees_arm = handle not in cast.BLINDED
    for kind in ("csv", "xpt", "json"):
        content = cast.sign_in(handle).get(f"{HERE}datasets/DM/file/{kind}").getvalue()
        assert (cast.ALLOCATION.encode() in content) == sees_arm
        content = cast.sign_in(handle).get(f"{HERE}datasets/VS/file/{kind}").getvalue()
        assert (cast.CONFIDENCE.encode() in content) == (handle == "inspector")


def test_a_file_holds_every_row() -> None:
    content = cast.sign_in("statistician").get(f"{HERE}datasets/VS/file/csv").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["VSTESTCD"] for row in rows} >= {"SYSBP"}
    table = xpt.read(io.BytesIO(cast.sign_in("statistician").get(f"{HERE}datasets/VS/file/xpt").getvalue()))[0]
    assert table.frame.height == len(rows)


def test_from_a_figure_to_the_entry_that_set_it_and_back() -> None:
    content = text("statistician", "results/1/")
    (figure,) = set(re.findall(r'href="([^"]*behind\?result=[^"]*SITE(?:=|%3D)701)"', content))
    behind = text("statistician", figure)
    (row,) = set(re.findall(r'href="([^"]*/datasets/VS/[^"]+)"', behind))
    page = text("statistician", row)
    assert "Systolic" in page
    (entry,) = set(re.findall(r'href="([^"]*/ledger/entries/\d+)"', page.split("Systolic")[1].split("</tr>")[0]))
    assert "Systolic" in text("statistician", entry)
    asked = urlencode({"form": cast.VS, "item": "SYSBP"})
    reached = text("statistician", f"datasets/reaches?{asked}")
    assert row in reached
    assert "/datasets/ADVS/" in reached
    figures = text("statistician", f"datasets/reaches/figures?{asked}")
    assert "Table 1" in figures
    assert "Table 2" not in figures  # it is blinded
    assert "Table 2" in text("unblinded.statistician", f"datasets/reaches/figures?{asked}")


def test_the_answer_that_a_value_came_from_stands_before_what_it_was_derived_with() -> None:
    nearest_first = [(f"form:{cast.VS}", "SYSBP"), (f"form:{cast.RAND}", "RANDDTC"), (f"form:{cast.VS}", "DIABP")]
    person = Participant.objects.get(key=f"{cast.STUDY}/{cast.PARTICIPANT}")
    actor = cast.actor("statistician")
    found = origins(actor, person, nearest_first, log_size(cast.STUDY), today_of(actor), "en")
    assert [(each.label, each.value) for each in found] == [
        ("Systolic", "80 mmHg"), ("Randomised on", "2026-01-12"), ("Diastolic", "85 mmHg"),
    ]  # fmt: skip


def test_an_item_leads_to_where_its_value_goes() -> None:
    study, number, encounter, form = cast.VS.split("/")
    content = text("data.manager", f"participants/{number}/{encounter}/{form}/history?item=SYSBP")
    assert "datasets/reaches?" in content
    assert study == cast.STUDY
    assert status("data.manager", f"datasets/reaches?{urlencode({'form': cast.VS, 'item': 'CONFIDE'})}") == 404
    assert status("data.manager", f"datasets/reaches?{urlencode({'form': cast.RAND, 'item': 'ALLOC'})}") == 404


def test_a_blinded_output_says_so_and_gives_nothing_away() -> None:
    assert "Blinded: allocation" in text("statistician", "results/")
    content = text("statistician", "results/2/")
    assert "Blinded" in content
    assert cast.ALLOCATION not in content
    for kind in ("txt", "rtf", "pdf", "json"):
        assert status("statistician", f"results/2/file/{kind}") == 404
        assert status("statistician", f"results/1/file/{kind}") == 200
    assert (
        status("statistician", f"results/2/behind?{urlencode({'result': f'2/SYSBP/n/ARM={cast.ALLOCATION}'})}") == 404
    )
    assert cast.ALLOCATION in text("unblinded.statistician", "results/2/")
    assert cast.ALLOCATION in text("unblinded.statistician", "results/2/file/txt")


def test_the_past_is_as_it_was() -> None:
    size = log_size(cast.STUDY)
    perform(SaveForm(cast.VS, {"SYSBP": "133"}, reason="Misread"), cast.actor("coordinator"))
    catch_up("datasets")
    here = "datasets/VS/?fc=VSTESTCD&fo=eq&fv=SYSBP"
    assert ">133<" in text("statistician", here)
    then = text("statistician", f"{here}&as_of={size - 1}")
    assert ">133<" not in then
    assert ">80<" in then
    assert f"As of entry {size - 1}" in then
    page = text("statistician", f"datasets/VS/{cast.PARTICIPANT}/2?as_of={size - 1}")
    assert not re.search(r"\b133\b", page)
    assert cast.CONFIDENCE not in page
    assert "Misread" not in page
    assert cast.sign_in("statistician").get(f"{HERE}datasets/?as_of=yesterday").status_code == 422
    assert cast.sign_in("statistician").get(f"{HERE}datasets/?as_of=1999-01-01").status_code == 422


def test_a_frame_of_which_one_participant_changed_is_the_same_as_one_made_whole() -> None:
    for value in ("121", "122"):
        perform(SaveForm(cast.VS, {"SYSBP": value}, reason="Misread"), cast.actor("coordinator"))
        catch_up("datasets")
        point = now(cast.STUDY)
        for name, dataset in maker_for(cast.STUDY, point.version).context.datasets.items():
            bodies = point.bodies(name)
            assert _joined(("joined", name), dataset, bodies).equals(_frame(dataset, bodies)), name


def test_two_cuts_differ_in_the_cell_that_was_corrected() -> None:
    analyst = cast.sign_in("statistician")
    analyst.post(f"{HERE}cuts/", {"title": "Interim", "purpose": "Safety board"})
    perform(
        SaveForm(cast.VS, {"SYSBP": "134", "CONFIDE": f"{cast.CONFIDENCE}!"}, reason="Misread"),
        cast.actor("coordinator"),
    )
    catch_up("datasets")
    analyst.post(f"{HERE}cuts/", {"title": "Final"})
    later, earlier = Cut.objects.filter(study=cast.STUDY).order_by("-size")[:2]
    one, other = (each.key.rsplit("/", 1)[1] for each in (earlier, later))
    content = text("statistician", f"cuts/compare?one={other}&other={one}&dataset=VS")
    assert "From Interim to Final" in content
    assert "<ins>134</ins>" in content
    file = text("statistician", f"cuts/compare/file?one={one}&other={other}")
    assert [
        line for line in file.splitlines() if line.startswith("VS,") and "VSSTRESN" in line and line.endswith(",134")
    ]
    for page in (content, file, text("statistician", f"cuts/compare?one={one}&other={other}&dataset=AE")):
        assert cast.CONFIDENCE not in page
    assert earlier.checkpoint in text("statistician", f"cuts/{one}/checkpoint")
    assert "The same in both: " in content
    assert analyst.post(f"{HERE}cuts/", {"title": ""}).status_code == 422
    assert cast.sign_in("sponsor").post(f"{HERE}cuts/", {"title": "No"}).status_code == 403


def test_the_live_page_stands_now_and_then() -> None:
    size = log_size(cast.STUDY)
    content = text("sponsor", "live/?output=1")
    assert "data-live=" in content
    assert "Enrolled by site" in content
    assert "Table 1" in content
    then = text("sponsor", f"live/?as_of={size - 2}&output=2")
    assert "As it stood then" in then
    assert "data-live=" not in then
    assert cast.ALLOCATION not in then


def sign(handle: str, number: str) -> tuple[int, int]:
    """The statuses of both steps of the ceremony."""
    browser = cast.sign_in(handle)
    body = {"meaning": "data_cut", "records": [f"cut:{cast.STUDY}/cuts/{number}"]}
    begun = browser.post("/sign/begin/", body, content_type="application/json")
    credential = {"username": handle, "password": cast.PASSWORD}
    ended = browser.post("/sign/complete/", credential, content_type="application/json")
    return begun.status_code, ended.status_code


def test_a_cut_is_signed_and_the_signature_holds_while_cut_and_ledger_are_what_was_signed() -> None:
    analyst = cast.sign_in("statistician")
    made = analyst.post(f"{HERE}cuts/", {"title": "Final", "purpose": "Report"})
    number = made["Location"].rstrip("/").rsplit("/", 1)[1]
    page = text("statistician", f"cuts/{number}/")
    assert 'data-meaning="data_cut"' in page
    assert "Nobody has signed this cut yet." in page
    assert 'data-meaning="data_cut"' not in text("sponsor", f"cuts/{number}/")
    assert sign("sponsor", number)[0] == 403
    assert sign("statistician", number) == (200, 200)
    assert sign("statistician", number) == (200, 409)
    assert sign("data.manager", number) == (200, 200)
    (signatures,) = signatures_under_cuts(Cut.objects.filter(key=f"{cast.STUDY}/cuts/{number}")).values()
    assert [(each.by.person, each.holds) for each in signatures] == [("data.manager", True), ("statistician", True)]
    page = text("sponsor", f"cuts/{number}/")
    assert page.count("Holds") == 2
    assert "Fits the ledger" in page
    assert 'data-status="signed"' in text("sponsor", "cuts/")
    entry = text("statistician", f"ledger/entries/{log_size(cast.STUDY) - 1}")
    assert "signed" in entry
    assert "Data cut" in entry
    with connection.cursor() as cursor:  # somebody with the database in their hands renames the cut
        cursor.execute("UPDATE datasets_cut SET title = 'Other', size = size - 1")
    page = text("sponsor", f"cuts/{number}/")
    assert "Holds" not in page
    assert page.count('data-status="broken"') == 3
    assert "Does not fit the ledger" in page


def test_queries_of_a_past_moment_have_their_ages_of_then_and_those_about_hidden_items_do_not_count() -> None:
    size = log_size(cast.STUDY)
    keep(cast.STUDY, size)
    moment = then(cast.STUDY, size)
    counted = {}
    for handle in ("sponsor", "unblinded.statistician"):
        actor = cast.actor(handle)
        sight = sight_of(actor, cast.STUDY, today_of(actor))
        counted[handle] = past(Shown(Seen(moment, sight), "", "", size, 2)).total
    today = {handle: text(handle, "live/") for handle in counted}
    for handle, figures in counted.items():
        assert sum(figures.ages) == figures.ages[0] == figures.queries
        assert f"<dd>{figures.queries}</dd>" in today[handle]
    assert counted["unblinded.statistician"].queries > counted["sponsor"].queries > 0
    records = {
        "participant": {"S/1": {"site": "701", "status": "enrolled", "screened": "2026-01-05"}},
        "form": {},
        "query": {
            f"S/1/queries/{n}": {
                "status": "open",
                "form": cast.VS,
                "item": "SYSBP",
                "opened": f"2026-01-{day}T00:00:00Z",
            }
            for n, day in enumerate(("29", "20", "02"))
        },
    }
    assert standing_of(cast.STUDY, records, "2026-01-31T00:00:00Z")["701"]["ages"] == {"0": 1, "1": 1, "2": 1}


def test_data_sets_that_were_never_made_are_waited_for() -> None:
    for table in ("datasets_rows", "datasets_made"):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    for address in ("datasets/", "datasets/DM/", "results/", "datasets/findings"):
        response = cast.sign_in("statistician").get(HERE + address)
        assert response.headers["Refresh"] == "3", address
        assert "The data sets are being made" in response.getvalue().decode()
    assert "entry -1" not in text("statistician", "live/")
