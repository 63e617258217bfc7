"""What every way of sending has in common: the answer, and what a device needs to know of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from helmont.cli.sensors.simulating.bodies import Body


@dataclass(frozen=True)
class SimulatedDevice:
    """One device with one participant: the key of the assignment, and the secret that stands for it."""

    assignment: str
    participant: str
    secret: str = field(repr=False)

    @property
    def label(self) -> str:
        return self.assignment.split("/")[2]


@dataclass(frozen=True)
class Parcel:
    """A batch on its way: of which device, channel and name, and the bytes."""

    device: SimulatedDevice
    channel: str
    batch: str
    body: Body


@dataclass(frozen=True)
class Answer:
    """What Helmont said. ``status`` as over HTTP; ``later`` are the seconds after which to come back, where it said so."""

    status: int
    said: dict[str, Any]
    later: float | None = None

    @property
    def reason(self) -> str:
        """Why a batch was refused: the code, and the first place."""
        error = self.said.get("error") or {}
        faults = error.get("faults") or [{}]
        return " ".join(filter(None, (str(self.status), error.get("code"), faults[0].get("place"))))


class Away(Exception):
    """No answer: the connection broke, or nothing came in time. The batch is sent again."""


class Way(Protocol):
    """How a device sends. One batch at a time."""

    async def send(self, parcel: Parcel) -> Answer:
        """The answer. Raises ``Away``."""

    async def close(self) -> None:
        """Break the connection off; the next batch makes another."""
