"""XML as ODM needs it: a parser that trusts nothing, texts in several languages, characters that XML can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from lxml import etree

from helmont.standards.odm.names import NAMESPACES, XML_LANG, Version
from helmont.study.faults import Fault, StudyFaults

Element = etree._Element
MAX_BYTES = 2_000_000_000
MAX_DEPTH = 60
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text with a replacement character (U+FFFD) for each that XML 1.0 cannot hold."""
    return _UNWRITABLE.sub("�", text)


def add(parent: Element, name: str, text: str = "", /, **attributes: str | None) -> Element:
    """A child in the parent's namespace; attributes that are None are left out."""
    namespace = parent.tag[: parent.tag.index("}") + 1]
    child = etree.SubElement(parent, namespace + name)
    for key, value in attributes.items():
        if value is not None:
            child.set(key, writable(value))
    if text:
        child.text = writable(text)
    return child


def add_texts(parent: Element, name: str, texts: Mapping[str, str], version: Version) -> None:
    """``name`` with a TranslatedText per language; nothing when there are none."""
    if not texts:
        return
    holder = add(parent, name)
    for language, text in texts.items():
        one = add(holder, "TranslatedText", text)
        one.set(XML_LANG, language)
        if version == "2.0":
            one.set("Type", "text/plain")


def local(element: Element) -> str:
    """The name of an element without its namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace(element: Element) -> str:
    """The namespace of an element; "" where there is none. lxml's QName refuses one that holds a brace; a damaged file may."""
    return element.tag.rpartition("}")[0].removeprefix("{") if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """Child elements with one of these names, in any namespace of ODM."""
    return (child for child in element if isinstance(child.tag, str) and local(child) in names)


def child(element: Element, name: str) -> Element | None:
    return next(children(element, name), None)


def texts(element: Element | None, default: str = "en") -> dict[str, str]:
    """Language to text of the TranslatedText elements, in their order; a text without a language is in ``default``.

    A language that is written twice, or in a way that is no language code, keeps its first text.
    """
    found: dict[str, str] = {}
    for one in children(element, "TranslatedText") if element is not None else ():
        text = " ".join("".join(str(part) for part in one.itertext()).split())
        if text:
            found.setdefault(one.get(XML_LANG) or default, text)
    return found


def content(element: Element | None) -> str:
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def version_of(element: Element) -> Version | None:
    """The version of ODM whose namespace the element has."""
    found = namespace(element)
    if found == NAMESPACES["2.0"]:
        return "2.0"
    # 1.2 has a namespace of its own and is close enough to be read; so are 1.3 and 1.3.1.
    return "1.3.2" if found.startswith("http://www.cdisc.org/ns/odm/v1.") else None


def walk(source: Path | IO[bytes], ends: Iterable[str], file: str) -> Iterator[tuple[str, Element]]:
    """("start" | "end", element) of a file as it is read; ends only of the elements named, starts of every one.

    Raises ``StudyFaults`` with the line when the file is not well-formed, holds an entity or is nested too deeply. The
    caller clears what it has dealt with.
    """
    wanted, depth = set(ends), 0
    stream = source.open("rb") if isinstance(source, Path) else source
    try:
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for event, element in events:
            depth += 1 if event == "start" else -1
            if depth == 1 and event == "start" and (found := element.getroottree().docinfo.internalDTD) is not None:
                raise StudyFaults(
                    [Fault(file, 1, str(found.name), "a document type is not accepted", "ODM without DTD")]
                )
            if depth > MAX_DEPTH:
                raise StudyFaults(
                    [Fault(file, line_of(element), "", "nested too deeply", f"at most {MAX_DEPTH} levels")]
                )
            if event == "start" or local(element) in wanted:
                yield event, element
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise StudyFaults([Fault(file, line, "", f"not well-formed XML: {error.msg}", "ODM 1.3.2 or 2.0")]) from None
    except (ValueError, LookupError, OSError, UnicodeError) as error:
        if isinstance(error, StudyFaults):
            raise
        raise StudyFaults([Fault(file, 0, "", f"the file cannot be read: {error}", "ODM 1.3.2 or 2.0")]) from None
    finally:
        if isinstance(source, Path):
            stream.close()


def line_of(element: Element) -> int:
    line: Any = element.sourceline  # the stubs know neither int nor None here
    return int(line or 0)
