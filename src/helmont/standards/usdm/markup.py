"""Texts of USDM, which may be XHTML with tags that stand for values of other objects, and plain texts of ours.

``<usdm:tag name="x"/>`` names a parameter of the text's dictionary; the parameter's ``reference`` is
``<usdm:ref klass= id= attribute=>``, which may also stand in a text itself.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from helmont.standards.usdm.document import Thing

_BLOCKS = frozenset({"p", "li", "ul", "ol", "div", "br", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_MARKUP = re.compile(r"<[a-zA-Z/!]|&(#\d+|#x[0-9a-fA-F]+|\w+);")
_DEPTH = 5


class _Plain(HTMLParser):
    def __init__(self, text: Thing | None, depth: int) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.about, self.depth = text, depth
        self.lost: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag in _BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")
            self.lost |= {tag} & {"table"}
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "img":
            self.lost.add(tag)
        elif tag in ("usdm:tag", "usdm:ref") and self.about is not None:
            self.parts.append(_resolve(self.about, tag, given, self.depth))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))


def plain(text: str, about: Thing | None = None, depth: int = 0) -> str:
    """The words of a text: tags of USDM replaced by what they stand for, paragraphs and list entries on lines of their own."""
    if not _MARKUP.search(text):
        return text.strip()
    parser = _Plain(about, depth)
    parser.feed(text)
    parser.close()
    if about is not None and parser.lost:
        about.say("a table or an image became plain text", severity="warning", at="text")
    joined = re.sub(r"-\s*\n+\s*(?=\S)", "- ", "".join(parser.parts))
    lines = (re.sub(r" +", " ", line).strip() for line in joined.split("\n"))
    return "\n".join(line for line in lines if line not in ("", "-"))


def _resolve(about: Thing, tag: str, given: dict[str, str], depth: int) -> str:
    """What a tag stands for; what it names, in brackets, when nothing does, with a warning."""
    name = given.get("name") or given.get("attribute") or tag
    if depth < _DEPTH:
        if tag == "usdm:tag":
            dictionary = about.reference("dictionaryId")
            maps = dictionary.many("parameterMaps") if dictionary else []
            found = next((each for each in maps if each.text("tag") == name), None)
            if found is not None:
                return plain(found.text("reference"), about, depth + 1)
        else:
            target = about.document.by_id.get(given.get("id", ""))
            value = target[0].get(given.get("attribute", "")) if target else None
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                return plain(str(value), about, depth + 1)
    about.say(f"the tag {name[:60]} stands for nothing", severity="warning", at="text")
    return f"[{name}]"


def markup(text: str) -> str:
    """A text of ours for USDM: as it is, or as paragraphs when it could be taken for markup."""
    if not _MARKUP.search(text):
        return text
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.split("\n"))
