"""Devices send to a real server: what is acknowledged is kept once, whole and for good; what does not fit is refused."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

import numpy as np
import orjson
import pytest

from helmont.bench.homes import Home, Server, serving
from helmont.bench.inside import STUDY
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import JSON
from helmont.signals.wire.moments import written

pytestmark = [pytest.mark.slow, pytest.mark.database]

BEGIN = 1_741_600_800 * SECOND  # 2025-03-10T10:00:00Z
ROWS = 200


def samples(seed: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.random.default_rng(seed).integers(-400, 401, (ROWS, 3)).astype(np.int16)


def body(seed: int, **change: Any) -> bytes:
    """Two seconds of a wrist, beginning ``seed`` times two seconds after the first."""
    said = {"start": written(BEGIN + 2 * seed * SECOND), "rate": 100, "counts": samples(seed).tolist()}
    return orjson.dumps({name: value for name, value in {**said, **change}.items() if value is not None})


def put(
    server: Server, secret: str, batch: str, content: bytes, channel: str = "wrist", kind: str = JSON, **headers: str
) -> Any:
    """The status and the answer."""
    request = urllib.request.Request(
        f"{server.url}/samples/v1/{channel}/{batch}",
        method="PUT",
        data=content,
        headers={"Authorization": f"Bearer {secret}", "Content-Type": kind, **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def place_of(answer: dict[str, Any]) -> str:
    return str(answer["error"]["faults"][0]["place"])


def test_a_batch_is_kept_once_however_often_it_is_sent(home: Home) -> None:
    one, two = home.call("devices.prepare", 2)
    with serving(home) as server:
        status, first = put(server, one, "b1", body(1))
        assert status == 200, first
        assert (status, first["samples"], first["repeated"]) == (200, ROWS, False)
        assert (first["first"], first["last"]) == ("2025-03-10T10:00:02.000000Z", "2025-03-10T10:00:03.990000Z")
        status, again = put(server, one, "b1", body(1))
        assert (status, again["repeated"], again["sequence"]) == (200, True, first["sequence"])
        assert put(server, one, "b1", body(2))[0] == 409
        assert put(server, two, "b1", body(3))[0] == 200  # a name is the device's own
        assert put(server, one, "b0", body(0))[0] == 200  # late, and before what came

    kept = home.call("devices.kept")
    assert {key.removeprefix(f"{STUDY}/samples/"): each["sum"] for key, each in kept.items()} == {
        "W-0000.1/wrist/b1": int(samples(1).sum()),
        "W-0001.1/wrist/b1": int(samples(3).sum()),
        "W-0000.1/wrist/b0": int(samples(0).sum()),
    }
    assert home.verify()["clean"]


def test_what_does_not_fit_is_refused_and_nothing_is_kept(home: Home) -> None:
    [secret] = home.call("devices.prepare", 1)
    ahead = written(time.time_ns() + 3600 * SECOND)
    with serving(home) as server:
        for wrong, place in (
            (body(1, unit="mmol/L", counts=None, values=[[0.1, 0.2, 0.9]]), "unit"),
            (body(1, start=ahead), "time"),
            (body(1, start="2024-12-31T00:00:00Z"), "time"),
            (body(1, counts=[[9999, 0, 0]]), "counts[0].x"),
            (body(1, latitude=50.85), "latitude"),
            (b"{", "body"),
        ):
            status, answer = put(server, secret, "b1", wrong)
            assert (status, place_of(answer)) == (422, place)
        assert put(server, secret, "b1", body(1), channel="location")[0] == 422
        assert put(server, secret, "../b1", body(1))[0] in (404, 422)
        assert put(server, "hmd_nobody", "b1", body(1))[0] == 401
        assert put(server, "", "b1", body(1))[0] == 401
        assert put(server, secret, "b1", body(1), kind="text/csv")[0] == 422
        assert put(server, secret, "b1", bytes(40 * 1024 * 1024))[0] == 413
        assert put(server, secret, "b2", body(2))[0] == 200
    assert [key.rpartition("/")[2] for key in home.call("devices.kept")] == ["b2"]
