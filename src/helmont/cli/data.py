"""``helmont import STUDY SOURCE``: trial data of other systems, through the same actions as a site's."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.exchange.datasets import Dataset
    from helmont.exchange.importing import Report
    from helmont.study.compiling import CompiledStudy

SHOWN = 100


@click.command("import")
@click.argument("study")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--mapping", type=click.Path(dir_okay=False, path_type=Path), help="For CSV files: which column is which item."
)
@click.option("--dry-run", is_flag=True, help="Only report what would be created, changed and refused.")
@click.option("--partial", is_flag=True, help="Import the rest although something is refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@home_option
@with_django
def import_data(study: str, source: Path, mapping: Path | None, dry_run: bool, partial: bool, as_json: bool) -> None:
    """Import the data of SOURCE into the published study STUDY.

    SOURCE is an ODM file (1.3.2 or 2.0) with clinical data, or, with --mapping, a folder of CSV files of an EDC
    (docs/import-csv.md).

    Every import is rehearsed first. When anything is refused, nothing is imported, unless --partial. Exit code 1 when
    anything was refused.
    """
    from helmont.cli.progress import bar
    from helmont.core.permissions import service
    from helmont.core.writer import perform
    from helmont.exchange.actions import NoteImport
    from helmont.exchange.datasets import counts_of
    from helmont.exchange.importing import Report, run_import
    from helmont.study.faults import StudyFaults

    prepare_database()
    actor, origin = service("import", "import_service"), {"channel": "import", "dataset": source.name}
    dataset = _dataset(source, mapping)
    with bar() as progress:
        task = progress.add_task("Reading", total=None)
        try:
            report = run_import(
                dataset.plan(study, _definition(study)),
                actor,
                origin,
                dry_run=dry_run,
                partial=partial,
                progress=lambda phase, done: progress.update(task, description=phase, completed=done),
            )
        except StudyFaults as faults:
            report = Report.of(faults)
    if report.carried_out:
        note = NoteImport(study, dataset.format, source.name, dataset.sha256(), counts_of(report))
        perform(note, actor, source=origin)
    if as_json:
        click.echo(
            json.dumps({"study": study, "source": str(source), **report.to_dict()}, indent=2, ensure_ascii=False)
        )
    else:
        _print(report)
    if report.refused:
        raise SystemExit(1)


def _definition(study: str) -> CompiledStudy:
    from helmont.studies.models import Study
    from helmont.studies.queries import compiled
    from helmont.study.faults import one_of

    current = dict(Study.objects.values_list("key", "definition"))
    if study not in current:
        raise click.ClickException(f"{study} is not a published study ({one_of(list(current), study)})")
    return compiled(study, current[study])


def _dataset(source: Path, mapping: Path | None) -> Dataset:
    from helmont.exchange.datasets import Dataset

    if mapping is None and source.is_dir():
        raise click.ClickException(f"{source} is a folder: say with --mapping which column is which item")
    return Dataset(source, mapping)


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


@click.command()
@click.argument("study")
@click.argument("other")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="CSV file for every difference.")
@click.option("--form", "forms", multiple=True, help="Compare this form only; may be given several times.")
@click.option(
    "--as", "person", default="", help="The person who compares; without one, what any blinded person may see."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@home_option
@with_django
def compare(study: str, other: str, target: Path | None, forms: tuple[str, ...], person: str, as_json: bool) -> None:
    """Compare two studies that captured the same trial: participants, visits, forms and every value.

    Lines of a log are matched by what they say, not by their numbers.
    """
    import csv
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from helmont.cli.exporting.odm import exporter, replacing
    from helmont.exchange.comparing import FIELDS, compare_studies
    from helmont.exchange.odm.visible import Visible

    prepare_database()
    actor = exporter(person)
    today = datetime.now(ZoneInfo(actor.timezone)).date()
    comparison, differences = compare_studies(Visible(actor, study, today), Visible(actor, other, today), forms)
    if target is None:
        for _ in differences:
            pass
    else:
        with replacing(target) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(FIELDS)
            writer.writerows(one.cells() for one in differences)
    if as_json:
        click.echo(json.dumps({"left": study, "right": other, **comparison.to_dict()}, indent=2))
        return
    click.echo(f"{'':<14}{'equal':>10}{'differing':>12}{'only ' + study:>24}{'only ' + other:>24}")
    for kind, counts in comparison.rows():
        click.echo(f"{kind:<14}{counts[0]:>10,}{counts[1]:>12,}{counts[2]:>24,}{counts[3]:>24,}")
    for item, count in comparison.by_item.most_common(30):
        click.echo(f"  {item:<30}{count:>8,} values differ")
