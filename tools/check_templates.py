"""Check every template: it compiles, says nothing untranslated, and does nothing the content security policy forbids.

Text counts as untranslated if it has two letters in a row outside ``translate`` and ``blocktranslate``, in the page or
in an attribute that people read or hear. HTML's own ``translate="no"`` on an element marks names and codes that stay as
they are; what is in ``code``, ``kbd`` and ``samp`` stays as it is anyway. A whole template stays in English if it says
why: ``{# untranslated: seen by developers only #}``. The policy allows no inline script, style or handler.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template import Template, TemplateSyntaxError
from django.template.base import Lexer, Token, TokenType

from tools.messages import ROOT, configure_django, template_files

WORDS = re.compile(r"[^\W\d_]{2}")
ENTITY = re.compile(r"&#?\w+;")
READ_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}
UNTRANSLATED_ELEMENTS = {"code", "kbd", "samp", "script", "style"}
VOID_ELEMENTS = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SCRIPT_TYPES = {"", "module", "text/javascript", "application/javascript"}
# Class names of <body>, not text.
CLASSES = re.compile(r"(\{% block body_class %\})[^{]*")
TRANSLATED_BLOCKS = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
UNTRANSLATED = re.compile(r"\{# untranslated: \S.*?#\}")
NAMES = re.compile(r"\bHelmont\b")


def markup(tokens: list[Token]) -> str:
    """The template as plain HTML with the same line breaks: tags, variables and translated blocks are blank."""
    parts = []
    end = ""
    for token in tokens:
        blank = "\n" * (token.contents.count("\n"))
        if token.token_type is TokenType.BLOCK:
            name = token.contents.split(maxsplit=1)[0]
            if not end:
                end = TRANSLATED_BLOCKS.get(name, "")
            elif name == end:
                end = ""
            parts.append(blank)
        elif token.token_type is TokenType.TEXT and not end:
            parts.append(token.contents)
        else:
            parts.append(blank)
    return "".join(parts)


class Reader(HTMLParser):
    """Collects the faults of one template's markup as (line, what is wrong)."""

    def __init__(self, *, untranslated: bool = False) -> None:
        super().__init__(convert_charrefs=False)
        self.untranslated = untranslated
        self.faults: list[tuple[int, str]] = []
        self.open: list[tuple[str, bool]] = []

    def fault(self, what: str) -> None:
        """Note a fault at the present line."""
        self.faults.append((self.getpos()[0], what))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        unchanged = self.unchanged or values.get("translate") == "no" or tag in UNTRANSLATED_ELEMENTS
        self.check_policy(tag, values)
        for name in READ_ATTRIBUTES & values.keys():
            if not unchanged and reads_as_text(values[name]):
                self.fault(f"{name}={values[name]!r} is not translated")
        if tag not in VOID_ELEMENTS:
            self.open.append((tag, unchanged))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        # Branches of a template may open an element twice; closing it leaves everything that was opened inside it.
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_data(self, data: str) -> None:
        if not self.unchanged and reads_as_text(data):
            self.fault(f"{' '.join(data.split())!r} is not translated")

    @property
    def unchanged(self) -> bool:
        """Whether the text here stays as it is in every language."""
        return self.untranslated or (bool(self.open) and self.open[-1][1])

    def check_policy(self, tag: str, values: dict[str, str]) -> None:
        """Note what the content security policy would block in one element."""
        if tag == "style" or "style" in values:
            self.fault("inline style; use a class of the style sheet")
        if tag == "script" and "src" not in values and values.get("type", "") in SCRIPT_TYPES:
            self.fault("inline script; put it in a file under static/")
        for name, value in values.items():
            if re.match(r"on[a-z]|hx-on", name):
                self.fault(f"inline handler {name}; listen in a script file")
            if re.match(r"\s*(javascript|js):", value):
                self.fault(f"{name}={value!r} is a script")


def reads_as_text(text: str) -> bool:
    """Whether people would read words in ``text`` that are neither an entity nor the product's name."""
    return bool(WORDS.search(NAMES.sub("", ENTITY.sub("", text))))


def markup_faults(text: str) -> list[tuple[int, str]]:
    """The faults of an HTML template that compiles, as (line, what is wrong)."""
    reader = Reader(untranslated=bool(UNTRANSLATED.search(text)))
    reader.feed(markup(Lexer(CLASSES.sub(r"\1", text)).tokenize()))
    reader.close()
    return reader.faults


def template_faults(path: Path) -> Iterator[str]:
    """Yield the faults of one template, each with file and line."""
    text = path.read_text()
    name = path.relative_to(ROOT)
    try:
        Template(text)
    except TemplateSyntaxError as error:
        token = getattr(error, "token", None)
        yield f"{name}:{token.lineno if token else 1}: {error}"
        return
    if path.suffix == ".html":
        yield from (f"{name}:{line}: {what}" for line, what in markup_faults(text))


def main() -> int:
    """Print every fault; return 1 if there is any."""
    configure_django()
    paths = template_files()
    faults = [fault for path in paths for fault in template_faults(path)]
    print("\n".join([*faults, f"templates: {len(paths)} files, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
