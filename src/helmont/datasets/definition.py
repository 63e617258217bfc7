"""What the data sets of a study are made by: its newest definition, and older ones to read older pages with."""

from __future__ import annotations

from functools import lru_cache

from helmont.studies.models import Definition, Study
from helmont.studies.queries import compiled
from helmont.study.datasets.context import Context, Facts
from helmont.study.datasets.running import Maker


def current_version(study: str) -> str:
    """The version whose data sets are made: the one that new participants start under; empty when there is none."""
    found = Study.objects.filter(key=study).values_list("definition", flat=True).first()
    return found or ""


def has_datasets(study: str) -> bool:
    """Whether the study declares any data set."""
    version = current_version(study)
    return bool(version and compiled(study, version).study.datasets)


def maker_for(study: str, version: str, facts: Facts | None = None) -> Maker:
    """The maker of a version's data sets, with the facts of the whole trial."""
    versions = Definition.objects.filter(study=study).order_by("version").values_list("version", flat=True)
    return _maker(study, version, tuple(versions), facts or Facts())


@lru_cache(maxsize=16)
def _maker(study: str, version: str, versions: tuple[str, ...], facts: Facts) -> Maker:
    definitions = {each: compiled(study, each).study for each in versions}
    return Maker(Context(definitions[version], definitions, facts))
