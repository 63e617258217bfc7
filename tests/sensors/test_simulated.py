"""Simulated devices are given to participants by the ordinary actions; verifying finds whatever is not as it was acknowledged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

from helmont.cli.sensors.simulating.bodies import arrow, samples_of
from helmont.cli.sensors.simulating.furnishing import Fleet, FleetError, furnish, load
from helmont.cli.sensors.simulating.patterns import pattern
from helmont.cli.sensors.simulating.tally import Acknowledged, Key
from helmont.cli.sensors.simulating.verifying import verify
from helmont.core.errors import NotFound
from helmont.participants.models import Participant
from helmont.sensors.models import Device, DeviceAssignment
from helmont.sensors.receiving import Sent, find_sender, receive_now
from helmont.signals.recording import SECOND
from helmont.signals.wire.moments import moment
from tests.cast import PARTICIPANT, SITE, STUDY
from tests.sensors.kit import register

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]

STARTS = moment("2026-01-12T08:00:00Z", "starts")


def test_participants_get_devices_whose_secrets_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    fleet = furnish(STUDY, 1, STARTS, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(path) == fleet
    assert [channel.name for channel in fleet.channels]
    [device] = fleet.devices
    assert (device.assignment, device.participant) == (f"{STUDY}/devices/SIM-0001/1", f"{STUDY}/{PARTICIPANT}")
    assert device.secret not in repr(fleet)
    assert find_sender(device.secret).assignment == device.assignment
    assert DeviceAssignment.objects.get(key=device.assignment).starts == "2026-01-12T08:00:00.000000Z"


def test_new_participants_are_screened_under_numbers_that_the_study_allows(tmp_path: Path) -> None:
    before = set(Participant.objects.filter(study=STUDY).values_list("key", flat=True))
    first = furnish(STUDY, 3, STARTS, tmp_path / "1.json", enrol="")
    again = furnish(STUDY, 2, STARTS, tmp_path / "2.json", enrol="", site=SITE)
    people = [device.participant for device in (*first.devices, *again.devices)]
    assert len(set(people)) == 5
    assert not set(people) & before
    assert set(people) == set(Participant.objects.filter(study=STUDY).values_list("key", flat=True)) - before
    assert [device.label for device in again.devices] == ["SIM-0004", "SIM-0005"]


def test_what_cannot_be_furnished_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    with pytest.raises(FleetError, match="--enrol"):
        furnish(STUDY, 5000, STARTS, path)
    with pytest.raises(FleetError, match="no open site"):
        furnish(STUDY, 1, STARTS, path, enrol="", site="999")
    with pytest.raises(FleetError, match="are numbered"):
        furnish(STUDY, 1, STARTS, path, enrol="person {n}")
    with pytest.raises(NotFound):
        furnish("NOSTUDY", 1, STARTS, path)
    assert not path.exists()
    path.write_text("{}")
    with pytest.raises(FleetError, match="there already"):
        furnish(STUDY, 1, STARTS, path)
    with pytest.raises(FleetError, match="not a file of simulated devices"):
        load(path)
    assert not Device.objects.filter(study=STUDY).exists()
    register("W-001")
    with pytest.raises(FleetError, match="W-001"):
        furnish(STUDY, 1, STARTS, tmp_path / "other.json")


@pytest.fixture
def sent(tmp_path: Path) -> tuple[Fleet, dict[Key, Acknowledged]]:
    """Four batches of a device, acknowledged."""
    fleet = furnish(STUDY, 1, STARTS, tmp_path / "devices.json")
    [device] = fleet.devices
    channel = next(each for each in fleet.channels if each.kind == "acceleration")
    made = pattern(1, channel, 1)
    acknowledged: dict[Key, Acknowledged] = {}
    for number in range(4):
        start = STARTS + number * 60 * SECOND
        samples = samples_of(made, STARTS, 0, start, start + 60 * SECOND)
        body, name = arrow(samples), f"r.{number}"
        answer = receive_now(
            find_sender(device.secret), Sent(channel.name, name, body.content_type, body.encoding, body.content), "http"
        )
        assert answer["sha256"] == samples.digest
        one = Acknowledged(bytes.fromhex(samples.digest), len(samples.counts), samples.sum)
        acknowledged[device.assignment, channel.name, name] = one
    return fleet, acknowledged


def test_what_was_acknowledged_is_found(sent: tuple[Fleet, dict[Key, Acknowledged]]) -> None:
    fleet, acknowledged = sent
    found = verify(STUDY, fleet.channels, acknowledged)
    assert (found.clean, found.batches) == (True, 4)
    assert found.counts[0] == found.counts[1] != 0
    assert json.loads(json.dumps(found.to_dict()))["clean"]


def test_whatever_is_not_as_it_was_acknowledged_is_named(sent: tuple[Fleet, dict[Key, Acknowledged]]) -> None:
    fleet, acknowledged = sent
    keys = list(acknowledged)
    device, channel, _ = keys[0]
    right = acknowledged[keys[0]]
    for wrong in (right._replace(digest=bytes(32)), right._replace(samples=1), right._replace(sum=right.sum + 1)):
        found = verify(STUDY, fleet.channels, {**acknowledged, keys[0]: wrong})
        assert (found.clean, found.missing, len(found.different)) == (False, [], 1)
        assert found.different[0].endswith("/r.0")
    found = verify(STUDY, fleet.channels, {**acknowledged, (device, channel, "r.9"): right})
    assert [name.rpartition("/")[2] for name in found.missing] == ["r.9", "r.9: no entry of the ledger"]
    assert not found.clean


def test_a_batch_that_was_lost_on_the_disk_is_named(sent: tuple[Fleet, dict[Key, Acknowledged]]) -> None:
    fleet, acknowledged = sent
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sensors_batch SET place = '1:24:99' WHERE key LIKE %s", ["%/r.2"])
    found = verify(STUDY, fleet.channels, acknowledged)
    assert not found.clean
    assert any("/r.2: " in name for name in found.missing)
    assert found.counts[0] != found.counts[1]
    assert found.faults  # the row is not what the ledger says
