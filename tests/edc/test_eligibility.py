"""Eligibility: each criterion as far as the data say."""

import pytest

from helmont.edc.actions.entry import RemoveLine
from helmont.edc.queries.eligibility import eligibility
from tests.edc.kit import CLEO, TODAY, ae, complete, do, key, participant, save

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def holds() -> dict[str, bool | None]:
    return {criterion.id: criterion.holds for criterion in eligibility(CLEO, participant(), TODAY, "en")}


def met() -> dict[str, bool | None]:
    return {criterion.id: criterion.met for criterion in eligibility(CLEO, participant(), TODAY, "en")}


def test_nothing_is_known_of_somebody_of_whom_nothing_was_entered() -> None:
    assert holds() == {"INCL_01": None, "EXCL_01": False, "EXCL_02": None, "EXCL_03": None}


def test_a_criterion_follows_the_data() -> None:
    save(key("DM", "SCREENING_1"), AGE="17")
    assert (holds()["INCL_01"], met()["INCL_01"]) == (False, False)
    save(key("DM", "SCREENING_1"), AGE="18")
    assert (holds()["INCL_01"], met()["INCL_01"]) == (True, True)


def test_an_exclusion_that_holds_is_not_met_and_a_removed_line_counts_no_more() -> None:
    complete(ae(1), AETERM="stroke", AESER="Y")
    assert (holds()["EXCL_01"], met()["EXCL_01"]) == (True, False)
    do(RemoveLine(ae(1), reason="another participant's"))
    assert (holds()["EXCL_01"], met()["EXCL_01"]) == (False, True)


def test_criteria_come_in_the_order_of_the_protocol_with_their_words() -> None:
    found = eligibility(CLEO, participant(), TODAY, "en")
    assert [(c.id, c.category, c.automatic) for c in found] == [
        ("INCL_01", "inclusion", True),
        ("EXCL_01", "exclusion", True),
        ("EXCL_02", "exclusion", True),
        ("EXCL_03", "exclusion", False),
    ]
    assert found[0].text == "At least 18 years old"
