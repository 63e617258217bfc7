"""The appendix of a protocol at the terminal: it is written, checked, and its commands print its numbers."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helmont.cli import main
from helmont.reports.designs import read
from helmont.reports.designs.questions import Question

BOIN = ("Boin", "--set", "doses=4", "--set", "target=0.3", "--set", "cohorts=5")


def design(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["design", *arguments])


def test_an_appendix_is_written_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "appendix.pdf"
    done = design("appendix", *BOIN, "--truth", "0.05,0.15,0.3,0.45", "--truth", "0.3,0.4,0.5,0.6", "--to", str(path))
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Boin sha256:")
    assert "every number is found again" in design("check", str(path)).output
    (tmp_path / "other.pdf").write_bytes(path.read_bytes() + b"%")
    assert "pages: 'other pages' is stated" in design("check", str(tmp_path / "other.pdf")).output
    contents = read(path)
    contents["designs"][0]["answers"][-1]["answer"]["none"] += 0.01
    (tmp_path / "changed.json").write_text(json.dumps(contents))
    changed = design("check", str(tmp_path / "changed.json"))
    assert changed.exit_code == 1
    assert "(scenario), none:" in changed.output
    assert len(json.loads(design("check", str(tmp_path / "changed.json"), "--json").stdout)) == 1
    (tmp_path / "other.json").write_text("[]")
    assert "the PDF of an appendix" in design("check", str(tmp_path / "other.json")).output


@pytest.mark.parametrize(
    ("kind", "settings", "truth"),
    [
        ("Boin", "doses=4 target=0.3 cohorts=5", "0.05,0.15,0.3,0.45"),
        ("Boin12", "doses=3 toxicity=0.3 efficacy=0.2 cohorts=3", "0.1,0.2,0.3;0.2,0.3,0.4"),
        ("BoinCombination", "levels=[2,3] target=0.3 cohorts=4", "0.1,0.2,0.3;0.2,0.3,0.5"),
        ("GroupSequential", "information=2 alpha=0.025 beta=0.1 upper=OF", "0,1"),
        ("PromisingZone", "n_interim=50 n=100 n_max=200", "0,2.5"),
        ("ResponseAdaptive", "patients=20", "0.3,0.5"),
    ],
)
def test_its_commands_print_its_numbers(
    kind: str, settings: str, truth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (kind, *(part for each in settings.split() for part in ("--set", each)), "--truth", truth)
    monkeypatch.chdir(tmp_path)
    assert design("appendix", *arguments, "--trials", "50", "--seed", "11", "--to", "a.pdf").exit_code == 0
    [section] = read(Path("a.pdf"))["designs"]
    Path("it.json").write_text(json.dumps(section["design"]))
    commands = 0
    for stated in section["answers"]:
        if command := Question.from_dict(stated).command("it.json"):
            done = design(*shlex.split(command)[2:])
            assert done.exit_code == 0, (command, done.output)
            assert json.loads(done.stdout) == stated["answer"], command
            commands += 1
    assert commands


def test_rows_that_a_design_cannot_take_are_refused() -> None:
    assert "one row of numbers" in design("exact", *BOIN, "--truth", "0.1,0.2;0.3,0.4").output
    boin12 = ("Boin12", "--set", "doses=2", "--set", "toxicity=0.3", "--set", "efficacy=0.2")
    assert "two rows with a semicolon between" in design("exact", *boin12, "--truth", "0.1,0.2").output


def test_an_endpoint_stands_beside_its_trial(tmp_path: Path) -> None:
    (tmp_path / "endpoint.yaml").write_text("design: Means\ndifference: 0.5\n")
    trial = (
        "GroupSequential",
        "--set",
        "information=2",
        "--set",
        "alpha=0.025",
        "--set",
        "beta=0.1",
        "--set",
        "upper=OF",
    )
    path = tmp_path / "a.pdf"
    done = design(
        "appendix", *trial, "--with", str(tmp_path / "endpoint.yaml"), "--date", "2026-11-22", "--to", str(path)
    )
    assert done.exit_code == 0, done.output
    assert [each["design"]["design"] for each in read(path)["designs"]] == ["GroupSequential", "Means"]
