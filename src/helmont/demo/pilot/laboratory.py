"""The central laboratory's reference ranges, read from the results they were printed beside.

They are not collected: for every test they follow from sex and age alone (some change at 58, 60 or 69 years), so that
97 lines say what 56,665 results repeat. Participants grew older, so neighbouring bands may share an age.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import groupby

from helmont.demo.pilot.source import LABORATORY, rows


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """The range of a test for one sex and the ages at screening from ``youngest`` to ``oldest``, in the item's unit."""

    test: str
    sex: str
    youngest: int
    oldest: int
    low: str
    high: str
    results: int
    """How many published results carry it."""


def reference_ranges() -> list[ReferenceRange]:
    """Every range the laboratory used, by test, sex and age."""
    people = {row["USUBJID"]: (row["SEX"], int(row["AGE"])) for row in rows("dm")}
    ages: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for dataset in LABORATORY:
        for row in rows(dataset, "USUBJID", "LBTESTCD", "LBORNRLO", "LBORNRHI"):
            if row["LBORNRLO"] is not None:
                sex, age = people[row["USUBJID"]]
                ages[row["LBTESTCD"], sex, row["LBORNRLO"], row["LBORNRHI"]].append(age)
    found = (
        ReferenceRange(test, sex, min(seen), max(seen), low, high, len(seen))
        for (test, sex, low, high), seen in ages.items()
    )
    return sorted(found, key=lambda entry: (entry.test, entry.sex, entry.youngest, entry.oldest))


def age_bands() -> list[ReferenceRange]:
    """The ranges as bands of age that meet and do not overlap, ``youngest`` 0 and ``oldest`` 999 where they do not end.

    Somebody screened at 68 had a birthday before the later results; so the next band begins the year after the last
    screening age at which the earlier one was used.
    """
    bands: list[ReferenceRange] = []
    for _, group in groupby(reference_ranges(), key=lambda entry: (entry.test, entry.sex)):
        ranges = list(group)
        starts = [0, *(each.oldest + 1 for each in ranges[:-1])]
        ends = [*(each.oldest for each in ranges[:-1]), 999]
        bands += [
            replace(each, youngest=first, oldest=last) for each, first, last in zip(ranges, starts, ends, strict=True)
        ]
    return bands
