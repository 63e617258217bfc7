"""Item values as ODM writes them, and back.

=============  ==========================================================================================
text, numbers  as they are; a chosen unit is a MeasurementUnitRef (1.3.2) or an item of its own (2.0)
multi-select   ``A|B``, a bar within a code as ``\\|`` (1.3.2); one ``Value`` each (2.0)
file           a named information URI (RFC 6920): ``ni:///sha-256;<base64url>?ct=…&name=…&size=…``
not done       ``IsNull`` with an Annotation: the reason, and the flag ``null`` = ``not_done``
date UNK       ``IsNull`` with the flag ``null`` = ``unknown``
redacted       ``IsNull`` with the flag ``null`` = ``redacted``
=============  ==========================================================================================
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from helmont.standards.odm.records import Remark
from helmont.study.model import Item
from helmont.study.partial_dates import WHOLLY_UNKNOWN

_PARTS = re.compile(r"(?:[^|\\]|\\.)*")
_SECONDS = re.compile(r"(.*[0-9]{2}:[0-9]{2}):00(?:\.0+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class Encoded:
    """The texts of a value (several for a multi-select), its unit, and the remark that says why there is none."""

    texts: tuple[str, ...] = ()
    unit: str = ""
    remark: Remark | None = None


def encode(value: Any, kind: str) -> Encoded:
    """A canonical item value of an item of type ``kind``."""
    match value:
        case None:
            return Encoded()
        case str() if kind in ("date", "datetime") and value == WHOLLY_UNKNOWN:
            return Encoded(remark=Remark("", {"null": "unknown"}))
        case str():
            return Encoded((value,))
        case {"not_done": reason}:
            return Encoded(remark=Remark(str(reason), {"null": "not_done"}))
        case {"redacted": True}:
            return Encoded(remark=Remark("", {"null": "redacted"}))
        case {"file": digest, "name": name, "size": size, "type": media}:
            hashed = urlsafe_b64encode(bytes.fromhex(str(digest))).decode().rstrip("=")
            return Encoded((f"ni:///sha-256;{hashed}?{urlencode({'ct': media, 'name': name, 'size': size})}",))
        case {"value": number, "unit": unit}:
            return Encoded((str(number),), str(unit))
        case list():
            return Encoded(tuple(str(code) for code in value))
    return Encoded((str(value),))


def joined(texts: tuple[str, ...]) -> str:
    """The codes of a multi-select in one text."""
    if len(texts) == 1 and not texts[0].count("|") and "\\" not in texts[0]:
        return texts[0]
    return "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in texts)


def decode(item: Item, texts: list[str], unit: str, remarks: list[Remark], *, several: bool) -> Any:
    """What was entered, for ``CompiledForm.parse`` to judge; None when the item is empty.

    ``several`` says that the texts are separate values (2.0); otherwise a multi-select is split at its bars.
    """
    for remark in remarks:
        match remark.flags.get("null"):
            case "not_done":
                return {"not_done": remark.text}
            case "unknown":
                return WHOLLY_UNKNOWN
            case "redacted":
                return {"redacted": True}
    if not any(texts):
        return None
    text = texts[0]
    if item.type == "multiselect":
        return texts if several else _split(text)
    if item.type == "file":
        return _file(text)
    if item.type in ("time", "datetime") and (found := _SECONDS.fullmatch(text)):
        return found[1]
    if item.units:
        return {"value": text, "unit": unit or (item.units[0] if len(item.units) == 1 else "")}
    return text


def _split(text: str) -> list[str]:
    parts, at = [], 0
    while True:
        found = _PARTS.match(text, at)
        assert found is not None  # the pattern matches nothing as well
        parts.append(re.sub(r"\\(.)", r"\1", found[0]))
        at = found.end()
        if at >= len(text) or text[at] != "|":
            return parts if at >= len(text) else [text]
        at += 1


def _file(text: str) -> Any:
    """The value of a named information URI; the text itself when it is none, which no file item accepts."""
    found = urlsplit(text)
    if found.scheme != "ni" or not found.path.startswith("/sha-256;"):
        return text
    said = {name: values[0] for name, values in parse_qs(found.query).items()}
    try:
        digest = urlsafe_b64decode(found.path.removeprefix("/sha-256;") + "=").hex()
        return {"file": digest, "name": said["name"], "size": int(said["size"]), "type": said["ct"]}
    except (KeyError, ValueError):
        return text
