"""The demonstration's devices have sent, and what they measured is in the record."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from helmont.cli.sensors.simulating.furnishing import load
from helmont.core.ledger.verify import verify
from helmont.demo.devices import PEOPLE, STUDY, load_devices, secrets_file
from helmont.participants.models import Participant
from helmont.sensors.grace import ready_and_held
from helmont.sensors.models import EndpointResult, SampleBatch
from helmont.sensors.streams import sensors_in
from helmont.signals.recording import SECOND
from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]
pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]


def test_participants_wear_devices_whose_samples_became_endpoints() -> None:
    load_devices(Console(file=io.StringIO()), days=3)
    keys = set(Participant.objects.filter(study=STUDY).values_list("key", flat=True))
    online = {device.participant for device in load(secrets_file()).devices}
    assert len(keys) == len(PEOPLE) == len(online) + 1  # the last one's device has not been online of late
    assert set(SampleBatch.objects.values_list("participant", flat=True)) == keys
    assert set(SampleBatch.objects.values_list("channel", flat=True)) == {"wrist", "cgm"}
    for name in ("wear_time", "glucose_mean"):
        values = EndpointResult.objects.filter(endpoint=name).values_list("value", flat=True)
        assert any(value for value in values), name
    for person in Participant.objects.filter(study=STUDY):
        sensors = sensors_in(STUDY, person.definition)
        assert sensors is not None
        windows = ready_and_held(person, sensors, int(datetime.now(UTC).timestamp()) * SECOND)
        entered, held = ([window.label.rpartition("/")[2] for window in some] for some in windows)
        assert (entered, held) == ((["BASELINE"], []) if person.key in online else ([], ["BASELINE"]))
    assert verify([STUDY]).clean
