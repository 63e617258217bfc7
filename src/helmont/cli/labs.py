"""Taking in files of laboratory results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.study.labs import ResultFiles

File = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def labs() -> None:
    """The laboratory of a study: files of results."""


@labs.command("import")
@click.argument("study")
@click.argument("file", type=File)
@click.option("--mapping", type=File, help="YAML with columns, delimiter, participant and visit; default: the study's.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines and findings as JSON.")
@home_option
@with_django
def import_(study: str, file: Path, mapping: Path | None, dry_run: bool, as_json: bool) -> None:
    """Take the results of FILE (CSV, or HL7 v2 ORU^R01) into the forms of STUDY.

    Lines that are refused are named with their place; the others are taken in. Exit code 1 when any line is refused or
    cannot be read.
    """
    from helmont.core.errors import NotFound
    from helmont.core.permissions import service
    from helmont.labs.importing import read_results, take_in
    from helmont.labs.planning import plan
    from helmont.studies.models import Study

    prepare_database()
    if not Study.objects.filter(key=study).exists():
        raise NotFound(study)
    actor = service("laboratory-import", "import_service")
    read = read_results(study, file.read_bytes(), file.name, _mapping(mapping) if mapping else None)
    planned = plan(study, read.results, read.name, actor)
    faults = [*read.faults, *planned.findings(read.name)]
    counts = planned.counts
    if not dry_run and not read.unreadable:
        counts = take_in(study, read, planned, actor, {"channel": "command"})
    if as_json:
        lines = [vars(line) for line in planned.lines]
        found = [
            {"severity": f.severity, "line": f.line, "place": f.place, "message": f.message, "accepted": f.accepted}
            for f in faults
        ]
        report: dict[str, Any] = {"file": read.name, "sha256": read.sha256, "format": read.format, "dry_run": dry_run}
        report |= {"counts": counts, "lines": lines, "findings": found}
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        for fault in sorted(faults, key=lambda each: each.line):
            click.echo(str(fault))
        said = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "no results"
        click.echo(f"{'dry run, nothing was changed: ' if dry_run else ''}{said}")
    if read.unreadable or any(fault.severity == "error" for fault in faults) or counts.get("failed"):
        raise SystemExit(1)


def _mapping(path: Path) -> ResultFiles:
    """The mapping of a YAML file, in the words of ``labs.yaml``."""
    import yaml

    from helmont.study.labs import ResultFiles

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return ResultFiles(
            columns={str(name): str(heading) for name, heading in given.get("columns", {}).items()},
            delimiter=str(given.get("delimiter", ",")),
            participant=str(given.get("participant", "PID-3")),
            visit=str(given["visit"]) if given.get("visit") else None,
        )
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise click.ClickException(f"{path}: not a mapping of columns, delimiter, participant and visit") from error
