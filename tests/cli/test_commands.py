"""The command line: help, exit codes, and words that say what to do."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from helmont.cli import main
from tests.installation import Installation, installation

PACKAGE = Path(__file__).resolve().parents[1] / "study" / "packages" / "minimal"


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("cli")) as made:
        yield made


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help or parameter.name in {"language", "timezone"}


def test_checking_a_good_package_finds_nothing(place: Installation) -> None:
    report = json.loads(place.run("study", "check", str(PACKAGE), "--json").stdout)
    assert report["errors"] == 0


def test_checking_a_broken_package_names_file_line_and_what_would_be_accepted(
    place: Installation, tmp_path: Path
) -> None:
    (tmp_path / "study.yaml").write_text("id: lower case\nversion: 1.0\n")
    report = json.loads(place.run("study", "check", str(tmp_path), "--json", code=1).stdout)
    [fault] = [fault for fault in report["faults"] if "lower case" in fault["message"]]
    assert (fault["file"], fault["line"]) == ("study.yaml", 1)
    assert fault["accepted"]


def test_a_folder_that_is_not_there_is_said_so(place: Installation, tmp_path: Path) -> None:
    assert "nowhere" in place.run("study", "check", str(tmp_path / "nowhere"), code=1).stdout


@pytest.mark.database
def test_publishing_twice_changes_nothing_and_other_content_is_refused(place: Installation, tmp_path: Path) -> None:
    assert "published" in place.run("study", "publish", str(PACKAGE)).stdout
    assert "was published already" in place.run("study", "publish", str(PACKAGE)).stdout
    for file in PACKAGE.rglob("*.yaml"):
        copy = tmp_path / file.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text())
    study = tmp_path / "study.yaml"
    assert "\nsponsor: " in study.read_text()
    study.write_text(study.read_text().replace("\nsponsor: ", "\nsponsor: Not "))
    refused = place.run("study", "publish", str(tmp_path), code=1)
    assert "another version" in refused.stderr


@pytest.mark.database
def test_people_are_added_assigned_and_listed(place: Installation) -> None:
    place.run("people", "add", "els.peeters", "Els Peeters", "--password", "a long enough phrase")
    place.run("people", "assign", "els.peeters", "data_manager", "--study", "*")
    listed = place.run("people", "list").stdout
    assert "els.peeters" in listed
    assert "data_manager" in listed
    again = place.run("people", "add", "els.peeters", "Els Again", "--password", "a long enough phrase", code=1)
    assert "given out before" in again.stderr


@pytest.mark.database
def test_a_weak_password_is_refused_with_the_reason(place: Installation) -> None:
    refused = place.run("people", "add", "weak.one", "Weak One", "--password", "short", code=1)
    assert "12" in refused.stderr


@pytest.mark.database
def test_verifying_a_log_that_is_not_there_names_those_that_are(place: Installation) -> None:
    place.run("people", "add", "first.entry", "First Entry", "--password", "a long enough phrase")
    assert "system" in place.run("ledger", "verify", "NOPE", code=1).stderr


@pytest.mark.database
def test_proving_an_entry_that_is_not_there_is_refused(place: Installation) -> None:
    refused = place.run("ledger", "prove", "system", "999999", code=1)
    assert "999999" in refused.stderr
