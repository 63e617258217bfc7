"""A snapshot asked for on the page is made beside it, and its progress is told."""

import pytest

from helmont.core.jobs.worker import run_queued
from helmont.listings.models import Snapshot
from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing", "own_schedule")]
HERE = f"/studies/{cast.STUDY}/workbench/"


def test_a_snapshot_is_made_beside_the_page() -> None:
    cast.build()
    manager = cast.sign_in("data.manager")
    assert manager.post(HERE, {"title": "Interim"}).status_code == 302
    waiting = manager.get(HERE).content.decode()
    assert "Making Interim: " in waiting
    assert "waiting to start" in waiting
    assert "Making Interim" not in cast.sign_in("statistician").get(HERE).content.decode()
    run_queued()
    row = Snapshot.objects.get()
    assert (row.title, row.maker) == ("Interim", "data.manager")
    page = manager.get(HERE).content.decode()
    assert "Making Interim" not in page
    assert row.sha256[:16] in page
