"""A study that was written as a package loads as the same study."""

import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.study.compiling import CompiledStudy
from helmont.study.faults import StudyFaults
from helmont.study.loading import check_folder, load_study
from helmont.study.model import Codelist, Form, Group, Item, Range, Study, Term
from helmont.study.protocol import Criterion, Encounter, Protocol, Window
from helmont.study.text import Text
from helmont.study.writing import package_files, write_package

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    "studies/cdiscpilot01",
    "studies/activity01",
    "tests/packages/worn",
    "tests/packages/cast",
    "tests/edc/package",
    "tests/study/packages/minimal",
]

WORDS = st.text(min_size=1, max_size=60).map(str.strip).filter(bool)
"""Texts as they are read: any characters that UTF-8 has, without white space around them."""
TEXTS = st.builds(lambda en, nl: Text({"en": en} | ({"nl": nl} if nl else {})), WORDS, st.none() | WORDS)
NUMBERS = st.decimals(-1_000_000, 1_000_000, places=3).map(lambda number: number.normalize() + Decimal(0))
IDS = st.from_regex(r"[A-Z][A-Z0-9_]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in ("visit", "participant", "today")
)


def unique_ids(size: int) -> st.SearchStrategy[list[str]]:
    return st.lists(IDS, min_size=1, max_size=size, unique=True)


@st.composite
def forms(draw: st.DrawFn, name: str) -> Form:
    names = draw(unique_ids(4).filter(lambda names: "G1" not in names))
    kinds = [Item(names[0], draw(TEXTS), "text", length=draw(st.none() | st.integers(1, 200)), hint=draw(TEXTS))]
    for each in names[1:]:
        low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
        kinds.append(Item(each, draw(TEXTS), "decimal", range=Range(low, high), required=draw(st.booleans())))
    return Form(name, draw(TEXTS), (Group("G1", tuple(kinds), draw(st.none() | TEXTS)),))


@st.composite
def studies(draw: st.DrawFn) -> Study:
    lists = [Codelist(name, (Term(draw(WORDS), draw(TEXTS)),)) for name in draw(unique_ids(3))]
    encounters = [
        Encounter(name, draw(TEXTS), day=1, window=Window(draw(st.integers(0, 9)), draw(st.integers(0, 9))))
        for name in draw(unique_ids(4))
    ]
    criteria = [Criterion(name, "inclusion", draw(TEXTS), "today == today") for name in draw(unique_ids(3))]
    return Study(
        id="S1",
        version=draw(WORDS),
        title=draw(TEXTS),
        languages=("en", "nl"),
        protocol=Protocol(encounters=tuple(encounters), eligibility=tuple(criteria)),
        forms=tuple(draw(forms(name)) for name in draw(unique_ids(4))),
        codelists=tuple(lists),
        sponsor=draw(st.none() | WORDS),
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_written_as_it_was_read(package: str, tmp_path: Path) -> None:
    study = load_study(ROOT / package)
    written = write_package(study, tmp_path / "new")
    assert load_study(tmp_path / "new") == study
    assert not [fault for fault in check_folder(tmp_path / "new") if fault.severity == "error"]
    assert set(written) == {
        path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*.yaml")
    }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies())
def test_any_study_is_read_back_equal(study: Study) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_package(study, folder)
        assert load_study(folder) == study


def test_forms_and_checks_keep_their_order(minimal: CompiledStudy, tmp_path: Path) -> None:
    study = minimal.study
    turned = replace(study, forms=study.forms[::-1], checks=study.checks[::-1])
    write_package(turned, tmp_path)
    assert load_study(tmp_path) == turned


@pytest.mark.parametrize(
    "text", ["NO", "1.0", "~", "a: b", "# no comment", "'", '"', "- x", "{a}", "two\nlines", "a\u2028b"]
)
def test_a_text_stays_a_text(minimal: CompiledStudy, tmp_path: Path, text: str) -> None:
    study = replace(minimal.study, sponsor=text)
    write_package(study, tmp_path)
    assert load_study(tmp_path).sponsor == text


def test_a_short_thing_is_one_line_and_defaults_are_left_out(minimal: CompiledStudy) -> None:
    files = package_files(minimal.study)
    assert "range: {min: 60, max: 250}" in files["forms/vs.yaml"]
    assert "kind: visit" not in files["forms/vs.yaml"]


def test_nothing_is_written_over(minimal: CompiledStudy, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("id: MINE")
    with pytest.raises(StudyFaults, match="something here already"):
        write_package(minimal.study, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"]
    assert (tmp_path / "study.yaml").read_text() == "id: MINE"


def test_an_id_cannot_lead_out_of_the_folder(minimal: CompiledStudy, tmp_path: Path) -> None:
    form = replace(minimal.study.forms[0], id="../../OUT")
    with pytest.raises(StudyFaults, match="cannot name a file"):
        write_package(replace(minimal.study, forms=(form,)), tmp_path / "in")
    assert not list(tmp_path.rglob("*.yaml"))
