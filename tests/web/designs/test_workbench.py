"""The workbench of designs: its numbers are those of the designs, its address holds every setting, faults change nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from helmont.design import Boin, ThreePlusThree
from helmont.web.designs import answering
from tests import cast

pytestmark = pytest.mark.usefixtures("db")
TRUTH = "0.05 0.15 0.3 0.45 0.6"
RATES = (0.05, 0.15, 0.3, 0.45, 0.6)


@pytest.fixture
def person() -> Client:
    return cast.sign_in("coordinator")


def test_designs_stand_side_by_side_with_their_exact_numbers(person: Client) -> None:
    page = person.get("/designs/", {"design": ["BOIN", "3+3"], "truth": [TRUTH]}).content.decode()
    boin, rule = Boin(doses=5, target=0.3).exact(RATES), ThreePlusThree(5).exact(RATES)
    for found in (boin, rule):
        assert all(f">{100 * share:.1f}</td>" in page for share in found.selection)
        assert f"On average {found.total_patients:.1f} patients" in page
    assert Boin(doses=5, target=0.3).digest in page
    assert "mTPI" in page  # offered
    assert "<h3>mTPI" not in page


def test_the_file_holds_settings_and_numbers(person: Client) -> None:
    answer = person.get("/designs/file", {"design": "BOIN", "target": "0,25", "cohorts": "8", "truth": [TRUTH]})
    [found] = answer.json()["designs"]
    design = Boin(doses=5, target=0.25, cohorts=8)
    assert found["settings"] == design.to_dict()
    assert found["digest"] == design.digest
    assert found["exact"][0]["selection"] == pytest.approx(design.exact(RATES).selection)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"design": "BOIN", "target": "2"}, "A rate between 0 and 1"),
        ({"design": "BOIN", "doses": "many"}, "A whole number from 2 to 8."),
        ({"design": "BOIN", "cohorts": "20", "cohort_size": "6"}, "At most 60 patients in all"),
        ({"design": "BOIN", "truth": ["0.1 0.2"]}, "2 rates; 5 doses need one each."),
        ({"design": "BOIN", "truth": ["0.1 high"]}, "Rates from 0 to 1 with spaces between them"),
        ({"doses": "5"}, "Choose one design or more."),
    ],
)
def test_what_cannot_be_is_named_beside_what_was_typed(
    person: Client, settings: dict[str, str | list[str]], said: str
) -> None:
    page = person.get("/designs/", settings).content.decode()
    assert said in page
    assert all(
        f'value="{value}"' in page for name, value in settings.items() if isinstance(value, str) and name != "design"
    )
    assert person.get("/designs/file", settings).status_code == 422


def test_many_outcomes_are_enumerated_beside_the_server_and_given_up_in_time(
    person: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"design": "BOIN", "doses": "3", "cohorts": "14", "truth": ["0.1 0.3 0.5"]}
    found = Boin(doses=3, target=0.3, cohorts=14).exact((0.1, 0.3, 0.5))
    page = person.get("/designs/", given).content.decode()
    assert all(f">{100 * share:.1f}</td>" in page for share in found.selection)

    def late(*_: object) -> None:
        raise answering.TooLong

    monkeypatch.setattr(answering._answering, "ask", late)
    assert "too many outcomes" in person.get("/designs/", {**given, "cohorts": "15"}).content.decode()
