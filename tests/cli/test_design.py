"""Designs at the terminal: a name or a file, its answers as tables and as JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helmont.cli import main
from helmont.design import DESIGNS, Boin

BOIN = ("Boin", "--set", "doses=5", "--set", "target=0.3")
TRUTH = ("--truth", "0.05,0.15,0.3,0.45,0.6")


def design(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["design", *arguments])


def test_a_design_is_a_name_with_settings_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "dose-finding.yaml"
    path.write_text("design: Boin\ndoses: 5\ntarget: 0.3\n")
    by_name, by_file = design("table", *BOIN), design("table", str(path))
    assert by_name.output == by_file.output
    assert Boin(doses=5, target=0.3).digest in by_name.output
    assert Boin(doses=5, target=0.3, cohorts=12).digest in design("table", str(path), "--set", "cohorts=12").output


def test_characteristics_are_exact_or_simulated() -> None:
    exact = json.loads(design("exact", *BOIN, *TRUTH, "--json").stdout)
    simulated = json.loads(design("simulate", *BOIN, *TRUTH, "--trials", "2000", "--json").stdout)
    assert sum(exact["selection"]) + exact["none"] == pytest.approx(1)
    for here, there, error in zip(
        exact["selection"], simulated["selection"], simulated["errors"]["selection"], strict=True
    ):
        assert abs(here - there) <= 4 * error + 0.002
    assert "0.54633" in design("exact", *BOIN, *TRUTH).output


def test_the_next_dose_comes_with_its_reason() -> None:
    counts = ("--patients", "3,3,0,0,0", "--toxicities", "0,1,0,0,0", "--current", "2")
    assert "1 of 3 patients at dose 2 had a dose-limiting toxicity" in design("next", *BOIN, *counts).output
    assert "mtd: 2" in design("select", *BOIN, *counts[:4]).output
    assert len(json.loads(design("pathways", *BOIN, "--cohorts", "1", "--json").stdout)["ways"]) == 4


def test_bounds_of_a_trial_with_looks() -> None:
    settings = ("information=3", "alpha=0.025", "beta=0.1", "upper={design: LanDeMets, like: OF}")
    found = design("table", "GroupSequential", *(part for each in settings for part in ("--set", each)))
    assert "3.71" in found.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("table", "Dice"), "design is 'Dice'; it must be one of"),
        (("table", *BOIN, "--set", "edges=2"), "edges is 2; it must be a setting of Boin"),
        (("table", *BOIN, "--set", "target=2"), "target is 2"),
        (("table", "Boin"), "doses is None; it must be given"),
        (("table", *BOIN, "--set", "target"), "--set is 'target'; it must be NAME=VALUE"),
        (("table", "Minimisation", "--set", "arms=2", "--set", "factors=1"), "given settings of the right types"),
        (("exact", "BigStick", "--set", "arms=2", "--set", "limit=3", "--truth", "0.1"), "one that has 'exact'"),
        (("exact", *BOIN, "--truth", "0.1,0.2"), "5 rates, one a dose"),
    ],
)  # fmt: skip
def test_what_no_design_can_have_is_refused(arguments: tuple[str, ...], said: str) -> None:
    done = design(*arguments)
    assert done.exit_code == 1
    assert said in done.output


def test_numbers_are_read_or_asked_for_again() -> None:
    done = design("exact", *BOIN, "--truth", "low,high")
    assert done.exit_code == 2
    assert "no list of numbers such as 0.1,0.25,0.4" in done.output


def test_a_platform_is_simulated_from_a_file_of_its_arms(tmp_path: Path) -> None:
    path = tmp_path / "platform.yaml"
    path.write_text(
        "design: PlatformTrial\ncontrols: time-adjusted\nendpoint: {design: BinaryEndpoint}\narms:\n"
        "  - {design: PlatformArm, name: A, cap: 60}\n  - {design: PlatformArm, name: B, cap: 60, enters: 100}\n"
    )
    arguments = ("simulate", str(path), "--truth", "0.3,0.3,0.6", "--trials", "200")
    found = json.loads(design(*arguments, "--json").stdout)
    assert [each["arm"] for each in found["arms"]] == ["A", "B"]
    assert found["arms"][1]["success"] > 0.5 > found["familywise"]
    shown = design(*arguments).output
    assert "controls: time-adjusted" in shown
    assert f"± {found['arms'][1]['success_error']:.2g}" in shown
    drifted = json.loads(
        design("simulate", str(path), "--truth", "0.3,0.3,0.3;2,150", "--trials", "200", "--json").stdout
    )
    assert drifted["control_patients"] != found["control_patients"]
    refused = design("simulate", str(path), "--truth", "0.3,0.3,0.3;2")
    assert "its amount and over which time" in refused.output
    assert refused.exit_code == 1


def test_a_look_at_a_platform_decides_every_arm(tmp_path: Path) -> None:
    path, data = tmp_path / "platform.yaml", tmp_path / "look.yaml"
    path.write_text(
        "design: PlatformTrial\narms: [{design: PlatformArm, name: A, cap: 60}, {design: PlatformArm, name: B, cap: 60}]\n"
    )
    data.write_text(
        "patients: {control: [20, 20], A: [20, 0], B: [20, 20]}\n"
        "outcomes: {control: [5, 6], A: [16, 0], B: [6, 5]}\nclosed: [A]\n"
    )
    arguments = ("look", str(path), "--data", str(data))
    found = json.loads(design(*arguments, "--json").stdout)
    assert [each["action"] for each in found["arms"]] == ["closed", "continue"]
    assert found["allocation"] == {"control": 0.5, "B": 0.5}
    assert found["digest"] in design(*arguments).output
    data.write_text("patients: {control: 20}\noutcomes: {}\n")
    assert "lists of numbers by arm" in design(*arguments).output
    data.write_text("patients: {}\n")
    assert "of which it needs the first two" in design(*arguments).output
    assert "a PlatformTrial" in design("look", "BigStick", "--data", str(data)).output


def test_every_kind_is_listed() -> None:
    listed = design("list").output
    assert all(f"{name}(" in listed for name in DESIGNS)


def test_a_topic_conforms_to_its_references() -> None:
    done = design("conform", "three_plus_three")
    assert done.exit_code == 0
    assert "3+3" in done.output
    assert design("conform", "alchemy").exit_code == 2
