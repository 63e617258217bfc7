"""Samples through the whole server: HTTP, decoding, packing, the disk, the ledger, the answer, for a second of its processors."""

from __future__ import annotations

import http.client
import io
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import zstandard

from helmont.bench.homes import Home, Server, serving
from helmont.signals.recording import SECOND, Counts
from helmont.signals.wire.decoding import ARROW

RATE = 100
BEGIN = 1_741_600_800 * SECOND  # 2025-03-10T10:00:00Z
DEVICES = 8
BATCHES = {"a minute": (60, 60), "10 minutes": (600, 24), "an hour": (3600, 6)}
"""By what a batch holds: its seconds, and how many each device sends."""


@dataclass(frozen=True)
class Sending:
    """Bodies of one length, one after the other in time, and how many samples each holds."""

    seconds: int
    bodies: Sequence[bytes]

    @property
    def rows(self) -> int:
        return self.seconds * RATE


def measure(home: Home, note: Callable[..., None], quick: bool) -> None:
    """Note samples a second of processor time, bytes a sample on the disk, and the server's memory."""
    home.call("prepare", DEVICES, 1)
    secrets = home.call("devices.prepare", DEVICES)
    counts = wrist(3600 * RATE)
    sent = 0
    with serving(home) as server:
        for name, (seconds, many) in BATCHES.items():
            sending = _sending(counts, seconds, max(many // 12, 1) if quick else many)
            _send(server, secrets[0], "warm", sending)
            before = _processor_time(server)
            senders = [threading.Thread(target=_send, args=(server, each, "b", sending)) for each in secrets]
            for each in senders:
                each.start()
            for each in senders:
                each.join()
            used = _processor_time(server) - before
            rows = len(sending.bodies) * sending.rows
            sent += rows * (DEVICES + 1)
            least = 5.0 if name == "10 minutes" else None
            note(
                f"samples over HTTP, {name} a batch", DEVICES * rows / used / 1e6, "million/CPU s", least, at_least=True
            )
        memory = server.memory
    if home.call("devices.samples") != sent:
        raise RuntimeError("not every sample that was acknowledged is in the record")
    note("memory while samples come", memory, "MB", 500)
    kept = sum(path.stat().st_size for path in Path(home.folder, "samples").iterdir())
    note("bytes of a tri-axial sample on the disk", kept / sent, "B", 3)


def wrist(rows: int) -> Counts:
    """A wrist that moves now and then: a slow posture, noise of three counts, and minutes of walking."""
    random = np.random.default_rng(1648)
    moments = np.arange(rows) / RATE
    posture = 256 * np.stack([np.sin(moments / 300), np.cos(moments / 300), np.cos(moments / 700)], axis=1)
    walking = (np.sin(moments / 180) > 0.6)[:, None] * np.sin(2 * np.pi * 1.9 * moments)[:, None] * (90, 60, 120)
    counts: Counts = np.rint(posture + walking + random.normal(0, 3, (rows, 3))).astype(np.int16)
    return counts


def _sending(counts: Counts, seconds: int, many: int) -> Sending:
    rows, bodies = seconds * RATE, []
    for number in range(many):
        first = number * rows % (len(counts) - rows + 1)
        start = BEGIN + number * seconds * SECOND
        table = pa.table({axis: counts[first : first + rows, each] for each, axis in enumerate("xyz")})
        bodies.append(_body(table.replace_schema_metadata({"start": str(start), "rate": str(RATE)})))
    return Sending(seconds, bodies)


def _body(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return zstandard.compress(sink.getvalue(), 1)


def _send(server: Server, secret: str, name: str, sending: Sending) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": ARROW, "Content-Encoding": "zstd"}
    for number, body in enumerate(sending.bodies):
        connection.request("PUT", f"/samples/v1/wrist/{name}-{sending.seconds}-{number}", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a batch was refused: {answer.status} {said[:300]!r}")
    connection.close()


def _processor_time(server: Server) -> float:
    """Seconds of processor time that the server has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
