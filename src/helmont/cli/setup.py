"""Setting Django up for a command, and telling people what was refused."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from helmont.core.errors import Refused

P = ParamSpec("P")
R = TypeVar("R")


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--home DIR``: where the state lives, before anything reads the settings."""

    def choose(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
        if value is not None:
            os.environ["HELMONT_HOME"] = str(value)

    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        callback=choose,
        expose_value=False,
        is_eager=True,
        help="Folder of all state; default $HELMONT_HOME or ./var.",
    )(command)


def with_django(function: Callable[P, R]) -> Callable[P, R]:
    """Set Django up before the command runs, and turn a refusal into a message and exit code 1."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmont.settings")
        import django

        django.setup()
        from helmont.core.errors import Refused

        try:
            return function(*args, **kwargs)
        except Refused as refusal:
            raise click.ClickException(_words(refusal)) from refusal

    return run


def _words(refusal: Refused) -> str:
    """The refusal with every place and what would be accepted there."""
    faults = refusal.details.get("faults", ())
    accepted = [f"  {fault['place']}: {fault['accepted']}" for fault in faults if fault["accepted"]]
    what = f" ({refusal.details['what']})" if refusal.details.get("what") else ""
    return "\n".join([f"{refusal}{what}", *(["accepted would be:", *accepted] if accepted else [])])


@contextmanager
def on_cores(number: int | None) -> Iterator[None]:
    """Share the work within out to so many processes, as many as there are processors unless it is said."""
    from helmont.core.jobs.processes import cores, processes
    from helmont.sharing import shared_with

    count = number or cores()
    if count < 2:
        yield
        return
    with processes(count) as pool, shared_with(pool):
        yield


def prepare_database() -> None:
    """Bring the database's tables to this version; quick when they are."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
