"""Verification plans: read with line numbers, decided from the top, drawn again by anybody."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.loading import check_folder, load_study
from helmont.study.publishing import canonical_json, from_document, to_document
from helmont.study.verification import Participants, Place, VerificationPlan, required_items
from helmont.study.verification_plans import plan_from_document, plan_from_yaml, plan_to_document, plan_to_yaml

PACKAGE = Path(__file__).parents[1] / "edc" / "package"
STUDY = load_study(PACKAGE)
VS = next(form for form in STUDY.forms if form.id == "VS")
PLAN = """default: none
site_risk: {"701": high}
rules:
  - {id: FIRST, require: all, participants: {first: 2}}
  - {id: WEIGHTS, require: none, items: [VS.WEIGHT], encounters: [BASELINE]}
  - {id: BASE, label: Baseline, require: all, forms: [VS], encounters: [BASELINE]}
  - {id: RISKY, require: critical, risk: [high], participants: {every: 5}}
  - {id: SAMPLE, require: all, sites: ["702"], participants: {sample: 20, seed: orchid}}
"""


def plan(text: str = PLAN) -> VerificationPlan:
    found, faults = plan_from_yaml(text, STUDY)
    assert faults == []
    return found


def place(**where: str | int) -> Place:
    return Place(**{"form": "VS", "encounter": "WEEK_2", "site": "703", "country": "NL", "risk": "medium",
                    "participant": "703-009", "ordinal": 9} | where)  # type: ignore[arg-type]  # the fields of a Place  # fmt: skip


def test_the_first_rule_that_fits_an_item_decides() -> None:
    everything = {item.id for item in VS.items() if item.type != "calculated"}
    assert set(required_items(plan(), VS, place(ordinal=2, encounter="BASELINE"))) == everything
    at_baseline = required_items(plan(), VS, place(encounter="BASELINE"))
    assert set(at_baseline) == everything - {"WEIGHT"}
    assert set(at_baseline.values()) == {"BASE"}
    assert required_items(plan(), VS, place()) == {}


def test_a_site_of_high_risk_has_its_critical_items_verified() -> None:
    critical = {item.id for item in VS.items() if item.verify}
    assert critical
    assert critical < {item.id for item in VS.items()}
    assert set(required_items(plan(), VS, place(risk="high", ordinal=10))) == critical
    assert required_items(plan(), VS, place(risk="high", ordinal=11)) == {}


def test_a_rule_may_be_about_a_country() -> None:
    belgian = plan("default: none\nrules: [{id: BELGIUM, require: all, forms: [VS], countries: [BE]}]\n")
    assert required_items(belgian, VS, place(country="BE"))
    assert required_items(belgian, VS, place(country="NL")) == {}
    assert plan(plan_to_yaml(belgian)) == belgian


def test_without_a_plan_the_critical_items_are_verified() -> None:
    assert set(required_items(VerificationPlan(), VS, place())) == {item.id for item in VS.items() if item.verify}


@given(st.integers(1, 100), st.text(min_size=1, max_size=8))
def test_a_sample_is_drawn_by_seed_and_number_alone_and_grows_with_its_size(percent: int, seed: str) -> None:
    numbers = [f"701-{n:03}" for n in range(200)]
    drawn = {n for n in numbers if Participants(sample=percent, seed=seed).include(n, 1)}
    assert drawn == {n for n in numbers if Participants(sample=percent, seed=seed).include(n, 99)}
    assert drawn <= {n for n in numbers if Participants(sample=min(100, percent + 10), seed=seed).include(n, 1)}
    assert percent < 100 or drawn == set(numbers)


def test_about_the_sample_s_share_is_drawn() -> None:
    drawn = sum(Participants(sample=20, seed="orchid").include(f"701-{n:04}", 1) for n in range(5000))
    assert 900 < drawn < 1100


def test_a_plan_survives_its_document_and_its_yaml() -> None:
    assert plan_from_document(plan_to_document(plan()), STUDY) == (plan(), [])
    assert plan(plan_to_yaml(plan())) == plan()


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("forms: [VS]", "forms: [VX]", 6, "VX is not the id of any form"),
        ("VS.WEIGHT", "VS.WAIT", 5, "VS.WAIT is not an item of the study"),
        ("encounters: [BASELINE]}\n  - {id: BASE", "encounters: [BASE]}\n  - {id: BASE", 5, "BASE is not the id"),
        ("first: 2", "first: 2, every: 3", 4, "chosen by first and every"),
        ("first: 2", "first: 0", 4, "out of range"),
        ("sample: 20, seed: orchid", "sample: 20", 8, "drawn with a seed"),
        ("risk: [high]", "risk: [huge]", 7, "huge is not accepted here"),
        ("id: BASE,", "id: RISKY,", 7, "already declared"),
        ("default: none", "defaults: none", 1, "defaults is not a key"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(wrong: str, right: str, line: int, said: str) -> None:
    assert wrong in PLAN
    faults = plan_from_yaml(PLAN.replace(wrong, right, 1), STUDY)[1]
    assert [fault.line for fault in faults if said in fault.message] == [line]


def test_a_package_declares_where_verification_starts_and_it_is_published(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "package")
    (tmp_path / "package" / "verification.yaml").write_text(PLAN)
    study = load_study(tmp_path / "package")
    assert study.verification is not None
    assert [rule.id for rule in study.verification.rules] == ["FIRST", "WEIGHTS", "BASE", "RISKY", "SAMPLE"]
    assert canonical_json(from_document(to_document(study))) == canonical_json(study)
    (tmp_path / "package" / "verification.yaml").write_text(PLAN.replace("[VS]", "[VX]"))
    fault = next(fault for fault in check_folder(tmp_path / "package") if fault.severity == "error")
    assert (fault.file, fault.line, fault.place) == ("verification.yaml", 6, "verification.rules[BASE].forms[1]")
    (tmp_path / "package" / "verification.yaml").write_text("rules: 3")
    assert any("expected a list" in fault.message for fault in check_folder(tmp_path / "package"))
