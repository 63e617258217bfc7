"""Small sites taken together for analysis (ICH E9, 3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from helmont.study.datasets.context import Facts
from helmont.study.datasets.facts import FOLLOWS, Counts
from helmont.study.datasets.rows import Rows, Subject
from helmont.study.datasets.vocabulary import Creates, Reads, step


@step
def derive_var_pooled_site(
    rows: Rows,
    subject: Subject,
    *,
    variable: Creates,
    of: Reads,
    counts: Counts,
    fewest: int,
    pooled: str,
) -> Rows:
    """The site, or the name of the pool when the site has fewer than ``fewest`` participants in a treatment group.

    ``counts`` says what is counted, participants by site and group, over everybody. When the pool itself stays below
    ``fewest`` in a group, the site that enrolled fewest of the others joins it, and so on; of several the one whose name
    comes first, so that a trial is always pooled the same way. (Analysis plan of the pilot, 7.1.)
    """
    key = ("pooled", counts.name, fewest)
    members = subject.context.cache.get(key)
    if members is None:
        members = pool(subject.context.facts.counts.get(counts.name, {}), fewest)
        subject.context.cache[key] = members
    for row in rows:
        row[variable] = pooled if row.get(of) in members else row.get(of)
    return rows


def pool(counts: Mapping[tuple[str, ...], int], fewest: int) -> frozenset[str]:
    """The sites to be taken together, from how many participants there are by site and group."""
    groups = sorted({group for _, group in counts})
    sites: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(groups, 0))
    for (site, group), number in counts.items():
        sites[site][group] += number
    small = {site for site, numbers in sites.items() if min(numbers.values()) < fewest}
    others = sorted(sites.keys() - small, key=lambda site: (sum(sites[site].values()), site))
    while small and others and min(sum(sites[site][group] for site in small) for group in groups) < fewest:
        small.add(others.pop(0))
    return frozenset(small)


def _members(arguments: Any, facts: Facts) -> frozenset[str]:
    return pool(facts.counts.get(arguments.counts.name, {}), arguments.fewest)


FOLLOWS["derive_var_pooled_site"] = _members
