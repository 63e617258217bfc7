"""The pieces a USDM document is built of: objects with ids, codes, texts with their translations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from helmont.standards.usdm.codes import CDISC, VERSION
from helmont.standards.usdm.document import EXTENSION
from helmont.standards.usdm.markup import markup, plain
from helmont.study.text import Text

Object = dict[str, Any]


class Builder:
    """Makes objects of one document; each class counts its own ids, such as ``Encounter_3``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._numbers: Counter[str] = Counter()

    def make(self, kind: str, extensions: Mapping[str, Any] | None = None, **attributes: Any) -> Object:
        """An object of class ``kind``; ``extensions`` that hold something become extension attributes of ours."""
        self._numbers[kind] += 1
        made: Object = {"id": f"{kind}_{self._numbers[kind]}", **attributes, "instanceType": kind}
        kept = {name: value for name, value in (extensions or {}).items() if value not in (None, [], {}, ())}
        made["extensionAttributes"] = [
            self.make("ExtensionAttribute", url=EXTENSION + name, valueString=json.dumps(value, ensure_ascii=False))
            for name, value in kept.items()
        ]
        return made

    def code(self, coded: tuple[str, str], system: str = CDISC, version: str = VERSION) -> Object:
        code, decode = coded
        return self.make("Code", code=code, codeSystem=system, codeSystemVersion=version, decode=decode)

    def alias(self, coded: tuple[str, str]) -> Object:
        return self.make("AliasCode", standardCode=self.code(coded), standardCodeAliases=[])

    def texts(self, **texts: Text | None) -> tuple[Object, Object]:
        """Attributes in the source language, and the extensions with what they cannot say: the other languages."""
        attributes: Object = {}
        extensions: Object = {}
        for name, text in texts.items():
            if text is None:
                continue
            source = text.get(self.language)[0]
            attributes[name] = markup(source) if name == "text" else source
            rest = {code: words for code, words in text.by_language.items() if code != self.language}
            if plain(attributes[name]) != source:
                rest[self.language] = source
            extensions[f"text:{name}"] = rest
        return attributes, extensions


def chain(objects: list[Object]) -> list[Object]:
    """Tie objects that have ``previousId`` and ``nextId`` in the order given."""
    for before, after in pairwise(objects):
        before["nextId"], after["previousId"] = after["id"], before["id"]
    return objects
