"""The report as blocks: the outline of E3, the words of the study package, and gaps that say who fills them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helmont.reports.csr.bindings import BLOCKS, Binder, Bound
from helmont.reports.csr.blocks import Block, Grid, Heading, Paragraph
from helmont.reports.csr.outline import APPENDICES, IN_PACKAGE, OUTLINE, author_of
from helmont.reports.csr.protocol import outputs
from helmont.reports.csr.templates import Binding, Passage, Template
from helmont.reports.package import Point
from helmont.reports.publishing import Shown
from helmont.study.analyses.model import ReportingEvent
from helmont.study.faults import Fault
from helmont.study.model import Study


@dataclass(frozen=True, slots=True)
class Report:
    """``title_page`` are the fields of its first page; ``bound`` says of every number which result it is."""

    title: str
    study: str
    sponsor: str
    date: str
    language: str
    title_page: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    bound: tuple[Bound, ...]
    faults: tuple[Fault, ...]


def report_of(
    study: Study, template: Template, event: ReportingEvent | None, made: Mapping[str, Shown], point: Point
) -> Report:
    """The report of a study at a point of the ledger; ``made`` are the outputs that could be made, by number."""
    binder = Binder(study, event, made)
    blocks = tuple(_Writer(template, binder, made).blocks())
    gaps = sum(isinstance(each, Paragraph) and each.open for each in blocks)
    faults = list(binder.faults)
    if gaps:
        faults.append(Fault("report/csr.pdf", 0, "", f"{gaps} sections are still to be written", severity="warning"))
    date = f"{point.moment:%Y-%m-%d}"
    return Report(
        str(study.title), study.id, study.sponsor or "", date, "en", tuple(_title_page(study, point)), blocks,
        tuple(binder.bound), tuple(faults),
    )  # fmt: skip


def _title_page(study: Study, point: Point) -> Iterator[tuple[str, str]]:
    """The fields of ICH M11's title page that the definition knows, and the point of the ledger."""
    identifiers = {each.type: each.value for each in study.identifiers}
    yield "Full title", str(study.title)
    yield "Sponsor protocol identifier", identifiers.pop("sponsor", study.id)
    if study.acronym:
        yield "Acronym", study.acronym
    if study.phase:
        yield "Trial phase", study.phase
    yield "Sponsor", study.sponsor or "to be named by the sponsor"
    for kind, value in identifiers.items():
        yield f"{kind} number", value
    yield "Study definition", f"version {point.version}"
    yield "Data", f"the first {point.size:,} entries of the study’s ledger, to {point.moment:%d %B %Y, %H:%M} UTC"
    yield "Root of the ledger", point.root
    yield "Sponsor approval", "to be signed by the sponsor’s responsible medical officer"


class _Writer:
    def __init__(self, template: Template, binder: Binder, made: Mapping[str, Shown]) -> None:
        self.template, self.binder, self.made = template, binder, made

    def blocks(self) -> Iterator[Block]:
        numbers = [each.number for each in OUTLINE]
        for section in OUTLINE:
            about = f"ICH M11: {section.m11}" if section.m11 else ""
            yield Heading(section.level, f"{section.number} {section.title}", about)
            passages = self.template.sections.get(section.number, ())
            for passage in passages:
                yield from self._passage(passage, section.number)
            if section.number == "14" and self.made:
                yield outputs([each.output for each in self.made.values()])
            elif section.number == "16":
                yield _appendices()
            elif not passages and not any(other.startswith(f"{section.number}.") for other in numbers):
                who, what = author_of(section.number)
                yield Paragraph(f"To be written by {who}: {what}.", open=True)

    def _passage(self, passage: Passage, section: str) -> Iterator[Block]:
        if len(passage.parts) == 1 and isinstance(only := passage.parts[0], Binding) and only.name in BLOCKS:
            grid = self.binder.grid(only)
            if grid is not None:
                yield grid
            return
        words = [each if isinstance(each, str) else self.binder.text(each, section) for each in passage.parts]
        yield Paragraph("".join(words), item=passage.item)


def _appendices() -> Grid:
    rows = [(number, title, IN_PACKAGE.get(number, "to be added")) for number, title in APPENDICES]
    return Grid("Appendices", [("Number", "Appendix", "Where")], rows, (14, 56, 30))
