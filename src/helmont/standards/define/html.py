"""HTML as text, every word of the data escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote, urlsplit

from helmont.standards.define.documents import DocumentRef, Leaf, Pages

Html = str


def escaped(text: str | None) -> Html:
    return escape(text or "", quote=True)


def link(address: str, words: str) -> Html:
    """A link; addresses that would run something or leave for another place than a page or a file are shown as text."""
    if not address.startswith("#") and urlsplit(address).scheme not in ("", "http", "https"):
        return escaped(words)
    return f'<a href="{quote(address, safe="#/:?=&.%-_~")}">{escaped(words)}</a>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Html]]) -> Html:
    """A table whose first cell of each row is its heading; cells are HTML."""
    top = "".join(f'<th scope="col">{escaped(head)}</th>' for head in heads)
    body = "\n".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    return (
        f'<div class="wide" role="region" aria-label="{escaped(caption)}" tabindex="0"><table><caption>{escaped(caption)}'
        f"</caption><thead><tr>{top}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def page_links(documents: Iterable[DocumentRef], leaves: Mapping[str, Leaf]) -> Html:
    """The documents with their pages, each a link that opens the PDF there."""
    found = []
    for document in documents:
        leaf = leaves.get(document.leaf)
        if leaf is None:
            found.append(escaped(document.leaf))
        elif not document.pages:
            found.append(link(leaf.href, leaf.title))
        for pages in document.pages if leaf else ():
            places = ", ".join(link(f"{leaf.href if leaf else ''}#{place}", words) for place, words in _places(pages))
            named = pages.title or (leaf.title if leaf else "")
            found.append(f"{escaped(named)} p. {places}" if not pages.names else f"{escaped(named)} {places}")
    return "; ".join(found)


def _places(pages: Pages) -> list[tuple[str, str]]:
    if pages.names:
        return [(f"nameddest={quote(name)}", name) for name in pages.names]
    if pages.first is not None:
        return [(f"page={pages.first}", f"{pages.first}–{pages.last}")]
    return [(f"page={page}", str(page)) for page in pages.pages]
