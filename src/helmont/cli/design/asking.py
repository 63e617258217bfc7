"""What a command about a design is given: the design, truths and counts; and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
import yaml

if TYPE_CHECKING:
    from helmont.design import Declared

P = ParamSpec("P")
R = TypeVar("R")

Rows = tuple[tuple[float, ...], ...]


class Numbers(click.ParamType[tuple[float, ...]]):
    """Numbers with commas between them."""

    name = "numbers"

    def __init__(self, kind: type[int] | type[float]) -> None:
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[float, ...]:
        try:
            return tuple(self._kind(each) for each in str(value).split(","))
        except ValueError:
            self.fail(
                f"{value!r} is no list of numbers such as {'3,6,3' if self._kind is int else '0.1,0.25,0.4'}",
                param,
                context,
            )


class Truths(click.ParamType[Rows]):
    """Numbers with commas between them, in rows with semicolons between."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Rows:
        rates = Numbers(float)
        return tuple(rates.convert(row, param, context) for row in str(value).split(";"))


COUNTS, TRUTH = Numbers(int), Truths()
as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


def refusing(function: Callable[P, R]) -> Callable[P, R]:
    """What no design can have is reported in one line, with exit code 1."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        from helmont.design import DesignError

        try:
            return function(*args, **kwargs)
        except DesignError as fault:
            click.echo(str(fault), err=True)
            raise SystemExit(1) from None

    return called


def declared(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the argument DESIGN and the option ``--set``; the function is given the design."""

    @click.argument("design")
    @click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting, as in YAML; may be repeated."
    )
    @wraps(function)
    @refusing
    def called(design: str, settings: tuple[str, ...], **options: Any) -> None:
        function(designed(design, settings), **options)

    return called


def designed(named: str, settings: tuple[str, ...] = ()) -> Declared:
    """A design by the name of its kind or in a file, with settings as ``--set`` gives them."""
    from helmont.design import Declared, DesignError

    content: dict[str, Any] = {"design": named}
    if (path := Path(named)).is_file():
        found = yaml.safe_load(path.read_text())
        if not isinstance(found, dict):
            raise DesignError(named, found, "a file of settings, of which 'design' names the kind")
        content = found
    for each in settings:
        name, equals, value = each.partition("=")
        if not equals:
            raise DesignError("--set", each, "NAME=VALUE")
        content[name] = yaml.safe_load(value)
    return Declared.from_dict(content)


def answer(design: Declared, method: str, *arguments: Any, **options: Any) -> Any:
    """What a method of the design answers; not every design has every one."""
    from helmont.design import DESIGNS, DesignError

    if not hasattr(design, method):
        others = [name for name, kind in sorted(DESIGNS.items()) if hasattr(kind, method)]
        raise DesignError("design", design.kind, f"one that has '{method}': {', '.join(others)}")
    return getattr(design, method)(*arguments, **options)
