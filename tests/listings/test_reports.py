"""Reports name what is missing, late or waiting, at the places of whoever asks."""

from datetime import UTC, datetime, timedelta

import pytest

from helmont.core.errors import NotFound
from helmont.core.writer import perform
from helmont.edc.actions.queries import AnswerQuery, CloseQuery
from helmont.edc.models import Query
from helmont.listings.reports import Place, everywhere, late_visits, missing_pages, query_ageing
from helmont.participants.actions import BeginEncounter
from helmont.studies.models import Study
from tests import cast
from tests.listings.kit import TODAY, save, week_2

pytestmark = pytest.mark.database
ANYWHERE = Place()


def study() -> Study:
    return Study.objects.get(key=cast.STUDY)


def missing(by: str = "data.manager", place: Place = ANYWHERE) -> list[tuple[str, str, int]]:
    return [(each.key, each.form, each.days) for each in missing_pages(cast.actor(by), study(), place, TODAY)]


def test_a_form_that_a_visit_should_have_is_missing_until_it_is_entered() -> None:
    assert missing() == []
    form = week_2()
    assert missing() == [(form, "VS", (TODAY - datetime(2026, 1, 26).date()).days)]
    save(form, SYSBP="120")
    assert missing() == []


def test_a_report_is_limited_to_a_place_and_to_what_is_the_persons() -> None:
    week_2()
    perform(BeginEncounter(cast.STUDY, cast.OTHER_PARTICIPANT, "BASELINE", "2026-01-20"), cast.actor("elsewhere"))
    assert len(missing()) == 3
    assert len(missing(place=Place(site="702"))) == 2
    assert len(missing(place=Place(country="BE"))) == 1
    assert len(missing("coordinator")) == 1
    assert len(missing("elsewhere")) == 2
    with pytest.raises(NotFound):
        missing("privacy.officer")


def test_a_visit_is_late_once_its_window_is_over() -> None:
    day = datetime(2026, 1, 30).date()
    [late] = late_visits(cast.actor("data.manager"), study(), ANYWHERE, TODAY)
    assert (late.encounter, late.target, late.latest) == ("WEEK_2", "2026-01-26", "2026-01-29")
    assert late.days == (TODAY - day).days + 1
    week_2()
    assert late_visits(cast.actor("data.manager"), study(), ANYWHERE, TODAY) == []


def test_queries_are_counted_by_age_and_by_who_must_act() -> None:
    now = datetime.now(UTC)
    perform(AnswerQuery(Query.objects.get(item="DIABP").key, "Checked"), cast.actor("coordinator"))
    by_site = query_ageing(cast.actor("monitor"), study(), ANYWHERE, TODAY, now + timedelta(days=10))
    total = everywhere(by_site.values())
    assert list(by_site) == ["701"]
    assert (total.open, total.answered) == ([0, 1, 0, 0, 0], [0, 1, 0, 0, 0])
    assert (total.waiting_for_site, total.waiting_for_us) == (1, 1)
    assert total.median_to_answer is not None
    assert total.median_to_close is None
    perform(CloseQuery(Query.objects.get(item="DIABP").key), cast.actor("monitor"))
    assert everywhere(query_ageing(cast.actor("monitor"), study(), ANYWHERE, TODAY, now).values()).median_to_close


def test_queries_about_what_is_hidden_are_not_counted() -> None:
    seen = everywhere(query_ageing(cast.actor("monitor"), study(), ANYWHERE, TODAY, datetime.now(UTC)).values())
    all_of_them = query_ageing(cast.actor("unblinded.monitor"), study(), ANYWHERE, TODAY, datetime.now(UTC))
    assert everywhere(all_of_them.values()).waiting > seen.waiting
