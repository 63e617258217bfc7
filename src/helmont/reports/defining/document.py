"""A Define-XML document of the data sets of one standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from helmont.reports.annotated_crf import AnnotatedCrf
from helmont.reports.annotation import LABELS, parent
from helmont.reports.defining.codelists import Codelists
from helmont.reports.defining.displays import displays_of
from helmont.reports.defining.items import Items
from helmont.reports.defining.parts import Shared
from helmont.standards.define.documents import DocumentRef, Leaf
from helmont.standards.define.fitting import fitted
from helmont.standards.define.model import Alias, Dataset, Define, Standard, SubClass, Variable
from helmont.standards.define.names import comment_oid, dataset_oid, standard_oid
from helmont.study.analyses.model import ReportingEvent
from helmont.study.datasets import model
from helmont.study.model import Study

CLASSES = {
    "special purpose": "SPECIAL PURPOSE", "interventions": "INTERVENTIONS", "events": "EVENTS", "findings": "FINDINGS",
    "relationship": "RELATIONSHIP", "trial design": "TRIAL DESIGN", "subject level": "SUBJECT LEVEL ANALYSIS DATASET",
    "basic data structure": "BASIC DATA STRUCTURE", "occurrence": "OCCURRENCE DATA STRUCTURE",
}  # fmt: skip
"""CDISC terminology C103329 for the structures of ``helmont.study.datasets.model``."""
CRF, GUIDE = "LF.acrf", "LF.guide"
TIME_TO_EVENT = "CNSR"
"""With this variable a data set of the basic structure is one of times to an event (ADaM BDS for TTE 1.0, 4.1)."""


@dataclass(frozen=True, slots=True)
class Packaging:
    """What a package says of itself: the standards it follows, who made it with what, and the time of its last entry."""

    moment: datetime
    sdtmig: str = "3.4"
    adamig: str = "1.3"
    terminology: str = "2025-09-26"
    source_system: str = "Helmont"
    source_version: str = ""


@dataclass(frozen=True, slots=True)
class Defined:
    """The document, and for each of its data sets the definition it was made from."""

    define: Define
    definitions: Mapping[str, model.Dataset]


def define_of(
    study: Study, standard: model.Standard, frames: Mapping[str, pl.DataFrame], crf: AnnotatedCrf | None,
    packaging: Packaging, event: ReportingEvent | None = None,
) -> Defined:  # fmt: skip
    """The document of the data sets in ``frames`` that follow ``standard``; ``event`` gives ADaM its analyses.

    Lengths are as long as the data need. Without the annotated CRF collected variables name no pages.
    """
    chosen = [each for each in study.datasets if each.standard == standard and each.id in frames and not each.internal]
    guide = packaging.sdtmig if standard == "SDTM" else packaging.adamig
    implementation = Standard(standard_oid(f"{standard}IG", guide), f"{standard}IG", "IG", guide)
    terminology = Standard(
        standard_oid("CT", f"{standard}.{packaging.terminology}"), "CDISC/NCI", "CT", packaging.terminology,
        publishing_set=standard,
    )  # fmt: skip
    shared = Shared()
    codelists = Codelists(study, shared)
    crf = crf if standard == "SDTM" else None
    datasets = tuple(
        _dataset(implementation.oid, Items(study, each, frames[each.id], crf, CRF, shared, codelists))
        for each in chosen
    )
    name = "Clinical Study Data Reviewer’s Guide" if standard == "SDTM" else "Analysis Data Reviewer’s Guide"
    leaves = [Leaf(GUIDE, "csdrg.pdf" if standard == "SDTM" else "adrg.pdf", name)]
    if crf is not None:
        leaves.insert(0, Leaf(CRF, "acrf.pdf", "Annotated CRF"))
    displays = displays_of(event, datasets, shared) if event is not None and standard == "ADaM" else ()
    define = Define(
        file=f"{study.id}.{standard}.define",
        created=packaging.moment.isoformat(timespec="seconds"),
        study=f"STDY.{study.id}",
        study_name=study.id,
        study_description=str(study.title),
        protocol=_protocol(study),
        version=f"MDV.{study.id}.{standard}.{study.version}",
        version_name=f"{study.id}, {standard}, study definition {study.version}",
        standards=(implementation, terminology),
        datasets=datasets,
        where_clauses=tuple(shared.where_clauses.values()),
        codelists=tuple(shared.codelists.values()),
        methods=tuple(shared.methods.values()),
        comments=tuple(shared.comments.values()),
        leaves=tuple(leaves),
        annotated_crf=(DocumentRef(CRF),) if crf is not None else (),
        supplemental=(DocumentRef(GUIDE),),
        displays=displays,
        originator=study.sponsor,
        source_system=packaging.source_system,
        source_version=packaging.source_version or None,
    )
    return Defined(fitted(define, frames), {each.id: each for each in chosen})


def _protocol(study: Study) -> str:
    return next((each.value for each in study.identifiers if each.type == "sponsor"), study.id)


def _dataset(standard: str, items: Items) -> Dataset:
    dataset, frame = items.dataset, items.frame
    tabulation = dataset.standard == "SDTM"
    supplemental = dataset.id.startswith("SUPP")
    classes = CLASSES.get(dataset.structure, "SPECIAL PURPOSE" if tabulation else "ADAM OTHER")
    variables: tuple[Variable, ...] = tuple(items.variable(each) for each in dataset.variables)
    comment = items.shared.comment(comment_oid(dataset.id), dataset.comment) if dataset.comment else None
    if not frame.height and comment is None:
        comment = items.shared.comment(
            comment_oid(dataset.id, "empty"), f"No record of {dataset.id} has been collected."
        )
    timed = dataset.structure == "basic data structure" and dataset.variable(TIME_TO_EVENT) is not None
    label = LABELS.get(parent(dataset.id), dataset.label)
    return Dataset(
        oid=dataset_oid(dataset.id),
        name=dataset.id,
        label=dataset.label,
        class_name=classes,
        structure=dataset.records,
        variables=variables,
        purpose="Tabulation" if tabulation else "Analysis",
        repeating=bool(set(dataset.keys) - {"STUDYID", "USUBJID"}),
        reference=dataset.scope == "study",
        domain=parent(dataset.id) if tabulation else None,
        subclasses=(SubClass("TIME-TO-EVENT"),) if timed else (),
        leaf=Leaf(f"LF.{dataset.id}", f"{dataset.id.lower()}.xpt", f"{dataset.id.lower()}.xpt"),
        standard=standard,
        comment=comment,
        aliases=(Alias("DomainDescription", label),) if tabulation and supplemental else (),
    )
