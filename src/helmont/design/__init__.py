"""Trial designs: one declared object enumerates, simulates and executes a design.

A design is a frozen dataclass whose fields are its settings (``declared``); what it answers are small typed results (``results``)
with ``to_dict()`` and ``frame()``. Doses, stages and arms are counted from 1, as papers and protocols count them. Only numpy and
scipy.special are loaded with it, so that the first answer comes at once;
and of the designs only what is used. ``__init__.pyi`` names what can be imported from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lazy_loader

if TYPE_CHECKING:
    from helmont.design.declared import Declared

_one, _names, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    return designs() if name == "DESIGNS" else _one(name)


def __dir__() -> list[str]:
    return _names()


def designs() -> dict[str, type[Declared]]:
    """Every design by its name, all of them loaded."""
    from helmont.design import declared

    for each in __all__:
        if each != "DESIGNS":
            _one(each)
    return declared.DESIGNS
