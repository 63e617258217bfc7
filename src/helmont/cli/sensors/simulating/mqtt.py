"""Sending over MQTT 5: devices share connections to a broker; each batch is answered by Helmont to the device's own topic."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from helmont.cli.sensors.simulating.sending import Answer, Away, Parcel
from helmont.signals.errors import SignalError

CONNECTING, ANSWERING = 20.0, 60.0
"""Seconds after which a device gives up: on a connection, and on an answer (the batch is then published again)."""
STATUS = {"not_signed_in": 401, "conflict": 409, "not_found": 404, "too_large": 413}
"""What HTTP would say to a code; 422 to the others."""


class Broker:
    """One connection that devices share. Raises ``SignalError`` for an address that is not of a broker."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        if place.scheme not in ("mqtt", "mqtts") or not place.hostname:
            raise SignalError("--mqtt", repr(url), "the address of a broker: mqtt://user:password@host:port")
        secure = place.scheme == "mqtts"
        self._host, self._port = place.hostname, place.port or (8883 if secure else 1883)
        name = uuid.uuid4().hex[:12]
        self.topic = f"helmont/answers/{name}"
        self._client = Client(CallbackAPIVersion.VERSION2, f"simulator-{name}", protocol=MQTTProtocolVersion.MQTTv5)
        if place.username:
            self._client.username_pw_set(unquote(place.username), unquote(place.password or ""))
        if secure:
            self._client.tls_set()
        self._client.reconnect_delay_set(1, 5)
        self._client.on_connect = self._connected
        self._client.on_message = self._came
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._sent = 0

    async def connect(self) -> None:
        """Connect and listen for answers. Raises ``Away``."""
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        try:
            self._client.connect_async(self._host, self._port)
            self._client.loop_start()
            await asyncio.wait_for(asyncio.shield(self._ready), CONNECTING)
        except (OSError, TimeoutError) as error:
            await self.close()
            raise Away(f"{self._host}:{self._port}: {error or 'no answer'}") from None

    async def close(self) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    async def send(self, parcel: Parcel) -> Answer:
        """Publish a batch and wait for Helmont's answer. Raises ``Away`` when none comes in time."""
        self._sent += 1
        correlation = str(self._sent)
        self._waiting[correlation] = answer = self._loop.create_future()
        properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # published without types
        properties.ContentType = parcel.body.content_type
        properties.ResponseTopic, properties.CorrelationData = self.topic, correlation.encode()
        said = (("secret", parcel.device.secret), ("encoding", parcel.body.encoding), ("topic", parcel.body.topic))
        properties.UserProperty = [each for each in said if each[1]]
        try:
            topic = f"helmont/samples/{parcel.channel}/{parcel.batch}"
            self._client.publish(topic, parcel.body.content, qos=1, properties=properties)
            return await asyncio.wait_for(answer, ANSWERING)
        except (OSError, ValueError, TimeoutError) as error:
            raise Away(str(error) or "no answer in time") from None
        finally:
            del self._waiting[correlation]

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if not reason.is_failure:
            client.subscribe(self.topic, qos=1)
            self._loop.call_soon_threadsafe(self._is_ready)

    def _is_ready(self) -> None:
        if not self._ready.done():
            self._ready.set_result(None)

    def _came(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        correlation = bytes(getattr(message.properties, "CorrelationData", b"")).decode()
        self._loop.call_soon_threadsafe(self._heard, correlation, message.payload)

    def _heard(self, correlation: str, payload: bytes | bytearray) -> None:
        waiting = self._waiting.get(correlation)
        if waiting is None or waiting.done():
            return
        said = orjson.loads(payload)
        status = STATUS.get(said["error"]["code"], 422) if "error" in said else 200
        waiting.set_result(Answer(status, said))


class MqttWay:
    """Sends through a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def send(self, parcel: Parcel) -> Answer:
        return await self._broker.send(parcel)

    async def close(self) -> None:
        """Nothing: other devices use the connection."""
