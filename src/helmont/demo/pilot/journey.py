"""The participants' way through the trial: visits held or passed over, changes of status, and the whole in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from helmont.demo.pilot.annotations import encounters, pilot_study
from helmont.demo.pilot.events import (
    ChangeParticipantStatus,
    EnterForm,
    Event,
    MissEncounter,
    ScreenParticipant,
    Site,
    StartEncounter,
    Status,
)
from helmont.demo.pilot.reverse import encounter_of, entered_forms
from helmont.demo.pilot.source import rows

NOT_ATTENDED = "No record of this visit was published"
_ORDER = (ScreenParticipant, MissEncounter, StartEncounter, EnterForm, ChangeParticipantStatus)


def sites() -> list[Site]:
    """The 17 sites by number."""
    numbers = sorted({row["SITEID"] for row in rows("dm")})
    return [Site(number, "US", f"Site {number}") for number in numbers]


def site_events() -> Iterator[Event]:
    """Everything that happened, by date; on one day by participant, then visit, then in the order of the work."""
    numbers = {encounter: float(number) for number, encounter in encounters().items()}

    def position(event: Event) -> tuple[date, str, int, float, int, str, int]:
        visit, form, line, last = 0.0, "", 0, int(isinstance(event, ChangeParticipantStatus))
        if isinstance(event, EnterForm):
            form, line = event.form, event.line or 0
            visit = 998.0 if event.encounter is None else visit
        if isinstance(event, StartEncounter | MissEncounter | EnterForm) and event.encounter is not None:
            number = None if isinstance(event, MissEncounter) else event.unscheduled_number
            visit = float(number) if number else numbers[event.encounter]
        return event.date, event.participant_id, last, visit, _ORDER.index(type(event)), form, line

    return iter(sorted([*_visits(), *_statuses(), *entered_forms()], key=position))


def _visits() -> Iterator[Event]:
    attended: dict[str, dict[float, date]] = defaultdict(dict)
    for row in rows("sv"):
        day = date.fromisoformat(row["SVSTDTC"])
        attended[row["USUBJID"]][row["VISITNUM"]] = day
        encounter, number = encounter_of(row["VISITNUM"])
        yield StartEncounter(row["USUBJID"], encounter, day, number, row["SVUPDES"])
    for row in rows("dm"):
        # A few had an unscheduled test some days before the first screening visit.
        yield ScreenParticipant(row["USUBJID"], row["SITEID"], min(attended[row["USUBJID"]].values()))
    optional = {encounter.id for encounter in pilot_study().protocol.encounters if encounter.optional}
    planned = {float(number): name for number, name in encounters().items() if name not in optional}
    for participant, visits in attended.items():
        kept = [visit for visit in visits if visit in planned]
        for visit, encounter in planned.items():
            later = [visits[other] for other in kept if other > visit]
            if visit not in visits and later:
                yield MissEncounter(participant, encounter, min(later), NOT_ATTENDED)


def _statuses() -> Iterator[Event]:
    for row in rows("dm"):
        if row["RFSTDTC"]:
            yield ChangeParticipantStatus(row["USUBJID"], "randomised", date.fromisoformat(row["RFSTDTC"]))
    ends: dict[str, Status] = {"SCREEN FAILURE": "screen_failed", "COMPLETED": "completed"}
    for row in rows("ds"):
        if row["DSCAT"] == "DISPOSITION EVENT":
            status = ends.get(row["DSDECOD"], "withdrawn")
            yield ChangeParticipantStatus(row["USUBJID"], status, date.fromisoformat(row["DSSTDTC"]))
