"""A trial with a central laboratory: two participants, three visits, and short ways to say what is done and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helmont.core.actions import Action, Job, Outcome
from helmont.core.permissions import Actor, Grant, service
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform, perform_all
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form
from helmont.labs.actions.laboratories import OpenLaboratory
from helmont.labs.actions.ranges import AddRange
from helmont.labs.importing import ResultFile, read_results
from helmont.labs.models import Reading
from helmont.labs.planning import Plan, plan
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study

STUDY = "LABTRIAL"
HIM, HER = "701-001", "702-001"
DEFINITION = load_study(Path(__file__).parent / "package")
IMPORT = service("import", "import_service")
VISITS = {"SCREENING_1": "2026-01-05", "BASELINE": "2026-01-19", "WEEK_2": "2026-02-02"}


def person(handle: str, role: str, site: str = "") -> Actor:
    return Actor(handle, (Grant(role, STUDY, site=site),), "Europe/Brussels")


CLEO = person("cleo.coordinator", "site_coordinator", "701")
INES = person("ines.investigator", "investigator", "701")
DANA = person("dana.manager", "data_manager")
UMA = person("uma.statistician", "unblinded_statistician")


def begin_trial() -> None:
    actions: list[Action] = [
        PublishDefinition(DEFINITION),
        OpenSite(STUDY, "701", "Ghent", "BE", "Europe/Brussels"),
        OpenSite(STUDY, "702", "Leiden", "NL", "Europe/Amsterdam"),
        OpenLaboratory(STUDY, "CENTRAL", "Central laboratory", "BE", "ISO 15189"),
    ]
    for who, site, sex, born in ((HIM, "701", "M", "1980-01-19"), (HER, "702", "F", "1990-06-01")):
        actions.append(ScreenParticipant(STUDY, site, who, "2026-01-05"))
        actions += [BeginEncounter(STUDY, who, visit, day) for visit, day in VISITS.items()]
        actions.append(SaveForm(f"{STUDY}/{who}/SCREENING_1/DM", {"SEX": sex, "BRTHDAT": born}, complete=True))
    for outcome in perform_all([Job(action, IMPORT) for action in actions]):
        assert isinstance(outcome, Outcome), outcome


def do(action: Action, by: Actor = DANA) -> Any:
    return perform(action, by).result


def add(analyte: str, low: str, high: str, unit: str = "U/L", **rest: str) -> str:
    """Add a range of the central laboratory; its key."""
    made = AddRange(study=STUDY, laboratory="CENTRAL", analyte=analyte, unit=unit, low=low, high=high, **rest)
    return str(do(made)["range"])


def results(visit: str = "WEEK_2", who: str = HIM, **values: Any) -> None:
    """Enter results of a visit, collected on its day."""
    key = f"{STUDY}/{who}/{visit}/LB"
    perform(SaveForm(key, {"LBDAT": VISITS[visit], **values}, complete=True, reason="corrected"), IMPORT)


def reading(analyte: str, visit: str = "WEEK_2", who: str = HIM) -> Reading:
    """What is derived of one result, once the projection has followed."""
    catch_up("lab readings")
    return Reading.objects.get(key=f"{STUDY}/{who}/{visit}/LB#{analyte}")


def form(visit: str = "WEEK_2", who: str = HIM) -> dict[str, Any]:
    row: Form | None = Form.objects.filter(key=f"{STUDY}/{who}/{visit}/LB").first()
    return dict(row.data) if row else {}


def planned(text: str, by: Actor = DANA, name: str = "lab.csv") -> tuple[ResultFile, Plan]:
    """A file as read, and what taking it in would do."""
    file = read_results(STUDY, text.encode(), name)
    return file, plan(STUDY, file.results, file.name, by)
