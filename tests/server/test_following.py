"""A running server follows what devices send: hours at once, endpoints by themselves."""

from __future__ import annotations

import time

import pytest

from helmont.bench.homes import Home, serving
from tests.server.test_samples import body, put

pytestmark = [pytest.mark.slow, pytest.mark.database]

PATIENCE = 240.0


def test_endpoints_appear_while_the_device_is_worn(home: Home) -> None:
    [secret] = home.call("devices.prepare", 1)
    with serving(home) as server:
        for number in range(40):
            assert put(server, secret, f"b{number}", body(number))[0] == 200
        given_up = time.monotonic() + PATIENCE
        while not (found := home.call("devices.endpoints")) and time.monotonic() < given_up:
            time.sleep(5)
        assert found["enmo_mean@1"]["value"] > 0
        assert found["enmo_mean@1"]["batches"] == 40
        assert found["enmo_mean@1"]["reason"] == "too_little_wear"
        hours = home.call("devices.hours")
        assert sum(each["samples"] for each in hours) == 40 * 200
