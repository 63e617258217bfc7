"""Work in processes beside this one: in order, with its errors, and ending when this one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from helmont.core.jobs.processes import Beside, processes

PROGRAM = """
import os, time
from helmont.core.jobs.processes import processes
with processes(1) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 60).result()
"""


def root(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} has no root")
    return round(number**0.5)


@pytest.mark.slow
def test_parts_come_back_in_order_and_an_error_comes_out() -> None:
    with processes(2, os.putenv, "HELMONT_PART", "1") as pool:
        assert list(pool.map(root, [81, 4, 25])) == [9, 2, 5]
        with pytest.raises(ValueError, match="-1 has no root"):
            list(pool.map(root, [9, -1]))


@pytest.mark.slow
def test_a_process_ends_with_the_one_that_began_it(tmp_path: Path) -> None:
    environment = dict(os.environ, HELMONT_HOME=str(tmp_path), DJANGO_SETTINGS_MODULE="helmont.settings")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    patience = time.monotonic() + 20
    while time.monotonic() < patience and Path(f"/proc/{child}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


@pytest.mark.slow
def test_the_process_beside_a_server_comes_when_it_is_asked_and_goes_when_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside = Beside()
    try:
        first = beside.submit(os.getpid).result()
        assert first == beside.submit(os.getpid).result() != os.getpid()
        lost = beside.submit(time.sleep, 60)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(BrokenProcessPool):
            lost.result()
        second = beside.submit(os.getpid).result()
        assert second != first
        waiting = [beside.submit(time.sleep, 0.2) for _ in range(9)]
        beside.cancel()
        with pytest.raises(CancelledError):
            waiting[-1].result()
        beside.shutdown()
        second = beside.submit(os.getpid).result()
        beside.rest()
        assert Path(f"/proc/{second}").exists()
        monkeypatch.setattr(Beside, "IDLE", 0.0)
        beside.rest()
        assert not Path(f"/proc/{second}").exists()
    finally:
        beside.shutdown()
