"""The functions that endpoint definitions name as their method."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from helmont.signals.endpoints.methods.glucose import GLUCOSE
from helmont.signals.endpoints.methods.heart import HEART
from helmont.signals.endpoints.methods.method import Measured, Method, NoSettings
from helmont.signals.endpoints.methods.movement import MOVEMENT
from helmont.signals.endpoints.methods.plain import PLAIN

METHODS: Mapping[str, Method] = MappingProxyType(
    {method.name: method for method in (*MOVEMENT, *GLUCOSE, *HEART, *PLAIN)}
)

__all__ = ["METHODS", "Measured", "Method", "NoSettings"]
