"""Check that every text shown to people is translated into every language, with its placeholders whole.

A fault is a message that is missing, empty, marked fuzzy or no longer used, or a translation whose placeholders
(``%(name)s``, ``{name}``) are not those of the source. ``make messages`` brings the catalogues up to date.
"""

import re
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from tools.messages import ROOT, TRANSLATIONS, catalogue_file, collect, read_catalogue, translated

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


def catalogue_faults(source: Catalog, language: str) -> Iterator[str]:
    """Yield the faults of one language's catalogue, each naming the file and the message."""
    path = catalogue_file(language)
    name = path.relative_to(ROOT)
    if not path.exists():
        yield f"{name}: there is no such file; run: make messages"
        return
    catalogue = read_catalogue(path)
    for wanted in source:
        if not wanted.id:  # the header
            continue
        message = catalogue.get(wanted.id, wanted.context)
        if message is None:
            yield f"{name}: {wanted.id!r} is missing; run: make messages"
        elif message.fuzzy:
            yield f"{name}: {wanted.id!r} is marked fuzzy; check the translation and remove the mark"
        elif not translated(message):
            yield f"{name}: {wanted.id!r} has no translation"
        else:
            yield from (f"{name}: {wanted.id!r}: {fault}" for fault in placeholder_faults(message))
    for message in catalogue:
        if message.id and source.get(message.id, message.context) is None:
            yield f"{name}: {message.id!r} is no longer used; run: make messages"


def placeholder_faults(message: Message) -> Iterator[str]:
    """Yield what is wrong with the placeholders of a translation. A plural form may leave out the number alone."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    allowed = {found for text in ids for found in PLACEHOLDER.findall(text)}
    required = set.intersection(*(set(PLACEHOLDER.findall(text)) for text in ids))
    for form in forms:
        found = set(PLACEHOLDER.findall(form))
        if extra := found - allowed:
            yield f"{form!r} has {', '.join(sorted(extra))}, which the source has not"
        if lost := required - found:
            yield f"{form!r} lacks {', '.join(sorted(lost))}"


def main() -> int:
    """Print every fault; return 1 if there is any."""
    source = collect()
    faults = [fault for language in TRANSLATIONS for fault in catalogue_faults(source, language)]
    print("\n".join([*faults, f"translations: {len(source)} messages, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
