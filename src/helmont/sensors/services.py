"""What runs beside the server for sensors. Importing this module registers it."""

from __future__ import annotations

from django.conf import settings

from helmont.core.background import Service, service
from helmont.sensors import keeping
from helmont.sensors.compacting import Compaction


@service
def broker() -> Service | None:
    """The way in over MQTT, where a broker is configured."""
    if not settings.HELMONT_MQTT_URL:
        return None
    from helmont.sensors.gateway.mqtt import Gateway

    return Gateway(settings.HELMONT_MQTT_URL)


@service
def compaction() -> Service:
    """Sealed segments become Parquet; stopped before the log is closed."""
    return Compaction(settings.HELMONT_COMPACT_EVERY)


@service
def samples() -> Service:
    """The segment log, closed with the server."""
    return keeping.of_this_process()


@service
def following() -> Service:
    """Hours and endpoints, kept up with what comes."""
    from helmont.sensors.following import follower

    return follower()
