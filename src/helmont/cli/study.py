"""Checking and publishing study packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helmont.cli.importing import import_group
from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.study.model import Study

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
    if (folder / "analyses").is_dir():
        from helmont.reports.declared import examine_with

        declared = study.datasets if study else ()
        faults += examine_with(folder, {each.id: [one.name for one in each.variables] for each in declared})
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
@click.option("--amends", is_flag=True, help="Leave new participants under their sites' version: an amendment follows.")
@home_option
@with_django
def publish(folder: Path, amends: bool) -> None:
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
    outcome = perform(PublishDefinition(definition, amends), service("command-line", "system"))
    done = "published" if outcome.sequence is not None else "was published already"
    click.echo(f"{definition.id} {definition.version} {done}; sha256 {outcome.result['sha256']}")


@study.command()
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="Print the difference as JSON.")
@home_option
@with_django
def diff(old: str, new: str, as_json: bool) -> None:
    """Compare two versions: each a package folder, or STUDY@VERSION of a published one.

    Faults of the new package's amendment.yaml against the old version are printed too; exit code 1 when there are any.
    """
    from helmont.study.amending import check_against
    from helmont.study.comparing import compare

    before, after = definition_of(old), definition_of(new)
    if before.id != after.id:
        raise click.ClickException(f"{before.id} and {after.id} are two studies; two versions of one are compared")
    difference = compare(before, after)
    faults = check_against(before, after, Path(new) if Path(new).is_dir() else None)
    if as_json:
        shown = difference.to_dict() | {"faults": [str(fault) for fault in faults]}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        for name, changes in difference.modules.items():
            click.echo(f"{name}:")
            for change in changes:
                what = " ".join(part for part in (change.place, change.what) if part)
                values = f"{change.old or '-'} -> {change.new or '-'}" if change.kind != "added" else change.new
                grave = f" [{change.consequence}]" if change.consequence != "none" else ""
                click.echo(f"  {change.kind} {what}: {values}{grave}")
        for move in difference.suggestions:
            click.echo(f"a move? {{was: {move.was}, now: {move.now}}} (declare it in amendment.yaml)")
        for fault in faults:
            click.echo(str(fault), err=True)
        click.echo(f"{len(difference.changes)} differences from {before.version} to {after.version}")
    if faults:
        raise SystemExit(1)


@study.command()
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="Print the impact on every participant as JSON.")
@home_option
@with_django
def amend(target: str, as_json: bool) -> None:
    """Show what an amendment would do to every participant; nothing is written.

    TARGET is a package folder, published or not, or STUDY@VERSION. The plan is put on record, approved and carried out
    on the study's pages.
    """
    from helmont.amendments.dry_run import dry_run
    from helmont.amendments.impact import COUNTED
    from helmont.amendments.migrating import concerned
    from helmont.amendments.planning import refuse_misfits, sources_of
    from helmont.cli.progress import bar
    from helmont.studies.queries import compiled
    from helmont.study.compiling import compile_study

    new = compile_study(definition_of(target))
    sources = sources_of(new.study.id, new.study.version)
    refuse_misfits([compiled(new.study.id, source).study for source in sources], new.study)
    participants = concerned(new.study.id, sources)
    totals: dict[str, int] = dict.fromkeys(COUNTED, 0)
    shown = []
    with bar() as progress:
        task = progress.add_task("Dry run", total=len(participants))
        for impact in dry_run(
            new.study.id, participants, new, lambda done, _total: progress.update(task, completed=done)
        ):
            counts = impact.counts()
            for name, count in counts.items():
                totals[name] += count
            shown.append({"participant": impact.number, "site": impact.site, "from": impact.source, **counts})
    if as_json:
        found = {"study": new.study.id, "to": new.study.version, "totals": totals, "participants": shown}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    click.echo(f"{len(shown)} participants come under version {new.study.version}")
    for name, count in totals.items():
        if count:
            click.echo(f"  {count:>7,} {name.replace('_', ' ')}")


def definition_of(name: str) -> Study:
    """The study that a folder holds, or that ``STUDY@VERSION`` names; raises ``ClickException`` when there is none."""
    from helmont.studies.queries import compiled
    from helmont.study.faults import StudyFaults
    from helmont.study.loading import load_study

    if Path(name).is_dir():
        try:
            return load_study(name)
        except StudyFaults as faults:
            raise click.ClickException(str(faults)) from faults
    study_id, _, version = name.partition("@")
    if not version:
        raise click.ClickException(f"{name} is neither a folder nor STUDY@VERSION")
    return compiled(study_id, version).study


@study.command()
@click.argument("folder", type=Folder)
@click.option("--json", "as_json", is_flag=True, help="Print the review as JSON.")
def review(folder: Path, as_json: bool) -> None:
    """Review the protocol of the study package FOLDER: the burden on participants, and what does not fit.

    Exit code 1 when the package cannot be loaded or a finding is an error, such as eligibility that contradicts itself.
    """
    from helmont.study.faults import StudyFaults
    from helmont.study.loading import load_study
    from helmont.study.review import review as review_study
    from helmont.study.review.report import as_document, as_lines

    try:
        found = review_study(load_study(folder))
    except StudyFaults as faults:
        raise click.ClickException(str(faults)) from faults
    if as_json:
        click.echo(json.dumps(as_document(found), indent=2, ensure_ascii=False))
    else:
        for line in as_lines(found):
            click.echo(line)
    if any(finding.severity == "error" for finding in found.findings):
        raise SystemExit(1)
