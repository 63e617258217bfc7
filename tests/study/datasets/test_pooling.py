"""Small sites taken together, and counting over everybody."""

from hypothesis import given
from hypothesis import strategies as st

from helmont.study.datasets.context import Facts
from helmont.study.datasets.facts import Counts, counted
from helmont.study.datasets.steps.pooling import derive_var_pooled_site, pool
from tests.study.datasets.analysis_kit import cel, column, rows, subject

PILOT = {
    "701": (14, 13, 14), "702": (0, 1, 0), "703": (6, 6, 6), "704": (9, 8, 8), "705": (5, 5, 6), "706": (1, 1, 1),
    "707": (1, 1, 0), "708": (9, 8, 8), "709": (7, 7, 7), "710": (11, 10, 10), "711": (1, 1, 2), "713": (3, 3, 3),
    "714": (2, 2, 2), "715": (3, 3, 2), "716": (8, 8, 8), "717": (2, 2, 3), "718": (4, 5, 4),
}  # fmt: skip
"""Participants of the pilot by site: placebo, low dose, high dose (DM)."""


def by_arm(sites: dict[str, tuple[int, ...]]) -> dict[tuple[str, ...], int]:
    return {
        (site, "PLH"[arm]): number for site, numbers in sites.items() for arm, number in enumerate(numbers) if number
    }


def test_the_pilots_sites() -> None:
    """Pooled site 900 of the pilot (ADSL.SITEGR1)."""
    assert pool(by_arm(PILOT), 3) == {"702", "706", "707", "711", "714", "715", "717"}


def test_a_pool_that_stays_small_takes_the_site_that_enrolled_fewest() -> None:
    sites = {"A": (1, 1, 1), "B": (5, 5, 5), "C": (4, 4, 4), "D": (4, 4, 4)}
    assert pool(by_arm(sites), 3) == {"A", "C"}
    assert pool(by_arm({"A": (1, 1, 1)}), 3) == {"A"}
    assert pool({}, 3) == frozenset()


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.tuples(*[st.integers(0, 9)] * 3), max_size=8))
def test_whatever_is_not_pooled_is_large_enough(sites: dict[str, tuple[int, ...]]) -> None:
    counts = by_arm(sites)
    pooled = pool(counts, 3)
    groups = {group for _, group in counts}
    alone = {site for site, _ in counts} - pooled
    assert all(counts.get((site, group), 0) >= 3 for site in alone for group in groups)
    if pooled and alone:
        assert all(sum(counts.get((site, group), 0) for site in pooled) >= 3 for group in groups)


def test_participants_are_counted_by_what_a_step_asks_for() -> None:
    wanted = Counts("by site", "DM", ("SITEID", "ARM"), 'ARM != "Screen Failure"')  # type: ignore[arg-type]
    people = [("701", "P"), ("701", "P"), ("702", "H"), ("702", "Screen Failure")]
    facts = counted([wanted], ({"DM": rows({"SITEID": site, "ARM": arm})} for site, arm in people))
    assert facts.counts == {"by site": {("701", "P"): 2, ("702", "H"): 1}}


def test_a_site_gets_the_name_of_its_pool() -> None:
    counts = Counts("by site", "DM", ("SITEID", "ARM"), cel("true"))
    person = subject(Facts({"by site": by_arm(PILOT)}))
    made = derive_var_pooled_site(
        rows({"SITEID": "701"}, {"SITEID": "714"}),
        person,
        variable="SITEGR1",
        of="SITEID",
        counts=counts,
        fewest=3,
        pooled="900",
    )
    assert column(made, "SITEGR1") == ["701", "900"]
