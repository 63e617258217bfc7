"""Values of the definition as one line of text, as they would be written in a package."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from helmont.study.text import Text


def written(value: Any) -> str:
    """One line; "" for what is absent."""
    match value:
        case None | () | "":
            return ""
        case bool():
            return "true" if value else "false"
        case Text():
            return " | ".join(value.by_language.values())
        case tuple() | list():
            return ", ".join(written(one) for one in value)
        case Mapping():
            return ", ".join(f"{key}: {written(one)}" for key, one in value.items())
    if dataclasses.is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return ", ".join(f"{name}: {text}" for name, one in named.items() if (text := written(one)))
    return str(value)


def texts(old: Text, new: Text) -> tuple[str, str]:
    """Two texts side by side in the languages in which they differ."""
    codes = dict.fromkeys([*old.by_language, *new.by_language])
    differing = [code for code in codes if old.by_language.get(code) != new.by_language.get(code)]
    return tuple(_in(text, differing) for text in (old, new))  # type: ignore[return-value]  # two of two


def _in(text: Text, codes: list[str]) -> str:
    return " | ".join(f"{code}: {text.by_language[code]}" for code in codes if code in text.by_language)
