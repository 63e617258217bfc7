"""Prepare a home for tests in a browser: the pilot study without its data, the demonstration's people, the cast of the
other tests with their study, and ways in for each.

    HELMONT_HOME=… python -m tests.staging      prints {"sessions": {handle: key}, "tokens": {handle: secret}}
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from helmont.core.permissions import Actor
    from helmont.study.model import Form

STUDY, FILES, AMENDED = "CDISCPILOT01", "MINIMAL", "AMENDED1"
DRAFT = "a-result-file-that-waits"  # the token of the cast's result file
BROUGHT = "0123456789abcdef" * 2  # the token of the definition that waits
SECRET = "hmd_of-the-device-W-003"  # worn by the cast's participant of the other site
PHARMACIST = "piet.apotheker"  # the demonstration has nobody who enters allocations


def furnish_laboratories(imports: Actor) -> None:
    """Ranges of the pilot; of the cast a range that is exceeded, and a result file that was sent."""
    from helmont.core.projections.runner import catch_up
    from helmont.core.writer import perform
    from helmont.demo.load import package_folder
    from helmont.demo.ranges import load_ranges
    from helmont.labs.actions.laboratories import OpenLaboratory
    from helmont.labs.actions.ranges import AddRange
    from helmont.labs.importing import keep_draft, read_results
    from helmont.labs.models import Draft
    from helmont.study.loading import load_study
    from tests import cast

    load_ranges(load_study(package_folder()), imports)
    manager = cast.actor("data.manager")
    perform(OpenLaboratory(cast.STUDY, "CENTRAL", "Central laboratory"), manager)
    perform(
        AddRange(study=cast.STUDY, laboratory="CENTRAL", analyte="SYSBP", unit="mm[Hg]", low="40", high="70"), manager
    )
    catch_up("lab readings")
    lines = f"SUBJ,VISIT,TEST,RESULT,UNIT\n{cast.PARTICIPANT},BASELINE,SYSBP,90,mm[Hg]\n{cast.PARTICIPANT},,SYSBP,9,\n"
    draft = keep_draft(cast.STUDY, read_results(cast.STUDY, lines.encode(), "lab.csv"), manager)
    Draft.objects.filter(token=draft.token).update(token=DRAFT)


def furnish_imports() -> None:
    """A definition that the study manager of the cast has brought: another version of the study, with a finding."""
    import dataclasses

    from django.core.files.uploadedfile import SimpleUploadedFile

    from helmont.standards.usdm import write_usdm
    from helmont.web.imports.drafts import SHELF, keep
    from tests import cast

    changed = dataclasses.replace(cast.definition(), version="8", phase="3")
    content = write_usdm(changed).replace(b'"rationale"', b'"rationales"', 1)
    place = SHELF.place(keep(SimpleUploadedFile("cast.json", content), "study.manager"), "study.manager")
    place.rename(place.with_name(BROUGHT))


def pin_a_snapshot() -> None:
    """A snapshot of the pilot, by its data manager."""
    from datetime import UTC, datetime

    from helmont.core.people.queries import load_actor
    from helmont.core.writer import perform
    from helmont.listings.snapshots import make_file
    from helmont.studies.models import Study

    maker = load_actor("lena.bakker")
    pinned = make_file(maker, Study.objects.get(key=STUDY), datetime.now(UTC).date())
    perform(pinned.action(STUDY, "Interim"), maker)


def furnish_devices() -> None:
    """A device that the cast's participant wears, with two batches, a gap and a corrected clock; and one that nobody has."""
    from datetime import UTC, datetime, timedelta

    from helmont.core.writer import perform
    from helmont.sensors.actions.corrections import CorrectClock
    from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
    from helmont.sensors.alerting import rules_of, update
    from helmont.sensors.receiving import Sent, find_sender, receive_now
    from helmont.sensors.secrets import digest_of, new_secret
    from helmont.signals.wire.decoding import JSON
    from tests import cast

    manager, worn = cast.actor("data.manager"), f"{cast.STUDY}/{cast.PARTICIPANT}"
    for label in ("W-001", "W-002", "W-003"):
        perform(RegisterDevice(cast.STUDY, label, "Axivity AX3"), manager)
    other = f"{cast.STUDY}/{cast.OTHER_PARTICIPANT}"
    begins = "2026-01-12T08:00:00Z"
    perform(AssignDevice(other, "W-003", begins, "Europe/Amsterdam", digest=digest_of(SECRET)), cast.actor("elsewhere"))
    secret, digest = new_secret()
    given = AssignDevice(
        worn, "W-001", "2026-01-12T08:00:00Z", "Europe/Brussels", placement="non_dominant_wrist", digest=digest
    )
    perform(given, cast.actor("coordinator"))
    perform(
        CorrectClock(f"{cast.STUDY}/devices/W-001/1", {"2026-01-12T08:00:00Z": "2026-01-12T08:00:30Z"}, "Seen"), manager
    )
    sender = find_sender(secret)
    for name, start in (("b1", "2026-01-12T09:00:00Z"), ("b2", "2026-01-12T09:10:00Z")):
        body = json.dumps({"start": start, "rate": 50, "counts": [[0, 0, 256]] * 3000}).encode()
        receive_now(sender, Sent("wrist", name, JSON, "", body), "http")
    # A day later nothing has come since: an alert.
    update(cast.STUDY, datetime.now(UTC) + timedelta(hours=25), rules_of(cast.STUDY))


def furnish_worn() -> None:
    """A trial with a device: a result that changed when samples came later, and one that waits since a person corrected it."""
    from helmont.core.people.assignments import AssignRole
    from helmont.core.writer import perform
    from helmont.edc.actions.entry import SaveForm
    from tests import cast
    from tests.sensors import worn

    worn.begin_trial()
    for handle, role, site in (("data.manager", "data_manager", ""), ("coordinator", "site_coordinator", "701")):
        perform(AssignRole(handle, role, worn.TRIAL, site=site), cast.HELMONT)
    secret = worn.wear()
    worn.beats(secret, "b2", "2026-03-29", [81] * 61)
    worn.entered()
    worn.do(SaveForm(worn.WORN, {"DAYS[2].DAYDT": "2026-03-28", "DAYS[2].DAYHR": "75"}, reason="By hand"), worn.CLEO)
    worn.beats(secret, "b1", "2026-03-28", [72] * 61)
    worn.entered()


def furnish_amendments() -> None:
    """A study of one participant after an amendment that left a value without a place, and with another one planned."""
    import dataclasses

    from helmont.core.people.assignments import AssignRole
    from helmont.core.permissions import service
    from helmont.core.writer import perform
    from helmont.edc.actions.entry import SaveForm
    from helmont.participants.actions import BeginEncounter, ScreenParticipant
    from helmont.studies.actions import OpenSite, PublishDefinition
    from helmont.study.amendment import Amendment, Move
    from tests import cast
    from tests.amendments.kit import carried_out, planned
    from tests.permissions.table import amended_study

    imports, system = service("tests", "import_service"), service("tests", "system")
    perform(PublishDefinition(cast.definition(AMENDED)), imports)
    perform(OpenSite(AMENDED, cast.SITE, "Ghent", "BE", "Europe/Brussels"), imports)
    for handle, role in (("study.manager", "study_manager"), ("data.manager", "data_manager")):
        perform(AssignRole(handle, role, AMENDED), system)
    perform(AssignRole("coordinator", "site_coordinator", AMENDED, site=cast.SITE), system)
    who = cast.PARTICIPANT
    perform(ScreenParticipant(AMENDED, cast.SITE, who, "2026-01-05"), imports)
    perform(BeginEncounter(AMENDED, who, "BASELINE", "2026-01-12"), imports)
    coordinator, manager = cast.actor("coordinator"), cast.actor("study.manager")
    values = {"VSDTC": "2026-01-12", "SYSBP": "131", "DIABP": "85"}
    perform(SaveForm(f"{AMENDED}/{who}/BASELINE/VS", values, complete=True), coordinator)
    perform(SaveForm(f"{AMENDED}/{who}/LOG/AE/1", {"AETERM": "Headache", "AESER": "N"}, complete=True), coordinator)
    short = dataclasses.replace(amended_study(), id=AMENDED)
    carried_out(short, by=manager)
    renamed = dataclasses.replace(
        short,
        version="10.0",
        labs=None,
        forms=tuple(_serious(form) for form in short.forms),
        amendment=Amendment(("9.0",), moves=(Move("AE.AESER", "AE.SERIOUS"),)),
    )
    planned(renamed, manager)


def _serious(form: Form) -> Form:
    """The form with its item AESER under another name and as text, and with a question more."""
    import dataclasses

    if form.id != "AE":
        return form
    [group] = form.groups
    term, serious = group.items
    term = dataclasses.replace(term, coding=None)
    more = dataclasses.replace(term, id="ACTION", required=False)
    items = (term, dataclasses.replace(serious, id="SERIOUS", type="text", codelist=None, length=40), more)
    return dataclasses.replace(form, groups=(dataclasses.replace(group, items=items),))


def main() -> dict[str, dict[str, str]]:
    from helmont.bench.inside import session_key
    from helmont.cli.setup import prepare_database
    from helmont.core.people.actions import CreatePerson, CreateToken, new_secret
    from helmont.core.people.assignments import AssignRole
    from helmont.core.people.queries import load_actor
    from helmont.core.permissions import service
    from helmont.core.vault.actions import SetIdentity
    from helmont.core.writer import perform
    from helmont.demo.cast import CAST, engage
    from helmont.demo.load import package_folder
    from helmont.studies.actions import OpenSite, PublishDefinition
    from helmont.study.loading import load_study
    from tests import cast
    from tests.coding.kit import bring, followed
    from tests.dictionaries.releases import LOWEST
    from tests.double_entry import kit as paper
    from tests.serving import ROOT

    prepare_database()
    system, imports = service("tests", "system"), service("tests", "import_service")
    for package in (package_folder(), ROOT / "tests" / "study" / "packages" / "minimal"):
        study = load_study(package)
        perform(PublishDefinition(study), imports)
        for site in ("701", "704"):
            perform(OpenSite(study.id, site, f"Hospital {site}", study.countries[0], "Europe/Brussels"), imports)
    for _member in engage((STUDY,), system):
        pass
    perform(AssignRole("sofie.claes", "site_coordinator", FILES, site="701"), system)
    perform(CreatePerson(PHARMACIST, "Piet Apotheker", "piet@example.org", "nl"), system)
    perform(AssignRole(PHARMACIST, "pharmacist", STUDY, site="701"), system)
    cast.build()
    bring()
    bring("91.0", lowest=LOWEST[1:])  # for the page that shows what moving to it would do
    followed()
    furnish_laboratories(imports)
    furnish_devices()
    pin_a_snapshot()
    furnish_imports()
    furnish_amendments()
    furnish_worn()
    paper.build()
    paper.furnish()
    known = {"name": "Wilhelmina Vandenborre", "address": "Lange Nieuwstraat 12, 9000 Gent"}
    perform(SetIdentity(f"{cast.STUDY}/{cast.PARTICIPANT}", known), cast.actor("coordinator"))
    handles = [PHARMACIST, *(member.handle for member in CAST), *cast.EVERYBODY]
    tokens = {}
    for handle in handles:
        tokens[handle], digest = new_secret()
        perform(CreateToken(handle, "tests", digest), load_actor(handle))
    return {"sessions": {handle: session_key(handle) for handle in handles}, "tokens": tokens}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "helmont.settings"
    django.setup()
    json.dump(main(), sys.stdout)
