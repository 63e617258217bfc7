"""What all imports have in common: the options, the dry run, the report and writing the package."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from helmont.standards.importing import Imported
from helmont.study.faults import SEVERITIES, Fault, StudyFaults
from helmont.study.model import Study
from helmont.study.writing import package_files, write_package

Reader = Callable[[bytes, str], Imported]
MAX_BYTES = 64_000_000
_VERBS = {"error": "refused", "warning": "changed", "note": "not taken over"}


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE, ``--to FOLDER``, ``--dry-run`` and ``--json``, for the command of one format."""
    for add in (
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
        click.option("--dry-run", is_flag=True, help="Only report what would be made and what would be refused."),
        click.option(
            "--to", "folder", type=click.Path(path_type=Path), help="New or empty folder for the study package."
        ),
        click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path)),
    ):
        command = add(command)
    return command


def run_import(read: Reader, file: Path, folder: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Read ``file``, report, and write the package unless this is a dry run or anything is refused (exit code 1)."""
    if file.stat().st_size > MAX_BYTES:
        raise click.ClickException(f"{file} is larger than {MAX_BYTES} bytes")
    imported = read(file.read_bytes(), file.name)
    findings = list(imported.findings)
    files = _compare(imported.study, folder) if imported.study else {}
    written = False
    if imported.study and folder is not None and not dry_run:
        try:
            write_package(imported.study, folder)
            written = True
        except StudyFaults as faults:
            findings += faults.faults
    if as_json:
        report = {"file": str(file), "written": written, "taken": dict(imported.taken), "files": files}
        report["findings"] = [as_dict(finding) for finding in findings]
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _print(imported, findings, files)
        click.echo(f"written to {folder}" if written else "nothing was written")
    if imported.study is None or (folder is not None and not dry_run and not written):
        raise SystemExit(1)


def as_dict(fault: Fault) -> dict[str, object]:
    """A finding as JSON values."""
    names = ("severity", "file", "line", "place", "message", "accepted")
    return {name: getattr(fault, name) for name in names}


def _compare(study: Study, folder: Path | None) -> dict[str, list[str]]:
    """The files of the package by what would happen to them in ``folder``: created, changed or unchanged."""
    files: dict[str, list[str]] = {}
    for name, text in package_files(study).items():
        there = folder / name if folder is not None else None
        if there is None or not there.is_file():
            outcome = "created"
        else:
            outcome = "unchanged" if there.read_bytes() == text.encode() else "changed"
        files.setdefault(outcome, []).append(name)
    return files


def _print(imported: Imported, findings: list[Fault], files: dict[str, list[str]]) -> None:
    for severity in SEVERITIES:
        for finding in findings:
            if finding.severity == severity:
                click.echo(f"{_VERBS[severity]}: {finding}")
    taken = ", ".join(f"{number} {kind}" for kind, number in imported.taken.items())
    click.echo(f"taken over: {taken or 'nothing'}")
    for outcome, names in files.items():
        click.echo(f"{outcome}: {', '.join(names)}")
