"""What lies in the log of samples goes to the archive, now."""

from __future__ import annotations

import json

import click

from helmont.cli.progress import bar
from helmont.cli.setup import home_option, prepare_database, with_django


@click.command()
@click.option("--seal", is_flag=True, help="Also what came last, though its segment is not full yet.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@home_option
@with_django
def compact(seal: bool, as_json: bool) -> None:
    """Write full segments of the log to the archive as Parquet, and drop them once they are safely there.

    A server does this by itself every hour; while one takes samples, this command says so and does nothing (exit code 1).
    HELMONT_SAMPLES_STORE says where the archive is: a folder, or s3://bucket/prefix.
    """
    from helmont.samples.errors import LogError
    from helmont.sensors.compacting import compact_now
    from helmont.signals.errors import SignalError

    prepare_database()
    try:
        with bar() as progress:
            files = progress.add_task("files", total=None)
            manifests, dropped = compact_now(lambda _path: progress.advance(files), seal=seal)
    except (LogError, SignalError) as fault:
        click.echo(str(fault), err=True)
        raise SystemExit(1) from None
    written = [file for manifest in manifests for file in manifest.files]
    found = {
        "files": len(written),
        "rows": sum(manifest.rows for manifest in manifests),
        "bytes": sum(file.size for file in written),
        "dropped": dropped,
    }
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(
            f"{found['files']} files, {found['rows']} rows, {found['bytes']} bytes; {len(dropped)} segments dropped"
        )
