"""Homes to measure in: temporary folders with a database of their own, and a server process on one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STARTING = 120  # seconds; a machine may be busy


class ServerError(RuntimeError):
    """A server did not come up; the message holds what it wrote."""


@dataclass(frozen=True)
class Home:
    """A folder of state and, where it is not SQLite in that folder, the URL of its database."""

    folder: Path
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"HELMONT_HOME": str(self.folder), "HELMONT_DATABASE_URL": self.database}

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function by ``helmont.bench.inside`` in a process whose state is this home."""
        command = [sys.executable, "-m", "helmont.bench.inside", function, json.dumps(arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{function} failed in {self.folder}:\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def helmont(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this home."""
        command = [sys.executable, "-c", "from helmont.cli import main; main()", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def verify(self) -> dict[str, Any]:
        """The report of ``helmont ledger verify --json``."""
        report: dict[str, Any] = json.loads(self.helmont("ledger", "verify", "--json").stdout)
        return report


@dataclass(frozen=True)
class Server:
    """A running server process: where it answers, and its process."""

    home: Home
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> float:
        """Resident memory in MB (10^6 bytes)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024 / 1e6


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Home, port: int | None = None, /, **environment: str) -> Server:
    """Start ``helmont serve`` on the home, at a free port or this one, and wait until it answers; raises ``ServerError``."""
    port, log = port or free_port(), home.folder / "server.log"
    command = [sys.executable, "-c", "from helmont.cli import main; main()", "serve", "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=home.environment | environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    deadline = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5):
                return Server(home, port, process)
        except urllib.error.HTTPError:
            return Server(home, port, process)
        except OSError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise ServerError(f"the server did not answer on port {port}:\n{log.read_text()[-4000:]}")


@contextmanager
def serving(home: Home, **environment: str) -> Iterator[Server]:
    """A server on the home for as long as the block lasts; it is asked to end, as a service manager would."""
    server = start(home, **environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            try:
                server.process.wait(15)
            except subprocess.TimeoutExpired:
                server.process.kill()
        server.process.wait()
