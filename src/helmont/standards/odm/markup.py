"""XML as text: for the millions of small elements of clinical data, where a tree of objects would cost ten times as much."""

from __future__ import annotations

import re

from helmont.standards.odm.xml import writable

_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
# Line ends and tabs in an attribute would come back as spaces.
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
_plain = re.compile('[^&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]*').fullmatch


def escaped(text: str) -> str:
    """Text between tags."""
    return text if _plain(text) else writable(text).translate(_IN_TEXT)


def quoted(text: str) -> str:
    """Text within a quoted attribute."""
    return text if _plain(text) else writable(text).translate(_IN_ATTRIBUTE)


def tag(name: str, inner: str = "", /, **attributes: str | None) -> str:
    """An element; ``inner`` is markup, attributes are texts. An attribute that is None or empty is left out."""
    said = "".join([f' {key}="{quoted(value)}"' for key, value in attributes.items() if value])
    return f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said}/>"
