"""Samples over MQTT 5: devices publish to a broker, Helmont takes the messages from it.

    topic            helmont/samples/<channel>/<batch>      quality of service 1
    content type     as over HTTP                            (property Content Type)
    user properties  secret, and where they apply: encoding, topic
    answer           to the property Response Topic, with the property Correlation Data: what HTTP would answer, as JSON

The broker keeps a message until Helmont acknowledges it, which it does once the samples are on disk and in the ledger, or
refused for good. While they cannot be taken (the disk is full, too much is waiting) nothing is acknowledged, and the broker
sends no more than ``AT_ONCE`` messages ahead. After a fall the broker sends what was not acknowledged again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from helmont.core.errors import Fault, Invalid, Refused
from helmont.sensors.receiving import Sent, receive, sender_of

log = logging.getLogger(__name__)

TOPIC = "helmont/samples/"
AT_ONCE = 32
"""Messages that the broker may send before the first of them is acknowledged."""
LONGEST = 32 * 1024 * 1024
FOR_EVER = 0xFFFFFFFF
WAIT_AT_MOST = 30.0


class Gateway:
    """Takes samples from a broker, ``mqtt://user:password@host:port`` or ``mqtts://…``, from ``start`` to ``stop``."""

    def __init__(self, url: str, client_id: str = "helmont") -> None:
        place = urlsplit(url)
        if place.scheme not in ("mqtt", "mqtts") or not place.hostname:
            raise ValueError(f"{url!r} is not the address of a broker: mqtt://user:password@host:port")
        secure = place.scheme == "mqtts"
        self._host, self._port = place.hostname, place.port or (8883 if secure else 1883)
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True
        )
        if place.username:
            self._client.username_pw_set(unquote(place.username), unquote(place.password or ""))
        if secure:
            self._client.tls_set()
        self._client.on_connect = self._connected
        self._client.on_message = self._came
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="helmont-mqtt", daemon=True)
        self._under_way: set[Future[None]] = set()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there; the session at the broker goes on from where it was."""
        self._thread.start()
        settings = _properties(PacketTypes.CONNECT)
        settings.SessionExpiryInterval = FOR_EVER
        settings.ReceiveMaximum = AT_ONCE
        settings.MaximumPacketSize = LONGEST
        self._client.connect_async(self._host, self._port, clean_start=False, properties=settings)
        self._client.loop_start()

    def stop(self) -> None:
        """Finish what is under way and say good-bye; the broker keeps what comes from now on."""
        for each in list(self._under_way):
            each.cancel()
        self._client.disconnect()
        self._client.loop_stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("the broker at %s refused the connection: %s", self._host, reason)
            return
        client.subscribe(f"{TOPIC}#", qos=1)

    def _came(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        work: Coroutine[Any, Any, None] = self._take(message)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)

    async def _take(self, message: MQTTMessage) -> None:
        pause = 1.0
        while True:
            try:
                said = await self._receive(message)
            except Refused as refusal:
                later = refusal.details.get("retry_after")
                said = {"error": refusal.to_dict()}
                if later is not None:
                    await asyncio.sleep(float(later))
                    continue
            except Exception:
                log.exception("a batch of samples failed; it is tried again")
                await asyncio.sleep(pause)
                pause = min(2 * pause, WAIT_AT_MOST)
                continue
            break
        self._answer(message, said)
        self._client.ack(message.mid, message.qos)

    async def _receive(self, message: MQTTMessage) -> dict[str, Any]:
        channel, _, batch = message.topic.removeprefix(TOPIC).partition("/")
        properties = message.properties
        said: dict[str, str] = dict(getattr(properties, "UserProperty", []))
        if not channel or not batch:
            raise Invalid([Fault("topic", message.topic[:200], f"{TOPIC}<channel>/<batch>")])
        if "secret" not in said:
            raise Invalid([Fault("secret", "the user property is missing", "the device's secret")])
        kind = str(getattr(properties, "ContentType", ""))
        sender = await sender_of(said["secret"])
        sent = Sent(channel, batch, kind, said.get("encoding", ""), bytes(message.payload), said.get("topic", ""))
        return await receive(sender, sent, "mqtt")

    def _answer(self, message: MQTTMessage, said: dict[str, Any]) -> None:
        topic = getattr(message.properties, "ResponseTopic", "")
        if not topic or topic.startswith(TOPIC):
            return
        properties = _properties(PacketTypes.PUBLISH)
        properties.ContentType = "application/json"
        if correlation := getattr(message.properties, "CorrelationData", b""):
            properties.CorrelationData = correlation
        self._client.publish(topic, orjson.dumps(said), qos=1, properties=properties)


def _properties(kind: int) -> Any:
    """An empty set of MQTT properties for packets of this kind."""
    return Properties(kind)  # type: ignore[no-untyped-call]  # published without types
