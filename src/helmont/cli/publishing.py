"""Making the package of a study: tabulations, analysis data, tables, the report, and what the whole is made of."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from helmont.cli.setup import home_option, on_cores, prepare_database, with_django

SHOWN = 20


@click.command()
@click.argument("study")
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to make.")
@click.option("--as-of", "given", help="An entry of the ledger, or a time (ISO 8601); default: now.")
@click.option(
    "--package",
    "package_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The study package with analyses/ and report/; default ./studies/STUDY in small letters, where there is one.",
)
@click.option("--processes", "cores", type=click.IntRange(1), help="Default: as many as there are processors.")
@click.option("--strict", is_flag=True, help="Exit code 1 when the package is incomplete.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@home_option
@with_django
def publish(
    study: str,
    folder: Path,
    given: str | None,
    package_folder: Path | None,
    strict: bool,
    as_json: bool,
    cores: int | None,
) -> None:
    """Write everything of STUDY that leaves for an agency: SDTM, ADaM, tables, the report, and a manifest.

    The same entries of the ledger and the same study package give the same bytes. What does not fit is a finding in
    findings.txt; with any error the package says that it is incomplete.
    """
    from helmont.cli.progress import bar
    from helmont.datasets.points import data_and_point, size_at
    from helmont.reports.package import Occupied, Package
    from helmont.reports.submission import Sources, make_package
    from helmont.study.faults import StudyFaults

    prepare_database()
    began = time.monotonic()
    package_folder = package_folder or _beside(study)
    try:
        sources = Sources.read(study, package_folder)
        size = size_at(study, given) if given else None
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with bar() as progress, on_cores(cores):
        task = progress.add_task("Data sets", total=None)
        data, point = data_and_point(study, size)
        frames = data.frames()
        steps = sources.steps(data.context.study)
        progress.update(task, total=steps + 1, completed=1)

        def step(label: str) -> None:
            progress.update(task, description=label, advance=1)

        package = Package(folder, step)
        try:
            make_package(package, data.context.study, frames, point, sources)
        except (Occupied, StudyFaults) as error:
            raise click.ClickException(str(error)) from error
        progress.update(task, description="Package", completed=steps + 1)
    found = package.ordered
    errors = sum(one.severity == "error" for one in found)
    if as_json:
        said = {
            "complete": package.complete, "errors": errors, "findings": len(found), "files": len(package.digests),
            "entries": point.size, "root": point.root, "created": point.moment.isoformat(),
        }  # fmt: skip
        click.echo(json.dumps(said, indent=2))
    else:
        for one in found[:SHOWN]:
            click.echo(str(one))
        if len(found) > SHOWN:
            click.echo(f"... and {len(found) - SHOWN} more in {folder / 'findings.txt'}")
        size_of_all = sum((folder / name).stat().st_size for name in package.digests)
        click.echo(
            f"{point.said}\n{len(package.digests)} files, {size_of_all / 1e6:,.0f} MB in {folder},"
            f" {time.monotonic() - began:.0f} s; {errors} errors, {len(found) - errors} other findings: "
            + ("complete" if package.complete else "INCOMPLETE")
        )
    if strict and not package.complete:
        raise SystemExit(1)


def _beside(study: str) -> Path | None:
    folder = Path("studies") / study.lower()
    return folder if folder.is_dir() else None
