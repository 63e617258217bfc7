"""The part of a channel of acceleration: its epochs, and those in which the device was worn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helmont.signals.errors import SignalError

if TYPE_CHECKING:
    from helmont.signals.epochs import Epochs

NON_WEAR = ("van_hees", "detach", "none")
"""The algorithms of non-wear; ``none`` takes all that was recorded as worn."""


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """``epochs`` of 5 seconds; what was worn of them by each algorithm is found once and kept."""

    epochs: Epochs
    _worn: dict[str, Epochs] = field(default_factory=dict, repr=False)

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

    def __reduce__(self) -> tuple[Any, ...]:
        """It passes between processes without what is found again."""
        return Movement, (self.epochs,)
