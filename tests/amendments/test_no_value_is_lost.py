"""Whatever two versions of a study and whatever data: an amendment loses no value.

After it each value stands where it was, where the new version says it went, or among the values without a place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.amendments.models import KeptValue, Migration
from helmont.core.actions import Action
from helmont.core.permissions import Actor, Grant
from helmont.core.writer import forget, perform
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.participants.models import Participant
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.studies.queries import compiled
from helmont.study.amendment import Amendment, Move
from helmont.study.model import Codelist, Group, Item, Study, Term
from helmont.study.model import Form as FormDefinition
from helmont.study.protocol import Activity, Encounter, Protocol
from helmont.study.text import Text
from tests.amendments.kit import carried_out, is_clean
from tests.edc.kit import IMPORT

pytestmark = [pytest.mark.database, pytest.mark.slow]
STUDY, WHO = "PROPERTY", "701-001"
FORMS, IDS = ("A", "B"), ("ONE", "TWO", "THREE")
SAM = Actor("sam", (Grant("study_manager", STUDY),), "Europe/Brussels")
CLEO = Actor("cleo", (Grant("site_coordinator", STUDY, site="701"),), "Europe/Brussels")
VALUES: dict[str, st.SearchStrategy[str]] = {
    "text": st.one_of(
        st.text("abcé 0.1-", min_size=1, max_size=12).map(str.strip).filter(bool),
        st.sampled_from(["7", "Y", "2026-01-05"]),
    ),
    "integer": st.integers(-9, 99).map(str),
    "decimal": st.sampled_from(["0.5", "12", "98.6"]),
    "date": st.sampled_from(["2026-01-05", "2025-12-31"]),
    "codelist": st.sampled_from(["Y", "N"]),
}
TYPES = st.sampled_from(sorted(VALUES))
Layout = dict[tuple[str, str], str]
"""Form and item id to the item's type."""


def text(words: str) -> Text:
    return Text({"en": words})


def study(version: str, layout: Layout, terms: tuple[str, ...], amendment: Amendment | None = None) -> Study:
    forms = []
    for form in FORMS:
        items = [_item(name, kind) for (owner, name), kind in layout.items() if owner == form]
        filler = Item("FILLER", text("Filler"), "text", length=20)
        forms.append(FormDefinition(form, text(form), (Group(f"{form}_MAIN", (*items, filler)),)))
    protocol = Protocol(
        encounters=(Encounter("VISIT", text("Visit"), day=1, anchor="VISIT"),),
        activities=(Activity("ALL", text("All"), FORMS),),
        schedule={"ALL": ("VISIT",)},
    )
    codes = (Codelist("YN", tuple(Term(code, text(code)) for code in terms)),)
    extra: dict[str, Any] = {"amendment": amendment} if amendment else {}
    return Study(STUDY, version, text("Property"), ("en",), protocol, tuple(forms), codes, **extra)


def _item(name: str, kind: str) -> Item:
    more: dict[str, Any] = {"text": {"length": 20}, "decimal": {"decimals": 2}, "codelist": {"codelist": "YN"}}.get(
        kind, {}
    )
    return Item(name, text(name), kind, **more)  # type: ignore[arg-type]  # one of the kinds


@st.composite
def versions(draw: st.DrawFn) -> tuple[Study, Study, dict[str, dict[str, str]], dict[tuple[str, str], tuple[str, str]]]:
    """A version, the next one, the data under the first, and where each item of it went (absent: nowhere)."""
    places = draw(
        st.lists(st.tuples(st.sampled_from(FORMS), st.sampled_from(IDS)), min_size=1, max_size=6, unique=True)
    )
    before: Layout = {place: draw(TYPES) for place in places}
    data: dict[str, dict[str, str]] = {}
    for (form, name), kind in before.items():
        if draw(st.booleans()):
            data.setdefault(form, {})[name] = draw(VALUES[kind])
    after: Layout = {}
    went: dict[tuple[str, str], tuple[str, str]] = {}
    moves: list[Move] = []
    for place, kind in before.items():
        match draw(st.sampled_from(["stays", "changes", "goes", "moves"])):
            case "stays":
                after[place] = kind
                went[place] = place
            case "changes":
                after[place] = draw(TYPES)
                went[place] = place
            case "moves":
                target = (draw(st.sampled_from(FORMS)), f"{place[0]}_{place[1]}")
                after[target] = draw(st.sampled_from([kind, draw(TYPES)]))
                went[place] = target
                moves.append(Move(".".join(place), ".".join(target)))
    new = draw(st.lists(st.sampled_from(["NEW1", "NEW2"]), max_size=2, unique=True))
    after |= {(draw(st.sampled_from(FORMS)), name): draw(TYPES) for name in new}
    terms = draw(st.sampled_from([("Y", "N"), ("Y",)]))
    amendment = Amendment(("1.0",), moves=tuple(moves))
    return study("1.0", before, ("Y", "N")), study("2.0", after, terms, amendment), data, went


@contextmanager
def undone() -> Iterator[None]:
    block = transaction.atomic()
    with block:
        yield
        transaction.set_rollback(True)
    forget()
    compiled.cache_clear()


def do(action: Action, by: Actor = IMPORT) -> None:
    perform(action, by)


@pytest.mark.usefixtures("db")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(versions())
def test_every_value_is_where_it_was_where_it_went_or_kept(
    drawn: tuple[Study, Study, dict[str, dict[str, str]], dict[tuple[str, str], tuple[str, str]]],
) -> None:
    old, new, data, went = drawn
    with undone():
        do(PublishDefinition(old))
        do(OpenSite(STUDY, "701", "Ghent", "BE", "Europe/Brussels"))
        do(ScreenParticipant(STUDY, "701", WHO, "2026-01-05"))
        do(BeginEncounter(STUDY, WHO, "VISIT", "2026-01-05"))
        for form, values in data.items():
            do(SaveForm(f"{STUDY}/{WHO}/VISIT/{form}", values, complete=True), CLEO)
        held = {row.form: dict(row.data) for row in Form.objects.filter(study=STUDY)}
        amendment = carried_out(new, by=SAM)
        [migration] = Migration.objects.filter(amendment=amendment.key)
        assert migration.status == "done", migration.held
        assert Participant.objects.get(key=f"{STUDY}/{WHO}").definition == "2.0"
        now = {row.form: row.data for row in Form.objects.filter(study=STUDY)}
        kept = {(row.form.rsplit("/", 1)[1], row.item): row.value.get("value") for row in KeptValue.objects.all()}
        for form, values in held.items():
            for name, value in values.items():
                place = went.get((form, name))
                there = now.get(place[0], {}).get(place[1]) if place else None
                assert value in (there, kept.get((form, name))), (form, name, value, there, kept)
        assert is_clean(STUDY)
