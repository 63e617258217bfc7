"""A protocol holds its trial design: read from design.yaml, kept in the published document, compared setting by setting."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helmont.design import Boin, DesignError, GroupSequential
from helmont.study.comparing.compare import compare
from helmont.study.faults import StudyFaults
from helmont.study.loading import check_folder, load_study
from helmont.study.publishing import content_hash, from_document, from_published, to_document
from helmont.study.trial_design import design_of
from helmont.study.writing import write_package

MINIMAL = Path(__file__).parent / "packages" / "minimal"
BOIN = "design: Boin\ndoses: 5\ntarget: 0.3\ncohorts: 10\ncohort_size: 3\n"


def package(folder: Path, design: str) -> Path:
    shutil.copytree(MINIMAL, folder)
    (folder / "design.yaml").write_text(design)
    return folder


def test_the_object_of_the_package_is_the_one_that_decides(tmp_path: Path) -> None:
    study = load_study(package(tmp_path / "study", BOIN))
    design = design_of(study)
    assert design == Boin(5, 0.3, 10, 3)
    assert design is not None
    assert design.digest == Boin(5, 0.3, 10, 3).digest
    assert design_of(load_study(MINIMAL)) is None


def test_nested_designs_lists_and_numbers_survive_publishing_and_writing(tmp_path: Path) -> None:
    text = (
        "design: GroupSequential\ninformation: [0.5, 1.0]\nalpha: 2.5e-2\nbeta: 0.1\n"
        "upper: {design: HwangShihDeCani, gamma: -4}\nlower: null\nbinding: false\n"
    )
    study = load_study(package(tmp_path / "study", text))
    wanted = GroupSequential((0.5, 1.0), 0.025, 0.1, "HSD(-4)").digest
    for again in (study, from_document(to_document(study)), from_published(to_document(study))):
        found = design_of(again)
        assert found is not None
        assert found.digest == wanted
    write_package(study, tmp_path / "again")
    again = load_study(tmp_path / "again")
    assert again == study
    assert content_hash(again) == content_hash(study)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (BOIN.replace("0.3", "3"), 3, "between 0 and 1"),
        (BOIN.replace("cohorts", "cohort"), 1, "a setting of Boin"),
        (BOIN.replace("design: Boin\n", ""), 1, "Boin"),
        (BOIN.replace("Boin", "Bion"), 1, "one of"),
    ],
)
def test_what_no_design_can_have_is_a_fault_at_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    folder = package(tmp_path / "study", text)
    [fault] = [each for each in check_folder(folder) if each.severity == "error"]
    assert fault.file == "design.yaml"
    assert fault.line >= line
    assert said in fault.accepted
    with pytest.raises(StudyFaults):
        load_study(folder)


def test_versions_are_compared_setting_by_setting(tmp_path: Path) -> None:
    old = load_study(package(tmp_path / "old", BOIN))
    new = load_study(package(tmp_path / "new", BOIN.replace("target: 0.3", "target: 0.25")))
    [change] = compare(old, new).modules["design"]
    assert (change.place, change.old, change.new) == ("design.target", "0.3", "0.25")
    [added] = compare(load_study(MINIMAL), old).modules["design"]
    assert added.kind == "added"


def test_a_document_that_was_published_with_an_unknown_design_is_still_read(tmp_path: Path) -> None:
    document = to_document(load_study(package(tmp_path / "study", BOIN)))
    study = from_published({**document, "design": {"design": "Forgotten"}})
    with pytest.raises(DesignError):
        design_of(study)
