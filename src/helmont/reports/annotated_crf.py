"""The annotated CRF: every form of a study once, each question with where its answer goes in SDTM, as PDF/A-2a and PDF/UA-1.

The page of each question is given with it, since the origins in Define-XML name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from helmont.reports.annotation import unit_variable
from helmont.reports.bookmarks import Bookmark, with_bookmarks
from helmont.reports.crf_contents import Contents, Words
from helmont.reports.typesetting import typeset_and_asked
from helmont.standards.define.documents import DocumentRef, Pages
from helmont.standards.define.model import Origin
from helmont.study.model import Item, Study


@dataclass(frozen=True, slots=True)
class AnnotatedCrf:
    """The PDF, and the pages (from 1) of each question, by form and item: ``("VS", "SYSBP")``."""

    pdf: bytes
    pages: Mapping[tuple[str, str], int]

    def variable_pages(
        self, study: Study, domain: str, variable: str, where: Mapping[str, str] | None = None
    ) -> tuple[int, ...]:
        """Pages of the questions whose answers go to a variable; with ``where`` only to these rows of it."""
        found = {
            page for form in study.forms for item in form.items() if _goes_to(item, domain, variable, where)
            if (page := self.pages.get((form.id, item.id)))
        }  # fmt: skip
        return tuple(sorted(found))

    def origin(
        self, study: Study, leaf: str, domain: str, variable: str, where: Mapping[str, str] | None = None
    ) -> Origin | None:
        """The origin of a collected variable, for Define-XML, with its pages; ``leaf`` is the id of this PDF there."""
        pages = self.variable_pages(study, domain, variable, where)
        return Origin("Collected", "Investigator", documents=(DocumentRef(leaf, (Pages(pages),)),)) if pages else None


def _goes_to(item: Item, domain: str, variable: str, where: Mapping[str, str] | None) -> bool:
    target = item.sdtm
    if target is None or target.domain != domain or variable not in (target.variable, unit_variable(item)):
        return False
    return where is None or all(target.where.get(name) == value for name, value in where.items())


def annotated_crf(study: Study, language: str, moment: datetime, words: Words | None = None) -> AnnotatedCrf:
    """The annotated CRF in one language of the study; ``moment`` is the time of making, ``words`` the headings.

    Annotations are in English, which is what SDTM is written in. Fonts are those inside typst, so the file is the same
    anywhere.
    """
    contents = Contents(study, language, words or Words())
    pdf, said = typeset_and_asked(
        "annotated_crf.typ", orjson.dumps(asdict(contents.paper())), moment, selector="<item>"
    )
    places: list[dict[str, Any]] = orjson.loads(said)
    pages = {(str(one["form"]), str(one["item"])): int(one["page"]) for one in places}
    return AnnotatedCrf(with_bookmarks(pdf, _bookmarks(contents)), pages)


def _bookmarks(contents: Contents) -> list[Bookmark]:
    """Forms by visit, then forms by name; the cover is heading 0, the forms follow it."""
    paper = contents.paper()
    headings = {form.id: place for place, form in enumerate(paper.forms, 1)}
    titles = {form.id: form.title for form in paper.forms}

    def of(forms: tuple[str, ...]) -> tuple[Bookmark, ...]:
        return tuple(Bookmark(titles[form], headings[form]) for form in forms)

    visits = tuple(
        Bookmark(visit.label, headings[visit.forms[0]], of(visit.forms)) for visit in paper.visits if visit.forms
    )
    by_name = of(tuple(sorted(headings, key=lambda form: titles[form].casefold())))
    found = [Bookmark(paper.words.title, 0)]
    if visits:
        found.append(Bookmark(paper.words.visits, 0, visits))
    return [*found, Bookmark(paper.words.forms, 0, by_name)] if by_name else found
