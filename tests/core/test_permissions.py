"""Denied unless granted: by role, place and period. What is not yours does not exist for you."""

from datetime import UTC, date, datetime

import pytest

from helmont.core.actions import authorise
from helmont.core.errors import NotFound, NotPermitted
from helmont.core.permissions import PRIVILEGES, Actor, Grant, Scope, union
from helmont.core.roles import PERMISSIONS, ROLES
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from tests.core.kit import Do
from tests.ledger.kit import LOG

DAY = date(2026, 6, 15)
HERE = Scope(LOG, "BE", "701")


def holder(role: str, **grant: str) -> Actor:
    return Actor("p", (Grant(role, grant.pop("study", LOG), **grant),))


def test_somebody_without_grants_may_nothing() -> None:
    nobody = Actor("nobody")
    assert not any(nobody.may(permission, HERE, DAY) for permission in PERMISSIONS)
    assert nobody.studies(DAY) == set()
    assert nobody.hidden(HERE, DAY) == set(PRIVILEGES)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_allows_what_it_lists_and_nothing_else(role: str) -> None:
    actor = holder(role)
    assert {p for p in PERMISSIONS if actor.may(p, HERE, DAY)} == ROLES[role].permissions


@pytest.mark.parametrize(
    ("day", "may"),
    [("2026-05-31", False), ("2026-06-01", True), ("2026-06-30", True), ("2026-07-01", False)],
)
def test_a_grant_holds_from_its_first_day_to_its_last(day: str, may: bool) -> None:
    actor = holder("monitor", starts="2026-06-01", ends="2026-06-30")
    assert actor.may("form.verify", HERE, date.fromisoformat(day)) is may


@pytest.mark.parametrize(
    ("grant", "covers"),
    [
        ({}, True),
        ({"country": "BE"}, True),
        ({"country": "NL"}, False),
        ({"site": "701"}, True),
        ({"site": "702"}, False),
        ({"country": "NL", "site": "701"}, False),
        ({"study": "*"}, True),
        ({"study": "TRIAL2"}, False),
        ({"study": "system"}, False),
    ],
)
def test_a_grant_covers_its_study_country_or_site(grant: dict[str, str], covers: bool) -> None:
    assert holder("monitor", **grant).may("form.verify", HERE, DAY) is covers


def test_a_grant_at_a_site_says_nothing_of_the_study_as_a_whole() -> None:
    assert not holder("monitor", site="701").may("form.verify", Scope(LOG), DAY)


def test_the_role_that_goes_into_the_ledger_is_the_one_that_allows_it() -> None:
    actor = Actor("p", (Grant("site_nurse", LOG, site="701"), Grant("monitor", LOG)))
    assert actor.role_for("form.verify", HERE, DAY) == "monitor"
    assert actor.role_for("form.enter", HERE, DAY) == "site_nurse"
    assert actor.role_for("form.lock", HERE, DAY) is None


def test_a_tokens_grants_narrow_a_role_and_never_widen_it() -> None:
    narrow = Grant("monitor", LOG, only=frozenset({"form.view", "form.lock"}))
    assert union([narrow]) == {"form.view"}


def test_an_answer_is_remembered_for_its_day_only() -> None:
    actor = holder("monitor", ends="2026-06-15")
    assert actor.may("form.verify", HERE, DAY)
    assert not actor.may("form.verify", HERE, date(2026, 6, 16))


@pytest.mark.django_db
@pytest.mark.database
def test_visible_but_not_permitted_is_said_and_what_is_not_visible_is_not_found() -> None:
    tx = Transaction(Rows(), LOG, datetime.now(UTC))
    change = Do(lambda _tx: None)
    assert authorise(change, tx, holder("study_manager")) == "study_manager"
    with pytest.raises(NotPermitted):
        authorise(change, tx, holder("monitor"))
    for stranger in (Actor("nobody"), holder("study_manager", study="TRIAL2"), holder("study_manager", site="701")):
        with pytest.raises(NotFound):
            authorise(change, tx, stranger)
