"""Sending over HTTP/1.1: a connection of the device's own, kept open until it breaks."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any
from urllib.parse import urlsplit

import httptools
import orjson

from helmont.cli.sensors.simulating.sending import Answer, Away, Parcel
from helmont.signals.errors import SignalError

CONNECTING, ANSWERING = 10.0, 120.0
"""Seconds after which a device gives a connection, or an answer, up."""
CHUNK = 65_536


class HttpWay:
    """Sends to ``url``. Raises ``SignalError`` for one that is not of HTTP."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise SignalError("--url", repr(url), "the address of a server: http://host:port")
        self._tls = ssl.create_default_context() if place.scheme == "https" else None
        self._host, self._port = place.hostname, place.port or (443 if self._tls else 80)
        self._prefix, self._name = place.path.rstrip("/"), place.netloc.rpartition("@")[2]
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def connect(self) -> None:
        """Open the connection. Raises ``Away``."""
        try:
            async with asyncio.timeout(CONNECTING):
                self._streams = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            raise Away(f"{self._host}:{self._port}: {error or 'no answer'}") from None

    async def send(self, parcel: Parcel) -> Answer:
        if self._streams is not None and self._streams[0].at_eof():  # closed meanwhile, as servers do with idle ones
            await self.close()
        if self._streams is None:
            await self.connect()
        assert self._streams is not None  # connect would have raised
        reader, writer = self._streams
        try:
            async with asyncio.timeout(ANSWERING):
                writer.write(self._request(parcel))
                await writer.drain()
                return await self._answered(reader)
        except (OSError, EOFError, TimeoutError, httptools.HttpParserError) as error:
            await self.close()
            raise Away(str(error)) from None

    async def close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(streams[1].wait_closed(), 5)

    def _request(self, parcel: Parcel) -> bytes:
        body = parcel.body
        encoding = f"Content-Encoding: {body.encoding}\r\n" if body.encoding else ""
        asking = f"?topic={body.topic}" if body.topic else ""
        head = (
            f"PUT {self._prefix}/samples/v1/{parcel.channel}/{parcel.batch}{asking} HTTP/1.1\r\nHost: {self._name}\r\n"
            f"Authorization: Bearer {parcel.device.secret}\r\nContent-Type: {body.content_type}\r\n{encoding}"
            f"Content-Length: {len(body.content)}\r\n\r\n"
        )
        return head.encode("latin-1") + body.content

    async def _answered(self, reader: asyncio.StreamReader) -> Answer:
        heard = _Heard()
        parser = heard.parser = httptools.HttpResponseParser(heard)
        while not heard.whole:
            chunk = await reader.read(CHUNK)
            if not chunk:
                raise EOFError("the connection was closed before the answer")
            parser.feed_data(chunk)
        if not heard.stays:
            await self.close()
        return heard.answer(parser.get_status_code())


class _Heard:
    """What comes back, piece by piece, as ``httptools`` tells it."""

    parser: httptools.HttpResponseParser

    def __init__(self) -> None:
        self.whole = self.stays = False
        self._body = b""
        self._later: float | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            with contextlib.suppress(ValueError):  # a date: then the sender waits as it does without one
                self._later = float(value)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.whole, self.stays = True, self.parser.should_keep_alive()

    def answer(self, status: int) -> Answer:
        said: Any = None
        with contextlib.suppress(orjson.JSONDecodeError):  # a proxy's page
            said = orjson.loads(self._body)
        return Answer(status, said if isinstance(said, dict) else {}, self._later)
