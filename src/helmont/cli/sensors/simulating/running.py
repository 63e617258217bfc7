"""All devices of a run: each sends its plan, batch after batch, and comes back when it is told to or gets no answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from helmont.cli.sensors.simulating.bodies import FORMATS, Samples, fitting, samples_of
from helmont.cli.sensors.simulating.http import HttpWay
from helmont.cli.sensors.simulating.mqtt import Broker, MqttWay
from helmont.cli.sensors.simulating.patterns import NOON, Pattern
from helmont.cli.sensors.simulating.plan import Faults, Sending, Timing, clock_of, plan
from helmont.cli.sensors.simulating.sending import Answer, Away, Parcel, SimulatedDevice, Way
from helmont.cli.sensors.simulating.tally import Acknowledged, Tally
from helmont.signals.recording import SECOND
from helmont.signals.synthetic_day import DAY

PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before a batch that was not answered is sent again: at first, and at most."""
PATIENCE = 60.0
"""Seconds for which batches under way are still tried once the run has been told to end."""
TRIED_AGAIN = (429, 502, 503, 504, 507)
PER_BROKER = 50
"""Devices that share one connection to a broker."""


@dataclass(frozen=True)
class Run:
    """What a run consists of. ``patterns`` are some for each channel; a device takes one of them by its number.

    ``speed`` is how many times faster than in truth time passes, 0: nobody waits. Devices send to ``url``, or through the
    broker ``mqtt``; with both, every other one through the broker. At most ``at_once`` batches are on their way.
    """

    seed: int
    devices: Sequence[SimulatedDevice]
    patterns: Mapping[str, Sequence[Pattern]]
    timing: Timing
    faults: Faults
    url: str = ""
    mqtt: str = ""
    speed: float = 0.0
    at_once: int = 32
    formats: Sequence[str] = ("arrow",)
    told: Callable[[Tally], None] = field(default=lambda _tally: None)

    @property
    def name(self) -> str:
        """What the batches of this run are called before their number: when it begins, in seconds since 1970."""
        return f"r{self.timing.begin // SECOND:x}"


class Running:
    """One run on an event loop. ``end`` has devices send no further batch; those under way are still finished."""

    def __init__(self, run: Run) -> None:
        self.run, self.tally = run, Tally()
        self.heard: Callable[[Samples], object] = lambda _samples: None
        """Told of each batch as it is acknowledged."""
        self._ending = asyncio.Event()
        self._slots = asyncio.Semaphore(run.at_once)
        self._last = float("inf")

    def end(self) -> None:
        self._ending.set()
        self._last = time.monotonic() + PATIENCE

    async def go(self) -> Tally:
        """Everything, until the plans are done or ``end`` was called. Raises ``Away`` when nobody answers at the beginning."""
        ways, brokers = await self._ways()
        self._began = began = time.monotonic()
        try:
            numbered = enumerate(zip(self.run.devices, ways, strict=True))
            async with asyncio.TaskGroup() as group:
                for number, (device, way) in numbered:
                    group.create_task(_Sender(self, number, device, way).go())
        finally:
            self.tally.seconds = time.monotonic() - began
            for each in (*ways, *brokers):
                await each.close()
        return self.tally

    async def _ways(self) -> tuple[list[Way], list[Broker]]:
        """A way for each device, and the connections to the broker; that each address answers is seen first."""
        run = self.run
        if run.url:
            probe = HttpWay(run.url)
            await probe.connect()
            await probe.close()
        ways: list[Way] = []
        brokers: list[Broker] = []
        through = 0
        for number in range(len(run.devices)):
            if run.mqtt and (not run.url or number % 2):
                if through % PER_BROKER == 0:
                    brokers.append(Broker(run.mqtt))
                    await brokers[-1].connect()
                ways.append(MqttWay(brokers[-1]))
                through += 1
            else:
                ways.append(HttpWay(run.url))
        return ways, brokers

    async def due(self, moment: int) -> bool:
        """Wait until a moment of the made-up time has come; False when the run ends before."""
        if self.run.speed:
            wait = (moment - self.run.timing.begin) / SECOND / self.run.speed - (time.monotonic() - self._began)
            if wait > 0:
                await self.pause(wait)
        return not self._ending.is_set()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the run ends."""
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return

    async def deliver(self, way: Way, parcel: Parcel) -> tuple[Answer | None, float]:
        """Send one batch until it is taken or refused for good; None when the run ended before. And the seconds it took,
        without those in which it waited for its turn among the devices.
        """
        pause, started = PAUSE, 0.0
        while True:
            answer: Answer | None = None
            asked = time.monotonic()
            async with self._slots:
                now = time.monotonic()
                started = started + now - asked if started else now
                self.tally.sent += 1
                self.tally.content += len(parcel.body.content)
                try:
                    answer = await way.send(parcel)
                except Away:
                    self.tally.away += 1
            if answer is not None and answer.status not in TRIED_AGAIN:
                return answer, time.monotonic() - started
            if answer is not None:
                self.tally.later += 1
            if time.monotonic() > self._last:
                return None, time.monotonic() - started
            # Asked to end, it still waits: what is under way may be taken in a moment.
            await asyncio.sleep(answer.later if answer is not None and answer.later is not None else pause)
            pause = min(2 * pause, LONGEST_PAUSE)


class _Sender:
    """One device: its clock, its patterns, and what it makes of the answers."""

    def __init__(self, running: Running, number: int, device: SimulatedDevice, way: Way) -> None:
        run = running.run
        self._running, self._number, self._device, self._way = running, number, device, way
        self._clock = clock_of(run.seed, number, run.timing, run.faults)
        self._origin = run.timing.begin + self._clock.ahead
        self._patterns = {name: each[number % len(each)] for name, each in run.patterns.items()}
        moved = int.from_bytes(sha256(f"{run.seed} shift {number}".encode()).digest()[:4], "big") % 7200
        self._shift = ((self._origin - NOON) % DAY // SECOND + moved) * SECOND
        self._format = run.formats[number % len(run.formats)]

    async def go(self) -> None:
        run = self._running.run
        channels = [pattern.channel for pattern in self._patterns.values()]
        for sending in plan(run.seed, self._number, channels, run.timing, run.faults):
            pattern = self._patterns[sending.channel]
            samples = samples_of(pattern, self._origin, self._shift, sending.start, sending.end)
            if not len(samples.counts):
                continue  # a reading each five minutes leaves some minutes without
            if not await self._running.due(sending.due):
                return
            if sending.fresh:
                await self._way.close()
            await self._send(sending, fitting(self._format, samples))
            run.told(self._running.tally)

    async def _send(self, sending: Sending, samples: Samples) -> None:
        run, tally = self._running.run, self._running.tally
        body = FORMATS[self._format](samples)
        if sending.cut < 1:
            body = replace(body, content=body.content[: int(sending.cut * len(body.content))])
        name = f"{run.name}.{sending.number:06}"
        answer, took = await self._running.deliver(self._way, Parcel(self._device, sending.channel, name, body))
        if answer is None:
            tally.unanswered += 1
        elif sending.cut < 1:
            if answer.status == 200:
                tally.cut_taken += 1
            else:
                tally.cut += 1
        elif answer.status != 200:
            tally.refused[answer.reason] += 1
        else:
            self._running.heard(samples)
            digest = samples.digest
            tally.latencies.append(took)
            tally.repeated += bool(answer.said.get("repeated"))
            tally.wrong += answer.said.get("sha256") != digest
            key = (self._device.assignment, sending.channel, name)
            tally.acknowledged[key] = Acknowledged(bytes.fromhex(digest), len(samples.counts), samples.sum)
