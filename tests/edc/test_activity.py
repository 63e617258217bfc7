"""Activity per site and day: counted from the ledger, and the same when counted again."""

from datetime import UTC, datetime, timedelta

import pytest

from helmont.core.projections.runner import catch_up, rebuild
from helmont.edc.actions.queries import AskAgain, CloseQuery
from helmont.edc.models import Activity
from helmont.edc.queries.activity import Day, activity
from tests.edc.kit import CLEO, DANA, OTTO, PHIL, STUDY, complete, do, key, query, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS = key("VS")
TODAY = datetime.now(UTC).date()


def work() -> None:
    complete(VS, VSPERF="Y", WEIGHT="200")  # two entered, one query opened; the change since baseline is calculated
    save(VS, reason="misread", WEIGHT="100")  # one corrected, one query closed
    complete(VS, reason="added", SYSBP_1="80", DIABP_1="90", SYSBP_2="40")  # three entered, two queries opened
    do(CloseQuery(query(VS, "VS_PRESSURES").key), DANA)
    do(AskAgain(query(VS, "VS_PRESSURES").key, "look again"), DANA)
    save(VS, reason="not taken", SYSBP_2="")  # one corrected (emptied), one query closed


def test_what_happened_is_counted_for_its_site_and_day() -> None:
    work()
    catch_up("activity")
    day = Day(TODAY.isoformat(), saves=4, entered=5, corrected=2, opened=4, closed=3)
    assert activity(CLEO, STUDY, TODAY, 1) == [day]
    assert list(Activity.objects.values_list("study", "site")) == [(STUDY, "701")]


def test_counting_goes_on_where_it_stopped_and_counting_again_gives_the_same() -> None:
    complete(key("IP"), by=PHIL, DOSE="5")
    catch_up("activity")
    work()
    catch_up("activity")
    before = list(Activity.objects.values_list())
    assert catch_up("activity") == 0
    rebuild("activity")
    assert list(Activity.objects.values_list()) == before


def test_everybody_sees_their_own_sites_and_every_day_once() -> None:
    work()
    catch_up("activity")
    days = activity(DANA, STUDY, TODAY, 3)
    assert [day.saves for day in days] == [0, 0, 4]
    assert [day.day for day in days] == [(TODAY - timedelta(days=back)).isoformat() for back in (2, 1, 0)]
    assert all(day.saves == 0 for day in activity(OTTO, STUDY, TODAY, 3))
