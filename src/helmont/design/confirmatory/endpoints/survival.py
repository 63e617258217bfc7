"""Times to an event in two groups with a proportional hazard, compared by the log-rank test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, exp, inf, log, sqrt
from typing import TYPE_CHECKING, Literal

from helmont.design.checking import DesignError, increasing, number, positive
from helmont.design.confirmatory.answers import Characteristics, Looks
from helmont.design.confirmatory.endpoints.endpoint import errors
from helmont.design.confirmatory.endpoints.follow_up import Arms, Entry, Hazard, with_last_end
from helmont.design.confirmatory.group_sequential import GroupSequential
from helmont.design.declared import Declared, design
from helmont.design.results import Result
from helmont.design.roots import bracketed

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class SurvivalSize(Result):
    """Events, participants and time that a trial needs if the alternative is true; nothing is rounded."""

    fixed_events: float
    """Of a trial without interim looks."""
    maximum_events: float
    maximum: float
    """Participants."""
    events: Looks
    """At each look, as ``participants`` and ``times``."""
    events_control: Looks
    events_treatment: Looks
    participants: Looks
    times: Looks
    """Since the first participant entered."""
    intensities: Looks
    """Participants a time unit, each until the next of ``entry_ends``."""
    entry_ends: Looks
    follow_up: float
    """From the last entry to the last look."""
    power: Looks
    """The probability to cross the upper bound at each look."""
    expected_events_null: float
    expected_events: float
    expected_participants: float
    expected_duration: float
    critical_ratios: Looks
    """The least extreme hazard ratio that crosses the upper bound at each look; below 1 where none is expected."""
    lower_ratios: Looks | None = None
    """The hazard ratio at the lower bound of each look; None without a lower bound."""
    futility: Looks = ()
    """The probability to cross the lower bound at each look."""

    def frame(self) -> pl.DataFrame:
        """A row a look."""
        import polars as pl

        columns = ("times", "participants", "events", "events_control", "events_treatment", "power", "critical_ratios")
        looks = {"look": list(range(1, len(self.events) + 1))}
        return pl.DataFrame(looks | {name: list(getattr(self, name)) for name in columns})


@design
@dataclass(frozen=True)
class Survival(Declared):
    """A ``hazard_ratio`` (treatment to control) against ``null_ratio``, with entry and follow-up.

    ``hazard``: on control, in the time unit of everything here; several hold from entry and from each of
    ``hazard_changes`` after it. ``dropout``: the hazard to be lost, in each group or (control, treatment). ``entry``:
    participants a time unit, each until the next of ``entry_ends``. ``ratio``: participants on treatment for each on
    control. ``solve`` says what follows from the rest:

    * ``"intensity"``: the entry as declared, all intensities scaled by one factor; ``follow_up`` after it is given; *
    ``"entry"``: the last intensity goes on until there are enough (one end fewer than intensities); ``follow_up`` is
    given; * ``"follow_up"``: entry as declared, in absolute numbers, and follow-up until there are enough events.

    ``method``: events by ``"schoenfeld"`` (1981, Biometrika 68:316-319), (z(1 - alpha) + z(1 - beta))^2 / (s (1 - s)
    log(ratio)^2); or the size by ``"lachin-foulkes"`` (1986, Biometrics 42:507-519, equation 2.1 with the variances of
    section 4), which scales the intensity.
    """

    hazard_ratio: float
    hazard: float | tuple[float, ...]
    entry_ends: tuple[float, ...]
    follow_up: float | None = None
    entry: tuple[float, ...] = (1.0,)
    hazard_changes: tuple[float, ...] = ()
    dropout: float | tuple[float, float] = 0.0
    ratio: float = 1.0
    null_ratio: float = 1.0
    solve: Literal["intensity", "entry", "follow_up"] = "intensity"
    method: Literal["schoenfeld", "lachin-foulkes"] = "schoenfeld"

    def __post_init__(self) -> None:
        for name in ("hazard_ratio", "ratio", "null_ratio"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        for name in ("hazard", "hazard_changes", "entry", "entry_ends", "dropout"):
            values = getattr(self, name)
            values = (values,) if isinstance(values, (int, float)) else tuple(values)
            object.__setattr__(self, name, tuple(number(name, each) for each in values))
        for name in ("hazard", "entry", "dropout"):
            if min(getattr(self, name)) < 0 or (name != "dropout" and max(getattr(self, name)) <= 0):
                raise DesignError(
                    name, getattr(self, name), "0 or above, and not all 0" if name != "dropout" else "0 or above"
                )
        for name in ("hazard_changes", "entry_ends"):
            increasing(name, (0.0, *getattr(self, name)))
        if len(self.hazard_changes) != len(self._rates) - 1:
            raise DesignError(
                "hazard_changes", self.hazard_changes, f"{len(self._rates) - 1} times, one for each later hazard"
            )
        if self.solve not in ("intensity", "entry", "follow_up"):
            raise DesignError("solve", self.solve, "'intensity', 'entry' or 'follow_up'")
        ends = len(self.entry) - (self.solve == "entry")
        if len(self.entry_ends) != ends:
            raise DesignError("entry_ends", self.entry_ends, f"{ends} times, one for each intensity that ends")
        if (self.follow_up is None) != (self.solve == "follow_up"):
            raise DesignError("follow_up", self.follow_up, "given, unless it is solved for")
        if self.follow_up is not None:
            object.__setattr__(self, "follow_up", number("follow_up", self.follow_up))
            if number("follow_up", self.follow_up) < 0:
                raise DesignError("follow_up", self.follow_up, "0 or above")
        if self.method not in ("schoenfeld", "lachin-foulkes"):
            raise DesignError("method", self.method, "'schoenfeld' or 'lachin-foulkes'")
        if self.method == "lachin-foulkes" and self.solve != "intensity":
            raise DesignError("solve", self.solve, "'intensity' with the size of Lachin and Foulkes")

    @property
    def _rates(self) -> tuple[float, ...]:
        assert isinstance(self.hazard, tuple)
        return self.hazard

    @property
    def _share(self) -> float:
        return self.ratio / (1 + self.ratio)

    @property
    def _effect(self) -> float:
        return log(self.hazard_ratio / self.null_ratio)

    def hazards(self) -> tuple[Hazard, Hazard]:
        """Of control and of treatment."""
        assert isinstance(self.dropout, tuple)
        control = Hazard(self._rates, self.hazard_changes, self.dropout[0])
        return control, control.scaled(self.hazard_ratio, self.dropout[-1])

    def fixed_events(self, alpha: float, beta: float) -> float:
        """The events of a trial without interim looks."""
        if self._effect == 0:
            raise DesignError(
                "hazard_ratio", self.hazard_ratio, f"other than {self.null_ratio:g}, that of the null hypothesis"
            )
        if self.method == "lachin-foulkes":
            entry = self._entry_of(self.fixed_size(alpha, beta))
            return sum(Arms(entry, *self.hazards(), self._share).events(self._end))
        return (sum(errors(alpha, beta)) / self._effect) ** 2 / (self._share * (1 - self._share))

    @property
    def _end(self) -> float:
        return self.entry_ends[-1] + (self.follow_up or 0.0)

    def _entry_of(self, participants: float) -> Entry:
        entry = Entry(self.entry, self.entry_ends)
        return entry.scaled(participants / entry.participants())

    def fixed_size(self, alpha: float, beta: float) -> float:
        """The participants of a trial without interim looks, where entry is scaled."""
        entry, (control, treatment), share = self._entry_of(1.0), self.hazards(), self._share
        if self.method == "schoenfeld":
            return self.fixed_events(alpha, beta) / sum(Arms(entry, control, treatment, share).events(self._end))
        # Under the null hypothesis both hazards have the ratio null_ratio and the same average.
        average = 1 - share + share * self.hazard_ratio
        null = average / (1 - share + share * self.null_ratio)
        under_null = control.scaled(null, control.dropout), control.scaled(null * self.null_ratio, treatment.dropout)

        def variance(low: Hazard, high: Hazard) -> float:
            return 1 / ((1 - share) * entry.events(low, self._end)) + 1 / (share * entry.events(high, self._end))

        z_alpha, z_beta = errors(alpha, beta)
        found = z_alpha * sqrt(variance(*under_null)) + z_beta * sqrt(variance(control, treatment))
        return (found / self._effect) ** 2

    def sample_size(self, design: GroupSequential) -> SurvivalSize:
        """Events, participants and times of ``design``."""
        fixed = self.fixed_events(design.alpha, design.beta)
        return self._answer(
            design, fixed, fixed * design.inflation, self._arms(fixed * design.inflation), design.exact()
        )

    def _arms(self, events: float) -> Arms:
        """Who enters, and when, so that ``events`` are expected."""
        hazards, share = self.hazards(), self._share
        if self.solve == "follow_up":
            return Arms(Entry(self.entry, self.entry_ends), *hazards, share)
        if self.solve == "intensity":
            entry = self._entry_of(1.0)
            return Arms(entry.scaled(events / sum(Arms(entry, *hazards, share).events(self._end))), *hazards, share)
        follow_up = self.follow_up or 0.0

        def arms(last: float) -> Arms:
            return Arms(with_last_end(self.entry, self.entry_ends, last), *hazards, share)

        start = 1e-9
        last = bracketed(lambda last: sum(arms(last).events(last + follow_up)) - events, start, 1.0, 1e-12)
        return arms(last)

    def power(self, design: GroupSequential, participants: float, events: float) -> SurvivalSize:
        """What ``design`` does with so many ``participants``, entering over the declared time, and so many ``events`` at most."""
        arms = Arms(self._entry_of(positive("participants", participants)), *self.hazards(), self._share)
        drift = abs(self._effect) * sqrt(positive("events", events) * self._share * (1 - self._share))
        known = design.exact((0.0, drift / design.drift))
        return self._answer(design, events / design.inflation, events, arms, known)

    def _answer(
        self, design: GroupSequential, fixed: float, events: float, arms: Arms, known: Characteristics
    ) -> SurvivalSize:
        at = tuple(events * each for each in design.information)
        times = tuple(arms.time_of(each) for each in at)
        if times[-1] == inf:
            raise DesignError("entry", self.entry, f"so that {events:.1f} events can be reached")
        participants = tuple(arms.entry.participants(time) for time in times)
        split = [arms.events(time) for time in times]
        stops = [above + below for above, below in zip(known.upper[1], known.lower[1], strict=True)]
        stops[-1] = 1 - sum(stops[:-1])
        spread, bounds = sqrt(self._share * (1 - self._share)), design.bounds()

        def ratios(z: Looks) -> Looks:
            """A lower hazard is the benefit, unless a higher one is expected."""
            away = [
                copysign(each / (spread * sqrt(n)), each * (self._effect or -1.0))
                for each, n in zip(z, at, strict=True)
            ]
            return tuple(self.null_ratio * exp(each) for each in away)

        return SurvivalSize(
            fixed_events=fixed,
            maximum_events=events,
            maximum=arms.entry.participants(),
            events=at,
            events_control=tuple(control for control, _ in split),
            events_treatment=tuple(treatment for _, treatment in split),
            participants=participants,
            times=times,
            intensities=arms.entry.intensities,
            entry_ends=arms.entry.ends,
            follow_up=times[-1] - arms.entry.duration,
            power=known.upper[1],
            expected_events_null=known.expected_information[0] * events,
            expected_events=known.expected_information[1] * events,
            expected_participants=_mean(stops, participants),
            expected_duration=_mean(stops, times),
            critical_ratios=ratios(bounds.upper),
            lower_ratios=None if bounds.lower is None else ratios(bounds.lower),
            futility=known.lower[1],
        )


def _mean(stops: Sequence[float], values: Sequence[float]) -> float:
    return sum(stop * value for stop, value in zip(stops, values, strict=True))
