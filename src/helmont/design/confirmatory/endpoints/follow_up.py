"""How many participants enter, and how many events they have, by a time: piecewise constant entry, hazards and dropout.

With hazard lambda and dropout eta in a piece, a participant has the event in x time units of it with probability lambda /
(lambda + eta) (1 - exp(-(lambda + eta) x)) (Lachin & Foulkes 1986, Biometrics 42:507-519, section 4); sums of such terms
over the pieces, and their integrals over the entry, are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, inf

from helmont.design.roots import bracketed


@dataclass(frozen=True)
class Hazard:
    """``rates`` of the event hold from time 0 and from each of ``changes`` after entry; ``dropout`` holds throughout."""

    rates: tuple[float, ...]
    changes: tuple[float, ...]
    dropout: float

    def scaled(self, ratio: float, dropout: float) -> Hazard:
        """With hazards ``ratio`` times as high."""
        return Hazard(tuple(rate * ratio for rate in self.rates), self.changes, dropout)

    def integrated(self, time: float) -> tuple[float, float]:
        """The probability of the event within ``time`` of entry, and the integral of that probability from entry."""
        event, area, staying = 0.0, 0.0, 1.0
        for rate, begin, end in zip(self.rates, (0.0, *self.changes), (*self.changes, inf), strict=True):
            length = min(time, end) - begin
            if length <= 0:
                break
            leaving = rate + self.dropout
            if leaving > 0:
                gone = -expm1(-leaving * length)
                share = staying * rate / leaving
                area += event * length + share * (length - gone / leaving)
                event += share * gone
                staying *= 1 - gone
            else:
                area += event * length
        return event, area


@dataclass(frozen=True)
class Entry:
    """``intensities`` of entry a time unit, each until the next of ``ends``."""

    intensities: tuple[float, ...]
    ends: tuple[float, ...]

    @property
    def duration(self) -> float:
        return self.ends[-1]

    def scaled(self, factor: float) -> Entry:
        """With ``factor`` times as many participants at any time."""
        return Entry(tuple(each * factor for each in self.intensities), self.ends)

    def pieces(self, time: float = inf) -> list[tuple[float, float, float]]:
        """Intensity, beginning and end of every piece that has begun by ``time``, cut off there."""
        return [
            (each, begin, min(end, time))
            for each, begin, end in zip(self.intensities, (0.0, *self.ends), self.ends, strict=False)
            if begin < time
        ]

    def participants(self, time: float = inf) -> float:
        """Who has entered by ``time``."""
        return sum(each * (end - begin) for each, begin, end in self.pieces(time))

    def events(self, hazard: Hazard, time: float) -> float:
        """The expected events by ``time`` if all who enter have this hazard."""
        return sum(
            each * (hazard.integrated(time - begin)[1] - hazard.integrated(time - end)[1])
            for each, begin, end in self.pieces(time)
        )


@dataclass(frozen=True)
class Arms:
    """Two groups who enter together; ``share`` of them are on treatment."""

    entry: Entry
    control: Hazard
    treatment: Hazard
    share: float

    def events(self, time: float) -> tuple[float, float]:
        """Expected on (control, treatment) by ``time``."""
        return (
            (1 - self.share) * self.entry.events(self.control, time),
            self.share * self.entry.events(self.treatment, time),
        )

    def time_of(self, events: float) -> float:
        """When so many events are expected; ``inf`` if never."""
        scale = max(self.entry.duration, 1e-6)
        if sum(self.events(1e6 * scale)) <= events:
            return inf
        return bracketed(lambda time: sum(self.events(time)) - events, 0.0, scale, 1e-12)


def with_last_end(intensities: Sequence[float], ends: Sequence[float], last: float) -> Entry:
    """Entry whose last intensity holds until ``last``; pieces that would begin later are left out."""
    kept = [end for end in ends if end < last]
    return Entry(tuple(intensities[: len(kept) + 1]), (*kept, last))
