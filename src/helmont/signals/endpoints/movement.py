"""The part of a channel of acceleration: its epochs, and those in which the device was worn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helmont.signals.errors import SignalError
from helmont.signals.recording import Nanoseconds

if TYPE_CHECKING:
    from helmont.signals.epochs import Epochs
    from helmont.signals.motion.gait import Gait
    from helmont.signals.motion.sleep import Night

NON_WEAR = ("van_hees", "detach", "none")
"""The algorithms of non-wear; ``none`` takes all that was recorded as worn."""


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """``epochs`` of 5 seconds, and the times of ``steps`` by the placement they were sought for.

    ``gait`` has the steps of bouts of walking where the device was at the lower back, None elsewhere. What was worn by each
    algorithm, and the sleep of a night, are found once and kept.
    """

    epochs: Epochs
    steps: Mapping[str, Nanoseconds] = field(default_factory=dict)
    gait: Gait | None = None
    _worn: dict[str, Epochs] = field(default_factory=dict, repr=False)
    _nights: dict[tuple[str, int, int], Night | None] = field(default_factory=dict, repr=False)

    def worn(self, algorithm: str) -> Epochs:
        """The epochs of which no moment lies in non-wear. Raises ``SignalError`` where ``detach`` has no temperature."""
        if algorithm not in NON_WEAR:
            raise SignalError("nonwear", repr(algorithm), ", ".join(NON_WEAR))
        if algorithm not in self._worn:
            self._worn[algorithm] = self._found(algorithm)
        return self._worn[algorithm]

    def _found(self, algorithm: str) -> Epochs:
        from helmont.signals.motion import nonwear  # it brings a compiler along

        if algorithm == "none" or not len(self.epochs):
            return self.epochs
        spans = nonwear.van_hees(self.epochs) if algorithm == "van_hees" else nonwear.detach(self.epochs)
        return self.epochs.outside(spans)

    def night(self, algorithm: str, start: int, end: int) -> Night | None:
        """The main sleep of a window, from what was worn in it."""
        key = algorithm, start, end
        if key not in self._nights:
            from helmont.signals.motion import sleep

            self._nights[key] = sleep.night(self.worn(algorithm), start, end)
        return self._nights[key]

    def __reduce__(self) -> tuple[Any, ...]:
        """It passes between processes without what is found again."""
        return Movement, (self.epochs, dict(self.steps), self.gait)
