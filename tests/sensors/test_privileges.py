"""A channel under a privilege is not for whoever lacks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helmont.participants.models import Participant
from helmont.sensors.queries.privileges import hidden_channels
from tests.cast import actor
from tests.sensors.kit import WEARER

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]


@pytest.mark.parametrize(
    ("handle", "hidden"),
    [("coordinator", {"pulse"}), ("data.manager", {"pulse"}), ("unblinded.statistician", set()), ("pharmacist", set())],
)
def test_who_is_blinded_must_not_see_a_channel_that_tells_the_arm(handle: str, hidden: set[str]) -> None:
    participant = Participant.objects.get(key=WEARER)
    assert hidden_channels(actor(handle), participant, datetime.now(UTC).date()) == hidden
