"""Devices publish to a real broker: Helmont takes what they send, also what came while it was away, and answers."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from helmont.bench.homes import Home, serving
from helmont.bench.inside import STUDY
from helmont.signals.wire.decoding import JSON
from tests.server.test_samples import ROWS, body, samples

pytestmark = [pytest.mark.slow, pytest.mark.database]

ANSWERS = "helmont/answers/device"


class Device:
    """A device at the broker: publishes batches, and hears what became of them."""

    def __init__(self, port: int) -> None:
        self.answers: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self._client = Client(CallbackAPIVersion.VERSION2, "device", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._heard
        for _ in range(100):
            try:
                self._client.connect("127.0.0.1", port)
                break
            except OSError:  # the broker is starting
                time.sleep(0.1)
        self._client.loop_start()
        self._client.subscribe(ANSWERS, qos=1)

    def _heard(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        said = getattr(message.properties, "CorrelationData", b"")
        self.answers.put((bytes(said).decode(), orjson.loads(message.payload)))

    def send(self, batch: str, content: bytes, secret: str = "", kind: str = JSON) -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # published without types
        properties.ContentType = kind
        properties.ResponseTopic = ANSWERS
        properties.CorrelationData = batch.encode()
        if secret:
            properties.UserProperty = [("secret", secret)]
        sent = self._client.publish(f"helmont/samples/wrist/{batch}", content, qos=1, properties=properties)
        sent.wait_for_publish(30)

    def hears(self) -> tuple[str, dict[str, Any]]:
        return self.answers.get(timeout=60)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def device_at(port: int) -> Iterator[Device]:
    device = Device(port)
    try:
        yield device
    finally:
        device.close()


def test_what_is_published_is_kept_and_answered_also_after_helmont_was_away(home: Home, broker: int) -> None:
    [secret] = home.call("devices.prepare", 1)
    url = f"mqtt://127.0.0.1:{broker}"
    with device_at(broker) as device:
        with serving(home, HELMONT_MQTT_URL=url):
            device.send("b1", body(1), secret)
            name, said = device.hears()
            assert (name, said["samples"], said["repeated"]) == ("b1", ROWS, False)
            device.send("b2", body(2, unit="mmol/L", counts=None, values=[[0.1, 0.2, 0.9]]), secret)
            name, said = device.hears()
            assert (name, said["error"]["faults"][0]["place"]) == ("b2", "unit")
            device.send("b3", body(3), "hmd_of_nobody")
            assert device.hears()[1]["error"]["code"] == "not_signed_in"
            device.send("b3", body(3))
            assert device.hears()[1]["error"]["faults"][0]["place"] == "secret"

        for number in (4, 5, 6):  # the broker keeps them
            device.send(f"b{number}", body(number), secret)
        device.send("b1", body(1), secret)
        with serving(home, HELMONT_MQTT_URL=url):
            heard = dict(device.hears() for _ in range(4))
            assert {name: said["repeated"] for name, said in heard.items()} == {
                "b4": False,
                "b5": False,
                "b6": False,
                "b1": True,
            }
    kept = home.call("devices.kept")
    assert {key.rpartition("/")[2]: each["sum"] for key, each in kept.items()} == {
        f"b{number}": int(samples(number).sum()) for number in (1, 4, 5, 6)
    }
    assert key_of(kept) == {f"{STUDY}/samples/W-0000.1/wrist"}
    assert home.verify()["clean"]


def key_of(kept: dict[str, Any]) -> set[str]:
    return {key.rpartition("/")[0] for key in kept}
