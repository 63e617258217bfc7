"""What several datasets share, on the page: standards, codelists, methods, comments, analyses and documents."""

from __future__ import annotations

from collections.abc import Iterator

from helmont.standards.define.analyses import AnalysisResult
from helmont.standards.define.check_references import all_leaves
from helmont.standards.define.html import Html, escaped, link, page_links, table
from helmont.standards.define.model import Codelist, Condition, Define

SIGNS = {"EQ": "=", "NE": "≠", "LT": "<", "LE": "≤", "GT": ">", "GE": "≥", "IN": "in", "NOTIN": "not in"}


class Shared:
    def __init__(self, define: Define) -> None:
        self.define = define
        self.leaves = {leaf.id: leaf for leaf in all_leaves(define)}
        self.items = {item.oid: item for item in define.items()}
        self.places = {variable.item.oid: dataset.name for dataset, variable in define.variables()}
        self.clauses = {one.oid: one for one in define.where_clauses}
        self.texts = {one.oid: one for one in define.comments}
        self.anchored: set[str] = set()
        self.names = {one.oid: one.name for one in define.datasets}
        self.names.update((one.oid, one.name) for one in define.codelists)
        self.names.update((one.oid, one.name) for one in define.methods)

    def standard_name(self, oid: str) -> str:
        return next((f"{one.name} {one.version}" for one in self.define.standards if one.oid == oid), oid)

    def name(self, oid: str) -> str:
        """Of a dataset, a codelist or a method."""
        return self.names.get(oid, oid)

    def anchor(self, oid: str) -> Html:
        """The id of an item at the first place where it is shown; datasets may share it, ids may not."""
        if oid in self.anchored:
            return ""
        self.anchored.add(oid)
        return f' id="{escaped(oid)}"'

    def comment(self, oid: str) -> Html:
        """The text itself, so that nobody has to follow a link for a sentence."""
        one = self.texts.get(oid)
        if one is None:
            return escaped(oid)
        pages = page_links(one.documents, self.leaves)
        return f'<span class="comment">{escaped(one.text)}</span>{f" {pages}" if pages else ""}'

    def where(self, oid: str) -> Html:
        """``VSTESTCD = SYSBP``; a variable of more than one place with its dataset."""
        clause = self.clauses.get(oid)
        if clause is None:
            return escaped(oid)
        several = len({self.places.get(one.item) for one in clause.conditions}) > 1
        return " and ".join(self._condition(one, several) for one in clause.conditions)

    def _condition(self, one: Condition, several: bool) -> Html:
        name = self.items[one.item].name if one.item in self.items else one.item
        prefix = f"{self.places.get(one.item, '')}." if several else ""
        values = ", ".join(one.values)
        shown = f"({values})" if one.comparator in ("IN", "NOTIN") else values
        return f"{link(f'#{one.item}', prefix + name)} {escaped(SIGNS.get(one.comparator, one.comparator))} {escaped(shown)}"

    def about(self) -> Iterator[Html]:
        define = self.define
        said = [
            ("Study", define.study_name), ("Protocol", define.protocol), ("Made", define.created),
            ("Document", define.file), ("By", " ".join(filter(None, (define.source_system, define.source_version)))),
        ]  # fmt: skip
        yield f"<dl>{''.join(f'<dt>{name}</dt><dd>{escaped(value)}</dd>' for name, value in said if value)}</dl>"
        for words, documents in (("Annotated CRF", define.annotated_crf), ("Beside it", define.supplemental)):
            if documents:
                yield f"<p>{words}: {page_links(documents, self.leaves)}</p>"

    def standards(self) -> Iterator[Html]:
        yield '<h2 id="standards">Standards</h2>'
        rows = [
            (escaped(f"{one.name} {one.publishing_set or ''}".strip()), escaped(one.version), escaped(one.type),
             escaped(one.status), self.comment(one.comment) if one.comment else "")
            for one in self.define.standards
        ]  # fmt: skip
        yield table("Standards that the datasets follow", ("Standard", "Version", "Type", "Status", "Comment"), rows)

    def codelists(self) -> Iterator[Html]:
        if self.define.codelists:
            yield '<h2 id="codelists">Codelists</h2>'
        for one in self.define.codelists:
            code = f" <span>{escaped(one.ccode)}</span>" if one.ccode else ""
            yield f'<h3 id="{escaped(one.oid)}">{escaped(one.name)}{code}</h3>'
            if one.comment:
                yield f"<p>{self.comment(one.comment)}</p>"
            yield self._external(one) if one.external else self._terms(one)

    def _external(self, one: Codelist) -> Html:
        assert one.external is not None
        said = f"{one.external.dictionary} {one.external.version}"
        return f"<p>External dictionary: {link(one.external.href, said) if one.external.href else escaped(said)}</p>"

    def _terms(self, one: Codelist) -> Html:
        rows = [
            (escaped(term.code), escaped(term.decode if term.decode is not None else term.description),
             "extended" if term.extended else escaped(term.ccode))
            for term in one.terms
        ]  # fmt: skip
        return table(f"Terms of {one.name}", ("Code", "Meaning", "NCI code"), rows)

    def methods(self) -> Iterator[Html]:
        if self.define.methods:
            yield '<h2 id="methods">Methods</h2>'
        for one in self.define.methods:
            yield f'<h3 id="{escaped(one.oid)}">{escaped(one.name)} <span>{escaped(one.type)}</span></h3>'
            yield f"<p>{escaped(one.description)} {page_links(one.documents, self.leaves)}</p>"
            for expression in one.expressions:
                yield f'<p class="soft">{escaped(expression.context)}</p><pre tabindex="0">{escaped(expression.text)}</pre>'

    def comments(self) -> Iterator[Html]:
        if self.define.comments:
            yield '<h2 id="comments">Comments</h2>'
            rows = [
                (f'<span id="{escaped(one.oid)}">{escaped(one.oid)}</span>', self.comment(one.oid))
                for one in self.define.comments
            ]
            yield table("Comments", ("Comment", "Text"), rows)

    def documents(self) -> Iterator[Html]:
        if self.define.leaves:
            yield '<h2 id="documents">Documents</h2>'
            yield f"<ul>{''.join(f'<li>{link(one.href, one.title)}</li>' for one in self.define.leaves)}</ul>"

    def displays(self) -> Iterator[Html]:
        if self.define.displays:
            yield '<h2 id="displays">Analyses</h2>'
        for display in self.define.displays:
            yield f'<section aria-labelledby="{escaped(display.oid)}">'
            yield f'<h3 id="{escaped(display.oid)}">{escaped(display.name)} <span>{escaped(display.description)}</span></h3>'
            if display.documents:
                yield f"<p>{page_links(display.documents, self.leaves)}</p>"
            for result in display.results:
                yield from self._result(result)
            yield "</section>"

    def _result(self, result: AnalysisResult) -> Iterator[Html]:
        yield f'<h4 id="{escaped(result.oid)}">{escaped(result.description)}</h4><dl>'
        yield f"<dt>Reason</dt><dd>{escaped(result.reason)}</dd><dt>Purpose</dt><dd>{escaped(result.purpose)}</dd>"
        for one in result.datasets:
            where = f", where {self.where(one.where)}" if one.where else ""
            names = (link(f"#{oid}", self.items[oid].name if oid in self.items else oid) for oid in one.variables)
            name = link(f"#{one.dataset}", self.name(one.dataset))
            yield f"<dt>Data</dt><dd>{name}{where}: {', '.join(names)}</dd>"
        if result.join_comment:
            yield f"<dt>Joined</dt><dd>{self.comment(result.join_comment)}</dd>"
        if result.documentation:
            yield f"<dt>How</dt><dd>{escaped(result.documentation)} {page_links(result.documents, self.leaves)}</dd>"
        yield "</dl>"
        if (program := result.program) is not None:
            pages = page_links(program.documents, self.leaves)
            code = f'<pre tabindex="0">{escaped(program.code)}</pre>' if program.code else ""
            yield f'<p class="soft">{escaped(program.context)} {pages}</p>{code}'
