"""Rows as REDCap's API writes and reads them: JSON, CSV and XML."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any, cast
from xml.sax.saxutils import escape

import orjson
from lxml import etree

from helmont.core.errors import Fault, Invalid

FORMATS = {"json": "application/json", "csv": "text/csv", "xml": "text/xml"}
PROLOGUE = '<?xml version="1.0" encoding="UTF-8" ?>'
QUOTED = frozenset(',"\n\r\t ')
MOST_COLUMNS = 20_000
Row = Mapping[str, Any]


def write_rows(
    rows: Sequence[Row],
    form: str,
    columns: Sequence[str] = (),
    names: tuple[str, str] = ("records", "item"),
    heads: Sequence[str] = (),
) -> bytes:
    """The rows in one of ``FORMATS``. ``columns`` orders CSV (else the first row does), ``heads`` are titles for it."""
    if form == "json":
        return orjson.dumps(list(rows))
    if form == "csv":
        columns = columns or list(rows[0] if rows else ())
        lines = [heads or columns, *([_flat(row.get(column, "")) for column in columns] for row in rows)]
        return "".join(",".join(map(_csv, line)) + "\n" for line in lines).encode() if columns else b""
    outer, inner = names
    body = "".join(f"<{inner}>{_xml_members(row)}</{inner}>" for row in rows)
    return f"{PROLOGUE}<{outer}>{body}</{outer}>".encode()


def write_object(content: Row, form: str, name: str) -> bytes:
    """One object: a single row."""
    if form == "json":
        return orjson.dumps(content)
    if form == "csv":
        return write_rows([content], form)
    return f"{PROLOGUE}<{name}>{_xml_members(content)}</{name}>".encode()


def write_error(message: str, form: str) -> bytes:
    if form == "json":
        return orjson.dumps({"error": message})
    if form == "csv":
        return f"ERROR: {message}".encode()
    return f"{PROLOGUE}<hash><error>{escape(message)}</error></hash>".encode()


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{one}" for key, one in value.items())
    return "" if value is None else str(value)


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if QUOTED.intersection(text) else text


def _xml_members(row: Row) -> str:
    return "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in row.items())


def _xml(value: Any) -> str:
    if isinstance(value, Mapping):
        return _xml_members(value)
    return escape(_flat(value))


def read_rows(text: str, form: str) -> list[dict[str, Any]]:
    """Rows that a client sends; raises ``Invalid`` saying where they cannot be read."""
    if form == "json":
        return _read_json(text)
    return _read_csv(text) if form == "csv" else _read_xml(text)


def _read_json(text: str) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid([Fault("data", f"not JSON: {error}", "a list of objects")]) from None
    rows = found if isinstance(found, list) else [found]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise Invalid([Fault(f"data, row {number}", "this is not an object", "a list of objects")])
    return rows


def _read_csv(text: str) -> list[dict[str, Any]]:
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise Invalid([Fault("data", f"not CSV: {error}", "a header and one line a row")]) from None
    if not lines:
        return []
    header, *body = lines
    if len(header) > MOST_COLUMNS or len(set(header)) != len(header):
        raise Invalid([Fault("data, line 1", "column names occur twice, or are too many", "one name for each column")])
    rows = []
    for number, line in enumerate(body, start=2):
        if not line:
            continue
        if len(line) != len(header):
            found = f"{len(line)} values under {len(header)} columns"
            raise Invalid([Fault(f"data, line {number}", found, "as many values as columns")])
        rows.append(dict(zip(header, line, strict=True)))
    return rows


def read_tree(text: str, place: str = "data", declared: bool = False) -> Any:
    """The root element of an XML text; raises ``Invalid``. Nothing outside the text is read.

    ``declared``: an XML declaration may name another encoding than UTF-8 and is passed over.
    """
    if declared:
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid([Fault(place, f"not XML: {error}", "a well-formed document")]) from None
    if cast(Any, root.getroottree().docinfo).doctype:
        raise Invalid([Fault(place, "the document declares a document type", "XML without <!DOCTYPE …>")])
    return root


def _read_xml(text: str) -> list[dict[str, Any]]:
    root = read_tree(text)
    items = [root] if root.tag == "item" else list(root.iterchildren("item"))
    return [{str(child.tag): _content(child) for child in item.iterchildren(tag=etree.Element)} for item in items]


def _content(element: Any) -> Any:
    children = list(element.iterchildren(tag=etree.Element))
    if children:
        return {str(child.tag): _content(child) for child in children}
    return unescape(element.text or "").strip()
