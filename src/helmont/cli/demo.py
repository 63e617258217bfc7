"""The demonstration: a real trial, captured through the same audited actions as a site's, and one whose devices send; served."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click

from helmont.cli.setup import home_option, prepare_database, with_django


@click.command()
@home_option
@click.option("--serve/--no-serve", default=True, help="Serve the pages once the trial is loaded.", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--devices/--no-devices", default=True, help="Let devices send while it serves.", show_default=True)
@with_django
def demo(serve: bool, host: str, port: int, devices: bool) -> None:
    """Load the CDISC pilot trial and one with devices (once) and serve them.

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
        with _sending(host, port) if devices else nullcontext():
            run_server(host, port)


@contextmanager
def _sending(host: str, port: int) -> Iterator[None]:
    """The demonstration's devices send in real time, from a process of their own."""
    from helmont.demo.devices import secrets_file

    stopped = threading.Event()
    options = ["--secrets", str(secrets_file()), "--url", f"http://{host}:{port}", "--speed", "1", "--hours", "720"]
    command = [sys.executable, "-m", "helmont", "sensors", "simulate", *options, "--json"]

    def send() -> None:
        while not stopped.wait(0.5) and not _answers(host, port):
            pass
        if stopped.is_set():
            return
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True) as sender:
            stopped.wait()
            sender.kill()

    thread = threading.Thread(target=send, name="helmont-devices", daemon=True)
    if secrets_file().exists():
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        if thread.ident is not None:
            thread.join()


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True
