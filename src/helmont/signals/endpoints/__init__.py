"""Digital endpoints: their definitions as data, participants' days, and results that say where they come from."""

from __future__ import annotations

from helmont.signals.endpoints.catalogue import catalogue, newest
from helmont.signals.endpoints.computing import REASONS, Reason, Result, compute, summarise
from helmont.signals.endpoints.days import Period, Zones, days, nights
from helmont.signals.endpoints.definition import EndpointDefinition, Minimum, Summary, Window
from helmont.signals.endpoints.partition import MARGIN, Partial, joined, partition
from helmont.signals.endpoints.reading import Sensors, sensors_of

__all__ = [
    "MARGIN",
    "REASONS",
    "EndpointDefinition",
    "Minimum",
    "Partial",
    "Period",
    "Reason",
    "Result",
    "Sensors",
    "Summary",
    "Window",
    "Zones",
    "catalogue",
    "compute",
    "days",
    "joined",
    "newest",
    "nights",
    "partition",
    "sensors_of",
    "summarise",
]
