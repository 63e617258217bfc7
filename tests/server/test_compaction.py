"""While devices send, and whatever is killed at which moment: every acknowledged batch is there once, in log or archive."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from typing import Any

import pytest

from helmont.bench.homes import Home, Server, serving, start
from helmont.bench.inside import STUDY
from tests.server.test_samples import ROWS, body, put, samples

pytestmark = [pytest.mark.slow, pytest.mark.database]

KILLS = 2
OFTEN = {"HELMONT_COMPACT_EVERY": "0.05"}


@dataclass
class Device(threading.Thread):
    """Sends one batch after the other, some of them twice, until the server is gone."""

    server: Server
    secret: str
    first: int
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        with suppress(OSError, HTTPException, ValueError):  # the server is gone
            for step in count(self.first):
                for _ in range(1 + (step % 5 == 0)):
                    status, answer = put(self.server, self.secret, f"b{step}", body(step % 3000))
                    if status == 200:
                        self.acknowledged[f"b{step}"] = step % 3000
                    else:
                        self.refused.append((status, answer))


def compacting(home: Home) -> subprocess.Popen[bytes]:
    """``helmont sensors compact --seal``, begun."""
    command = [sys.executable, "-c", "from helmont.cli import main; main()", "sensors", "compact", "--seal"]
    return subprocess.Popen(command, env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_acknowledged_batches_outlive_kills_of_the_server_and_of_the_compaction(home: Home) -> None:
    secrets = home.call("devices.prepare", 3)
    moments = random.Random(random.randrange(2**32))
    acknowledged: list[dict[str, int]] = [{} for _ in secrets]
    archive = home.folder / "archive"
    for kill in range(KILLS):
        server = start(home, **OFTEN)
        try:
            devices = [Device(server, secret, 1000 * kill) for secret in secrets]
            for device in devices:
                device.start()
            deadline, before = time.monotonic() + 15, set(archive.rglob("*.parquet"))
            while set(archive.rglob("*.parquet")) == before and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 0.2))
        finally:
            server.process.kill()
            server.process.wait()
        for number, device in enumerate(devices):
            device.join(30)
            assert not device.refused
            acknowledged[number] |= device.acknowledged
    for _ in range(KILLS):
        process = compacting(home)
        time.sleep(moments.uniform(1.0, 3.0))
        process.kill()
        process.wait()
    done = home.helmont("sensors", "compact", "--seal", "--json")
    assert done.returncode == 0, done.stderr
    assert len(list((home.folder / "samples").glob("*.seg"))) == 1  # the one that is written to
    assert len(list(archive.rglob("*.parquet"))) >= 1

    kept = home.call("devices.kept")
    assert all(acknowledged)
    for number, batches in enumerate(acknowledged):
        for batch, seed in batches.items():
            one = kept[f"{STUDY}/samples/W-{number:04}.1/wrist/{batch}"]
            assert (one["samples"], one["said"], one["sum"]) == (ROWS, ROWS, int(samples(seed).sum()))
    assert home.verify()["clean"]


def test_while_a_server_takes_samples_nobody_else_compacts(home: Home) -> None:
    [secret] = home.call("devices.prepare", 1)
    with serving(home) as server:
        assert put(server, secret, "b1", body(1))[0] == 200
        refused = home.helmont("sensors", "compact", "--seal")
        assert (refused.returncode, f"written by process {server.process.pid}" in refused.stderr) == (1, True)
    done = home.helmont("sensors", "compact", "--seal", "--json")
    assert json.loads(done.stdout) == {
        "files": 1,
        "rows": ROWS,
        "bytes": json.loads(done.stdout)["bytes"],
        "dropped": [1],
    }
