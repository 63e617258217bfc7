"""The page of certified copies: a job makes the copy, its progress is shown, and its maker alone can fetch it."""

from __future__ import annotations

import pytest

from helmont.core.jobs.worker import run_queued
from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing", "own_schedule")]


def test_the_page_queues_the_making_and_offers_the_archive_to_its_maker_alone() -> None:
    cast.build()
    investigator = cast.sign_in("investigator")
    address = f"/studies/{cast.STUDY}/copies"
    assert investigator.post(address, {"participant": cast.PARTICIPANT}).status_code == 302
    waiting = investigator.get(address).content.decode()
    assert "waiting to start" in waiting
    run_queued()
    page = investigator.get(address).content.decode()
    assert "Certified copy of participant 701-001" in page
    link = page.split(f'href="{address}/', 1)[1].split('"', 1)[0]
    archive = investigator.get(f"{address}/{link}")
    assert b"".join(archive).startswith(b"PK")
    archive.close()
    assert cast.sign_in("monitor").get(f"{address}/{link}").status_code == 404
    assert investigator.post(address, {"site": cast.OTHER_SITE}).status_code == 403
