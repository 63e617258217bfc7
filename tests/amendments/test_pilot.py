"""An amendment of the CDISC pilot: a form split in two, an item of another type, a visit more, a log with other groups
and names, terms retired. Its participants are those of the demonstration, replayed from the published data: all 306, of
whom 254 were randomised; on PostgreSQL some."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from helmont.amendments.actions.planning import ApproveAmendment, SetApproval
from helmont.amendments.actions.running import RunAmendment
from helmont.amendments.models import Amendment, KeptValue, Migration
from helmont.amendments.planning import plan
from helmont.amendments.running import work_through
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant
from helmont.core.writer import perform
from helmont.demo.load import STUDY, package_folder
from helmont.demo.pilot import Event, site_events, sites
from helmont.demo.pilot.events import ChangeParticipantStatus
from helmont.demo.replay import replay
from helmont.edc.models import Form
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study
from tests.amendments.kit import evidence
from tests.amendments.pilot import second_version
from tests.edc.kit import IMPORT

pytestmark = pytest.mark.slow
SAM = Actor("sam", (Grant("study_manager", STUDY),), "Europe/Brussels")
SOME, EVERYBODY = 6, 306


def pilot_events(people: int) -> list[Event]:
    """What happened at the sites to everybody, or to the first participants by number who were randomised."""
    events = list(site_events())
    if people == EVERYBODY:
        return events
    randomised = {
        e.participant_id for e in events if isinstance(e, ChangeParticipantStatus) and e.status == "randomised"
    }
    chosen = sorted(randomised)[:people]
    return [event for event in events if event.participant_id in chosen]


def values() -> Counter[str]:
    """How often each value stands in a form or is kept, whole forms counted where they lie."""
    found: Counter[str] = Counter()
    for row in Form.objects.filter(study=STUDY):
        found.update(map(str, row.data.values()))
    for kept in KeptValue.objects.filter(study=STUDY).exclude(item=""):
        found[str(kept.value["value"])] += 1
    return found


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("people", [pytest.param(SOME, marks=pytest.mark.database), EVERYBODY])
def test_what_was_shown_is_what_happens_and_every_value_is_still_there(tmp_path: Path, people: int) -> None:
    perform(PublishDefinition(load_study(package_folder())), IMPORT)
    for site in sites():
        perform(OpenSite(STUDY, site.number, site.name, site.country), IMPORT)
    events = pilot_events(people)
    assert not replay(STUDY, events, IMPORT, "test").refused
    before = values()

    second = load_study(second_version(tmp_path / "pilot"))
    perform(PublishDefinition(second, amends=True), IMPORT)
    amendment = Amendment.objects.get(key=perform(plan(STUDY, "2.0"), SAM).result)
    shown = dict(Migration.objects.filter(amendment=amendment.key).values_list("participant", "counts"))
    assert len(shown) == people
    perform(ApproveAmendment(evidence(amendment.plan, SAM), amendment.plan), SAM)
    perform(SetApproval(amendment.key, "*", "2026-01-01"), SAM)
    perform(RunAmendment(amendment.key), SAM)
    work_through(amendment.key)

    done = Migration.objects.filter(amendment=amendment.key, status="done")
    assert dict(done.values_list("participant", "counts")) == shown
    assert sum(counts.get("moved", 0) for counts in shown.values()) > 100
    retired = {"NOT_RECOVERED"}  # becomes ONGOING: the plan says so
    lost = {value: count for value, count in (before - values()).items() if value not in retired}
    assert lost == {}
    assert verify([STUDY]).clean
