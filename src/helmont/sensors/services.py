"""What runs beside the server for sensors. Importing this module registers it."""

from __future__ import annotations

from django.conf import settings

from helmont.core.background import Service, service
from helmont.sensors import keeping


@service
def broker() -> Service | None:
    """The way in over MQTT, where a broker is configured."""
    if not settings.HELMONT_MQTT_URL:
        return None
    from helmont.sensors.gateway.mqtt import Gateway

    return Gateway(settings.HELMONT_MQTT_URL)


@service
def samples() -> Service:
    """The segment log, closed with the server."""
    return keeping.of_this_process()


@service
def following() -> Service:
    """Hours and endpoints, kept up with what comes."""
    from helmont.sensors.following import follower

    return follower()
