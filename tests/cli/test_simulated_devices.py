"""A simulated device and the server it talks to: told to come back, cut off, refused for good."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import pytest

from helmont.cli.sensors.simulating import running
from helmont.cli.sensors.simulating.bodies import Body
from helmont.cli.sensors.simulating.http import HttpWay
from helmont.cli.sensors.simulating.patterns import pattern
from helmont.cli.sensors.simulating.plan import MINUTE, Faults, Timing
from helmont.cli.sensors.simulating.running import Run, Running
from helmont.cli.sensors.simulating.sending import Away, Parcel, SimulatedDevice
from helmont.cli.sensors.simulating.tally import Tally
from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND
from helmont.signals.wire.decoding import decode

BEGIN = 1_741_600_800 * SECOND  # 2025-03-10T10:00:00Z
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", 25, 1 / 256, (-8, 8))
Answering = Callable[[str, bytes], bytes]


def answer(status: str, said: dict[str, object], *headers: str) -> bytes:
    body = json.dumps(said).encode()
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server:
    """Takes batches as Helmont does, unless ``first`` says otherwise the first times; an empty answer breaks the connection."""

    def __init__(self, *first: bytes) -> None:
        self.first = list(first)
        self.taken: dict[str, str] = {}
        self.heard: list[str] = []
        self.connections = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(EOFError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
                content = await reader.readexactly(int(fields["Content-Length"]))
                self.heard.append(fields["Authorization"])
                place = fields["Authorization"] + head.split()[1]
                said = self._answer(place, fields, content)
                writer.write(said)
                await writer.drain()
                if not said:
                    break
        writer.close()

    def _answer(self, place: str, fields: dict[str, str], content: bytes) -> bytes:
        if self.first:
            return self.first.pop(0)
        try:
            topic = place.partition("?topic=")[2]
            digest = decode(WRIST, fields["Content-Type"], fields.get("Content-Encoding", ""), content, topic).digest
        except SignalError as fault:
            return answer("422 No", {"error": {"code": "invalid", "faults": [{"place": fault.place}]}})
        repeated = place in self.taken
        self.taken[place] = digest
        return answer("200 OK", {"sha256": digest, "repeated": repeated})


def a_run(url: str, faults: Faults | None = None, **settings: object) -> Run:
    devices = [SimulatedDevice(f"S/devices/SIM-{number}/1", f"S/{number}", f"hmd_{number}") for number in range(3)]
    patterns = {"wrist": [pattern(1, WRIST, 1)]}
    timing = Timing(BEGIN, BEGIN + 30 * MINUTE)
    return Run(1, devices, patterns, timing, faults or Faults(), url, **settings)  # type: ignore[arg-type]


def tally_of(server: Server, faults: Faults | None = None, **settings: object) -> Tally:
    async def go() -> Tally:
        async with server.serving() as url:
            return await Running(a_run(url, faults, **settings)).go()

    return asyncio.run(go())


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PAUSE", 0.01)


def test_every_batch_is_acknowledged_and_counted() -> None:
    server = Server()
    tally = tally_of(server)
    assert tally.clean
    assert (tally.sent, len(tally.acknowledged), tally.repeated) == (93, 93, 0)
    assert 90 * 60 * 25 <= tally.samples <= 93 * 60 * 25
    assert server.connections == 3 + 1  # that somebody answers is seen first
    assert set(server.heard) == {"Bearer hmd_0", "Bearer hmd_1", "Bearer hmd_2"}
    assert {each.digest.hex() for each in tally.acknowledged.values()} == set(server.taken.values())
    said = tally.to_dict()
    assert said["latency p50, ms"] <= said["latency p99, ms"]


def test_an_idle_connection_that_the_server_closed_is_made_anew_before_anything_is_sent() -> None:
    class Hasty(Server):
        """Closes each connection after one answer, and does not say so."""

        async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(line for line in head.splitlines() if line.startswith("Content-Length: "))
            await reader.readexactly(int(length.partition(": ")[2]))
            writer.write(answer("200 OK", {}))
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            self.heard.append("closed")

    async def go() -> tuple[Hasty, list[int]]:
        server, found = Hasty(), []
        device, body = SimulatedDevice("S/devices/SIM-1/1", "S/1", "hmd_1"), Body("application/json", "", b"{}")
        async with server.serving() as url:
            way = HttpWay(url)
            for number in range(3):
                found.append((await way.send(Parcel(device, "wrist", str(number), body))).status)
                while len(server.heard) <= number:
                    await asyncio.sleep(0)
                await asyncio.sleep(0.02)  # the end of the connection is read
            await way.close()
        return server, found

    server, found = asyncio.run(go())
    assert found == [200, 200, 200]
    assert server.connections == 3


def test_it_comes_back_when_told_to_and_after_the_connection_broke() -> None:
    busy = answer("503 Busy", {"error": {"code": "busy"}}, "Retry-After: 0")
    server = Server(busy, b"", answer("507 Full", {"error": {"code": "full"}}, "Retry-After: 0"), b"", b"")
    tally = tally_of(server)
    assert tally.clean
    assert (tally.later, tally.away, tally.sent) == (2, 3, 98)
    assert len(server.taken) == 93


@pytest.mark.parametrize("form", ["arrow", "radar"])
def test_faults_are_sent_and_end_well(form: str) -> None:
    faults = Faults(duplicates=0.2, reorder=0.2, delay=0.2, drift=100, truncate=0.2, restart=0.05)
    server = Server()
    tally = tally_of(server, faults, formats=[form])
    assert tally.clean
    assert tally.cut > 5
    assert tally.repeated > 5
    assert tally.sent == tally.cut + tally.repeated + len(tally.acknowledged)
    assert server.connections > 4


def test_what_is_refused_for_good_is_counted_by_its_reason_and_not_sent_again() -> None:
    unknown = answer("401 No", {"error": {"code": "not_signed_in"}})
    wrong = answer("422 No", {"error": {"code": "invalid", "faults": [{"place": "unit"}]}})
    tally = tally_of(Server(unknown, wrong, wrong, answer("200 OK", {"sha256": "0" * 64})))
    assert not tally.clean
    assert tally.refused == {"401 not_signed_in": 1, "422 invalid unit": 2}
    assert (tally.sent, tally.wrong) == (93, 1)


def test_a_run_can_be_ended_and_finishes_what_is_under_way() -> None:
    async def go() -> tuple[Tally, int]:
        server = Server()
        async with server.serving() as url:
            one = Running(a_run(url, speed=1.0))
            asyncio.get_running_loop().call_later(0.05, one.end)
            return await one.go(), len(server.taken)

    tally, taken = asyncio.run(go())
    assert taken == 0  # nothing is due yet
    assert tally.clean


def test_somebody_has_to_answer_at_the_beginning() -> None:
    with pytest.raises(Away):
        asyncio.run(Running(a_run("http://127.0.0.1:9")).go())
    with pytest.raises(SignalError, match="--url"):
        asyncio.run(Running(a_run("ftp://127.0.0.1")).go())
    with pytest.raises(SignalError, match="--mqtt"):
        asyncio.run(Running(a_run("", mqtt="http://127.0.0.1:9")).go())
