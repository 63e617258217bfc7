"""What the review finds: burden in numbers, purposes, eligibility by intervals, windows, unused forms, readability."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.study.cel import parse as parse_cel
from helmont.study.loading import load_study
from helmont.study.model import Codelist, Form, Group, Item, Sdtm, Study, Term
from helmont.study.protocol import (
    Activity,
    AgeRange,
    Criterion,
    Encounter,
    Endpoint,
    Objective,
    ParticipantText,
    Population,
    Protocol,
    Window,
)
from helmont.study.review import review
from helmont.study.review.domains import alternatives, together
from helmont.study.review.findings import RULES, Finding
from helmont.study.review.readability import readability, syllables
from helmont.study.review.report import as_document, as_lines
from helmont.study.text import Text

ROOT = Path(__file__).resolve().parents[3]


def en(text: str) -> Text:
    return Text({"en": text})


DM = Form(
    "DM",
    en("Demographics"),
    (
        Group(
            "G",
            (
                Item("AGE", en("Age"), "integer", sdtm=Sdtm("DM", "AGE")),
                Item("SEX", en("Sex"), "codelist", codelist="SEX", sdtm=Sdtm("DM", "SEX")),
                Item("BMI", en("BMI"), "decimal", sdtm=Sdtm("VS", "VSORRES")),
            ),
        ),
    ),
)
SEX = Codelist("SEX", (Term("1", en("Male"), "M"), Term("2", en("Female"), "F")))
VISIT_1, VISIT_2 = Encounter("V1", en("Visit 1"), day=1), Encounter("V2", en("Visit 2"), day=8, anchor="V1")


def study(*criteria: tuple[str, str], population: Population | None = None, **changes: object) -> Study:
    names = {"+": "inclusion", "-": "exclusion"}
    eligibility = tuple(
        Criterion(f"C{number}", names[kind], en("text"), expression)  # type: ignore[arg-type]
        for number, (kind, expression) in enumerate(criteria, 1)
    )
    protocol = Protocol(
        encounters=(VISIT_1, VISIT_2),
        activities=(Activity("A", en("Ask"), ("DM",), ("O",)),),
        schedule={"A": ("V1", "V2")},
        objectives=(Objective("O", "secondary", en("Why"), (Endpoint("E", en("What")),)),),
        eligibility=eligibility,
        population=population,
    )
    return Study("S", "1", en("T"), ("en",), replace(protocol, **changes), (DM,), (SEX,))  # type: ignore[arg-type]


def rules(of: Study) -> set[str]:
    return {finding.rule for finding in review(of).findings}


def found(of: Study, rule: str) -> Finding:
    [finding] = [each for each in review(of).findings if each.rule == rule]
    return finding


AGE, SEX_OF, BMI = "at.V1.DM.AGE", "at.V1.DM.SEX", "at.V1.DM.BMI"


@pytest.mark.parametrize(
    ("criteria", "rule"),
    [
        ([("+", f"{AGE} >= 50"), ("-", f"{AGE} > 49")], "ELIGIBILITY_CONTRADICTS_ITSELF"),
        ([("+", f"{AGE} > 49"), ("+", f"{AGE} < 50")], "ELIGIBILITY_CONTRADICTS_ITSELF"),
        ([("+", f'{SEX_OF} == "1"'), ("-", f'{SEX_OF} in ["1", "3"]')], "ELIGIBILITY_CONTRADICTS_ITSELF"),
        ([("+", f"{AGE} > 50 && {AGE} < 40")], "ELIGIBILITY_IMPOSSIBLE"),
        ([("+", f"{AGE} < 30 || {AGE} > 60"), ("-", f"{AGE} < 40"), ("-", f"{AGE} > 50")], "ELIGIBILITY_EXCLUDES_EVERYBODY"),
        ([("+", f"!({AGE} >= 50)"), ("+", f"50 <= {AGE}")], "ELIGIBILITY_CONTRADICTS_ITSELF"),
    ],
)  # fmt: skip
def test_criteria_that_leave_nobody(criteria: list[tuple[str, str]], rule: str) -> None:
    assert rule in rules(study(*criteria))


@pytest.mark.parametrize(
    "criteria",
    [
        [("+", f"{AGE} >= 50"), ("-", f"{AGE} > 50")],
        [("+", f"{BMI} > 49.0"), ("+", f"{BMI} < 50.0")],
        [("+", f"{AGE} < 30 || {AGE} > 60"), ("-", f"{AGE} < 40")],
        [("+", f'{SEX_OF} != "1"'), ("-", f'{SEX_OF} == "3"')],
        [("+", f"days(visit.date, today) > 3 && {AGE} > 5")],
    ],
)
def test_criteria_that_leave_somebody(criteria: list[tuple[str, str]]) -> None:
    assert not {rule for rule in rules(study(*criteria)) if RULES[rule].severity == "error"}


def test_criteria_against_the_stated_population() -> None:
    people = Population(en("Adults"), AgeRange(Decimal(18), Decimal(80)), "both")
    narrowed = found(study(("+", f"{AGE} >= 50"), ("-", f"{AGE} > 75"), population=people), "ELIGIBILITY_NARROWS_AGE")
    assert narrowed.values == {"stated": "18–80", "left": "50–75"}
    assert "ELIGIBILITY_EXCLUDES_POPULATION" in rules(study(("+", f"{AGE} >= 81"), population=people))
    assert "ELIGIBILITY_EXCLUDES_WOMEN" in rules(study(("-", f'{SEX_OF} == "2"'), population=people))
    men = replace(people, sex="male", age=None)
    assert not {rule for rule in rules(study(("-", f'{SEX_OF} == "2"'), population=men)) if "ELIGIBILITY" in rule}
    assert "POPULATION_NOT_STATED" in rules(study())


def test_what_cannot_be_compared_is_named() -> None:
    finding = found(study(("+", f"{AGE} > {BMI}"), ("+", f"{AGE} > 5")), "ELIGIBILITY_NOT_DECIDED")
    assert finding.values == {"count": 1, "all": 2, "criteria": "C1"}


NUMBERS = st.integers(-5, 5)
COMPARISONS = st.builds(
    lambda name, op, value: f"{name} {op} {value}", st.sampled_from("AB"), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    NUMBERS,
)  # fmt: skip
EXPRESSIONS = st.recursive(
    COMPARISONS,
    lambda inner: (
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(["&&", "||"]), inner)
        | inner.map(lambda text: f"!({text})")
    ),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, EXPRESSIONS)
def test_alternatives_are_empty_exactly_when_no_whole_numbers_fit(one: str, other: str) -> None:
    trees = [parse_cel(each) for each in (one, other)]
    possible = together([alternatives(each.tree, frozenset("AB"))[0] for each in trees])
    somebody = any(
        all(each.compile()({"A": a, "B": b}) is True for each in trees) for a in range(-7, 8) for b in range(-7, 8)
    )
    assert bool(possible) == somebody


def test_the_burden_adds_up() -> None:
    activities = (
        Activity("A", en("Ask"), ("DM",), ("O",), 30, Decimal("20.5")),
        Activity("B", en("Bleed"), (), ("O",), 240, Decimal(20)),
        Activity("C", en("Chat")),
    )
    schedule = {"A": ("V1", "V2"), "B": ("V2",), "C": ("V1",)}
    of = study(activities=activities, schedule=schedule)
    burden = review(of).burden
    assert [(each.minutes, each.untimed, each.blood_ml, each.questions) for each in burden.encounters] == [
        (30, 1, Decimal("20.5"), 3),
        (270, 0, Decimal("40.5"), 3),
    ]
    assert (burden.visits("visit"), burden.minutes, burden.blood_ml) == (2, 300, 61)
    assert found(of, "BURDEN_LONG_ENCOUNTER").values["hours"] == 4
    assert found(of, "BURDEN_BLOOD_LIMIT").values["volume"] == "61"
    assert found(of, "BURDEN_TIME_UNKNOWN").values == {"unknown": 1, "all": 3}
    healthy = Population(en("Healthy"), healthy=True)
    assert "BURDEN_BLOOD_LIMIT" not in rules(study(activities=activities, schedule=schedule, population=healthy))


def test_blood_of_months_apart_is_not_added() -> None:
    late = replace(VISIT_2, day=100)
    activities = (Activity("A", en("Ask"), ("DM",), ("O",), 30, Decimal(40)),)
    assert "BURDEN_BLOOD_LIMIT" not in rules(study(activities=activities, encounters=(VISIT_1, late)))


def test_purposes() -> None:
    activities = (
        Activity("A", en("Ask"), (), ("O",)),
        Activity("B", en("Bleed")),
        Activity("N", en("Never"), (), ("P",)),
    )
    primary = Objective("P", "primary", en("First"))
    of = study(activities=activities, schedule={"A": ("V1",), "B": ("V1", "V2")},
               objectives=(*study().protocol.objectives, primary))  # fmt: skip
    assert found(of, "PROCEDURE_WITHOUT_OBJECTIVE").values["count"] == 2
    assert found(of, "PROCEDURE_NOT_SCHEDULED").place == "protocol.activities[N]"
    for rule in ("OBJECTIVE_WITHOUT_PROCEDURE", "OBJECTIVE_WITHOUT_ENDPOINT", "PRIMARY_WITHOUT_ESTIMAND"):
        assert found(of, rule).place == "protocol.objectives[P]"
    unnamed = study(activities=(Activity("A", en("Ask")), Activity("B", en("B"))), schedule={"A": ("V1",)})
    assert "NO_OBJECTIVES_NAMED" in rules(unnamed)
    assert "PROCEDURE_WITHOUT_OBJECTIVE" not in rules(unnamed)


def replace_encounters(of: Study, *encounters: Encounter) -> Study:
    return replace(of, protocol=replace(of.protocol, encounters=encounters))


def test_forms_nobody_uses_and_windows_that_overlap() -> None:
    loose = Form("X", en("Extra"), (Group("G", (Item("Q", en("?"), "text"),)),))
    of = study(encounters=(replace(VISIT_1, window=Window(0, 4)), replace(VISIT_2, window=Window(4, 0), anchor=None)))
    of = replace(of, forms=(DM, loose))
    assert found(of, "FORM_NOT_ANALYSED").values["count"] == 1
    assert found(of, "WINDOWS_OVERLAP").values["first"] == 4
    # A visit counted from another one moves with it: what is left is the window that reaches back to it.
    moving = replace(VISIT_2, day=3, window=Window(1, 0), anchor=VISIT_1.id)
    assert "WINDOWS_OVERLAP" not in rules(replace_encounters(of, replace(VISIT_1, window=Window(0, 9)), moving))
    assert "WINDOWS_OVERLAP" in rules(replace_encounters(of, VISIT_1, replace(moving, window=Window(2, 0))))
    read = Item("R", en("!"), "text", skip='here.X.Q == "a"')
    reading = replace(DM, groups=(*DM.groups, Group("H", (read,))))
    assert "FORM_NOT_ANALYSED" not in rules(replace(of, forms=(reading, loose)))


EASY = "The cat sat on the mat. It was a big cat. It ran to the red door. Then it sat down. We had fun. I saw it go out again."
HARD = (
    "Participation necessitates comprehensive understanding of investigational pharmacological interventions, including "
    "anticipated physiological consequences, administrative responsibilities, confidentiality considerations and "
    "alternative therapeutic possibilities that investigators invariably communicate comprehensively during "
    "recruitment, randomisation and evaluation."
)


def test_readability_of_what_participants_read() -> None:
    texts = (ParticipantText("EASY", en("A"), en(EASY)), ParticipantText("HARD", en("B"), en(HARD)))
    of = study(participant_texts=texts)
    assert found(of, "TEXT_HARD_TO_READ").place == "protocol.participant_texts[HARD]"
    assert found(replace(of, public_title=en("Short")), "TEXT_TOO_SHORT").values["count"] == 1
    assert "NO_TEXTS_FOR_PARTICIPANTS" in rules(study())


def test_the_formulas_by_hand() -> None:
    easy = readability("The cat sat. The dog ran.", "en")
    assert easy
    assert easy.score == pytest.approx(206.835 - 1.015 * 3 - 84.6)
    nl = readability("De kat zat. De hond liep.", "nl")
    fr = readability("Le chat dort. Le chien court.", "fr")
    de = readability("Der Hund schläft.", "de")
    assert nl
    assert fr
    assert de
    assert nl.score == pytest.approx(206.84 - 0.93 * 3 - 77)
    assert fr.score == pytest.approx(207 - 1.015 * 3 - 73.6)
    assert de.score == pytest.approx(180 - 3 - 58.5)
    assert readability("Ola.", "pt") is None
    assert readability("…", "en") is None


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [("table", "en", 2), ("home", "en", 1), ("asked", "en", 1), ("patient", "nl", 2), ("huisarts", "nl", 2), ("ijs", "nl", 1),
     ("malade", "fr", 2), ("étude", "fr", 2), ("Krankenhaus", "de", 3), ("Studie", "de", 2), ("hm", "en", 1)],
)  # fmt: skip
def test_syllables(word: str, language: str, count: int) -> None:
    assert syllables(word, language) == count


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200), st.sampled_from(["en", "nl", "fr", "de", "pt-BR"]))
def test_any_text_has_a_score_or_none(text: str, language: str) -> None:
    made = readability(text, language)
    assert made is None or made.words > 0


def test_the_pilot() -> None:
    pilot = load_study(ROOT / "studies/cdiscpilot01")
    made = review(pilot)
    assert (made.burden.visits("visit"), made.burden.visits("phone")) == (14, 4)
    assert {each.rule for each in made.findings if each.severity != "note"} == {
        "OBJECTIVE_WITHOUT_PROCEDURE",
        "OBJECTIVE_WITHOUT_ENDPOINT",
    }
    assert len(as_document(made)["findings"]) == len(made.findings)
    assert list(as_lines(made))[-1].startswith("note: ")


def test_every_message_and_reason_can_be_filled() -> None:
    for name, rule in RULES.items():
        values = dict.fromkeys(
            ("unknown", "all", "volume", "place", "limit", "hours", "count", "questions", "label", "one", "other", "names",
             "stated", "left", "criteria", "first", "last", "language", "score", "words", "syllables", "formula"), "x"
        )  # fmt: skip
        finding = Finding(name, "here", values)
        assert "{" not in finding.message + finding.reason
        assert finding.severity == rule.severity
