"""Studies: publishing a definition, opening sites, and who finds them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from helmont.core.actions import Job, Outcome
from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant
from helmont.core.writer import perform, perform_all
from helmont.participants.actions import ScreenParticipant
from helmont.studies.actions import CloseSite, OpenSite, PublishDefinition
from helmont.studies.models import Definition, Site, Study
from helmont.studies.queries import compiled, sites_for, studies_for, study_for
from helmont.study.loading import load_study
from helmont.study.publishing import canonical_json

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TODAY = date(2026, 3, 1)
PACKAGE = load_study(Path(__file__).parents[1] / "edc" / "package")
# Compiled versions are kept for good, so each of these has a name of its own.
FIRST, SECOND = (replace(PACKAGE, id="ASTER", version=version) for version in ("1.0", "2.0"))


def actor(role: str, site: str = "", study: str = "ASTER") -> Actor:
    return Actor("p", (Grant(role, study, site=site),))


SAM, CLEO = actor("study_manager"), actor("site_coordinator", "701")


def test_publishing_makes_the_study_and_keeps_the_definition_under_its_hash() -> None:
    answer = perform(PublishDefinition(FIRST), SAM).result
    kept = Definition.objects.get()
    assert (kept.key, kept.sha256) == (answer["definition"], answer["sha256"])
    assert kept.document == canonical_json(FIRST).decode()
    assert Study.objects.get().definition == "1.0"
    assert compiled("ASTER", "1.0").study == FIRST


def test_publishing_the_same_again_changes_nothing_and_other_content_is_refused() -> None:
    perform(PublishDefinition(FIRST), SAM)
    assert perform(PublishDefinition(FIRST), SAM).sequence is None
    with pytest.raises(Refused, match="other content"):
        perform(PublishDefinition(replace(FIRST, sponsor="Somebody else")), SAM)
    assert store.log_size("ASTER") == 1


def test_a_new_version_is_for_those_who_are_screened_from_then_on() -> None:
    done = perform_all(
        [
            Job(PublishDefinition(FIRST), SAM),
            Job(OpenSite("ASTER", "701", "Ghent", "be"), SAM),
            Job(ScreenParticipant("ASTER", "701", "701-001", "2026-01-05"), CLEO),
            Job(PublishDefinition(SECOND), SAM),
            Job(ScreenParticipant("ASTER", "701", "701-002", "2026-01-05"), CLEO),
        ]
    )
    assert [type(one) for one in done] == [Outcome] * 5
    changed = [entry.content["changes"][0]["set"] for entry in store.read_entries("ASTER")]
    assert [one["definition"][1] for one in changed if "screened" in one] == ["1.0", "2.0"]
    assert verify().clean


@pytest.mark.parametrize(
    ("place", "site"),
    [
        ("number", OpenSite("ASTER", "7/1", "Ghent", "BE")),
        ("number", OpenSite("ASTER", "", "Ghent", "BE")),
        ("country", OpenSite("ASTER", "701", "Ghent", "Belgium")),
        ("timezone", OpenSite("ASTER", "701", "Ghent", "BE", "Europe/Ghent")),
    ],
)
def test_a_site_that_cannot_be_is_refused_with_what_is_wrong(place: str, site: OpenSite) -> None:
    perform(PublishDefinition(FIRST), SAM)
    with pytest.raises(Invalid) as refusal:
        perform(site, SAM)
    assert [fault.place for fault in refusal.value.faults] == [place]


def test_a_site_is_opened_in_a_study_by_who_may() -> None:
    with pytest.raises(NotFound):
        perform(OpenSite("ASTER", "701", "Ghent", "BE"), SAM)
    perform(PublishDefinition(FIRST), SAM)
    with pytest.raises(NotPermitted):
        perform(OpenSite("ASTER", "701", "Ghent", "BE"), actor("monitor"))
    with pytest.raises(NotFound):
        perform(OpenSite("ASTER", "701", "Ghent", "BE"), actor("study_manager", study="OTHER"))


def test_everybody_finds_their_own_studies_and_sites() -> None:
    perform(PublishDefinition(FIRST), SAM)
    for number in ("701", "702"):
        perform(OpenSite("ASTER", number, number, "BE"), SAM)
    assert [s.number for s in sites_for(SAM, "ASTER", "study.view", TODAY)] == ["701", "702"]
    assert [s.number for s in sites_for(CLEO, "ASTER", "form.enter", TODAY)] == ["701"]
    assert [s.key for s in studies_for(CLEO, TODAY)] == ["ASTER"]
    stranger = actor("study_manager", study="OTHER")
    assert studies_for(stranger, TODAY) == []
    with pytest.raises(NotFound):
        study_for(stranger, "ASTER", TODAY)


def test_a_version_that_was_never_published_is_not_found() -> None:
    with pytest.raises(NotFound):
        compiled("ASTER", "9.9")


def test_a_site_is_closed_while_nobody_takes_part_and_opened_again() -> None:
    perform(PublishDefinition(FIRST), SAM)
    perform(OpenSite("ASTER", "701", "Ghent", "BE"), SAM)
    with pytest.raises(ReasonRequired):
        perform(CloseSite("ASTER", "701", " "), SAM)
    perform(CloseSite("ASTER", "701", "opened by mistake"), SAM)
    assert Site.objects.get().status == "closed"
    with pytest.raises(Invalid, match="closed"):
        perform(ScreenParticipant("ASTER", "701", "701-001", "2026-01-05"), CLEO)
    perform(OpenSite("ASTER", "701", "Ghent", "BE"), SAM)
    perform(ScreenParticipant("ASTER", "701", "701-001", "2026-01-05"), CLEO)
    with pytest.raises(Refused, match="takes part"):
        perform(CloseSite("ASTER", "701", "too late"), SAM)
