"""define.html: the document as one page for people, that opens from a folder, without scripts and without a network.

Our own layout; the style sheet of CDISC is another's work. Every reference is a link, within the page or into a file
beside it, PDF pages included.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from helmont.standards.define.html import Html, escaped, link, page_links, table
from helmont.standards.define.model import Dataset, Define, Item, Value, Variable
from helmont.standards.define.rendering_parts import Shared

STYLE = (Path(__file__).parent / "define.css").read_text(encoding="utf-8")


def render(define: Define) -> str:
    """The page as HTML. It holds its style in a ``style`` element, so that the file is whole by itself."""
    shared = Shared(define)
    title = f"{define.study_name}: {define.version_name}"
    parts = [*_head(define, title), '<div class="page">', *_navigation(define), '<main id="content">']
    parts += [f"<h1>{escaped(title)}</h1>", f"<p>{escaped(define.study_description)}</p>"]
    parts += [*shared.about(), *shared.standards(), *_datasets(define)]
    for dataset in define.datasets:
        parts += _dataset(shared, dataset)
    parts += [*shared.displays(), *shared.codelists(), *shared.methods(), *shared.comments(), *shared.documents()]
    return "\n".join([*parts, "</main>", "</div>", "</body>", "</html>", ""])


def _head(define: Define, title: str) -> Iterator[Html]:
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escaped(define.language)}">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escaped(title)}</title>"
    yield f"<style>\n{STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield '<a class="skip" href="#content">Skip to the content</a>'


def _navigation(define: Define) -> Iterator[Html]:
    yield '<nav aria-label="Contents">'
    yield '<ul><li><a href="#standards">Standards</a></li><li><a href="#datasets">Datasets</a>'
    named = (
        f'<li><a href="#{escaped(one.oid)}">{escaped(one.name)}</a> {escaped(one.label)}</li>'
        for one in define.datasets
    )
    yield f"<ul>{''.join(named)}</ul></li>"
    for anchor, words, there in (
        ("displays", "Analyses", define.displays), ("codelists", "Codelists", define.codelists),
        ("methods", "Methods", define.methods), ("comments", "Comments", define.comments),
        ("documents", "Documents", define.leaves),
    ):  # fmt: skip
        if there:
            yield f'<li><a href="#{anchor}">{words}</a></li>'
    yield "</ul></nav>"


def _datasets(define: Define) -> Iterator[Html]:
    yield '<h2 id="datasets">Datasets</h2>'
    rows = [
        (
            link(f"#{one.oid}", one.name),
            escaped(one.label),
            escaped(one.class_name.capitalize()),
            escaped(one.structure),
            escaped(one.purpose),
            escaped(", ".join(key.item.name for key in one.key_variables())),
            "No data" if one.leaf is None else link(one.leaf.href, one.leaf.title),
        )
        for one in define.datasets
    ]
    heads = ("Dataset", "Description", "Class", "Structure", "Purpose", "Keys", "File")
    yield table("Datasets of the submission", heads, rows)


def _dataset(shared: Shared, dataset: Dataset) -> Iterator[Html]:
    yield f'<section aria-labelledby="{escaped(dataset.oid)}">'
    yield f'<h2 id="{escaped(dataset.oid)}">{escaped(dataset.name)} <span>{escaped(dataset.label)}</span></h2>'
    standard = shared.standard_name(dataset.standard) if dataset.standard else "not of a standard"
    file = "" if dataset.leaf is None else f" · {link(dataset.leaf.href, dataset.leaf.title)}"
    said = escaped(" · ".join((dataset.structure, dataset.class_name.capitalize(), standard)))
    yield f'<p class="soft">{said}{file}</p>'
    if dataset.comment:
        yield f"<p>{shared.comment(dataset.comment)}</p>"
    rows: list[tuple[Html, ...]] = []
    for variable in dataset.variables:
        rows.append(_variable(shared, variable))
        listed = variable.item.values
        rows += [_value(shared, variable, value) for value in (listed.values if listed else ())]
    heads = ("Variable", "Label or condition", "Key", "Type", "Length or format", "Terms", "Origin, method, comment")
    yield table(f"Variables of {dataset.name}", heads, rows)
    yield "</section>"


def _variable(shared: Shared, variable: Variable) -> tuple[Html, ...]:
    item = variable.item
    marks = [mark for mark, there in (("required", variable.mandatory), ("not standard", variable.non_standard),
                                      ("no data", variable.no_data)) if there]  # fmt: skip
    role = f'<br><span class="soft">{escaped(variable.role)}</span>' if variable.role else ""
    said = f'<br><span class="soft">{", ".join(marks)}</span>' if marks else ""
    name = f"<strong{shared.anchor(item.oid)}>{escaped(item.name)}</strong>"
    return (
        name, f"{escaped(item.label)}{role}{said}", str(variable.key or ""), escaped(item.type), _size(item),
        _terms(shared, item), _origin(shared, item, variable.method),
    )  # fmt: skip


def _value(shared: Shared, variable: Variable, value: Value) -> tuple[Html, ...]:
    item = value.item
    where = " <em>or</em> ".join(shared.where(oid) for oid in value.where)
    label = f"<br>{escaped(item.label)}" if item.label else ""
    return (
        f'<span class="value">{escaped(variable.item.name)}</span>', f'<span class="where">where {where}</span>{label}', "",
        escaped(item.type), _size(item), _terms(shared, item), _origin(shared, item, value.method),
    )  # fmt: skip


def _size(item: Item) -> Html:
    digits = f".{item.significant_digits}" if item.significant_digits is not None else ""
    size = f"{item.length}{digits}" if item.length is not None else ""
    return escaped(" · ".join(part for part in (size, item.format) if part))


def _terms(shared: Shared, item: Item) -> Html:
    return link(f"#{item.codelist}", shared.name(item.codelist)) if item.codelist else ""


def _origin(shared: Shared, item: Item, method: str | None) -> Html:
    parts = []
    for origin in item.origins:
        by = f" ({escaped(origin.source)})" if origin.source else ""
        said = f": {escaped(origin.description)}" if origin.description else ""
        pages = page_links(origin.documents, shared.leaves)
        parts.append(f"{escaped(origin.type)}{by}{said}{f' {pages}' if pages else ''}")
    if method:
        parts.append(f"Method: {link(f'#{method}', shared.name(method))}")
    if item.comment:
        parts.append(shared.comment(item.comment))
    return "<br>".join(parts)
