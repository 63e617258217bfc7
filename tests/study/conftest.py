"""The minimal package: two visit forms, one log, checks, four languages."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.faults import Fault
from helmont.study.loading import check_folder, load_study

MINIMAL = Path(__file__).parent / "packages" / "minimal"


@pytest.fixture(scope="session")
def minimal() -> CompiledStudy:
    return compile_study(load_study(MINIMAL))


@pytest.fixture
def faults_after(tmp_path: Path) -> Callable[[str, str, str], list[Fault]]:
    """The faults of the minimal package after replacing a text (which must be there) in one of its files."""

    def change(file: str, old: str, new: str) -> list[Fault]:
        folder = tmp_path / "package"
        shutil.copytree(MINIMAL, folder, dirs_exist_ok=True)
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
        return check_folder(folder)

    return change
