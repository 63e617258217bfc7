"""``helmont import STUDY SOURCE``: trial data of other systems, through the same actions as a site's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.exchange.importing import Plan, Report

SHOWN = 100


@click.command("import")
@click.argument("study")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only report what would be created, changed and refused.")
@click.option("--partial", is_flag=True, help="Import the rest although something is refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@home_option
@with_django
def import_data(study: str, source: Path, dry_run: bool, partial: bool, as_json: bool) -> None:
    """Import the data of SOURCE into the published study STUDY: the clinical data of an ODM file (1.3.2 or 2.0).

    Every import is rehearsed first. When anything is refused, nothing is imported, unless --partial. Exit code 1 when
    anything was refused.
    """
    from helmont.cli.progress import bar
    from helmont.core.permissions import service
    from helmont.exchange.importing import run_import
    from helmont.study.faults import StudyFaults

    prepare_database()
    with bar() as progress:
        task = progress.add_task("Reading", total=None)
        try:
            report = run_import(
                _plan(study, source),
                service("import", "import_service"),
                {"channel": "import", "dataset": source.name},
                dry_run=dry_run,
                partial=partial,
                progress=lambda phase, done: progress.update(task, description=phase, completed=done),
            )
        except StudyFaults as faults:
            raise click.ClickException(str(faults)) from faults
    if as_json:
        click.echo(
            json.dumps({"study": study, "source": str(source), **report.to_dict()}, indent=2, ensure_ascii=False)
        )
    else:
        _print(report)
    if report.refused:
        raise SystemExit(1)


def _plan(study: str, source: Path) -> Plan:
    from helmont.exchange.odm.planning import plan_odm
    from helmont.studies.models import Study
    from helmont.studies.queries import compiled
    from helmont.study.faults import one_of

    current = dict(Study.objects.values_list("key", "definition"))
    if study not in current:
        raise click.ClickException(f"{study} is not a published study ({one_of(list(current), study)})")
    definition = compiled(study, current[study])
    return lambda: plan_odm(source, study, definition)


def _print(report: Report) -> None:
    for fault in report.findings[:SHOWN]:
        click.echo(str(fault))
    if len(report.findings) > SHOWN:
        click.echo(f"... and {len(report.findings) - SHOWN:,} more; --json lists them")
    for verb, counts in (("created", report.created), ("changed", report.changed)):
        listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
        click.echo(f"{verb}: {listed or 'nothing'}")
    click.echo(f"unchanged: {report.unchanged:,} of {report.steps:,} steps; refused: {report.refused:,}")
    click.echo("imported" if report.carried_out else "nothing was imported")
