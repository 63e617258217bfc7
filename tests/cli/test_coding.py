"""The commands of coding, as somebody types them."""

from pathlib import Path

from click.testing import CliRunner

from helmont.cli.coding import coding
from tests.dictionaries.releases import meddra


def test_measuring_prints_hits_and_precision_of_each_stage(tmp_path: Path) -> None:
    table = tmp_path / "terms.csv"
    table.write_text("AETERM,AEDECOD\nHeadache,Headache\nheadaches,Headache\nsevere headache,Headache\n")
    done = CliRunner().invoke(coding, ["measure", str(table), "--verbatim", "AETERM", "--truth", "AEDECOD"])
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line.split()[1:] for line in done.output.splitlines()[2:5]}
    assert lines["exact"] == ["3", "1", "33.3%", "1", "100.0%"]
    assert lines["normalised"] == ["2", "1", "50.0%", "1", "100.0%"]
    assert lines["suggested"] == ["1", "1", "100.0%", "1", "100.0%"]


def test_a_dry_run_counts_and_names_what_is_wrong(tmp_path: Path) -> None:
    for name, content in meddra().items():
        (tmp_path / name).write_bytes(content)
    command = ["load", "meddra", str(tmp_path), "--name", "MedDRA", "--dry-run"]
    assert "would be loaded: 3 SOC, 3 HLGT, 4 HLT, 4 PT, 8 LLT" in CliRunner().invoke(coding, command).output
    (tmp_path / "soc.asc").write_bytes(b"x$y$\n")
    done = CliRunner().invoke(coding, command)
    assert done.exit_code == 1
    assert "soc.asc:1: error: x: the code is not a number" in done.output
