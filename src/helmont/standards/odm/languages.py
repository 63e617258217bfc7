"""Languages of ODM's texts: their codes as a study has them, and a text in the source language for every one."""

from __future__ import annotations

from typing import Any

from helmont.standards.odm.overlay import Lined
from helmont.study.reading import LANGUAGE


def language_code(written: str | None) -> str | None:
    text = (written or "").strip()
    return text if LANGUAGE.fullmatch(text) else text.lower() if LANGUAGE.fullmatch(text.lower()) else None


def complete_texts(root: Lined) -> None:
    """Give every text its source language, and drop languages whose name is none."""
    languages = root["languages"]

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("label", "title", "message", "hint", "text") and isinstance(inner, dict):
                    known = {(language_code(code) or ""): text for code, text in inner.items()}
                    known = {code: text for code, text in known.items() if code in languages}
                    if languages[0] not in known:
                        known = {languages[0]: next(iter(inner.values()), "-"), **known}
                    value[key] = {code: known[code] for code in languages if code in known}
                else:
                    visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    visit({key: value for key, value in root.items() if key != "title"})
    if languages[0] not in root.get("title", {}):
        root["title"] = {languages[0]: next(iter(root.get("title", {}).values()), root["id"]), **root.get("title", {})}
