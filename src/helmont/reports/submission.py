"""The whole package of a study, from its definition, its data sets and the study package's analyses and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import polars as pl

import helmont
from helmont.reports.annotated_crf import annotated_crf
from helmont.reports.csr import Template, read_templates
from helmont.reports.declared import FOLDER as ANALYSES
from helmont.reports.declared import examine_report
from helmont.reports.defining import Packaging
from helmont.reports.package import Package, Point
from helmont.reports.package_data import Material, Places, begin_data, finish_data
from helmont.reports.package_report import write_report
from helmont.reports.package_tables import write_tables
from helmont.reports.submission_words import Words, read_words
from helmont.study.analyses.model import ReportingEvent
from helmont.study.datasets.model import Standard
from helmont.study.datasets.targets import lost, taken_along
from helmont.study.faults import Fault
from helmont.study.model import Study
from helmont.study.nodes import Node, compose

STANDARDS: tuple[Standard, ...] = ("SDTM", "ADaM")
PARTS = (ANALYSES, "datasets", "report")
"""Folders of the study package that a package is made of besides the ledger."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a study package gives to a package: analyses, words, and where its variables stand."""

    folder: Path | None = None
    event: ReportingEvent | None = None
    words: Words = field(default_factory=Words)
    template: Template = field(default_factory=lambda: Template({}))
    places: Places = field(default_factory=dict)
    items: Places = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @classmethod
    def read(cls, study: str, folder: Path | None) -> Sources:
        """Read them; without a folder there are neither analyses nor words, which is a finding."""
        if folder is None:
            accepted = f"--package with the folder of {study}"
            said = "no study package was named, so that there are no other analyses than those published"
            words_missing = "no study package was named, so that there is no report"
            return cls(faults=(Fault(ANALYSES, 0, "", said, accepted), Fault("report", 0, "", words_missing, accepted)))
        faults: list[Fault] = []
        event = None
        if (folder / ANALYSES).is_dir():
            event, found = examine_report(folder)
            faults += found
            if any(one.severity == "error" for one in found):
                event = None
        else:
            faults.append(Fault(ANALYSES, 0, "", "the study package declares no analyses", "the folder analyses/"))
        words, found = read_words(folder)
        faults += found
        template, found = read_templates(folder)
        faults += found
        return cls(
            folder,
            event,
            words,
            template,
            dict(_places(folder)),
            dict(_items(folder)),
            dict(_digests(folder)),
            tuple(faults),
        )

    def steps(self, study: Study) -> int:
        """How many steps ``make_package`` reports."""
        datasets = sum(not each.internal for each in study.datasets)
        standards = len({each.standard for each in study.datasets})
        event = self.event_of(study)
        return 1 + datasets + 3 * standards + (len(event.outputs) + 1 if event else 0) + 2

    def event_of(self, study: Study) -> ReportingEvent | None:
        """The analyses that were published with the study; else those of the folder."""
        return study.analyses if study.analyses is not None else self.event

    def faults_for(self, study: Study) -> list[Fault]:
        """What is wrong with the folder, but for analyses when those of the published study are taken."""
        published = study.analyses is not None
        return [one for one in self.faults if not (published and one.file.startswith(ANALYSES))]


def _places(folder: Path) -> Iterator[tuple[tuple[str, str], tuple[str, int]]]:
    """Where each variable of each data set stands."""
    for path in sorted((folder / "datasets").glob("*.yaml")):
        name = f"datasets/{path.name}"
        node = compose(path.read_bytes(), name, [])
        if node is None or node.entries is None:
            continue
        dataset = node.entries.get("id", Node()).text or ""
        for each in node.entries.get("variables", Node()).children or []:
            variable = (each.entries or {}).get("name", Node()).text
            if variable:
                yield (dataset, variable), (name, each.line)


def _items(folder: Path) -> Iterator[tuple[tuple[str, str], tuple[str, int]]]:
    """Where each item of each form stands."""
    for path in sorted((folder / "forms").glob("*.yaml")):
        name = f"forms/{path.name}"
        node = compose(path.read_bytes(), name, [])
        form = node.entries.get("id", Node()).text if node is not None and node.entries else None
        for group in (node.entries.get("groups", Node()).children or []) if node and node.entries and form else ():
            for each in (group.entries or {}).get("items", Node()).children or []:
                item = (each.entries or {}).get("id", Node()).text
                if item:
                    yield (form or "", item), (name, each.line)


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for part in PARTS:
        for path in sorted((folder / part).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(folder).as_posix(), sha256(path.read_bytes()).hexdigest()


def make_package(
    package: Package, study: Study, frames: Mapping[str, pl.DataFrame], point: Point, sources: Sources
) -> None:
    """Write the whole package. Raises ``Occupied`` when its folder holds anything but an earlier one."""
    package.prepare()
    words = sources.words
    packaging = Packaging(
        point.moment, words.sdtmig, words.adamig, words.terminology, source_version=helmont.__version__
    )
    event = sources.event_of(study)
    material = Material(study, point, frames, packaging, sources.places, words.guides, event)
    package.findings += sources.faults_for(study)
    package.findings += undeclared(study, sources.items)
    package.step("Annotated CRF")
    crf = annotated_crf(study, study.languages[0], point.moment)
    begun = {standard: begin_data(package, material, standard, crf) for standard in STANDARDS}
    tables = Package(
        package.folder, package.step
    )  # made while the data sets are written; their findings come after those
    made = write_tables(tables, event, frames, point) if event is not None else {}
    for standard, data in begun.items():
        if data is not None:
            finish_data(package, data, standard, crf)
        else:
            package.findings.append(
                Fault("datasets", 0, standard, f"the study declares no data set of {standard}", "a file in datasets/")
            )
    package.take(tables)
    if sources.template.sections:
        write_report(package, study, sources.template, event, made, point)
    package.finish(point, f"Helmont {helmont.__version__}", dict(sources.digests))


def undeclared(study: Study, places: Places) -> Iterator[Fault]:
    """Answers whose target is in no data set that is submitted; ``places`` are those of items, by form and item."""
    along = taken_along(study)
    for form in study.forms:
        for item in form.items():
            found = lost(study, item, along)
            if found is not None:
                file, line = places.get((form.id, item.id), ("forms", 0))
                yield Fault(file, line, f"form {form.id}, item {item.id}", *found, severity="warning")
