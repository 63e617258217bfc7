"""Studies of every shape that the protocol model has, for properties of what is written and read back."""

from decimal import Decimal

from hypothesis import strategies as st

from helmont.study.model import Form, Group, Identifier, Item, Study
from helmont.study.protocol import (
    Activity,
    AgeRange,
    Arm,
    Criterion,
    Element,
    Encounter,
    Endpoint,
    Epoch,
    Estimand,
    IntercurrentEvent,
    Objective,
    Population,
    Protocol,
    Window,
)
from helmont.study.text import Text

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).map(str.strip).filter(bool)
MARKUP = st.sampled_from(["a < b", "<p>x</p>", "A &amp; B", "two\nlines", "<usdm:tag name='x'/>", "x  y"])
TEXTS = st.builds(
    lambda en, nl: Text({"en": en} | ({"nl": nl} if nl else {})), WORDS | MARKUP, st.none() | WORDS | MARKUP
)
IDS = st.from_regex(r"[A-Z][A-Z0-9]{0,6}", fullmatch=True)


def some_ids(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(IDS, min_size=least, max_size=most, unique=True)


@st.composite
def protocols(draw: st.DrawFn, forms: list[str]) -> Protocol:
    arms, epochs = draw(some_ids(0, 3)), draw(some_ids(0, 3))
    levels = ["primary", "secondary", "exploratory"]
    endpoint_ids = iter(draw(some_ids(6, 6)))
    objectives = tuple(
        Objective(
            name,
            draw(st.sampled_from(levels)),  # type: ignore[arg-type]
            draw(TEXTS),
            tuple(Endpoint(next(endpoint_ids), draw(TEXTS)) for _ in range(draw(st.integers(0, 2)))),
        )
        for name in draw(some_ids(0, 3))
    )
    names = draw(some_ids(0, 5))
    encounters = tuple(draw(encounter(name, names[:number], epochs)) for number, name in enumerate(names))
    activities = tuple(
        Activity(
            name,
            draw(TEXTS),
            tuple(forms),
            tuple(each.id for each in objectives[:1]),
            draw(st.none() | st.integers(1, 90)),
            draw(st.none() | st.just(Decimal("8.5"))),
        )
        for name in draw(some_ids(0, 3))
    )
    schedule = {
        each.id: chosen for each in activities if (chosen := tuple(name for name in names if draw(st.booleans())))
    }
    return Protocol(
        encounters=encounters,
        activities=activities,
        schedule=schedule,
        epochs=tuple(
            Epoch(name, draw(TEXTS), draw(st.sampled_from([None, "Treatment Epoch", "Odd"]))) for name in epochs
        ),
        arms=tuple(Arm(name, draw(TEXTS), "placebo", draw(st.none() | TEXTS)) for name in arms),
        elements=tuple(
            Element(
                name, draw(TEXTS), draw(st.sampled_from(epochs)), draw(st.none() | TEXTS), None, "P2W", tuple(arms[:1])
            )
            for name in (draw(some_ids(0, 3)) if epochs else [])
        ),
        objectives=objectives,
        estimands=tuple(
            Estimand(
                name,
                objectives[0].id,
                draw(TEXTS),
                draw(TEXTS),
                draw(TEXTS),
                draw(TEXTS),
                (IntercurrentEvent(draw(TEXTS), "composite"),),
            )
            for name in (draw(some_ids(0, 2)) if objectives else [])
        ),
        population=draw(st.none() | populations()),
        eligibility=tuple(
            Criterion(name, "exclusion", draw(TEXTS), draw(st.none() | st.just("today == today")))
            for name in draw(some_ids(0, 3))
        ),
    )


@st.composite
def encounter(draw: st.DrawFn, name: str, earlier: list[str], epochs: list[str]) -> Encounter:
    anchor = draw(st.sampled_from([None, name, *earlier]))
    day = 1 if anchor in (None, name) else draw(st.integers(-60, 200).filter(bool))
    if draw(st.integers(0, 3)) == 0:
        return Encounter(name, draw(TEXTS), optional=True, epoch=draw(st.sampled_from([None, *epochs])))
    return Encounter(
        name,
        draw(TEXTS),
        epoch=draw(st.sampled_from([None, *epochs])),
        number=draw(st.none() | st.just(Decimal("3.5"))),
        day=day,
        window=Window(draw(st.integers(0, 9)), draw(st.integers(0, 9))),
        anchor=anchor,
        type=draw(st.sampled_from(["visit", "phone", "home"])),  # type: ignore[arg-type]
        optional=draw(st.booleans()),
    )


@st.composite
def populations(draw: st.DrawFn) -> Population:
    age = draw(st.sampled_from([None, AgeRange(Decimal(50)), AgeRange(Decimal(18), Decimal("80.5"))]))
    sex = draw(st.sampled_from([None, "both", "female", "male"]))
    return Population(draw(TEXTS), age, sex, draw(st.booleans()), draw(st.none() | st.integers(1, 900)))  # type: ignore[arg-type]


@st.composite
def studies(draw: st.DrawFn) -> Study:
    names = draw(some_ids(0, 2))
    return Study(
        id="S1",
        version=draw(WORDS),
        title=draw(TEXTS),
        languages=("en", "nl"),
        protocol=draw(protocols(names)),
        forms=tuple(Form(name, draw(TEXTS), (Group("G1", (Item("I1", draw(TEXTS), "text"),)),)) for name in names),
        sponsor=draw(st.none() | WORDS),
        phase=draw(st.sampled_from([None, "II", "IIb", "Seamless"])),
        countries=draw(st.sampled_from([(), ("BE", "NL")])),
        identifiers=draw(st.sampled_from([(), (Identifier("sponsor", "X-1"), Identifier("odd", "NCT00000001"))])),
        short_title=draw(st.none() | TEXTS),
        acronym=draw(st.none() | WORDS),
    )
