"""The data of a package: transport files, Dataset-JSON, data definitions, and the reviewers' guide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from helmont.reports.annotated_crf import AnnotatedCrf
from helmont.reports.defining import Defined, Packaging, define_of
from helmont.reports.guide_model import Finding, Guide, datasets_of, standards_of
from helmont.reports.package import Package, Point
from helmont.reports.reviewers_guide import guide_docx, guide_pdf
from helmont.sharing import ask
from helmont.standards import dataset_json, xpt
from helmont.standards.define import define_findings, render, write
from helmont.standards.define.check_data import data_findings
from helmont.standards.define.model import Dataset, Define
from helmont.standards.define.tables import json_dataset, xpt_table
from helmont.study.analyses.model import ReportingEvent
from helmont.study.datasets.model import Dataset as Declared
from helmont.study.datasets.model import Standard
from helmont.study.faults import Fault, StudyFaults
from helmont.study.model import Study

Places = Mapping[tuple[str, str], tuple[str, int]]
"""File and line of each variable in the study package, by data set and name."""
CHECKS = "Helmont’s checks of Define-XML, transport files and data against their definitions"


@dataclass(frozen=True, slots=True)
class Material:
    """What a package is made of: the study, its data sets as frames, where variables stand in the study package, words for
    the guides by kind and section, and the analyses."""

    study: Study
    point: Point
    frames: Mapping[str, pl.DataFrame]
    packaging: Packaging
    places: Places
    texts: Mapping[str, Mapping[str, str]]
    event: ReportingEvent | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one data set: digests by name, what is wrong with its data, and what kept a file from being written."""

    digests: Mapping[str, str]
    data_findings: list[Fault]
    findings: list[Fault]


@dataclass(frozen=True, slots=True)
class Begun:
    """The folder of one standard while its data sets are checked and written."""

    material: Material
    defined: Defined
    frames: Mapping[str, pl.DataFrame]
    files: Mapping[str, Future[Files]]


def begin_data(package: Package, material: Material, standard: Standard, crf: AnnotatedCrf | None) -> Begun | None:
    """Define the data sets of one standard and begin to write them; ``None`` when the study declares none."""
    study, point = material.study, material.point
    frames = {
        each.id: _in_order(material.frames[each.id])
        for each in study.datasets
        if each.standard == standard and each.id in material.frames
    }
    if not frames:
        return None
    package.step(f"{standard}: definitions")
    folder = package.folder / standard.lower()
    folder.mkdir(parents=True, exist_ok=True)
    defined = define_of(study, standard, frames, crf, material.packaging, material.event)
    largest_first = sorted(defined.define.datasets, key=lambda each: -frames[each.name].estimated_size())
    files = {
        each.name: ask(write_dataset, folder, defined.define, each, frames[each.name], point.moment)
        for each in largest_first
    }
    return Begun(material, defined, frames, files)


def finish_data(package: Package, begun: Begun, standard: Standard, crf: AnnotatedCrf | None) -> None:
    """Gather what was found in the data sets, and write the rest of the folder."""
    folder, define, moment = standard.lower(), begun.defined.define, begun.material.point.moment
    found = [replace(one, file=f"{folder}/{one.file}") for one in define_findings(define)]
    for dataset in define.datasets:
        package.step(f"{standard}: {dataset.name}")
        files = begun.files[dataset.name].result()
        wrong = [*too_long(begun.defined.definitions[dataset.name], begun.frames[dataset.name]), *files.data_findings]
        found += [placed(one, dataset.name, begun.material.places) for one in wrong]
        found += files.findings
        package.digests |= files.digests
    package.step(f"{standard}: define.xml")
    package.write(f"{folder}/define.xml", write(define))
    page = render(define)
    package.write(f"{folder}/define.html", page if isinstance(page, bytes) else page.encode())
    if crf is not None and standard == "SDTM":
        package.write(f"{folder}/acrf.pdf", crf.pdf)
    package.findings += found
    package.step(f"{standard}: reviewers’ guide")
    guide = guide_of(begun.material, begun.defined, begun.frames, [one for one in found if one.severity != "note"])
    name = "csdrg" if standard == "SDTM" else "adrg"
    package.later(f"{folder}/{name}.pdf", ask(guide_pdf, guide, moment))
    package.later(f"{folder}/{name}.docx", ask(guide_docx, guide, moment))


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """By participant, each in the order in which the records were made: the same from the live data as from the past."""
    return frame.sort("USUBJID", maintain_order=True) if "USUBJID" in frame.columns else frame


def write_dataset(folder: Path, define: Define, dataset: Dataset, frame: pl.DataFrame, moment: datetime) -> Files:
    """Check a data set against its definition and write its transport file and Dataset-JSON to ``folder``."""
    wrong = data_findings(define, dataset, frame)
    package, found = Package(folder.parent), list[Fault]()
    name, stamp = f"{folder.name}/{dataset.name.lower()}", xpt.Stamp(moment)
    table = xpt_table(dataset, frame)
    ascii_findings = xpt.checking.table_findings(table, "ascii")
    encoding = "utf-8" if ascii_findings else "ascii"
    try:
        with package.stream(f"{name}.xpt") as file:
            xpt.write(table, file, stamp, encoding=encoding, checked=not ascii_findings)
        found += [replace(one, severity="warning", file=f"{name}.xpt") for one in ascii_findings]
    except StudyFaults as refused:
        found += [replace(one, file=f"{name}.xpt") for one in refused.faults]
    try:
        with package.stream(f"{name}.json") as file:
            dataset_json.write_json(json_dataset(define, dataset, frame), file, moment)
    except StudyFaults as refused:
        found += [replace(one, file=f"{name}.json") for one in refused.faults]
    return Files(package.digests, wrong, found)


def too_long(dataset: Declared, frame: pl.DataFrame) -> Iterator[Fault]:
    """Texts longer than the study package declares; Define-XML and the files are as long as the longest value."""
    for variable in dataset.variables:
        if variable.length is None or frame.schema.get(variable.name) != pl.String:
            continue
        values = frame[variable.name]
        rows = (values.str.len_chars() > variable.length).arg_true()
        if len(rows):
            place = f"{variable.name} row {rows[0] + 1}"
            message = f"{values[rows[0]]!r} is longer than declared ({len(rows)} such values)"
            yield Fault(dataset.id, 0, place, message, f"at most {variable.length} characters, or a longer length")


def placed(fault: Fault, dataset: str, places: Places) -> Fault:
    """The finding with the file and line of the variable in the study package, where they are known."""
    variable = fault.place.partition(" ")[0]
    if (dataset, variable) not in places:
        return fault
    file, line = places[dataset, variable]
    return replace(fault, file=file, line=line, place=f"{dataset}.{fault.place}")


def guide_of(material: Material, defined: Defined, frames: Mapping[str, pl.DataFrame], found: list[Fault]) -> Guide:
    """The reviewers' guide with what the checks found, alike ones together."""
    study, define = material.study, defined.define
    sdtm = define.standards[0].name == "SDTMIG"
    counts = {
        name: (frame.height, frame["USUBJID"].n_unique() if "USUBJID" in frame.columns else 0)
        for name, frame in frames.items()
    }
    texts = dict(material.texts.get("csdrg" if sdtm else "adrg", {}))
    if any(one.severity == "error" for one in found):
        said = "The package is incomplete: the errors below are open."
        texts["conformance"] = " ".join(filter(None, (texts.get("conformance", ""), said)))
    alike = Counter((one.file, one.place.partition(" ")[0], one.severity, one.message) for one in found)
    return Guide(
        "cSDRG" if sdtm else "ADRG",
        study.id,
        str(study.title),
        define.protocol,
        f"{material.point.moment:%Y-%m-%d}",
        sponsor=study.sponsor or "",
        standards=standards_of(define),
        datasets=datasets_of(define, counts),
        findings=tuple(
            Finding(place, file, severity, message, number)
            for (file, place, severity, message), number in alike.items()
        ),
        checks=CHECKS,
        texts=texts,
    )
