"""Every method against reference numbers: published tables, and results of R packages with the call that made them.

Each module of this package but ``comparing`` compares one group of methods; ``reference/`` holds the numbers, each file with its
citation. The tests hold every comparison to its tolerance, and ``helmont design conform`` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from helmont.design.conformity.comparing import Comparison, summarised

__all__ = ["Comparison", "comparisons", "summarised", "topics"]


def topics() -> tuple[str, ...]:
    """The groups of methods that are compared."""
    return tuple(module.name for module in iter_modules(__path__) if module.name != "comparing")


def comparisons(topic: str) -> Iterator[Comparison]:
    """Run every case of a topic; they come as they are computed."""
    yield from import_module(f"{__name__}.{topic}").comparisons()
