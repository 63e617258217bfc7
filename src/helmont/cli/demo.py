"""The demonstration: a real trial, captured through the same audited actions as a site's, and served."""

from __future__ import annotations

import click

from helmont.cli.setup import home_option, prepare_database, with_django


@click.command()
@home_option
@click.option("--serve/--no-serve", default=True, help="Serve the pages once the trial is loaded.", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@with_django
def demo(serve: bool, host: str, port: int) -> None:
    """Load the CDISC pilot trial (once) and serve it.

    The trial's published data are turned back into what its sites would have entered and replayed in the order of its
    dates. A second run keeps what is there and starts at once; an interrupted one goes on where it stopped.
    """
    from helmont.cli.progress import console
    from helmont.demo.cast import PASSWORD
    from helmont.demo.load import load, members

    prepare_database()
    load(console)
    console.print()
    console.print(f"[bold]People who can sign in[/bold] (password of each: [bold]{PASSWORD}[/bold])")
    for member in members():
        place = f"site {member.site}" if member.site else "whole study"
        console.print(f"  {member.handle:<16} {member.title:<28} {place:<12} {member.language}")
    if serve:
        from helmont.cli.serve import run_server

        console.print(f"\nHelmont on [bold]http://{host}:{port}[/bold]  (Ctrl+C ends)")
        run_server(host, port)
