"""Alerts of a study's laboratory are for roles that there are."""

from __future__ import annotations

import shutil
from pathlib import Path

from helmont.study.loading import check_folder

PACKAGE = Path(__file__).parents[1] / "labs" / "package"


def test_an_alert_for_nobody_is_a_fault_at_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(PACKAGE, folder)
    assert [each for each in check_folder(folder) if each.severity == "error"] == []
    text = (folder / "labs.yaml").read_text()
    (folder / "labs.yaml").write_text(text.replace("[investigator, unblinded_statistician]", "[investigator, nurse]"))
    [fault] = [each for each in check_folder(folder) if each.severity == "error"]
    lines = text.splitlines()
    assert (fault.file, lines[fault.line - 1].split(",")[0]) == ("labs.yaml", "  - {id: DRUG_LEVEL")
    assert (fault.message, fault.accepted) == ("nurse is not a role", "did you mean site_nurse?")
