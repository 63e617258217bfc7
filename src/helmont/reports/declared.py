"""The analyses of a study package, checked against the methods there are."""

from __future__ import annotations

from pathlib import Path

from helmont.reports.conditions import ConditionError, condition
from helmont.reports.methods import METHODS
from helmont.study.analyses import ReportingEvent
from helmont.study.analyses.loading import read_analyses
from helmont.study.analyses.names import Variables
from helmont.study.cel import CelSyntaxError
from helmont.study.faults import Fault, StudyFaults

FOLDER = "analyses"


def load_report(package: Path, datasets: Variables | None = None) -> ReportingEvent:
    """The reporting event of a study package. Raises ``StudyFaults`` when any finding is an error."""
    event, faults = examine_report(package, datasets)
    if event is None or any(fault.severity == "error" for fault in faults):
        raise StudyFaults(faults)
    return event


def examine_report(package: Path, datasets: Variables | None = None) -> tuple[ReportingEvent | None, list[Fault]]:
    """The reporting event as far as it can be read, and everything that is wrong with ``analyses/``.

    ``datasets`` gives the variables of each dataset; with it, every variable that is named must be there.
    """
    methods = {name: [each.id for each in method.operations] for name, method in METHODS.items()}
    event, faults = read_analyses(package / FOLDER, datasets, methods)
    return event, faults if event is None else [*faults, *_conditions(event)]


def examine_with(package: Path, datasets: Variables) -> list[Fault]:
    """Everything that is wrong with ``analyses/`` of a package that declares these datasets.

    While a dataset that is analysed is not declared yet, that is said, and no variable is looked for.
    """
    event, faults = examine_report(package)
    if event is None:
        return faults
    needed = {part.strip() for output in event.outputs for each in output.analyses for part in each.dataset.split("+")}
    if missing := sorted({event.participants, *needed} - set(datasets)):
        message = f"{', '.join(missing)} stand in no file of datasets/, so that no variable is looked for"
        return [*faults, Fault(FOLDER, 0, "", message, severity="warning")]
    return examine_report(package, datasets)[1]


def _conditions(event: ReportingEvent) -> list[Fault]:
    """Conditions that are CEL, but cannot be asked of the rows of a dataset."""
    given = [(f"analysis set {each.id}", each.where) for each in event.analysis_sets]
    given += [(f"data subset {each.id}", each.where) for each in event.subsets]
    given += [
        (f"group {group.id} of {each.id}", group.where)
        for each in event.groupings
        for group in each.groups
        if group.where
    ]
    given += [
        (f"analysis {each.id} of {output.number}", each.where)
        for output in event.outputs
        for each in output.analyses
        if each.where
    ]
    faults = []
    for place, where in given:
        try:
            condition(where)
        except ConditionError as error:
            faults.append(Fault(FOLDER, 0, place, str(error)))
        except CelSyntaxError:
            continue  # already reported where it was read
    return faults
