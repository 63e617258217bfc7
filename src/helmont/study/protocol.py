"""The protocol as data: why the trial is done (objectives, endpoints, estimands) and what is done when.

The terms are those of ICH M11 and CDISC USDM; estimand attributes are those of ICH E9(R1) section A.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from helmont.study.kinds import (
    ActivityId,
    ArmId,
    Declares,
    Duration,
    EncounterId,
    EpochId,
    ExpressionText,
    FormId,
    ObjectiveId,
)
from helmont.study.text import Text


@dataclass(frozen=True, slots=True)
class Endpoint:
    id: Annotated[str, Declares("endpoint")]
    text: Text


@dataclass(frozen=True, slots=True)
class Objective:
    id: Annotated[str, Declares("objective")]
    level: Literal["primary", "secondary", "exploratory"]
    text: Text
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class IntercurrentEvent:
    """An event after treatment start that affects the meaning of a measurement, and how the estimand deals with it."""

    event: Text
    strategy: Literal["treatment_policy", "hypothetical", "composite", "while_on_treatment", "principal_stratum"]


@dataclass(frozen=True, slots=True)
class Estimand:
    id: Annotated[str, Declares("estimand")]
    objective: ObjectiveId
    treatment: Text
    population: Text
    variable: Text
    summary: Text
    intercurrent_events: tuple[IntercurrentEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Arm:
    id: Annotated[str, Declares("arm")]
    label: Text
    type: Literal["experimental", "active_comparator", "placebo", "sham", "no_treatment", "other"] = "other"
    description: Text | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    id: Annotated[str, Declares("epoch")]
    label: Text
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A stretch of the trial in which the same is done to a participant (SDTM trial elements, TE); no ``arms``: all."""

    id: Annotated[str, Declares("element")]
    label: Text
    epoch: EpochId
    starts: Text | None = None
    ends: Text | None = None
    duration: Duration | None = None
    arms: tuple[ArmId, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Days an encounter may be early (``before``) or late (``after``)."""

    before: int = 0
    after: int = 0


def day_offset(study_day: int) -> int:
    """Days from the anchor to a study day: day 1 is the anchor's own day and there is no day 0 (SDTMIG 3.4, 4.4.4)."""
    return study_day - 1 if study_day > 0 else study_day


@dataclass(frozen=True, slots=True)
class Encounter:
    """A planned contact. ``day`` is the study day counted from ``anchor``; without one it happens on an event.

    ``sdtm`` is its name in submitted data (``VISIT``), where that is not the label in capitals, ``sdtm_day`` its day there
    (``VISITDY``), where it happens on an event.
    """

    id: Annotated[str, Declares("encounter")]
    label: Text
    epoch: EpochId | None = None
    number: Decimal | None = None
    day: int | None = None
    window: Window = field(default_factory=Window)
    anchor: EncounterId | None = None
    type: Literal["visit", "phone", "home"] = "visit"
    optional: bool = False
    sdtm: str | None = None
    sdtm_day: int | None = None

    def dates(self, anchor_date: date) -> tuple[date, date, date] | None:
        """Target, earliest and latest date for an anchor on ``anchor_date``; ``None`` without a planned day."""
        if self.day is None:
            return None
        target = anchor_date + timedelta(days=day_offset(self.day))
        return target, target - timedelta(days=self.window.before), target + timedelta(days=self.window.after)


@dataclass(frozen=True, slots=True)
class Unscheduled:
    """What is offered at an encounter nobody planned."""

    label: Text
    forms: tuple[FormId, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """What is done at encounters. ``minutes`` and ``blood_ml`` are what it takes of the participant each time."""

    id: Annotated[str, Declares("activity")]
    label: Text
    forms: tuple[FormId, ...] = ()
    objectives: tuple[ObjectiveId, ...] = ()
    minutes: int | None = None
    blood_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """An eligibility criterion. Its expression, where it has one, is true when the criterion as written holds."""

    id: Annotated[str, Declares("criterion")]
    category: Literal["inclusion", "exclusion"]
    text: Text
    expression: ExpressionText | None = None


@dataclass(frozen=True, slots=True)
class AgeRange:
    """Ages in completed years, both inclusive; without one of them there is no such limit."""

    min: Decimal | None = None
    max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """Whom the trial is about (ICH M11 section 5.1): in words, and what can be counted on. ``enrolment``: participants."""

    text: Text
    age: AgeRange | None = None
    sex: Literal["both", "female", "male"] | None = None
    healthy: bool = False
    enrolment: int | None = None


@dataclass(frozen=True, slots=True)
class ParticipantText:
    """A text that participants are given to read, such as a lay summary or the core of the consent."""

    id: Annotated[str, Declares("participant text")]
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Protocol:
    """The protocol; ``encounters`` are in planned order, ``schedule`` maps activities to encounters."""

    encounters: tuple[Encounter, ...] = ()
    activities: tuple[Activity, ...] = ()
    schedule: Mapping[ActivityId, tuple[EncounterId, ...]] = field(default_factory=dict)
    logs: tuple[FormId, ...] = ()
    unscheduled: Unscheduled | None = None
    epochs: tuple[Epoch, ...] = ()
    elements: tuple[Element, ...] = ()
    arms: tuple[Arm, ...] = ()
    objectives: tuple[Objective, ...] = ()
    estimands: tuple[Estimand, ...] = ()
    population: Population | None = None
    participant_texts: tuple[ParticipantText, ...] = ()
    eligibility: tuple[Criterion, ...] = ()
