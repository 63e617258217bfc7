"""A page for every kind of design: what it shows is what the design answers, and its address holds every setting."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from helmont.design import DESIGNS, Boin, Declared, GroupSequential
from helmont.design.confirmatory.rules import Rule
from helmont.reports.designs.attachment import rederive
from helmont.reports.designs.examples import EXAMPLES
from helmont.web.designs import answering
from helmont.web.designs.drawing import drawn
from helmont.web.designs.families import FAMILIES, family_of
from helmont.web.designs.settings import declared, form, initial, written
from tests import cast

pytestmark = pytest.mark.usefixtures("db")
KINDS = [kind for family in FAMILIES for kind in family.kinds]
EXAMPLE = EXAMPLES["GroupSequential"].settings
PARTS = {"Backfill", "PlatformArm", "BinaryEndpoint", "NormalEndpoint", "Trend"}
"""What only another design holds."""


@pytest.fixture
def person() -> Client:
    return cast.sign_in("coordinator")


def test_every_design_has_a_page_but_for_rules_and_parts_of_others() -> None:
    alone = {name for name, kind in DESIGNS.items() if not issubclass(kind, Rule)} - PARTS
    assert sorted(KINDS) == sorted(alone)
    assert family_of("Pocock") is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_of_a_kind_declares_its_example(kind: str) -> None:
    texts = initial(DESIGNS[kind], EXAMPLES[kind].settings)
    assert declared(kind, texts) == (Declared.from_dict({"design": kind, **EXAMPLES[kind].settings}), {})
    assert [each.name for each in form(DESIGNS[kind], texts)] == list(texts)


def test_every_page_says_what_its_design_is_and_answers(person: Client) -> None:
    for kind in KINDS:
        answer = person.get(f"/designs/{kind}/")
        page = answer.content.decode()
        assert answer.status_code == 200, kind
        assert Declared.from_dict({"design": kind, **EXAMPLES[kind].settings}).digest in page
        assert 'id="errors"' not in page, kind
        assert "How these numbers are found again" in page or "/part/" in page or "part/0" in page, kind


def test_settings_of_the_address_are_those_that_are_shown(person: Client) -> None:
    given = {"doses": "5", "target": "0,25", "cohorts": "8", "cohort_size": "3", "truth": "0.05 0.15 0.25 0.4 0.6",
             "trials": "1000", "seed": "6"}  # fmt: skip
    page = person.get("/designs/Boin/", given).content.decode()
    design = Boin(doses=5, target=0.25, cohorts=8)
    assert design.digest in page
    assert 'value="0,25"' in page
    found = design.exact((0.05, 0.15, 0.25, 0.4, 0.6))
    assert all(f"{100 * share:.1f}" in page for share in found.selection)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("Boin", {"doses": "5", "target": "2"}, "target is 2; it must be between 0 and 1"),
        ("Boin", {"doses": "five", "target": "0.3"}, "doses: A number, such as 0.3."),
        ("Crm", {"skeleton": "0.1 much", "target": "0.3"}, "skeleton: Numbers with spaces between them"),
        ("Boin", {"doses": "5", "target": "0.3", "truth": "0.1 high"}, "truth-1: Numbers with spaces"),
        ("Boin", {"doses": "5", "target": "0.3", "truth": "0.1 0.2"}, "5 rates, one a dose"),
        ("Boin", {"doses": "5", "target": "0.3", "trials": "0"}, "A whole number from 2 to 100000."),
        ("GroupSequential", {"information": "3", "alpha": "0.025", "beta": "0.1", "upper": "{design: Crm}"}, "upper"),
        ("Crm", {"skeleton": "0.1 0.2", "target": "0.3", "model": "cubic"}, "model: One of power, logistic"),
        ("Boin", {"doses": "5", "target": "0.3", "start": "9" * 3000}, "At most 2000 characters."),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_lost(
    person: Client, kind: str, given: dict[str, str], said: str
) -> None:
    page = person.get(f"/designs/{kind}/", {"trials": "100", "seed": "6", **given}).content.decode()
    assert 'id="errors"' in page
    assert said in page
    assert person.get(f"/designs/{kind}/appendix", {"trials": "100", "seed": "6", **given}).status_code == 422


def test_what_is_no_design_has_no_page(person: Client) -> None:
    for path in ("Pocock/", "Nothing/", "Boin/part/99", "Nothing/appendix"):
        assert person.get(f"/designs/{path}").status_code == 404, path


def test_an_answer_that_takes_its_time_comes_by_itself(person: Client) -> None:
    given = {"skeleton": "0.05 0.12 0.25 0.4", "target": "0.25", "patients": "12", "truth": "0.1 0.2 0.3 0.4",
             "trials": "50", "seed": "3"}  # fmt: skip
    page = person.get("/designs/Crm/", given).content.decode()
    place = page.split('hx-get="part/')[1].split("?")[0]
    part = person.get(f"/designs/Crm/part/{place}", given).content.decode()
    assert "Operating characteristics" in part
    assert "<html" not in part


def test_what_takes_too_long_is_given_up_and_the_next_question_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answering._answering.ask(max, 1, 2) == 2
    monkeypatch.setattr(answering, "SECONDS", 0.2)
    with pytest.raises(answering.TooLong):
        answering._answering.ask(time.sleep, 30)
    assert answering._answering.ask(max, 3, 2) == 3


def test_a_person_is_told_of_what_takes_too_long(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> None:
        raise answering.TooLong

    monkeypatch.setattr(answering._answering, "ask", late)
    answering.answer.cache_clear()
    answering.contents.cache_clear()
    given = {"difference": "0.5", "trials": "77", "seed": "8"}
    assert "A page may take 12 seconds" in person.get("/designs/Means/", given).content.decode()
    assert person.get("/designs/Means/appendix", given).status_code == 422


def test_the_appendix_holds_the_design_of_the_page_and_is_found_again(person: Client) -> None:
    settings = {"information": "0.5 1", "alpha": "0.025", "beta": "0.2", "upper": "OF", "truth": "0 1", "trials": "100",
                "seed": "6"}  # fmt: skip
    found = person.get("/designs/GroupSequential/appendix", {**settings, "as": "json"}).json()
    design = GroupSequential((0.5, 1.0), 0.025, 0.2, "OF")
    assert found["designs"][0]["digest"] == design.digest
    assert rederive(found) == ()
    example = person.get("/designs/GroupSequential/appendix", {"as": "json"}).json()
    assert example["designs"][0]["digest"] == Declared.from_dict(found["designs"][0]["design"] | EXAMPLE).digest
    pdf = person.get("/designs/GroupSequential/appendix", settings)
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


def test_answers_are_in_the_language_of_the_page(person: Client) -> None:
    with override("nl"):
        head = gettext("Bounds")
    assert head != "Bounds"
    person.post("/language/", {"language": "nl", "next": "/"})
    page = person.get("/designs/GroupSequential/").content.decode()
    assert f"<h2>{head}</h2>" in page
    assert "<h2>Bounds</h2>" not in page
    assert not re.search(r' (x1|x2|y1|y2|cx|cy)="[^"]*,', page)  # whatever the language, a drawing has points


def test_values_are_typed_as_they_are_written() -> None:
    assert written((("sex", ("female", "701")),)) == "[[sex, [female, '701']]]"
    assert written(("below 65", "above")) == "[below 65, above]"
    assert (
        written({"design": "LanDeMets", "like": None, "binding": True})
        == "{design: LanDeMets, like: null, binding: true}"
    )
    assert [written(value) for value in (None, True, 0.3, 1 / 3, 4)] == ["", "yes", "0.3", str(1 / 3), "4"]


def test_curves_fill_their_drawing() -> None:
    line = {"name": "power", "points": [(0.0, 0.0), (1.0, 1.0)], "dash": "dashed", "marks": True}
    found = drawn({"lines": [line], "ticks_across": [0.0, 1.0], "ticks_up": [0.0, 1.0]})
    assert found.lines[0].points == "56.00,276.00 624.00,12.00"
    assert found.lines[0].marks == (("56.00", "276.00"), ("624.00", "12.00"))
    assert [tick.label for tick in found.up] == ["0", "1"]
