"""How long after a batch of samples was acknowledged the page that follows a participant shows it, while 500 devices send.

Each device sends a batch of a minute each minute, spread over it, 8.3 batches a second; one more, whose wearer's page somebody
has open, sends a batch of a second each second. The page does as a browser does: it listens to the study's events, and
fetches the part that follows when an entry is about its participant, no sooner after the last time than ``refresh.js``.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson

from helmont.bench import load
from helmont.bench.connections import Connection
from helmont.bench.homes import Home, serving
from helmont.bench.inside import STUDY
from helmont.bench.plans import follow_request, page_request
from helmont.signals.recording import MICROSECOND, SECOND

DEVICES, WARM, SECONDS = 500, 15.0, 40.0
PAUSE = 0.4
SHOWS = re.compile(rb'data-last-at="(\d+)"')
PATIENCE, STARTING = 15.0, 90.0


@dataclass
class Watched:
    """What was measured, in seconds: acknowledgement to page, each fetch of it, and what acknowledgements took."""

    shown: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    acknowledging: list[float] = field(default_factory=list)
    batches: int = 0
    seconds: float = 0.0


def measure(home: Home, note: Callable[..., None], quick: bool) -> None:
    """Note the time from a batch to the page, on a home in which nothing is yet."""
    devices, warm, seconds, every = (20, 2.0, 5.0, 5) if quick else (DEVICES, WARM, SECONDS, 60)
    [session] = home.call("prepare", 1, 1)
    path = Path(home.folder, "devices.json")
    home.call("watching.furnish", devices + 1, str(path))
    with serving(home) as server, load.generator() as run:
        found = cast(Watched, run(watch, server.port, session, str(path), warm, seconds, every))
        memory = server.memory
    note(f"batch acknowledged to the open page, {devices} devices sending, p50", _percentile(found.shown, 0.5), "s")
    note("… p99", _percentile(found.shown, 0.99), "s", 2)
    note("… the part of the page itself, p50", _percentile(found.pages, 0.5) * 1000, "ms")
    note(f"… batches of {every} s meanwhile", found.batches / found.seconds, "/s")
    note("… their acknowledgement, p50", _percentile(found.acknowledging, 0.5) * 1000, "ms")
    note("… p99", _percentile(found.acknowledging, 0.99) * 1000, "ms")
    note("… the server's memory", memory, "MB", 500)


_percentile = load.percentile


def furnish(devices: int, path: str) -> None:
    """Simulated devices for new participants (done inside the home)."""
    from helmont.cli.sensors.simulating.furnishing import furnish as give

    give(STUDY, devices, (time.time_ns() // SECOND - 86_400) * SECOND, Path(path), enrol="")


def watch(port: int, session: str, path: str, warm: float, seconds: float, every: int) -> Watched:
    """Have all devices of the file send in real time, ``every`` so many seconds; the last of them is watched."""
    import uvloop

    return uvloop.run(_watch(port, session, path, warm, seconds, every))


async def _watch(port: int, session: str, path: str, warm: float, seconds: float, every: int) -> Watched:
    from helmont.cli.sensors.simulating.furnishing import load as read
    from helmont.cli.sensors.simulating.patterns import pattern
    from helmont.cli.sensors.simulating.plan import Faults, Timing
    from helmont.cli.sensors.simulating.running import Run, Running

    fleet = read(Path(path))
    channel = next(each for each in fleet.channels if each.rate)
    made = {channel.name: [pattern(each, channel, 1.0) for each in (1, 2, 3)]}
    begin = time.time_ns() // SECOND * SECOND
    url, end = f"http://127.0.0.1:{port}", begin + 3600 * SECOND
    timing = Timing(begin, end, every * SECOND)
    many = Running(Run(1, fleet.devices[:-1], made, timing, Faults(), url, speed=1.0))
    one = Running(Run(2, fleet.devices[-1:], made, Timing(begin, end, SECOND), Faults(), url, speed=1.0))
    about = fleet.devices[-1].participant
    page = _Page(port, session, about)
    others = asyncio.create_task(many.go())
    patience = time.perf_counter() + STARTING
    while not many.tally.latencies and not others.done() and time.perf_counter() < patience:
        await asyncio.sleep(0.1)  # the first batch has the server load what packing takes
    await asyncio.sleep(warm)
    acknowledged: dict[int, float] = {}
    one.heard = lambda samples: acknowledged.setdefault(samples.last // MICROSECOND, time.perf_counter())
    watched = asyncio.create_task(one.go())
    await page.open()
    before, since = len(many.tally.latencies), time.perf_counter()
    await asyncio.sleep(seconds)
    found = Watched(seconds=time.perf_counter() - since, batches=len(many.tally.latencies) - before)
    found.acknowledging = many.tally.latencies[before:]
    for running in (one, many):
        running.end()
    await watched
    await others
    if not (many.tally.clean and one.tally.clean):
        raise RuntimeError(f"batches were refused: {many.tally.refused or one.tally.refused}")
    found.shown = await page.since(acknowledged)
    found.pages = page.took
    return found


class _Page:
    """The part of a participant's page that follows what comes, open in a browser."""

    def __init__(self, port: int, session: str, participant: str) -> None:
        number = participant.partition("/")[2]
        self._port, self._about = port, participant
        self._follow = follow_request(port, session)
        self._request = page_request(port, session, f"/studies/{STUDY}/participants/{number}/sensors/today")
        self._heard = asyncio.Event()
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.shown: list[tuple[float, int]] = []
        """When a fetch was whole, and the last sample that it showed, in microseconds since 1970."""
        self.took: list[float] = []

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(
            lambda: _Listener(self._follow, self._about, self._heard.set), "127.0.0.1", self._port
        )
        _, connection = await loop.create_connection(
            lambda: Connection(lambda _c, head, body: self._answer.set_result(head + body), lambda: None),
            "127.0.0.1",
            self._port,
        )
        self._task = asyncio.create_task(self._go(connection))

    async def _go(self, connection: Connection) -> None:
        while True:
            await self._heard.wait()
            self._heard.clear()
            started = time.perf_counter()
            self._answer = asyncio.get_running_loop().create_future()
            connection.ask(self._request, started)
            body = await self._answer
            if body[9:12] != b"200":
                raise RuntimeError(f"the page is not shown: {body[:300]!r}")
            now = time.perf_counter()
            self.took.append(now - started)
            self.shown.append((now, max(map(int, SHOWS.findall(body)), default=0)))
            await asyncio.sleep(max(0.0, started + PAUSE - now))

    async def since(self, acknowledged: dict[int, float]) -> list[float]:
        """Seconds from each acknowledgement to the first fetch that shows the batch's last sample; raises if one never does."""
        patience = time.perf_counter() + PATIENCE
        while not (self.shown and self.shown[-1][1] >= max(acknowledged)) and time.perf_counter() < patience:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.05)
        self._task.cancel()
        found = []
        for last, moment in acknowledged.items():
            seen = next((at for at, shows in self.shown if shows >= last), None)
            if seen is None:
                raise RuntimeError("the page does not come to show a batch that was acknowledged")
            found.append(max(seen - moment, 0.0))
        return found


class _Listener(asyncio.Protocol):
    """Listens to server-sent events and tells of those about one participant."""

    def __init__(self, request: bytes, about: str, heard: Callable[[], None]) -> None:
        self._request, self._about, self._heard, self._buffer = request, about, heard, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                said: Any = orjson.loads(line[5:])
                if isinstance(said, dict) and said.get("participant") == self._about:
                    self._heard()
