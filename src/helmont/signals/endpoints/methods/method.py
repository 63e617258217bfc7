"""What a method is: a function from the parts of a channel and a time to a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from helmont.signals.channels import Kind


@dataclass(frozen=True, slots=True)
class Measured:
    """``value`` in the unit asked for, NaN when there is none; ``wear`` the nanoseconds of usable data behind it.

    ``wear`` is None where it has no meaning, as for a weight; ``details`` are further numbers about the value.
    """

    value: float
    wear: int | None
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoSettings:
    """For methods that have none."""


Compute: TypeAlias = Callable[[Any, int, int, Any, str], Measured]
"""Of the part of a channel, start and end in nanoseconds, the settings and the unit."""


@dataclass(frozen=True, slots=True)
class Method:
    """``compute`` takes parts of channels of ``kinds`` and settings of class ``settings``, and gives one of ``units``.

    ``version`` is raised when it computes something else from the same settings.
    """

    name: str
    kinds: tuple[Kind, ...]
    units: tuple[str, ...]
    compute: Compute
    settings: type[Any] = NoSettings
    version: int = 1
