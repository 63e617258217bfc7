"""``helmont study import`` and ``helmont export``: a dry run first, nothing written over, exit codes that tell."""

import json
from pathlib import Path

from click.testing import CliRunner

from helmont.cli import main
from helmont.study.loading import load_study

MINIMAL = Path(__file__).parents[1] / "study" / "packages" / "minimal"
DICTIONARY = "field_name,form_name,field_type,field_label\nid,base,text,Id\nwell,base,yesno,Are you well?\n"


def run(*arguments: str, code: int = 0) -> str:
    outcome = CliRunner().invoke(main, arguments)
    assert outcome.exit_code == code, outcome.output
    return outcome.output


def test_an_export_is_imported_as_the_same_study(tmp_path: Path) -> None:
    run("export", "usdm", str(MINIMAL), "--to", str(tmp_path / "study.json"))
    assert "written to" in run("study", "import", "usdm", str(tmp_path / "study.json"), "--to", str(tmp_path / "new"))
    assert load_study(tmp_path / "new") == load_study(MINIMAL)


def test_without_a_folder_and_in_a_dry_run_nothing_is_written(tmp_path: Path) -> None:
    source = tmp_path / "pain.csv"
    source.write_text(DICTIONARY)
    folder = tmp_path / "new"
    report = json.loads(run("study", "import", "redcap", str(source), "--to", str(folder), "--dry-run", "--json"))
    assert report["files"]["created"] == ["study.yaml", "protocol.yaml", "forms/base.yaml", "codelists/codelists.yaml"]
    assert report["taken"]["items"] == 1
    assert report["written"] is False
    assert "nothing was written" in run("study", "import", "redcap", str(source))
    assert not folder.exists()


def test_what_is_there_already_is_compared_and_left_alone(tmp_path: Path) -> None:
    source, folder = tmp_path / "pain.csv", tmp_path / "new"
    source.write_text(DICTIONARY)
    run("study", "import", "redcap", str(source), "--to", str(folder))
    (folder / "study.yaml").write_text("id: MINE\n")
    output = run("study", "import", "redcap", str(source), "--to", str(folder), code=1)
    assert "changed: study.yaml" in output
    assert "unchanged: protocol.yaml" in output
    assert (folder / "study.yaml").read_text() == "id: MINE\n"


def test_a_refused_file_ends_with_code_1_and_its_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"nothing")
    output = run("study", "import", "xlsform", str(tmp_path / "broken.xlsx"), "--to", str(tmp_path / "new"), code=1)
    assert "refused: broken.xlsx" in output
    assert not (tmp_path / "new").exists()
