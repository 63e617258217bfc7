"""From a row of a data set to the item, from the item to the batches of samples, and from the samples to the same value again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from helmont.cli.sensors import sensors
from helmont.core.projections.runner import catch_up
from helmont.datasets.models import DatasetRows
from helmont.datasets.queries import EVERYTHING, live
from helmont.datasets.store import unpacked
from helmont.datasets.walking import items_behind
from helmont.edc.actions.entry import SaveForm
from helmont.sensors.models import SampleBatch
from helmont.sensors.queries.entries import batches_under, provenance_of, waiting_at, waiting_in
from helmont.sensors.queries.explaining import explained
from tests.sensors.worn import CLEO, HIM, TRIAL, WORN, beats, begin_trial, do, entered, wear

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()
    secret = wear()
    beats(secret, "b2", "2026-03-29", [81] * 61)
    entered()
    beats(secret, "b1", "2026-03-28", [72] * 61)
    entered()


def findings() -> list[dict[str, Any]]:
    catch_up("datasets")
    frame = live(TRIAL, EVERYTHING).frame("XH")
    columns = ["XHTESTCD", "XHORRES", "XHORRESU", "XHSTRESN", "VISIT", "XHDTC", "XHDY"]
    return frame.sort("XHSEQ").select(columns).to_dicts()


def test_samples_become_rows_of_a_findings_domain() -> None:
    rows = [tuple(row.values()) for row in findings()]
    assert rows == [
        ("HRDAY", "72", "beats/min", 72.0, "WEEK 2", "2026-03-28", 13),
        ("HRDAY", "81", "beats/min", 81.0, "WEEK 2", "2026-03-29", 14),
        ("HRMEAN", "76.5", "beats/min", 76.5, "WEEK 2", "2026-03-30", 15),
        ("TIR", None, None, None, "WEEK 2", "2026-03-30", 15),
    ]


def test_a_row_leads_to_the_item_and_the_item_to_the_batches_with_their_entries_and_digests() -> None:
    findings()
    stored = DatasetRows.objects.get(participant=HIM, dataset="XH")
    rows = unpacked(bytes(stored.body))
    [place] = [number for number, row in enumerate(rows) if row["XHTESTCD"] == "HRMEAN"]
    behind = items_behind({"XH": rows}, ("XH", place))
    assert (f"form:{WORN}", "HRMEAN") in behind
    then, now = provenance_of(WORN, "HRMEAN")
    assert (then.value, then.batches, now.value, now.batches) == ("81.0", 1, "76.5", 2)
    assert [_name(each) for each in batches_under(HIM, then)] == ["b2"]
    batches = batches_under(HIM, now)
    assert [_name(each) for each in batches] == ["b1", "b2"]
    kept = {row.key: (row.revision, row.digest) for row in SampleBatch.objects.all()}
    assert [(each.sequence, each.digest) for each in batches] == [kept[each.key] for each in batches]


def _name(batch: Any) -> str:
    return str(batch.key.rpartition("/")[2])


def test_an_item_that_no_device_filled_rests_on_nothing() -> None:
    assert provenance_of(WORN, "REMARK") == []
    assert (waiting_at(WORN, "REMARK"), waiting_in(TRIAL)) == ({}, [])


def test_the_samples_give_the_same_value_again_to_the_last_digit() -> None:
    for item in ("HRMEAN", "TIR", "DAYS[2].DAYHR"):
        found = explained(WORN, item)
        assert (found.same, found.same_basis, found.same_item) == (True, True, True)
    assert explained(WORN, "HRMEAN").value == "76.5"


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(sensors, ["explain", *arguments])


def test_the_command_says_whether_it_is_the_same() -> None:
    said = typed(HIM, "WEEK_2/WORN", "HRMEAN")
    assert (said.exit_code, "the same to the last digit" in said.output) == (0, True)
    assert "from 2 batches, entries" in said.output
    do(SaveForm(WORN, {"HRMEAN": "80"}, reason="The strap was loose"), CLEO)
    assert "the item holds 80" in typed(HIM, "WEEK_2/WORN", "HRMEAN").output
    report = json.loads(typed(HIM, "WEEK_2/WORN", "HRMEAN", "--json").stdout)
    assert (report["same"], report["held"], len(report["batches"])) == (True, "80", 2)
    assert typed(HIM, "WEEK_2/WORN", "REMARK").exit_code == 1


def test_what_came_since_is_another_value_until_it_is_entered() -> None:
    beats(_secret(), "b3", "2026-03-27", [90] * 61)
    said = typed(HIM, "WEEK_2/WORN", "HRMEAN")
    assert said.exit_code == 1
    assert "another value" in said.output
    assert "came since it was recorded" in said.output
    entered()
    assert typed(HIM, "WEEK_2/WORN", "HRMEAN").exit_code == 0


def _secret() -> str:
    """The device's secret, renewed."""
    from helmont.sensors.actions.devices import RenewSecret
    from helmont.sensors.secrets import new_secret

    secret, digest = new_secret()
    do(RenewSecret(f"{TRIAL}/devices/W-001/1", digest))
    return secret
