"""Work in processes beside this one: in order, with its errors, and ending when this one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helmont.core.jobs.processes import processes

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
