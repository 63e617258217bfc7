"""What an annotated CRF says, as text alone: ``annotated_crf.typ`` lays it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from helmont.reports.annotation import Annotation, annotation, domains_of, legend, unit_variable
from helmont.study.model import Codelist, Form, Group, Item, Study
from helmont.study.text import Text
from helmont.study.units import unit

Kind = Literal["text", "number", "date", "time", "datetime", "options", "file", "calculated"]


@dataclass(frozen=True, slots=True)
class Words:
    """The headings, in the language of the reader; annotations themselves are always in English."""

    title: str = "Annotated case report form"
    study: str = "Study"
    version: str = "Version of the study definition"
    sponsor: str = "Sponsor"
    identifiers: str = "Identifiers"
    domains: str = "Domains"
    visits: str = "Forms by visit"
    forms: str = "Forms by name"
    logs: str = "Logs"
    unscheduled: str = "Unscheduled"
    question: str = "Question"
    answer: str = "Answer"
    target: str = "SDTM"
    page: str = "Page"
    form: str = "Form"
    visit: str = "Visit"
    several: str = "one or more"
    day: str = "day"
    month: str = "month"
    year: str = "year"
    calculated: str = "calculated"
    file: str = "file"
    partial: str = "may be incomplete"
    rows: str = "Rows:"
    log: str = "Log: one page for each line"
    legend: str = (
        "Each question stands once. The coloured box beside it names the variable that holds the answer, in the colour of"
        " its domain at the top of the form; a dashed box says that the answer is not submitted."
    )


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How a question is answered: ``options`` to choose from (``many``: several), or a field with its units, beside which
    stands where the unit goes (``unit_target``)."""

    kind: Kind
    options: tuple[Option, ...] = ()
    many: bool = False
    units: tuple[str, ...] = ()
    lines: int = 1
    note: str = ""
    unit_target: Annotation | None = None


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    label: str
    hint: str
    answer: Answer
    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    note: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class CrfForm:
    id: str
    title: str
    note: str
    visits: tuple[str, ...]
    legend: tuple[Annotation, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    label: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    study: str
    title: str
    language: str
    particulars: tuple[tuple[str, str], ...]
    visits: tuple[Visit, ...]
    forms: tuple[CrfForm, ...]
    words: Words = field(default_factory=Words)


class Contents:
    """Puts the forms of a study into words, in one of its languages."""

    def __init__(self, study: Study, language: str, words: Words) -> None:
        self.study, self.language, self.words = study, language, words
        self.codelists: dict[str, Codelist] = {one.id: one for one in study.codelists}

    def paper(self) -> Paper:
        return self._paper

    @cached_property
    def _paper(self) -> Paper:
        visits = tuple(self._visits())
        study, words = self.study, self.words
        said = [(words.study, study.id), (words.version, study.version), (words.sponsor, study.sponsor or "")]
        said.append((words.identifiers, " · ".join(f"{one.type} {one.value}" for one in study.identifiers)))
        return Paper(
            study=study.id,
            title=self._text(study.title),
            language=self.language,
            particulars=tuple((name, value) for name, value in said if value),
            visits=visits,
            forms=tuple(self._form(form, visits) for form in study.forms),
            words=words,
        )

    def _text(self, text: Text | None) -> str:
        return text.get(self.language)[0] if text is not None else ""

    def _visits(self) -> Iterator[Visit]:
        """Visits in their order, what is offered between them, and the logs; only those that have forms."""
        protocol = self.study.protocol
        planned = [(self._text(one.label), self._forms_at(one.id)) for one in protocol.encounters]
        if protocol.unscheduled is not None:
            planned.append((self.words.unscheduled, protocol.unscheduled.forms))
        planned.append((self.words.logs, protocol.logs))
        return (Visit(label, forms) for label, forms in planned if forms)

    def _forms_at(self, encounter: str) -> tuple[str, ...]:
        protocol = self.study.protocol
        planned = (one for one in protocol.activities if encounter in protocol.schedule.get(one.id, ()))
        return tuple(dict.fromkeys(form for activity in planned for form in activity.forms))

    def _form(self, form: Form, visits: tuple[Visit, ...]) -> CrfForm:
        where = tuple(visit.label for visit in visits if form.id in visit.forms and form.kind == "visit")
        domains = domains_of(form)
        sections = tuple(self._section(group, domains) for group in form.groups)
        note = self.words.log if form.kind == "log" else ""
        return CrfForm(form.id, self._text(form.title), note, where, legend(form), sections)

    def _section(self, group: Group, domains: dict[str, str]) -> Section:
        note = ""
        if group.repeats is not None:
            labels = [self._text(label) for label in group.repeats.labels]
            note = f"{self.words.rows} {'; '.join(labels) if labels else f'{group.repeats.min}–{group.repeats.max}'}"
        questions = (
            Question(
                item.id,
                self._text(item.label),
                self._text(item.hint),
                self._answer(item, domains),
                annotation(item, domains),
            )
            for item in group.items
        )
        return Section(self._text(group.title), note, tuple(questions))

    def _answer(self, item: Item, domains: dict[str, str]) -> Answer:
        words = self.words
        if item.type in ("codelist", "multiselect"):
            options = tuple(self._options(item.codelist or ""))
            return Answer(
                "options", options, item.type == "multiselect", note=words.several if item.type == "multiselect" else ""
            )
        units = tuple(unit(code).label for code in (item.units or ((item.unit,) if item.unit else ())))
        if item.type == "calculated":
            return Answer("calculated", units=units, note=words.calculated)
        if item.type in ("integer", "decimal"):
            target = unit_variable(item)
            colour = annotation(item, domains).colour
            return Answer("number", units=units, unit_target=Annotation(target, colour) if target else None)
        if item.type in ("date", "datetime", "time"):
            kind: Kind = "date" if item.type == "date" else "datetime" if item.type == "datetime" else "time"
            return Answer(kind, note=words.partial if item.partial else "")
        return Answer("file", note=words.file) if item.type == "file" else Answer("text", lines=item.lines)

    def _options(self, codelist: str) -> Iterator[Option]:
        found = self.codelists.get(codelist)
        for term in found.terms if found else ():
            yield Option(self._text(term.label), term.sdtm or "")
