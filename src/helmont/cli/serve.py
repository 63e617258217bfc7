"""Serving, and preparing the database."""

from __future__ import annotations

import click

from helmont.cli.setup import home_option, prepare_database, with_django


def run_server(host: str, port: int) -> None:
    """Serve until interrupted: one process, one event loop, one writer."""
    import os

    import uvicorn

    os.environ["HELMONT_WRITER"] = "thread"
    from django.conf import settings

    settings.HELMONT_WRITER = "thread"
    uvicorn.run(
        "helmont.asgi:application",
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )


@click.command()
@home_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@with_django
def serve(host: str, port: int) -> None:
    """Serve the pages and the API."""
    prepare_database()
    click.echo(f"Helmont on http://{host}:{port}  (Ctrl+C ends)")
    run_server(host, port)


@click.command()
@home_option
@with_django
def migrate() -> None:
    """Bring the database's tables to this version."""
    prepare_database()
    click.echo("The database is ready.")
