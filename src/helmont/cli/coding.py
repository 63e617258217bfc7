"""Dictionaries and coding: loading a release, following what was entered, measuring how well auto-coding does."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from helmont.cli.setup import home_option, prepare_database, with_django

Existing = click.Path(exists=True, path_type=Path)
KINDS = ("meddra", "whodrug", "table", "ctcae")


@click.group()
def coding() -> None:
    """Medical coding: dictionaries in versions, and what is coded with them."""


@coding.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("path", type=Existing, required=False)
@click.option("--name", required=True, help="What study packages call it: MedDRA, WHODrug …")
@click.option("--release", default="", help="Version; default: what the files say.")
@click.option("--language", default="", help="Default: what the files say, else English.")
@click.option("--licence", default="", help="Who may use it, and by which licence.")
@click.option("--dry-run", is_flag=True, help="Read and report, and load nothing.")
@home_option
@with_django
def load(kind: str, path: Path | None, name: str, release: str, language: str, licence: str, dry_run: bool) -> None:
    """Load a dictionary of format KIND from PATH (a folder, a ZIP or a file; none for ctcae).

    Faults are named by file and line, and then nothing is loaded.
    """
    from helmont.cli.progress import bar
    from helmont.coding.loading import install
    from helmont.core.permissions import service
    from helmont.standards.dictionaries import Findings, read, read_path

    findings = Findings()
    dictionary = read(kind, read_path(path, findings) if path else {}, findings)
    for fault in findings.faults:
        click.echo(str(fault))
    if dictionary is None or findings.errors:
        raise click.ClickException(f"{findings.errors} faults; nothing was loaded")
    counts = ", ".join(f"{count:,} {level}" for level, count in dictionary.counts.items())
    version, tongue = release or dictionary.version, language or dictionary.language or "English"
    if not version:
        raise click.UsageError("the files do not say which version they are: --release")
    if dry_run:
        click.echo(f"{name} {version} ({tongue}) would be loaded: {counts}")
        return
    prepare_database()
    with bar() as progress:
        task = progress.add_task(f"Loading {name} {version}", total=len(dictionary.terms))
        actor = service("command-line", "system")
        told = lambda done, _total: progress.update(task, completed=done)  # noqa: E731 - one line, used once
        key = install(dictionary, name, version, tongue, kind, licence, actor, told=told)
    click.echo(f"{key}: {counts}")


@coding.command("list")
@click.option("--check", is_flag=True, help="Compute each content hash again from the stored terms.")
@home_option
@with_django
def list_(check: bool) -> None:
    """List the dictionaries that are loaded."""
    from helmont.coding.lexicon import intact
    from helmont.coding.models import Dictionary

    prepare_database()
    broken = 0
    for row in Dictionary.objects.order_by("key"):
        state = "" if not check else "  intact" if intact(row) else "  CHANGED since it was loaded"
        broken += "CHANGED" in state
        counts = ", ".join(f"{count:,} {level}" for level, count in row.counts.items())
        click.echo(f"{row.name} {row.version} ({row.language}): {counts}; sha256 {row.sha256}{state}")
    if broken:
        raise SystemExit(1)


@coding.command()
@click.argument("study")
@click.option("--everything", is_flag=True, help="Look at every form, not only at those that changed.")
@home_option
@with_django
def follow(study: str, everything: bool) -> None:
    """Bring the codings of STUDY up to what was entered; the server does this by itself."""
    from helmont.coding.following import follow as bring_up
    from helmont.core.projections.runner import catch_up

    prepare_database()
    catch_up("coding")
    click.echo(f"{bring_up(study, everything=everything):,} codings made or changed")


@coding.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verbatim", required=True, help="Column of what was written.")
@click.option("--truth", required=True, help="Column of the term it stands for.")
@click.option(
    "--terms", "columns", multiple=True, help="Columns whose names the dictionary holds; default: the truth's."
)
@click.option("--omit", multiple=True, help="Truths to leave out, such as UNCODED.")
def measure(file: Path, verbatim: str, truth: str, columns: tuple[str, ...], omit: tuple[str, ...]) -> None:
    """Measure auto-coding on FILE, a CSV of verbatims and their known terms: hits and precision of each stage.

    The dictionary is made of the names in the given columns; a name of another column than the truth's stands under the
    truth of its line, as a lowest level term stands under its preferred term.
    """
    from helmont.coding.matching.matcher import Entry, Matcher
    from helmont.coding.matching.measure import measure as measured

    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for column in {verbatim, truth, *columns} - set(rows[0] if rows else ()):
        raise click.UsageError(f"{file} has no column {column}; it has {', '.join(rows[0] if rows else ())}")
    rows = [row for row in rows if row[verbatim] and row[truth] and row[truth] not in omit]
    entries: dict[str, Entry] = {}
    for row in rows:
        for column in columns or (truth,):
            entries.setdefault(row[column], Entry(row[column], row[column], row[truth], row[truth]))
    known = sorted({(row[verbatim], row[truth]) for row in rows})
    found = measured(Matcher(entries.values()), known, {}, lambda entry: entry.group)
    click.echo(f"{found.verbatims:,} verbatims, {len(entries):,} terms, {found.seconds_per_thousand:.2f} s for 1,000")
    click.echo(f"{'stage':<12}{'reached':>9}{'hits':>8}{'hit rate':>10}{'right':>8}{'precision':>11}")
    for stage in found.stages:
        if stage.name != "synonym":
            precision = f"{stage.precision:.1%}" if stage.hits else "–"
            click.echo(
                f"{stage.name:<12}{stage.of:>9,}{stage.hits:>8,}{stage.rate:>10.1%}{stage.right:>8,}{precision:>11}"
            )
    suggested = found.stages[-1]
    click.echo(f"suggested: the first is right in {suggested.right:,}, one of nine in {suggested.near:,}")
    click.echo(f"nothing found: {found.nothing:,}")
