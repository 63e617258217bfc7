"""Simulated devices with every fault send to a real server, which is killed meanwhile: what was acknowledged is there once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from helmont.bench.homes import Home, free_port, serving, start
from helmont.bench.inside import STUDY

pytestmark = [pytest.mark.slow, pytest.mark.database]

KILLS = int(os.environ.get("HELMONT_KILLS", "4"))
FAULTS = [
    "--duplicates",
    "0.1",
    "--reorder",
    "0.1",
    "--delay",
    "0.1",
    "--drift",
    "50",
    "--truncate",
    "0.1",
    "--restart",
    "0.05",
]


def simulator(home: Home, file: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command with every fault, on participants that exist; it verifies at its end."""
    command = [sys.executable, "-c", "from helmont.cli import main; main()", "sensors", "simulate"]
    given = ["--study", STUDY, "--yes", "--secrets", str(file), "--verify", "--json", *FAULTS, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*command, *given], env=home.environment, text=True, **pipes)


def ended(process: subprocess.Popen[str], patience: float) -> dict[str, Any]:
    """The report of a run without a fault."""
    output, errors = process.communicate(timeout=patience)
    assert process.returncode == 0, output[-4000:] + errors[-4000:]
    report: dict[str, Any] = json.loads(output)
    return report


def check(home: Home, report: dict[str, Any]) -> None:
    """What the simulator found when it verified is so: every batch that lies there was acknowledged, and the counts add up."""
    said, found = report["sending"], report["verification"]
    kept = home.call("devices.kept")
    assert len(kept) == said["acknowledged"] == found["batches"]
    assert sum(each["sum"] for each in kept.values()) == found["sum of counts sent"] == found["sum of counts kept"]
    assert sum(each["samples"] for each in kept.values()) == said["samples"]
    assert home.verify()["clean"]


def test_devices_with_faults_send_over_http_and_mqtt(home: Home, broker: int, tmp_path: Path) -> None:
    address, file = f"mqtt://127.0.0.1:{broker}", tmp_path / "devices.json"
    with serving(home, HELMONT_MQTT_URL=address) as server:
        # each of the five formats over HTTP and over MQTT
        arguments = ["--participants", "10", "--hours", "0.5", "--batch-minutes", "2", "--format", "mixed"]
        report = ended(simulator(home, file, "--url", server.url, "--mqtt", address, *arguments), 300)
        said = report["sending"]
        # ten devices, fifteen times two channels at most; minutes go in which a device restarts
        assert 10 * 10 < said["acknowledged"] <= 10 * 16 * 2
        assert said["sent"] == said["acknowledged"] + said["repeated"] + said["refused because cut off"]
        assert said["repeated"] > 5
        assert said["refused because cut off"] > 5
        assert file.stat().st_mode & 0o777 == 0o600
        command = ["--url", server.url, "--secrets", str(file), "--participants", "2", "--hours", "0.5", "--json"]
        again = home.helmont("sensors", "simulate", "--channels", "glucose", *command)
        more = json.loads(again.stdout)["sending"]["acknowledged"]
        assert more > 0
    assert len(home.call("devices.kept")) == said["acknowledged"] + more
    assert home.verify()["clean"]


def test_every_acknowledged_batch_is_there_once_after_kills(home: Home, broker: int, tmp_path: Path) -> None:
    moments = random.Random(random.randrange(2**32))
    address, port = f"mqtt://127.0.0.1:{broker}", free_port()
    server = start(home, port, HELMONT_MQTT_URL=address)
    try:
        arguments = ["--participants", "6", "--hours", "2000", "--batch-minutes", "0.1", "--channels", "wrist"]
        sending = simulator(home, tmp_path / "devices.json", "--url", server.url, "--mqtt", address, *arguments)
        log = home.folder / "samples"
        while not log.exists() and sending.poll() is None:
            time.sleep(0.01)
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.05, 1.5))
            server.process.kill()
            server.process.wait()
            server = start(home, port, HELMONT_MQTT_URL=address)
        time.sleep(0.5)
        sending.send_signal(signal.SIGINT)
        report = ended(sending, 300)
    finally:
        sending.kill()
        server.process.kill()
        server.process.wait()
    assert report["sending"]["connections broken"] >= KILLS
    assert report["sending"]["unanswered"] == 0
    check(home, report)
