"""The pages of the workbench: make a snapshot, ask it in SQL, keep the statement, take the file along."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest

from helmont.core.writer import perform
from helmont.listings.models import Listing, Snapshot
from helmont.listings.snapshots import make_file
from helmont.studies.models import Study
from tests import cast

pytestmark = pytest.mark.database
HERE = f"/studies/{cast.STUDY}/workbench/"


def made(by: str = "data.manager") -> str:
    """A snapshot of somebody's; its address."""
    actor = cast.actor(by)
    pinned = make_file(actor, Study.objects.get(key=cast.STUDY), datetime.now(UTC).date())
    return HERE + str(perform(pinned.action(cast.STUDY, "Interim"), actor).result["key"]).rsplit("/", 1)[1]


def test_a_snapshot_is_asked() -> None:
    address = made()
    browser = cast.sign_in("statistician")
    assert "Interim" in browser.get(HERE).getvalue().decode()
    page = browser.get(address).getvalue().decode()
    assert "without allocations" in page
    assert "<code>VS</code>" in page
    answer = browser.post(address, {"sql": "SELECT SYSBP, CONFIDE_NOT FROM VS"})
    assert answer.status_code == 422
    assert "Line 1" in answer.getvalue().decode()
    answer = browser.post(address, {"sql": "SELECT DIABP + 0.5 AS half FROM VS"})
    assert "85.5" in answer.getvalue().decode()
    answer = browser.post(address, {"sql": "SELECT AETERM FROM AE", "then": "csv"})
    assert answer.getvalue().decode("utf-8-sig").splitlines() == ["AETERM", "Headache"]


def test_the_file_is_the_one_in_the_ledger_by_page_and_by_token() -> None:
    address = made()
    row = Snapshot.objects.get()
    assert sha256(cast.sign_in("statistician").get(f"{address}/file").getvalue()).hexdigest() == row.sha256
    headers = {"Authorization": cast.token("statistician")}
    api = f"/api/v1/studies/{cast.STUDY}/snapshots"
    browser = cast.sign_in("statistician")
    browser.logout()
    [listed] = browser.get(api, headers=headers).json()
    assert (listed["sha256"], listed["blinded"]) == (row.sha256, True)
    content = browser.get(f"{api}/{row.key.rsplit('/', 1)[1]}/file", headers=headers).getvalue()
    assert sha256(content).hexdigest() == row.sha256


def test_the_notebook_runs(tmp_path: Path) -> None:
    address, browser = made(), cast.sign_in("statistician")
    document = json.loads(browser.get(f"{address}/notebook").getvalue())
    cells = ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]
    file = tmp_path / f"{cast.STUDY}-{address.rsplit('/', 1)[1]}.duckdb"
    file.write_bytes(browser.get(f"{address}/file").getvalue())
    run = subprocess.run(
        [sys.executable, "-I", "-c", "\n".join(cells)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Snapshot.objects.get().root[:40] in run.stdout
    assert cast.SITE in run.stdout
    file.write_bytes(b"another file")
    run = subprocess.run([sys.executable, "-I", "-c", "\n".join(cells)], cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode != 0


def test_an_unblinded_snapshot_is_not_found_by_the_blinded() -> None:
    address = made("unblinded.statistician")
    assert cast.sign_in("data.manager").get(address).status_code == 404
    assert cast.sign_in("data.manager").get(f"{address}/file").status_code == 404
    assert cast.sign_in("data.manager").post(address, {"sql": "SELECT * FROM RAND"}).status_code == 404
    assert cast.ALLOCATION in unescape(
        cast.sign_in("unblinded.statistician").post(address, {"sql": "SELECT ALLOC FROM RAND"}).getvalue().decode()
    )


def test_a_statement_is_kept_opened_and_removed() -> None:
    address, browser = made(), cast.sign_in("data.manager")
    answer = browser.post(address, {"sql": "SELECT 41 + 1", "title": "Sum", "then": "keep"})
    kept = str(answer.headers["Location"])
    assert "SELECT 41 + 1" in browser.get(kept).getvalue().decode()
    number = kept.rpartition("=")[2]
    assert cast.sign_in("statistician").get(kept).status_code == 404
    assert browser.post(address, {"kept": number, "then": "remove"}).status_code == 302
    assert Listing.objects.get(key=f"{cast.STUDY}/listings/{number}").removed


def test_a_snapshot_needs_a_title() -> None:
    assert cast.sign_in("data.manager").post(HERE, {"title": " "}).status_code == 422
    assert Snapshot.objects.count() == 0
