"""What a reviewer's guide says, section by section, as blocks that a PDF and a Word document are both made from.

The sections are those that reviewers know from the templates of PHUSE (cSDRG and ADRG); the words are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helmont.reports.guide_model import Guide


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``open`` ones say what somebody still has to write."""

    text: str
    open: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class GuideTable:
    """``widths`` are shares of the page; ``caption`` says what the table is."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    kind: str = "table"


Block = Heading | Paragraph | GuideTable
SECTIONS = {
    "purpose": "what this guide adds to the data definitions, and for whom",
    "design": "the design of the study, its arms and visits, or a reference to the protocol",
    "overview": "how the tabulations were made, and whether data were left out",
    "acrf": "what of the annotated CRF needs words, such as pages that are not submitted",
    "core": "variables that several analysis datasets share, and where they come from",
    "treatment": "planned and actual treatment, and the treatment periods",
    "windows": "how visits become analysis visits, and which record is taken",
    "imputation": "how missing and partial values are dealt with",
    "creation": "in which order the datasets are made, and what they depend on",
    "conformance": "what was checked with which rules, and what was decided",
    "submission": "with what the programs run, and what cannot be run outside",
}
"""Ids of what people write, and what belongs there."""
NAMES = {"cSDRG": "Clinical Study Data Reviewer’s Guide", "ADRG": "Analysis Data Reviewer’s Guide"}


def name_of(guide: Guide) -> str:
    return f"{NAMES[guide.kind]} ({guide.kind})"


def blocks(guide: Guide) -> tuple[Block, ...]:
    """The whole guide, its headings numbered."""
    parts = _tabulations(guide) if guide.kind == "cSDRG" else _analysis(guide)
    return tuple(_numbered(parts))


def _numbered(parts: Iterator[Block]) -> Iterator[Block]:
    numbers = [0, 0, 0]
    for block in parts:
        if isinstance(block, Heading):
            numbers[block.level - 1] += 1
            numbers[block.level :] = [0] * (3 - block.level)
            said = ".".join(str(number) for number in numbers[: block.level])
            yield Heading(block.level, f"{said} {block.text}")
        else:
            yield block


def _tabulations(guide: Guide) -> Iterator[Block]:
    yield from _introduction(guide)
    yield Heading(1, "Subject data")
    yield Heading(2, "Overview")
    yield _text(guide, "overview")
    yield Heading(2, "Annotated CRF")
    yield _text(guide, "acrf")
    yield Heading(2, "Datasets")
    yield from _datasets(guide, 3)
    yield from _conformance(guide)
    yield from _differences(guide)


def _analysis(guide: Guide) -> Iterator[Block]:
    yield from _introduction(guide)
    yield Heading(1, "Considerations for several analysis datasets")
    for section, title in (
        ("core", "Core variables"), ("treatment", "Treatment variables"), ("windows", "Visit windows and selection of records"),
        ("imputation", "Imputation"),
    ):  # fmt: skip
        yield Heading(2, title)
        yield _text(guide, section)
    yield Heading(1, "Creation and processing of the data")
    yield _text(guide, "creation")
    yield Heading(1, "Analysis datasets")
    yield from _datasets(guide, 2)
    yield from _conformance(guide)
    yield from _differences(guide)
    yield Heading(1, "Programs")
    yield _text(guide, "submission")
    if guide.programs:
        rows = tuple((one.name, one.makes, one.purpose) for one in guide.programs)
        yield GuideTable("Programs of the package", ("Program", "Makes", "Purpose"), rows, (30, 30, 40))


def _introduction(guide: Guide) -> Iterator[Block]:
    yield Heading(1, "Introduction")
    yield Heading(2, "Purpose")
    yield _text(guide, "purpose")
    if guide.acronyms:
        yield Heading(2, "Acronyms")
        yield GuideTable("Acronyms", ("Acronym", "Meaning"), guide.acronyms, (25, 75))
    yield Heading(2, "Standards and dictionaries")
    yield GuideTable("Standards and dictionaries", ("Name", "Version", "Used as"), guide.standards, (40, 25, 35))
    yield Heading(1, "Protocol")
    yield Paragraph(f"{guide.protocol}: {guide.title}")
    yield Heading(2, "Design")
    yield _text(guide, "design")


def _text(guide: Guide, section: str) -> Paragraph:
    text = guide.texts.get(section, "").strip()
    return Paragraph(text) if text else Paragraph(f"To be written: {SECTIONS[section]}.", open=True)


def _datasets(guide: Guide, level: int) -> Iterator[Block]:
    heads = ("Dataset", "Description", "Class", "Structure", "Rows", "Participants")
    rows = tuple(
        (one.name, one.label, one.class_name.capitalize(), one.structure, _count(one.rows), _count(one.participants))
        for one in guide.datasets
    )
    yield GuideTable("Datasets of the package", heads, rows, (12, 22, 18, 26, 10, 12))
    for one in guide.datasets:
        if one.note or one.keys:
            yield Heading(level, f"{one.name}: {one.label}")
            if one.keys:
                yield Paragraph(f"Keys: {', '.join(one.keys)}.")
            if one.note:
                yield Paragraph(one.note)


def _conformance(guide: Guide) -> Iterator[Block]:
    yield Heading(1, "Conformance")
    yield Heading(2, "What was checked")
    yield _text(guide, "conformance")
    if guide.checks:
        yield Paragraph(f"Checked with {guide.checks}.")
    yield Heading(2, "Findings")
    if not guide.findings:
        yield Paragraph("The checks have no finding.")
        return
    rows = tuple(
        (one.rule, one.dataset, one.severity, f"{one.message} ({one.count})", one.explanation or "To be explained.")
        for one in guide.findings
    )
    yield GuideTable("Findings and why they stand", ("Rule", "Dataset", "Severity", "Finding (how often)", "Explanation"), rows,
                     (13, 12, 11, 32, 32))  # fmt: skip


def _differences(guide: Guide) -> Iterator[Block]:
    if guide.differences:
        yield Heading(1, "Differences")
        yield Paragraph("Where a result of this package differs from the one it was held against.")
        rows = tuple(
            (one.reference, one.what, one.ours, one.theirs, one.reason or "To be explained.")
            for one in guide.differences
        )
        heads = ("Compared with", "What", "Here", "There", "Why")
        yield GuideTable("Differences and their reasons", heads, rows, (18, 24, 12, 12, 34))


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def unwritten(guide: Guide) -> Sequence[str]:
    """What somebody still has to write, for the page that offers the guide."""
    return [block.text for block in blocks(guide) if isinstance(block, Paragraph) and block.open]
