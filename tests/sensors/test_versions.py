"""Another version of a study: what samples that came mean stays as it was, whoever is under which version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helmont.core.errors import Invalid
from helmont.core.writer import perform
from helmont.participants.models import Participant
from helmont.sensors.models import EndpointResult
from helmont.sensors.queries.privileges import hidden_channels
from helmont.sensors.streams import streams_of
from helmont.studies.actions import PublishDefinition
from helmont.study.model import Study
from tests.amendments.kit import carried_out
from tests.sensors.sending import glucose
from tests.sensors.worn import AFTER, CLEO, HIM, IMPORT, MAX, beats, begin_trial, computed, definition, wear

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()


def with_channel(version: str, name: str, **changes: Any) -> Study:
    """Another version of the study, in which a channel is different; without changes, in which it is not there."""
    study = definition()
    sensors = dict(study.sensors or {})
    channels = [dict(each, **changes) if each["name"] == name else each for each in sensors["channels"]]  # type: ignore[attr-defined]
    sensors["channels"] = tuple(each for each in channels if changes or each["name"] != name)
    return replace(study, version=version, sensors=sensors)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"resolution": "0.01"}, "sensors.channels[1].resolution"),
        ({"unit": "mg/dL", "range": ("20", "600")}, "sensors.channels[1].unit"),
        ({"kind": "temperature", "unit": "Cel"}, "sensors.channels[1].kind"),
    ],
)
@pytest.mark.parametrize("amends", [False, True])
def test_a_version_in_which_samples_would_mean_something_else_is_refused(
    changes: dict[str, Any], place: str, amends: bool
) -> None:
    with pytest.raises(Invalid) as refused:
        perform(PublishDefinition(with_channel("7.0", "cgm", **changes), amends), IMPORT)
    assert place in [fault.place for fault in refused.value.faults]


def results() -> dict[str, tuple[float | None, str, str]]:
    computed(AFTER)
    rows = EndpointResult.objects.filter(participant=HIM)
    return {row.key: (row.value, row.reason, row.basis) for row in rows}


def test_a_version_without_a_channel_keeps_what_came_of_it_and_who_may_see_it() -> None:
    secret = wear()
    beats(secret, "b1", "2026-03-28", [72] * 61)
    times = [f"2026-03-28T{hour:02}:{minute:02}:00+01:00" for hour in range(24) for minute in range(0, 60, 5)]
    glucose(secret, "g1", times, [6.0] * len(times))
    before = results()
    assert any("time_in_range" in key and value == 100.0 for key, (value, _reason, _basis) in before.items())
    carried_out(with_channel("7.1", "cgm", privilege="allocation"), by=MAX)
    carried_out(with_channel("7.2", "cgm"), by=MAX)
    him = Participant.objects.get(key=HIM)
    assert him.definition == "7.2"
    assert [stream.channel.name for stream in streams_of(HIM)] == ["cgm", "heart"]
    assert results() == before
    assert hidden_channels(CLEO, him, AFTER.date()) == {"cgm"}


def test_a_wider_range_and_another_rate_change_no_result() -> None:
    beats(wear(), "b1", "2026-03-28", [72] * 61)
    before = results()
    carried_out(with_channel("7.3", "heart", range=("10", "300"), rate="0.02"), by=MAX)
    assert results() == before
