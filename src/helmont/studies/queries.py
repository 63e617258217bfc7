"""Reading studies, definitions and sites."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import orjson

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor, Scope
from helmont.core.transactions import Transaction
from helmont.studies.models import Definition, Site, Study
from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.publishing import from_published


@lru_cache(maxsize=32)
def compiled(study: str, version: str) -> CompiledStudy:
    """A published version, ready to run. It never changes, so it is made once; raises ``NotFound``."""
    document = (
        Definition.objects.filter(key=f"{study}/definitions/{version}").values_list("document", flat=True).first()
    )
    if document is None:
        raise NotFound(f"{study} {version}")
    return compile_study(from_published(orjson.loads(document)))


def compiled_for(tx: Transaction, version: str) -> CompiledStudy:
    """``compiled`` for an action of the study's log: also a version published earlier in the same batch."""
    key = f"{tx.log}/definitions/{version}"
    known: CompiledStudy | None = tx.rows.memo.get(key)
    if known is None:
        try:
            return compiled(tx.log, version)
        except NotFound:
            document = tx.require("definition", key)["document"]
            known = tx.rows.memo[key] = compile_study(from_published(orjson.loads(document)))
    return known


def studies_for(actor: Actor, today: date) -> list[Study]:
    """The studies in which the person has a role."""
    names = actor.studies(today)
    studies = Study.objects.order_by("key")
    return list(studies if "*" in names else studies.filter(key__in=names))


def study_for(actor: Actor, study: str, today: date) -> Study:
    """One study; raises ``NotFound`` when the person has no role in it."""
    found: Study | None = None
    if actor.places("study.view", study, today):
        found = Study.objects.filter(key=study).first()
    if found is None:
        raise NotFound(study)
    return found


def sites_for(actor: Actor, study: str, permission: str, today: date) -> list[Site]:
    """The sites of the study at which the person holds ``permission``, by number."""
    places = actor.places(permission, study, today)
    sites = Site.objects.filter(study=study).order_by("number")
    return [
        site
        for site in sites
        if any(g.covers(Scope(study, site.country, site.number), today.isoformat()) for g in places)
    ]
