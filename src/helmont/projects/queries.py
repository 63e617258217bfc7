"""Reading projects and the repository of a study, limited to what the person may see."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from helmont.core.errors import NotPermitted
from helmont.core.permissions import Actor, Scope
from helmont.projects.design import Design
from helmont.projects.layout import Layout, layout_of_design, layout_of_study
from helmont.projects.models import Project, RepositoryFile
from helmont.studies.queries import compiled


def design_for(study: str) -> Design | None:
    """The design of a study that a client made; None for every other study."""
    row = Project.objects.filter(study=study).first()
    if row is None:
        return None
    settings = dict(row.settings)
    longitudinal = settings.pop("longitudinal") == "1"

    def ordered(column: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
        kept = sorted(column.items(), key=lambda pair: pair[1]["order"])  # type: ignore[arg-type,return-value]  # an integer
        return {name: {key: value for key, value in part.items() if key != "order"} for name, part in kept}

    def pair(text: str) -> tuple[str, str]:
        event, _, form = text.partition("|")
        return event, form

    return Design(
        title=row.title,
        record_field=row.record_field,
        fields={name: {key: str(value) for key, value in part.items()} for name, part in ordered(row.fields).items()},
        forms={name: str(part["label"]) for name, part in ordered(row.forms).items()},
        arms={int(number): name for number, name in sorted(row.arms.items(), key=lambda arm: int(arm[0]))},
        events=ordered(row.events),
        mapping=[pair(text) for text in row.mapping],
        repeating={pair(text): label for text, label in row.repeating.items()},
        settings=settings,
        longitudinal=longitudinal,
    )


def layout_for(study: str, version: str) -> Layout:
    """The study as a REDCap client sees it, under this version of its definition."""
    design = design_for(study)
    return layout_of_design(design) if design else _layout(study, version)


@lru_cache(maxsize=16)
def _layout(study: str, version: str) -> Layout:
    return layout_of_study(compiled(study, version).study)


def repository(actor: Actor, study: str, folder: str, today: date) -> list[RepositoryFile]:
    """What lies in a folder of the repository (empty: at the top), folders first; raises ``NotPermitted``."""
    _check(actor, study, today)
    rows = RepositoryFile.objects.filter(study=study, folder=folder, removed=False)
    return sorted(rows, key=lambda row: (bool(row.sha256), row.number))


def repository_file(actor: Actor, study: str, number: str, today: date) -> RepositoryFile | None:
    """One file that is there; raises ``NotPermitted``."""
    _check(actor, study, today)
    found: RepositoryFile | None = (
        RepositoryFile.objects.filter(key=f"{study}/repository/{number}", removed=False).exclude(sha256="").first()
    )
    return found


def _check(actor: Actor, study: str, today: date) -> None:
    if not actor.may("repository.read", Scope(study), today):
        raise NotPermitted("repository.read", permission="repository.read")
