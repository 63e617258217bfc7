"""Leaving out rules that cannot say anything new changes nothing: whatever two versions, data and decisions about queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.amendments.migrating import RUNNER
from helmont.core.permissions import Actor, Grant
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.forms import amend_forms
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.queries import CloseQuery
from helmont.edc.models import Query
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.studies.queries import compiled
from helmont.study.amendment import Amendment, Move
from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.model import Check, Form, Group, Item, Range, Repeats, Study
from helmont.study.protocol import Activity, Encounter, Protocol
from helmont.study.routes import Routes
from tests.amendments.test_no_value_is_lost import CLEO, STUDY, WHO, do, text, undone

pytestmark = [pytest.mark.database, pytest.mark.slow]
DANA = Actor("dana", (Grant("data_manager", STUDY),), "Europe/Brussels")
VISITS = ("FIRST", "SECOND", "THIRD")
RULES = {
    "A": (
        "ONE < TWO",
        "ONE < here.B.ONE",
        "previous.A.ONE <= ONE",
        "ROW < 5",
        "TWO < 9 || SUM < 12",
        "visit.number < 2",
    ),
    "B": ("ONE < 7", "here.A.SUM < 9", "at.FIRST.A.TWO < ONE", "!(at.FIRST.B.ONE > 4)", "previous.A.TWO != ONE"),
}
ITEMS = {"A": ("ONE", "TWO"), "B": ("ONE", "OTHER")}


def drawn_form(draw: st.DrawFn, name: str, more: tuple[Item, ...] = (), less: frozenset[str] = frozenset()) -> Form:
    items: list[Item] = [*more]
    for each in ITEMS[name]:
        if each not in less:
            extra: dict[str, Any] = {"type": draw(st.sampled_from(["integer", "integer", "decimal"]))}
            if extra["type"] == "decimal":
                extra["decimals"] = 1
            if draw(st.booleans()):
                extra["range"] = Range(None, draw(st.sampled_from([3, 6])))
            if draw(st.booleans()):
                extra["required"] = True
            if each != "ONE" and draw(st.integers(0, 3)) == 0:
                extra["skip"] = "ONE > 5"
            items.append(Item(each, text(each), **extra))
    if name == "B":
        return Form(name, text(name), (Group("B_MAIN", tuple(items)),))
    total = "ONE + TWO" if "TWO" not in less else "ONE + ONE"
    items.append(
        Item("SUM", text("Sum"), "calculated", decimals=0, calculation=draw(st.sampled_from([total, "ONE * 2"])))
    )
    rows = Group("ROWS", (Item("ROW", text("Row"), "integer"),), repeats=Repeats(3, draw(st.sampled_from([0, 2]))))
    return Form(name, text(name), (Group("A_MAIN", tuple(items)), rows))


def narrower(draw: st.DrawFn, form: Form) -> Form:
    def narrow(item: Item) -> Item:
        fits = item.type != "calculated" and draw(st.booleans())
        return replace(item, hard_range=Range(None, draw(st.sampled_from([2, 5])))) if fits else item

    return replace(form, groups=tuple(replace(g, items=tuple(map(narrow, g.items))) for g in form.groups))


def checks(draw: st.DrawFn, less: frozenset[str], moved: bool) -> tuple[Check, ...]:
    found = []
    for form, rules in RULES.items():
        for number, rule in enumerate(rules):
            told = rule.replace("TWO", "ONE") if "TWO" in less and not moved else rule
            if "TWO" in less and moved:
                told = told.replace("here.A.TWO", "here.B.TWO").replace("A.TWO", "B.TWO")
                told = told.replace("TWO", "here.B.TWO") if form == "A" else told
            if draw(st.integers(0, 4)):
                item = "ROW" if "ROW" in told else "ONE"
                if draw(st.integers(0, 5)) == 0:
                    told = f"{told} || ONE == 2"
                found.append(Check(f"{form}_{number}", form, item, told, text("No")))
    return tuple(found)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Study, Study, dict[tuple[str, str], dict[str, str]], list[bool], int]:
    """Two versions, the data by visit and form under the first, which of the queries that
    they raise are accepted, and the days between two visits."""
    protocol = Protocol(
        encounters=tuple(
            Encounter(v, text(v), number=str(n + 1), day=1 + 7 * n, anchor="FIRST") for n, v in enumerate(VISITS)
        ),
        activities=(Activity("ALL", text("All"), ("A", "B")),),
        schedule={"ALL": VISITS},
    )
    none: frozenset[str] = frozenset()
    first = Study(STUDY, "1.0", text("P"), ("en",), protocol, (drawn_form(draw, "A"), drawn_form(draw, "B")), (),
                  checks=checks(draw, none, False))  # fmt: skip
    less: frozenset[str] = none
    moves: tuple[Move, ...] = ()
    if draw(st.integers(0, 2)):  # the same forms, in which some values are no longer accepted
        forms = tuple(narrower(draw, form) for form in first.forms)
    else:
        fate = draw(st.sampled_from(["stays", "goes", "moves"]))
        less = none if fate == "stays" else frozenset({"TWO"})
        more = (Item("TWO", text("Two"), "integer"),) if fate == "moves" else ()
        moves = (Move("A.TWO", "B.TWO"),) if fate == "moves" else ()
        forms = (drawn_form(draw, "A", less=less), drawn_form(draw, "B", more=more))
    second = Study(STUDY, "2.0", text("P"), ("en",), protocol, forms, (), checks=checks(draw, less, bool(moves)),
                   amendment=Amendment(("1.0",), moves=moves))  # fmt: skip
    if draw(st.integers(0, 2)) == 0:
        second = renamed(second, draw(st.sampled_from(["0.5", "2", "4"])))
    number = st.integers(0, 9).map(str)
    data = {
        (visit, form): draw(
            st.dictionaries(
                st.sampled_from([*ITEMS[form], *(["ROWS[1].ROW", "ROWS[2].ROW"] if form == "A" else [])]), number
            )
        )
        for visit in VISITS
        for form in ITEMS
    }
    accepted = draw(st.lists(st.booleans(), min_size=4, max_size=4))
    return first, second, data, accepted, draw(st.sampled_from([7, 0]))


def renamed(study: Study, number: str) -> Study:
    """The second visit under another name, and perhaps another number: on one day, it then comes first or last."""
    first, visit, third = study.protocol.encounters
    assert study.amendment
    protocol = replace(
        study.protocol,
        encounters=(first, replace(visit, id="LATER", number=number), third),
        schedule={"ALL": ("FIRST", "LATER", "THIRD")},
    )
    amendment = replace(study.amendment, encounters=(Move("SECOND", "LATER"),))
    return replace(study, protocol=protocol, amendment=amendment)


def outcome(old: CompiledStudy, new: CompiledStudy, *, thorough: bool) -> Any:
    rows = Rows()
    rows.memo[f"{STUDY}/definitions/2.0"] = new
    tx = Transaction(rows, STUDY, datetime(2026, 11, 22, tzinfo=UTC), "UTC", 1000)
    person = tx.put("participant", f"{STUDY}/{WHO}", definition="2.0")
    routes = Routes(old, new, thorough=thorough)
    amended = amend_forms(tx, RUNNER, person, routes, lambda _version: routes)
    return sorted(tx.changes(), key=lambda change: change["record"]), amended.asked


def compare(
    first: Study,
    second: Study,
    data: dict[tuple[str, str], dict[str, str]],
    accepted: list[bool],
    apart: int,
) -> Any:
    """Make the trial, and hold what is run against running everything; what both come to."""
    with undone():
        do(PublishDefinition(first))
        do(OpenSite(STUDY, "701", "Ghent", "BE", "Europe/Brussels"))
        do(ScreenParticipant(STUDY, "701", WHO, "2026-01-05"))
        for number, visit in enumerate(VISITS):
            do(BeginEncounter(STUDY, WHO, visit, f"2026-01-{5 + apart * number:02}"))
        for (visit, form), values in data.items():
            if values:
                do(SaveForm(f"{STUDY}/{WHO}/{visit}/{form}", values, complete=True), CLEO)
        for query, accept in zip(Query.objects.filter(status="open").order_by("key"), accepted, strict=False):
            if accept:
                do(CloseQuery(query.key), DANA)
        old, new = compiled(STUDY, "1.0"), compile_study(second)
        found = outcome(old, new, thorough=False)
        assert found == outcome(old, new, thorough=True)
        return found


@pytest.mark.usefixtures("db")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cases())
def test_what_is_left_out_would_have_said_nothing_new(
    case: tuple[Study, Study, dict[tuple[str, str], dict[str, str]], list[bool], int],
) -> None:
    compare(*case)


@pytest.mark.usefixtures("db")
def test_a_visit_that_comes_later_under_its_new_name_is_no_longer_the_previous_one_of_the_next() -> None:
    items = Group("MAIN", (Item("ONE", text("One"), "integer"),))
    protocol = Protocol(
        encounters=tuple(
            Encounter(v, text(v), number=str(n + 1), day=1 + n, anchor="FIRST") for n, v in enumerate(VISITS)
        ),
        activities=(Activity("ALL", text("All"), ("A",)),),
        schedule={"ALL": VISITS},
    )
    rule = Check("FALLS", "A", "ONE", "previous.A.ONE <= ONE", text("It fell"))
    first = Study(STUDY, "1.0", text("P"), ("en",), protocol, (Form("A", text("A"), (items,)),), (), checks=(rule,))
    second = renamed(replace(first, version="2.0", amendment=Amendment(("1.0",))), "4")
    changes, _asked = compare(first, second, {("SECOND", "A"): {"ONE": "5"}, ("THIRD", "A"): {"ONE": "3"}}, [], 0)
    assert [change["set"]["status"] for change in changes if change["record"].startswith("query:")] == [
        ["open", "closed"]
    ]
