"""What happened at the sites: complete, in order, and acceptable to the forms."""

from collections import Counter, defaultdict

from helmont.demo.pilot import (
    ChangeParticipantStatus,
    EnterForm,
    Event,
    MissEncounter,
    ScreenParticipant,
    StartEncounter,
    sites,
)
from helmont.demo.pilot.annotations import pilot_study
from helmont.demo.pilot.journey import site_events
from helmont.study.compiling import compile_study


def test_seventeen_sites_screen_306_participants(events: list[Event]) -> None:
    screened = [event for event in events if isinstance(event, ScreenParticipant)]
    assert len({event.participant_id for event in screened}) == len(screened) == 306
    assert {event.site for event in screened} == {site.number for site in sites()}
    assert len(sites()) == 17


def test_254_are_randomised_and_everybody_ends_once(events: list[Event]) -> None:
    statuses = Counter(event.status for event in events if isinstance(event, ChangeParticipantStatus))
    assert statuses == {"randomised": 254, "screen_failed": 52, "completed": 110, "withdrawn": 144}


def test_events_are_in_order_of_date(events: list[Event]) -> None:
    dates = [event.date for event in events]
    assert dates == sorted(dates)


def test_the_order_is_the_same_every_time(events: list[Event]) -> None:
    assert list(site_events()) == events


def test_nobody_is_heard_of_before_screening_and_no_form_comes_before_its_visit(events: list[Event]) -> None:
    known: set[str] = set()
    started: set[tuple[str, str, str | None]] = set()
    for event in events:
        if isinstance(event, ScreenParticipant):
            known.add(event.participant_id)
        assert event.participant_id in known
        if isinstance(event, StartEncounter):
            started.add((event.participant_id, event.encounter, event.unscheduled_number))
        if isinstance(event, EnterForm) and event.encounter:
            assert (event.participant_id, event.encounter, event.unscheduled_number) in started


def test_a_visit_takes_place_once_or_is_missed(events: list[Event]) -> None:
    visits = Counter(
        (event.participant_id, event.encounter, getattr(event, "unscheduled_number", None))
        for event in events
        if isinstance(event, StartEncounter | MissEncounter)
    )
    assert set(visits.values()) == {1}
    assert sum(isinstance(event, StartEncounter) for event in events) == 3559


def test_a_form_is_entered_once_a_visit_and_a_line_once_a_log(events: list[Event]) -> None:
    places = Counter(
        (event.participant_id, event.encounter, event.unscheduled_number, event.form, event.line)
        for event in events
        if isinstance(event, EnterForm)
    )
    assert set(places.values()) == {1}


def test_lines_of_a_log_are_numbered_from_1_and_skip_no_number(events: list[Event]) -> None:
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    for event in events:
        if isinstance(event, EnterForm) and event.line is not None:
            lines[event.participant_id, event.form].add(event.line)
    assert all(min(found) == 1 for found in lines.values())
    assert all(max(found) == len(found) for found in lines.values())


def test_more_than_200_000_values_are_entered(events: list[Event]) -> None:
    assert sum(len(event.values) for event in events if isinstance(event, EnterForm)) > 200_000


def test_every_value_is_accepted_by_its_item_on_its_day_and_already_canonical(events: list[Event]) -> None:
    forms = compile_study(pilot_study()).forms
    for event in events:
        if isinstance(event, EnterForm):
            values, faults = forms[event.form].parse(event.values, event.date)
            assert not faults, (event, faults)
            assert values == event.values


def test_visit_forms_have_an_encounter_and_log_lines_have_none(events: list[Event]) -> None:
    kinds = {form.id: form.kind for form in pilot_study().forms}
    for event in events:
        if isinstance(event, EnterForm):
            assert (event.encounter is None) == (event.line is not None) == (kinds[event.form] == "log")
