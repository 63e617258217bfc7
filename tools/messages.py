"""The gettext catalogues: collect the texts shown to people, and compile what translators wrote.

    python -m tools.messages extract              update src/helmont/locale/*/LC_MESSAGES/django.po
    python -m tools.messages compile FILE.po ...  write the .mo file beside each

English is the source language and has no catalogue. Python code is read by Babel; templates by Django's own parser, so
that a message here is letter for letter the one Django looks up. No system gettext is needed.
"""

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.template.base import Lexer, Node, NodeList, Template, TokenType
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "helmont"
LOCALE = SOURCE / "locale"
TRANSLATIONS = ("nl", "fr", "de")
# What gettext needs to know and nothing that changes with the day.
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""
N = TypeVar("N", bound=Node)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CONSTANT = re.compile(r"""_\(\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*\)""")

Text = tuple[str | tuple[str, ...], str | None]
"""Text, or singular and plural; and context."""


def configure_django() -> None:
    """Set Django up, so that templates know the tags of every installed app."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmont.settings")
    if not apps.ready:
        django.setup()


def template_files() -> list[Path]:
    """Every template of Helmont, in order of path."""
    return sorted(path for folder in SOURCE.rglob("templates") for path in folder.rglob("*") if path.is_file())


def template_messages(text: str) -> Iterator[Text]:
    """Yield the messages of one template: ``translate``, ``blocktranslate`` and ``_("...")`` in tags and variables.

    Raises ``TemplateSyntaxError`` if the template does not compile.
    """
    nodes = Template(text).nodelist
    for node in instances(nodes, TranslateNode):
        literal = node.filter_expression.var.literal
        if isinstance(literal, str):  # a variable's text is collected where it is written
            yield literal.replace("%", "%%"), constant(node.message_context)
    for block in instances(nodes, BlockTranslateNode):
        singular, _names = block.render_token_list(block.singular)
        context = constant(block.message_context)
        if block.plural and block.countervar:
            yield (singular, block.render_token_list(block.plural)[0]), context
        else:
            yield singular, context
    for token in Lexer(text).tokenize():
        if token.token_type in {TokenType.VAR, TokenType.BLOCK}:
            for found in CONSTANT.finditer(token.contents):
                yield (found["double"] or found["single"]).replace("%", "%%"), None


def instances(nodes: NodeList, kind: type[N]) -> Iterator[N]:
    """Yield the nodes of one kind at any depth."""
    return (node for node in nodes.get_nodes_by_type(kind) if isinstance(node, kind))


def constant(expression: object) -> str | None:
    """The text of a ``context "..."`` argument, which has to be a constant to be collected."""
    return None if expression is None else str(getattr(expression, "var", expression))


def python_messages(path: Path) -> Iterator[Text]:
    """Yield the messages of one Python module."""
    for _line, text, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
        yield text, context
    if path.is_relative_to(SOURCE / "study"):
        yield from fault_messages(path)


def fault_messages(path: Path) -> Iterator[Text]:
    """Yield the texts of value faults: the study definition knows no gettext, so its texts are looked up where they are shown."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ValueFault":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
                    yield argument.value, None


def collect() -> Catalog:
    """Read all of Helmont and return the messages with the files they come from (no line numbers, which only churn)."""
    configure_django()
    catalogue = Catalog()
    sources = [(path, python_messages(path)) for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
    sources += [(path, template_messages(path.read_text())) for path in template_files()]
    for path, messages in sources:
        for text, context in messages:
            catalogue.add(text, locations=[(path.relative_to(ROOT).as_posix(), 0)], context=context)
    return catalogue


def catalogue_file(language: str) -> Path:
    """Where the catalogue of ``language`` is kept."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read_catalogue(path: Path) -> Catalog:
    """Read a .po file; its language is the name of its folder."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain="django", abort_invalid=True)


def renewed(template: Catalog, old: Catalog, language: str) -> Catalog:
    """The messages of the code with their translations in ``old``; a text that got or lost its plural is translated anew."""
    new = Catalog(locale=language)
    for message in template:
        if message.id:
            known = old.get(message.id, message.context)
            if known and isinstance(known.id, tuple) != isinstance(message.id, tuple):
                known = None
            new.add(
                message.id,
                known.string if known else None,
                locations=message.locations,
                flags=message.flags | (known.flags & {"fuzzy"} if known else set()),
                context=message.context,
            )
    return new


def extract() -> None:
    """Bring every catalogue up to date: new messages are added empty, messages no longer used are dropped."""
    template = collect()
    for language in TRANSLATIONS:
        path = catalogue_file(language)
        new = renewed(template, read_catalogue(path) if path.exists() else Catalog(), language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(HEADER.format(language=language, plural_forms=new.plural_forms).encode())
            write_po(file, new, width=120, omit_header=True, sort_output=True, include_lineno=False)
        missing = sum(not translated(message) for message in new if message.id)
        print(f"{path.relative_to(ROOT)}: {len(new)} messages, {missing} to translate")


def translated(message: Message) -> bool:
    """Whether a translation, with all its plural forms, has been written."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(forms) and all(forms)


def compile_catalogue(path: Path) -> Path:
    """Write the .mo file beside the .po file ``path`` and return where it is."""
    target = path.with_suffix(".mo")
    with target.open("wb") as file:
        write_mo(file, read_catalogue(path))
    return target


def main() -> int:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(description="Collect and compile the texts shown to people.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("extract", help="update the catalogues from the code")
    commands.add_parser("compile", help="write .mo files").add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    if options.command == "extract":
        extract()
    else:
        for path in options.files:
            compile_catalogue(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
