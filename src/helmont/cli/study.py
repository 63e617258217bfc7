"""Checking and publishing study packages."""

from __future__ import annotations

import json
from pathlib import Path

import click

from helmont.cli.importing import import_group
from helmont.cli.setup import home_option, prepare_database, with_django

Folder = click.Path(path_type=Path)


@click.group()
def study() -> None:
    """Study packages: folders of YAML that define a trial."""


study.add_command(import_group)


@study.command()
@click.argument("folder", type=Folder)
@click.option("--json", "as_json", is_flag=True, help="Print the faults as JSON.")
def check(folder: Path, as_json: bool) -> None:
    """Report every fault of the study package FOLDER, with file, line, place and what would be accepted.

    The tests of its edit checks are run; one that does not come out as it says is an error. Exit code 1 when there is
    an error; warnings alone are not one.
    """
    from helmont.study.check_tests import untested
    from helmont.study.loading import examine_folder

    study, faults = examine_folder(folder)
    errors = [fault for fault in faults if fault.severity == "error"]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "errors": len(errors),
                    "warnings": len(faults) - len(errors),
                    "faults": [
                        {
                            "severity": fault.severity,
                            "file": fault.file,
                            "line": fault.line,
                            "place": fault.place,
                            "message": fault.message,
                            "accepted": fault.accepted,
                        }
                        for fault in faults
                    ],
                },
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{len(errors)} errors, {len(faults) - len(errors)} warnings in {folder}")
        if study is not None and not errors:
            tests, lacking = sum(len(check.tests) for check in study.checks), untested(study)
            click.echo(f"{tests} tests of {len(study.checks)} edit checks pass")
            if lacking:
                click.echo(f"without a test that fires and one that does not: {', '.join(lacking)}")
    if errors:
        raise SystemExit(1)


@study.command()
@click.argument("folder", type=Folder)
@home_option
@with_django
def publish(folder: Path) -> None:
    """Publish the study package FOLDER as a version that never changes again."""
    from helmont.core.permissions import service
    from helmont.core.writer import perform
    from helmont.studies.actions import PublishDefinition
    from helmont.study.faults import StudyFaults
    from helmont.study.loading import load_study

    try:
        definition = load_study(folder)
    except StudyFaults as faults:
        raise click.ClickException(str(faults)) from faults
    prepare_database()
    outcome = perform(PublishDefinition(definition), service("command-line", "system"))
    done = "published" if outcome.sequence is not None else "was published already"
    click.echo(f"{definition.id} {definition.version} {done}; sha256 {outcome.result['sha256']}")
