"""Sites as data access groups. The site that every project begins with is where records without a group lie."""

from __future__ import annotations

import re

from helmont.projects.actions import MAIN_SITE
from helmont.projects.models import Project
from helmont.studies.models import Site


def unique_name(title: str) -> str:
    """``Test DAG`` -> ``test_dag``."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:18].strip("_")


def group_sites(study: str) -> list[Site]:
    """The open sites that are groups, by number."""
    found = Site.objects.filter(study=study).exclude(status="closed").order_by("number")
    made_here = Project.objects.filter(study=study).exists()
    return [site for site in found if not (made_here and site.number == MAIN_SITE)]


def group_names(study: str) -> dict[str, str]:
    """Site's number -> unique name of its group; a title that occurs twice has the number behind it."""
    names: dict[str, str] = {}
    for site in group_sites(study):
        name = unique_name(site.name) or f"site_{site.number.lower()}"
        names[site.number] = f"{name}_{site.number.lower()}" if name in names.values() else name
    return names
