"""The page of exports: a job makes the file with what its maker may see, and its maker alone can fetch it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from helmont.core.jobs.worker import run_queued
from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing", "own_schedule")]


@pytest.mark.parametrize(
    ("version", "contents", "said"), [("1.3.2", "audit", "audit trail"), ("2.0", "snapshot", "state")]
)
def test_a_file_is_made_beside_the_page_and_goes_to_its_maker_alone(version: str, contents: str, said: str) -> None:
    cast.build()
    manager = cast.sign_in("data.manager")
    address = f"/studies/{cast.STUDY}/exports"
    assert manager.post(address, {"version": version, "contents": contents}).status_code == 302
    assert "waiting to start" in manager.get(address).content.decode()
    run_queued()
    page = manager.get(address).content.decode()
    assert f"ODM {version}, {said}" in page
    assert "allocations, confidences" in page
    link = page.split(f'href="{address}/', 1)[1].split('"', 1)[0]
    answer = manager.get(f"{address}/{link}")
    data = b"".join(answer)
    answer.close()
    assert sha256(data).hexdigest() in page
    assert cast.ALLOCATION.encode() not in data
    assert cast.CONFIDENCE.encode() not in data
    for other in ("statistician", "monitor", "outsider"):
        assert cast.sign_in(other).get(f"{address}/{link}").status_code == 404


def test_only_known_versions_are_made() -> None:
    cast.build()
    answer = cast.sign_in("data.manager").post(f"/studies/{cast.STUDY}/exports", {"version": "9", "contents": "audit"})
    assert answer.status_code == 422
