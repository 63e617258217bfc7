"""What a design answers: small typed objects that turn into JSON and into a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import polars as pl

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"
"""What JSON can hold."""


class Result:
    """A frozen dataclass of scalars, tuples, arrays, mappings and other results inherits ``to_dict`` and ``frame``."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def to_dict(self) -> dict[str, Plain]:
        """Every field by name as plain values; arrays are lists, a number that is not finite is None."""
        return {each.name: plain(getattr(self, each.name)) for each in fields(self)}

    def frame(self) -> pl.DataFrame:
        """The result as a Polars frame: one row, in which a sequence is a list. Tables have a row a line instead."""
        import polars as pl

        return pl.DataFrame([self.to_dict()], infer_schema_length=None)


def plain(value: object) -> Plain:
    """``value`` as JSON has it. Raises ``TypeError`` for what has no such form."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, (np.bool_, np.integer)):
        return bool(value) if isinstance(value, np.bool_) else int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    raise TypeError(f"{type(value).__name__} has no plain form")
