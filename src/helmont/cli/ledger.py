"""The ledger from the command line: verify it, export it for an outsider, prove one entry."""

from __future__ import annotations

import json
from pathlib import Path

import click

from helmont.cli.setup import home_option, prepare_database, with_django


@click.group()
def ledger() -> None:
    """The audited record: verify, export, prove."""


@ledger.command()
@click.argument("logs", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@home_option
@with_django
def verify(logs: tuple[str, ...], as_json: bool) -> None:
    """Verify LOGS (default: all): tree, checkpoints, and that every table row equals the fold of the entries.

    Exit code 1 when anything is not as it was written; each fault is named.
    """
    from helmont.cli.progress import bar
    from helmont.core.ledger.verify import verify as run

    prepare_database()
    with bar() as progress:
        tasks: dict[str, object] = {}

        def show(log: str, done: int, total: int) -> None:
            if log not in tasks:
                tasks[log] = progress.add_task(f"Verifying {log}", total=total)
            progress.update(tasks[log], completed=done)  # type: ignore[arg-type]  # rich's TaskID

        try:
            report = run(logs or None, show)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(
            json.dumps(
                {
                    "clean": not report.faults,
                    "logs": report.logs,
                    "entries": report.entries,
                    "values": report.values,
                    "records": report.records,
                    "checkpoints": report.checkpoints,
                    "redacted": report.redacted,
                    "seconds": round(report.seconds, 3),
                    "faults": [
                        {"kind": fault.kind, "place": fault.place, "message": fault.message} for fault in report.faults
                    ],
                },
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        for fault in report.faults:
            click.echo(str(fault))
        click.echo(
            f"{report.entries:,} entries, {report.records:,} records, {report.values:,} item values,"
            f" {report.checkpoints} checkpoints in {report.seconds:.1f} s: "
            + ("clean" if not report.faults else f"{len(report.faults)} faults")
        )
    if report.faults:
        raise SystemExit(1)


@ledger.command()
@click.argument("log")
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to make.")
@home_option
@with_django
def export(log: str, folder: Path) -> None:
    """Export LOG with its checkpoint, key and the single-file verifier, for somebody who need not trust us."""
    from helmont.core.ledger.export import export as run

    prepare_database()
    try:
        run(log, folder)
    except (ValueError, FileExistsError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{folder}: to verify it anywhere with Python: python3 {folder / 'verifier.py'} {folder}")


@ledger.command()
@click.argument("log")
@click.argument("sequence", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print nothing but the proof.")
@home_option
@with_django
def prove(log: str, sequence: int, as_json: bool) -> None:
    """Print the proof that entry SEQUENCE of LOG is in the signed record (for ``verifier.py --proof``)."""
    from helmont.core.ledger.export import prove as run

    prepare_database()
    try:
        proof = run(log, sequence)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(proof, indent=2, ensure_ascii=False))
    if not as_json:
        click.echo("save it as proof.json and check it: python3 verifier.py --proof proof.json", err=True)
