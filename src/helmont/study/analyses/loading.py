"""The files of ``analyses/`` become one reporting event; every finding names its file and line."""

from __future__ import annotations

from pathlib import Path

from helmont.study.analyses.checking import check_analyses
from helmont.study.analyses.joining import joined_files
from helmont.study.analyses.model import ReportingEvent
from helmont.study.analyses.names import Methods, Variables
from helmont.study.faults import Fault, StudyFaults
from helmont.study.reading import Reading, faults_in_order


def load_analyses(
    folder: Path | str, datasets: Variables | None = None, methods: Methods | None = None
) -> ReportingEvent:
    """The reporting event of a package's ``analyses/`` folder. Raises ``StudyFaults`` when any finding is an error."""
    event, faults = read_analyses(folder, datasets, methods)
    if event is None or any(fault.severity == "error" for fault in faults):
        raise StudyFaults(faults)
    return event


def read_analyses(
    folder: Path | str, datasets: Variables | None = None, methods: Methods | None = None
) -> tuple[ReportingEvent | None, list[Fault]]:
    """The reporting event as far as it can be read, and everything that is wrong with it.

    ``datasets`` gives the variables of each dataset; with it, every name in a condition, analysis or grouping must exist.
    ``methods`` gives the operations of each method; with it, every method and figure must exist.
    """
    folder = Path(folder)
    faults: list[Fault] = []
    if not folder.is_dir():
        return None, [Fault(str(folder), 0, "", "this is not a folder", "the folder analyses/ of a study package")]
    root = joined_files(folder, faults)
    if root is None:
        return None, faults
    reading = Reading(("en",), faults)
    event: ReportingEvent = reading.read(root, ReportingEvent, "")
    reading.check_references()
    check_analyses(event, reading, datasets, methods)
    return event, faults_in_order(reading.faults)
