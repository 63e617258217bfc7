"""Functions compiled to machine code by Numba, with the types of the Python they are written in.

The first call compiles; the code is kept beside the module (or in ``NUMBA_CACHE_DIR``) for the next process. Division by
zero follows NumPy: it gives infinity or NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: compile for the types it is called with, and let go of the interpreter's lock meanwhile."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
