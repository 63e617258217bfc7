"""XML as Define-XML needs it: prefixed names, and a parser that trusts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from lxml import etree

from helmont.standards.define.names import DEF, NAMESPACES, ODM
from helmont.standards.odm.xml import writable
from helmont.study.faults import Fault, StudyFaults

Element = etree._Element
MAX_BYTES = 200_000_000


def qualified(name: str) -> str:
    """``def:Class`` in Clark notation; without a prefix an element is one of ODM."""
    prefix, colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else f"{{{ODM}}}{name}"


def attribute(name: str) -> str:
    """An attribute in Clark notation; without a prefix it has no namespace."""
    return qualified(name) if ":" in name else name


def add(parent: Element, name: str, attributes: Mapping[str, Any] | None = None, text: str = "") -> Element:
    """A child; attributes that are ``None``, ``False`` or empty are left out, ``True`` is ``Yes``."""
    child = etree.SubElement(parent, qualified(name))
    for key, value in (attributes or {}).items():
        if value is not None and value is not False and value != "":
            child.set(attribute(key), "Yes" if value is True else writable(str(value)))
    if text:
        child.text = writable(text)
    return child


def describe(parent: Element, text: str, language: str, name: str = "Description") -> None:
    """The text as Description (or Decode) in a language; nothing for an empty one."""
    if text:
        add(add(parent, name), "TranslatedText", {"xml:lang": language}, text)


def yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def parsed(source: Path | IO[bytes], file: str) -> Element:
    """The root of a file. Raises ``StudyFaults`` when it is too large, not well-formed, or has a document type."""
    data = source.read_bytes() if isinstance(source, Path) else source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise refused(file, 0, "too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise refused(file, error.lineno or 1, f"not well-formed XML: {error.msg}") from None
    except (ValueError, LookupError) as error:
        raise refused(file, 0, f"the file cannot be read: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused(file, 1, "a document type is not accepted")
    return root


def refused(file: str, line: int, message: str) -> StudyFaults:
    return StudyFaults([Fault(file, line, "", message, f"Define-XML 2.1 ({DEF})")])


def each(element: Element | None, name: str) -> Iterator[Element]:
    """Children of a name."""
    return iter(()) if element is None else element.iterchildren(qualified(name))


def first(element: Element | None, name: str) -> Element | None:
    return next(each(element, name), None)


def get(element: Element, name: str) -> str | None:
    """An attribute; ``None`` when it is absent or empty."""
    value = element.get(attribute(name))
    return str(value).strip() or None if value is not None else None


def text_of(element: Element | None) -> str:
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def described(element: Element | None, name: str = "Description") -> str:
    """The first text of its Description (or Decode)."""
    return text_of(first(first(element, name), "TranslatedText"))


def whole(element: Element, name: str) -> int | None:
    """An attribute as a whole number; ``None`` when it is none."""
    value = get(element, name)
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


def line_of(element: Element) -> int:
    line: Any = element.sourceline  # the stubs know neither int nor None here
    return int(line or 0)
