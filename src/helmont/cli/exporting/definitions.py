"""The study definition an export speaks of: a package on disk, or the published one of an installation."""

from __future__ import annotations

from pathlib import Path

import click

from helmont.study.faults import StudyFaults
from helmont.study.model import Study


def definition(name: str) -> Study:
    """The package in the folder ``name``, or else the current definition of the published study ``name``.

    Django must be set up. A name that is neither ends the command with exit code 1.
    """
    if Path(name).is_dir():
        from helmont.study.loading import load_study

        try:
            return load_study(name)
        except StudyFaults as faults:
            raise click.ClickException(str(faults)) from faults
    from helmont.cli.setup import prepare_database
    from helmont.studies.models import Study as PublishedStudy
    from helmont.studies.queries import compiled
    from helmont.study.faults import one_of

    prepare_database()
    current = dict(PublishedStudy.objects.values_list("key", "definition"))
    if name not in current:
        raise click.ClickException(f"{name} is neither a folder nor a published study ({one_of(list(current), name)})")
    return compiled(name, current[name]).study
