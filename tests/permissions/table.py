"""Who may do what at which address: one row for every URL name and method of the installation.

A row says what each kind of person gets there. A new URL without a row fails ``test_every_url_has_a_row``. To add one:

    Row("web:casebooks", "/studies/CAST1/casebooks", allowed="coordinator", elsewhere=200)

``allowed`` is somebody for whom it works (2xx, or ``answer``); ``refused`` maps people to the status they get. Somebody
of another study gets ``outsider``, the coordinator of another site ``elsewhere`` (None where that person is not tried).
Nobody who is not signed in gets anything, unless ``public``. Each request is undone before the next; ``before`` changes
something first. The ``body`` goes as JSON to the API and to the signature ceremony, as a form to every other page.

What is not somebody's place is 404 to them. Where a place is theirs to see but the change not theirs to make, the change
is 403, on the dialog that offers it and on what the dialog sends alike. The administration of people and the privacy
officer's pages are places of their own: 404 to everybody else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile

from helmont.amendments.models import KeptValue
from helmont.api.auth import today_of
from helmont.coding.actions.deciding import KeepSynonyms
from helmont.coding.models import Synonym
from helmont.core.actions import Action
from helmont.core.ledger.checkpoints import make_checkpoint
from helmont.core.people.accounts import password_path
from helmont.core.people.actions import CreateToken
from helmont.core.people.models import Person, Token
from helmont.core.projections.runner import catch_up
from helmont.core.records import LedgerRecord
from helmont.core.vault.actions import SetIdentity
from helmont.core.writer import perform
from helmont.datasets.actions import MakeCut
from helmont.datasets.models import Cut
from helmont.edc.actions.entry import RemoveLine
from helmont.edc.actions.queries import AnswerQuery
from helmont.edc.actions.review import FreezeForm, LockForm
from helmont.edc.actions.sources import OfferSource
from helmont.edc.actions.uploads import store_copy
from helmont.edc.models import Query, SourceCopy
from helmont.labs.actions.laboratories import OpenLaboratory
from helmont.labs.actions.ranges import AddRange
from helmont.labs.importing import keep_draft, read_results
from helmont.labs.models import Alert, Draft
from helmont.listings.actions import SaveListing
from helmont.listings.asking import raise_in_bulk
from helmont.listings.models import Listing, Snapshot
from helmont.listings.snapshots import make_file
from helmont.participants.actions import BeginEncounter
from helmont.sensors.actions.corrections import CorrectClock
from helmont.sensors.actions.devices import AssignDevice, RegisterDevice
from helmont.sensors.alerting import rules_of, update
from helmont.sensors.receiving import Sent, find_sender, receive_now
from helmont.sensors.secrets import new_secret
from helmont.signals.wire.decoding import JSON
from helmont.standards.packages import zip_package
from helmont.studies.models import Study
from helmont.study.model import Item
from helmont.study.model import Study as StudyDefinition
from helmont.study.verification import VerificationPlan
from helmont.web.casebooks.jobs import step_in_bulk
from helmont.web.coding.uploads import store
from helmont.web.imports.drafts import keep
from helmont.web.imports.jobs import SHELF, import_data
from helmont.web.verification.drafts import digest
from tests import cast
from tests.amendments import kit as amending
from tests.cast import AE, PARTICIPANT, SITE, STUDY, VS, actor
from tests.coding.kit import bring, followed


@dataclass(frozen=True)
class Row:
    """What each kind of person gets from one method of one URL."""

    name: str
    path: str | Callable[[], str]
    method: str = "GET"
    allowed: str = "coordinator"
    answer: int = 200
    refused: Mapping[str, int] = field(default_factory=dict)
    outsider: int = 404
    elsewhere: int | None = 404
    body: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None
    before: Callable[[], Any] | None = None
    public: bool = False

    @property
    def address(self) -> str:
        return self.path if isinstance(self.path, str) else self.path()

    @property
    def content(self) -> tuple[bytes, str]:
        """The body's bytes and their type."""
        body = self.body() if callable(self.body) else self.body
        if self.name.startswith(("api:", "signatures:")):
            return cast.json(body), "application/json"
        return urlencode(body or {}, doseq=True).encode(), "application/x-www-form-urlencoded"

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def name_of(record: LedgerRecord | None) -> str:
    """The last segment of a record's key; of none where ``before`` has not made it, since walks open every address."""
    return record.key.rsplit("/", 1)[1] if record else "0"


def first(action: Action, by: str) -> Callable[[], Any]:
    return lambda: perform(action, actor(by))


def amended_study() -> StudyDefinition:
    """The cast's study as another version, in which the terms of adverse events are short."""
    study = cast.definition()

    def shorter(item: Item) -> Item:
        return dataclasses.replace(item, length=3) if item.id == "AETERM" else item

    forms = tuple(
        dataclasses.replace(
            form,
            groups=tuple(dataclasses.replace(group, items=tuple(map(shorter, group.items))) for group in form.groups),
        )
        for form in study.forms
    )
    return dataclasses.replace(study, version="9.0", forms=forms)


def planned_amendment() -> None:
    amending.planned(amended_study(), actor("study.manager"))


def carried_out_amendment() -> None:
    amending.carried_out(amended_study(), by=actor("study.manager"))


def kept_name() -> str:
    """The last part of the key of the value that has no place any more."""
    return name_of(KeptValue.objects.filter(study=STUDY).first())


def asked_by_monitor() -> str:
    """The key of the query that the monitor raised on the diastolic pressure."""
    return str(Query.objects.get(form=VS, item="DIABP").key)


def answered() -> None:
    perform(AnswerQuery(asked_by_monitor(), "Checked"), actor("coordinator"))


def form(name: str, verb: str, body: Mapping[str, Any], key: str = VS, **rest: Any) -> Row:
    return Row(f"api:{name}", f"/api/v1/forms/{key}/{verb}", "POST", body=body, **rest)


def query(verb: str, **rest: Any) -> Row:
    name = f"api:query_{verb.replace('-', '_')}"
    return Row(name, lambda: f"/api/v1/queries/{asked_by_monitor()}/{verb}", "POST", body={"text": "Seen"}, **rest)


def study(name: str, rest: str = "", **options: Any) -> Row:
    return Row(f"api:{name}", f"/api/v1/studies/{STUDY}{rest}", **options)


def ledger(name: str, rest: str, **options: Any) -> Row:
    return Row(f"api:{name}", f"/api/v1/ledger/{STUDY}/{rest}", **options)


REASON = {"reason": "entered by mistake"}
ANYBODY: dict[str, Any] = {"elsewhere": 200, "outsider": 200}
MOVED: dict[str, Any] = {"elsewhere": 302, "outsider": 302}
FORBIDDEN: dict[str, Any] = {"elsewhere": 403, "outsider": 403}
"""For addresses that answer everybody, each with what is theirs."""

API = [
    Row(
        "api:form",
        f"/api/v1/forms/{VS}",
        "PUT",
        body={"values": {"SYSBP": "120"}, "reason": "misread"},
        refused={"sponsor": 403, "monitor": 403, "inspector": 403, "privacy.officer": 403, "administrator": 403},
    ),
    Row(  # permitted, but not a form that is entered twice
        "api:transcription",
        f"/api/v1/transcriptions/{VS}",
        "PUT",
        answer=409,
        body={"values": {"SYSBP": "120"}},
        refused={"sponsor": 403, "monitor": 403, "inspector": 403, "privacy.officer": 403, "administrator": 403},
    ),
    *(  # permitted, but nobody begins a line of this log from paper
        Row(
            f"api:transcription_{verb}",
            f"/api/v1/transcriptions/{AE}/{verb}",
            "POST",
            answer=409,
            body=REASON,
            refused={"sponsor": 403, "monitor": 403, "inspector": 403, "privacy.officer": 403, "administrator": 403},
        )
        for verb in ("absent", "withdraw")
    ),
    Row("api:form", f"/api/v1/forms/{VS}", allowed="sponsor", refused={"privacy.officer": 404, "administrator": 404}),
    Row(
        "api:form_provenance", f"/api/v1/forms/{VS}/provenance?item=SYSBP", allowed="monitor", refused={"sponsor": 404}
    ),
    Row("api:form_history", f"/api/v1/forms/{VS}/history", allowed="monitor", refused={"sponsor": 404}),
    form(
        "form_not_done",
        "not-done",
        REASON,
        f"{STUDY}/{PARTICIPANT}/WEEK_2/VS",
        refused={"monitor": 403},
        before=first(BeginEncounter(STUDY, PARTICIPANT, "WEEK_2", "2026-01-26"), "coordinator"),
    ),
    form("form_remove", "remove", REASON, AE, allowed="nurse", refused={"data.manager": 403}),
    form(
        "form_restore",
        "restore",
        REASON,
        AE,
        refused={"data.manager": 403},
        before=first(RemoveLine(AE, reason="by mistake"), "nurse"),
    ),
    form("form_verify", "verify", {}, allowed="monitor", refused={"coordinator": 403, "data.manager": 403}),
    form("form_review", "review", {}, allowed="data.manager", refused={"coordinator": 403, "monitor": 403}),
    form("form_freeze", "freeze", {}, AE, allowed="data.manager", refused={"coordinator": 403, "monitor": 403}),
    form(
        "form_unfreeze",
        "unfreeze",
        REASON,
        AE,
        allowed="data.manager",
        refused={"coordinator": 403, "monitor": 403},
        before=first(FreezeForm(AE), "data.manager"),
    ),
    form("form_lock", "lock", {}, AE, allowed="data.manager", refused={"coordinator": 403, "investigator": 403}),
    form(
        "form_unlock",
        "unlock",
        REASON,
        AE,
        allowed="study.manager",
        refused={"coordinator": 403, "investigator": 403, "data.manager": 403},
        before=first(LockForm(AE), "data.manager"),
    ),
    form("form_comment", "comment", {"text": "Arm cuff"}, refused={"sponsor": 403, "statistician": 403}),
    form("form_query", "query", {"item": "SYSBP", "text": "Sure?"}, allowed="monitor", refused={"sponsor": 403}),
    Row("api:query", lambda: f"/api/v1/queries/{asked_by_monitor()}", refused={"privacy.officer": 404}),
    query("answer", refused={"monitor": 403, "sponsor": 403}),
    query("ask-again", allowed="monitor", refused={"sponsor": 403, "statistician": 403}, before=answered),
    query("close", allowed="monitor", refused={"coordinator": 403, "sponsor": 403}),
    query("cancel", allowed="monitor", refused={"sponsor": 403, "statistician": 403}),
    Row(
        "api:screen",
        "/api/v1/participants",
        "POST",
        body={"study": STUDY, "site": SITE, "participant": "701-002", "date": "2026-02-02"},
        refused={"monitor": 403, "data.manager": 403},
    ),
    Row(
        "api:participant_status",
        f"/api/v1/participants/{STUDY}/{PARTICIPANT}/status",
        "POST",
        body={"transition": "enrol"},
        refused={"monitor": 403, "data.manager": 403},
    ),
    Row(
        "api:encounters",
        f"/api/v1/participants/{STUDY}/{PARTICIPANT}/encounters",
        "POST",
        body={"encounter": "WEEK_2", "date": "2026-01-26"},
        refused={"monitor": 403, "sponsor": 403},
    ),
    Row(
        "api:missed",
        f"/api/v1/participants/{STUDY}/{PARTICIPANT}/encounters/WEEK_2/missed",
        "POST",
        body={"reason": "on holiday"},
        refused={"monitor": 403, "sponsor": 403},
    ),
    Row("api:bulk_forms", "/api/v1/bulk/forms", "POST", body={"verb": "verify", "keys": [VS]}, **ANYBODY),
    Row(
        "api:bulk_queries",
        "/api/v1/bulk/queries",
        "POST",
        body={"verb": "close", "keys": [f"{STUDY}/{PARTICIPANT}/queries/1-1"]},
        **ANYBODY,
    ),
    study("study", elsewhere=200),
    Row("api:studies", "/api/v1/studies", **ANYBODY),
    study("definition", "/definition", elsewhere=200),
    study("sites", "/sites", elsewhere=200),
    study("participants", "/participants", elsewhere=200, refused={"administrator": 404}),
    study("participant", f"/participants/{PARTICIPANT}", refused={"administrator": 404}),
    study("audit", f"/participants/{PARTICIPANT}/audit", allowed="monitor", refused={"sponsor": 404}),
    study("matrix", "/matrix", elsewhere=200, refused={"administrator": 404}),
    study("queries", "/queries", elsewhere=200, refused={"administrator": 404, "privacy.officer": 404}),
    study("forms_ndjson", "/forms.ndjson", elsewhere=200, refused={"administrator": 404, "privacy.officer": 404}),
    study("snapshots", "/snapshots", allowed="statistician", refused={"monitor": 404, "coordinator": 404}),
    Row(
        "api:snapshot_file",
        lambda: f"/api/v1/studies/{STUDY}/snapshots/{snapshot_of_the_data_manager()}/file",
        allowed="statistician",
        before=lambda: pin(),
        refused={"monitor": 404, "coordinator": 404},
    ),
    ledger("checkpoint", "checkpoint", elsewhere=200, allowed="sponsor"),
    ledger("entry", "entries/21", refused={"sponsor": 404}),
    ledger("proof", "entries/21/proof", refused={"sponsor": 404}),
    ledger("consistency", "consistency?old=3", elsewhere=200, allowed="sponsor"),
    Row("api:openapi-json", "/api/v1/openapi.json", public=True, **ANYBODY),
    Row("api:api-root", "/api/v1/", answer=404, elsewhere=404, public=True),
    Row("api:api-nothing", "/api/v1/nothing/here", answer=404, elsewhere=404, public=True),
]

NOT_ADMINISTRATORS = {"coordinator": 404, "monitor": 404, "study.manager": 404}


def definition_of(handle: str) -> str:
    """Where that person sees what would be made of the cast's package."""
    file = SimpleUploadedFile("cast.zip", zip_package(cast.definition()))
    return f"/definitions/new/{keep(file, handle)}/"


def device() -> None:
    """A device that nobody wears, and one that the participant wears, whose clock was corrected."""
    for label in ("W-001", "W-002"):
        perform(RegisterDevice(STUDY, label, "Axivity AX3"), actor("data.manager"))
    worn = f"{STUDY}/{PARTICIPANT}"
    perform(AssignDevice(worn, "W-001", "2026-01-12T08:00:00Z", "Europe/Brussels"), actor("coordinator"))
    points = {"2026-01-12T08:00:00Z": "2026-01-12T08:00:30Z"}
    perform(CorrectClock(f"{STUDY}/devices/W-001/1", points, "Compared"), actor("data.manager"))


def readings() -> None:
    """A glucose reading of the participant."""
    perform(RegisterDevice(STUDY, "W-003", "Dexcom G7"), actor("data.manager"))
    secret, digest = new_secret()
    given = AssignDevice(f"{STUDY}/{PARTICIPANT}", "W-003", "2026-01-12T08:00:00Z", "Europe/Brussels", digest=digest)
    perform(given, actor("coordinator"))
    body = b'{"times": ["2026-01-12T09:00:00Z"], "values": [5.5], "unit": "mmol/L"}'
    receive_now(find_sender(secret), Sent("cgm", "b1", JSON, "", body), "http")
    catch_up("sensor streams")


DEVICE_ALERT = f"{STUDY}/{PARTICIPANT}/device-alerts/silent-W-001/1768291200000000"


def silent_device() -> None:
    """The device that the participant wears has been silent for a day since it was given out."""
    device()
    update(STUDY, datetime.now(UTC), rules_of(STUDY))


SILENT: dict[str, Any] = {"before": silent_device, "allowed": "coordinator"}
DEVICE_VIEW: dict[str, Any] = {"before": device, "elsewhere": 200, "refused": {"privacy.officer": 404, "sponsor": 404}}
SAMPLES: dict[str, Any] = {"before": device, "refused": {"privacy.officer": 404, "sponsor": 404}}
WORN: dict[str, Any] = {"before": device, "refused": {"monitor": 403, "statistician": 403, "privacy.officer": 404}}
CORRECTED: dict[str, Any] = {
    "before": device,
    "allowed": "data.manager",
    "refused": {"coordinator": 403, "monitor": 403, "privacy.officer": 404},
}
A_MOMENT = "2026-01-13 08:00"

NO_JOB = "00000000-0000-4000-8000-000000000000"


def laboratory() -> None:
    """A range that the participant's pressure and kit exceed, so that there are results and alerts."""
    by = actor("data.manager")
    perform(OpenLaboratory(STUDY, "CENTRAL", "Central laboratory"), by)
    perform(AddRange(study=STUDY, laboratory="CENTRAL", analyte="SYSBP", unit="mm[Hg]", low="40", high="70"), by)
    perform(AddRange(study=STUDY, laboratory="CENTRAL", analyte="KIT", unit="1", low="1", high="70"), by)
    catch_up("lab readings")


def result_file() -> None:
    """A file that the data manager has sent and not yet taken in."""
    lines = f"SUBJ,VISIT,TEST,RESULT,UNIT\n{PARTICIPANT},BASELINE,SYSBP,90,mm[Hg]\n"
    keep_draft(STUDY, read_results(STUDY, lines.encode(), "lab.csv"), actor("data.manager"))


LAB_ALERT = f"{STUDY}/{PARTICIPANT}/alerts/PRESSURE/BASELINE"
LAB_VIEW: dict[str, Any] = {"elsewhere": 200, "allowed": "sponsor", "refused": {"privacy.officer": 404}}
LAB_CHANGE: dict[str, Any] = {
    "elsewhere": 403, "allowed": "data.manager",
    "refused": {"coordinator": 403, "monitor": 403, "investigator": 403, "statistician": 403}, "before": laboratory,
}  # fmt: skip


NO_IMPORTERS = dict.fromkeys(
    ("coordinator", "monitor", "sponsor", "study.manager", "statistician", "administrator"), 403
)


def data_of_the_data_manager() -> str:
    """Where the data manager sees what files would do."""
    token = SHELF.store([SimpleUploadedFile("data.xml", b"<ODM")], "data.manager")
    import_data.enqueue(STUDY, token, "data.manager", "en", True, False)
    return f"/studies/{STUDY}/imports/{token}"


def page(name: str, rest: str | Callable[[], str] = "", **options: Any) -> Row:
    return Row(name, f"/studies/{STUDY}{rest}" if isinstance(rest, str) else rest, **options)


VISITORS = {"sponsor": 403, "monitor": 403, "data.manager": 403, "administrator": 404}
"""They see the participant; what happens to them is entered at the site."""


LISTLESS = {"coordinator": 403, "sponsor": 403, "privacy.officer": 403, "administrator": 403}
"""They see the study, and nothing of its data in rows."""


UNANALYSED = {"coordinator": 403, "monitor": 403, "privacy.officer": 403, "administrator": 403}
"""They have nothing to do with data sets and what is made of them."""


def made_data_sets() -> None:
    catch_up("datasets")


def make_cut() -> None:
    catch_up("datasets")
    note = make_checkpoint(STUDY)
    size = int(note.splitlines()[1])
    perform(MakeCut(STUDY, "Interim", size, "00", note, "1.0"), actor("statistician"))


def cut_of_the_statistician() -> str:
    return name_of(Cut.objects.filter(study=STUDY).first())


def keep_a_listing() -> None:
    perform(SaveListing(STUDY, "Mine", {"form": "VS"}), actor("data.manager"))


def listing_of_the_data_manager() -> str:
    """The number of the listing that the data manager keeps; of none before ``keep_a_listing``."""
    row = Listing.objects.order_by("-revision").first()
    return row.key.rsplit("/", 1)[1] if row else "0-0"


def pin() -> None:
    """A snapshot that the data manager makes."""
    by = actor("data.manager")
    made = make_file(by, Study.objects.get(key=STUDY), today_of(by))
    perform(made.action(STUDY, "Pinned"), by)


def snapshot_of_the_data_manager() -> str:
    """The number of the newest snapshot; of none before ``pin``."""
    row = Snapshot.objects.order_by("-revision").first()
    return row.key.rsplit("/", 1)[1] if row else "0-0"


def step_of_the_data_manager() -> str:
    """The id of a job in which the data manager freezes a form."""
    return str(step_in_bulk.enqueue("data.manager", STUDY, "freeze", "", [[AE, 0, None]], "", "2026-02-02").id)


def job_of_the_data_manager() -> str:
    """The id of a job in which the data manager raises a query."""
    return str(raise_in_bulk.enqueue("data.manager", [[AE, "AETERM"]], "Sure?", {}, {}).id)


def dialog(name: str, rest: str, body: Mapping[str, Any], **options: Any) -> list[Row]:
    """A dialog at a participant: the same people get it and may send it."""
    rest = f"/participants/{PARTICIPANT}/do/{rest}"
    return [page(name, rest, **options), page(name, rest, method="POST", answer=302, body=body, **options)]


def everybody_known() -> None:
    """The stream looks for its reader in another thread, which does not see this transaction."""
    for handle in cast.EVERYBODY:
        actor(handle)


def invitation_of_the_nurse() -> str:
    return password_path(Person.objects.get(handle="nurse"))


NEW_PASSWORD = dict.fromkeys(("new_password1", "new_password2"), "a staple for the battery")
PROFILE = {"language": "nl", "timezone": "UTC"}

IDENTITY = f"/participants/{PARTICIPANT}/identity"
NOBODY_ELSE = dict.fromkeys(("monitor", "data.manager", "sponsor", "inspector", "administrator", "study.manager"), 404)

NOT_CODERS = {"coordinator": 403, "sponsor": 403, "privacy.officer": 403, "administrator": 403}
CODERS_ONLY = NOT_CODERS | {"data.manager": 403, "monitor": 403, "medical.reviewer": 403}


def coding_page(name: str, rest: str = "", **options: Any) -> Row:
    """A page of coding: those at sites have no business there."""
    chosen: dict[str, Any] = {"allowed": "medical.coder", "elsewhere": 403, "refused": NOT_CODERS, "before": coded}
    return page(f"coding:{name}", f"/coding{rest}", **(chosen | options))


def coded() -> None:
    bring()
    followed()


def decided() -> None:
    coded()
    perform(KeepSynonyms(STUDY, "EVENTS", (("Skull", "10011"),)), actor("medical.coder"))


TERM = "/term?name=EVENTS&status=coded&verbatim=Headache"
EVENTS = "/dictionaries/EVENTS"
CODING = [
    coding_page("worklist"),
    coding_page("worklist", allowed="monitor"),
    coding_page(
        "worklist",
        method="POST",
        answer=302,
        body={"action": "approve", "row": '["EVENTS", "coded", "Headache"]'},
        refused=CODERS_ONLY,
    ),
    coding_page("term", TERM),
    coding_page("term", TERM, method="POST", answer=302, body={"action": "approve"}, refused=CODERS_ONLY),
    coding_page("dictionaries", "/dictionaries", allowed="statistician"),
    coding_page("dictionary", EVENTS, refused=NOT_CODERS | {"monitor": 403, "statistician": 403}),
    coding_page("decisions", f"{EVENTS}/decisions"),
    coding_page(
        "decisions",
        f"{EVENTS}/decisions",
        method="POST",
        answer=302,
        body=lambda: {"key": Synonym.objects.get().key, "reason": "too broad"},
        before=decided,
        refused={"monitor": 403, "data.manager": 403},
    ),
    coding_page("upgrade", f"{EVENTS}/upgrade", refused=CODERS_ONLY),
    coding_page("upgrade", f"{EVENTS}/upgrade", method="POST", answer=422, refused=CODERS_ONLY),
    *(
        Row(f"dictionaries:{name}", path, method, answer=answer, allowed="administrator", refused=NOT_ADMINISTRATORS)
        for name, path, method, answer in (
            ("dictionaries", "/dictionaries/", "GET", 200),
            ("bring", "/dictionaries/new/", "GET", 200),
            ("bring", "/dictionaries/new/", "POST", 422),
            ("check", lambda: f"/dictionaries/new/{store([])}/?kind=ctcae", "GET", 200),
            ("check", lambda: f"/dictionaries/new/{store([])}/?kind=ctcae", "POST", 422),
        )
    ),
]

# Whoever may publish a study anywhere may bring a definition; the study manager of another study is such a person.
NOT_DESIGNERS = {"coordinator": 404, "monitor": 404, "data.manager": 404, "sponsor": 404}
DEFINITIONS = [
    Row(
        f"definitions:{name}",
        path,
        method,
        answer=answer,
        allowed="administrator",
        outsider=others,
        refused=NOT_DESIGNERS,
    )
    for name, path, method, answer, others in (
        ("bring", "/definitions/new/", "GET", 200, 200),
        ("bring", "/definitions/new/", "POST", 422, 422),
        ("draft", lambda: definition_of("administrator"), "GET", 200, 404),
        ("draft", lambda: definition_of("administrator"), "POST", 200, 404),
    )
]

OFFER = f"/participants/{PARTICIPANT}/do/source"


def offer_copy() -> None:
    """The site offers a copy of the source of a line of the log."""
    kept = store_copy(SimpleUploadedFile("source.txt", b"Headache since Monday"))
    perform(OfferSource(AE, kept, declared=True, looked=True), actor("coordinator"))


def copy_offered() -> str:
    return f"/studies/{STUDY}/sources/{PARTICIPANT}/{name_of(SourceCopy.objects.first())}"


def draft_address() -> str:
    """The draft of an import of laboratory results; an address of none where there is none."""
    draft = Draft.objects.first()
    return f"/studies/{STUDY}/labs/imports/{draft.token if draft else '0'}"


PAGES = [
    # The Authorization header says who asks; whoever is signed in besides makes no difference.
    Row("rws:rws", "/RaveWebServices/studies", answer=401, outsider=401, elsewhere=401, public=True),
    Row("rws:rws", "/RaveWebServices/webservice.aspx", "POST", answer=401, outsider=401, elsewhere=401, public=True),
    # A token in the body says who asks; whoever is signed in besides makes no difference.
    Row("redcap:api", "/redcap/api/", "POST", answer=403, outsider=403, elsewhere=403, public=True),
    *CODING,
    *DEFINITIONS,
    Row("studies:list", "/", **ANYBODY),
    Row("designs:workbench", "/designs/", **ANYBODY),
    Row("designs:download", "/designs/file", **ANYBODY),
    Row("designs:all", "/designs/all/", **ANYBODY),
    Row("designs:kind", "/designs/ThreePlusThree/", **ANYBODY),
    Row("designs:part", "/designs/TiteBoin/part/1", **ANYBODY),
    Row("designs:appendix", "/designs/ThreePlusThree/appendix?as=json", **ANYBODY),
    page("studies:home", "/", elsewhere=200, allowed="sponsor"),
    page("studies:definition", "/definition/", elsewhere=200, allowed="sponsor"),
    page("studies:checks", "/definition/checks/", elsewhere=200, allowed="sponsor"),
    page("studies:review", "/definition/review/", elsewhere=200, allowed="sponsor"),
    page("studies:form", "/definition/form/VS", elsewhere=200, allowed="sponsor"),
    page("studies:file", "/definition/file/usdm", elsewhere=200, allowed="sponsor"),
    page("casebooks:matrix", "/casebooks", elsewhere=200, allowed="sponsor", refused={"administrator": 404}),
    page("casebooks:participant", f"/participants/{PARTICIPANT}/", allowed="sponsor", refused={"administrator": 404}),
    page("amendments:list", "/amendments/", elsewhere=200, allowed="sponsor"),
    page(
        "amendments:list",
        "/amendments/",
        method="POST",
        answer=302,
        allowed="data.manager",
        body=lambda: {"target": cast.definition().version},
        refused={"coordinator": 403, "sponsor": 403, "monitor": 403, "inspector": 403},
        elsewhere=403,
    ),
    page("amendments:amendment", "/amendments/1/", elsewhere=200, allowed="sponsor", before=planned_amendment),
    page(
        "amendments:amendment",
        "/amendments/1/",
        method="POST",
        answer=302,
        allowed="study.manager",
        body={"verb": "date", "place": "*", "date": "2026-01-01"},
        refused={"coordinator": 403, "data.manager": 403, "sponsor": 403},
        elsewhere=403,
        before=planned_amendment,
    ),
    page(
        "amendments:difference", "/amendments/1/difference", elsewhere=200, allowed="sponsor", before=planned_amendment
    ),
    page(
        "amendments:participants",
        "/amendments/1/participants",
        elsewhere=200,
        allowed="sponsor",
        before=planned_amendment,
    ),
    page(
        "amendments:participant",
        f"/amendments/1/participants/{PARTICIPANT}",
        allowed="monitor",
        refused={"privacy.officer": 404},
        before=planned_amendment,
    ),
    page("amendments:values", "/amendments/values", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page(
        "amendments:value",
        lambda: f"/studies/{STUDY}/amendments/values/{PARTICIPANT}/{kept_name()}",
        refused={"sponsor": 403, "monitor": 403, "privacy.officer": 404},
        before=carried_out_amendment,
    ),
    page(
        "amendments:value",
        lambda: f"/studies/{STUDY}/amendments/values/{PARTICIPANT}/{kept_name()}",
        method="POST",
        answer=302,
        body={"decision": "keep"},
        refused={"sponsor": 403, "monitor": 403, "privacy.officer": 404},
        before=carried_out_amendment,
    ),
    page("worklist:queries", "/queries", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page("verification:due", "/verification", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page(
        "verification:due",
        "/verification",
        method="POST",
        answer=302,
        allowed="monitor",
        body={"row": [f"{VS}@1"]},
        elsewhere=403,
        refused={"coordinator": 403, "data.manager": 403, "study.manager": 403, "privacy.officer": 403},
    ),
    page("verification:plan", "/verification/plan", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page(
        "verification:plan-file",
        "/verification/plan/file",
        elsewhere=200,
        allowed="sponsor",
        refused={"privacy.officer": 403},
    ),
    page(
        "verification:edit",
        "/verification/plan/edit",
        allowed="study.manager",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "data.manager": 403, "sponsor": 403},
    ),
    page(
        "verification:edit",
        "/verification/plan/edit",
        method="POST",
        answer=302,
        allowed="study.manager",
        body={"draft": "{}", "reason": "a signal", "do": "save", "previewed": digest(VerificationPlan())},
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "data.manager": 403, "sponsor": 403},
    ),
    page("verification:sources", "/sources", elsewhere=200, refused={"data.manager": 403, "sponsor": 403}),
    page("verification:offer", OFFER, refused={"nurse": 403, "monitor": 403, "data.manager": 403, "sponsor": 403}),
    page(
        "verification:offer",
        OFFER,
        method="POST",
        answer=422,  # there is no file in it
        body={"form": VS},
        refused={"nurse": 403, "monitor": 403, "data.manager": 403, "sponsor": 403},
    ),
    Row(
        "verification:compare",
        copy_offered,
        allowed="monitor",
        refused={"sponsor": 404, "data.manager": 404},
        before=offer_copy,
    ),
    Row(
        "verification:compare",
        copy_offered,
        "POST",
        answer=302,
        allowed="monitor",
        body={"action": "open"},
        refused={"sponsor": 404, "data.manager": 404, "coordinator": 403},
        before=offer_copy,
    ),
    Row(
        "verification:source-file",
        lambda: f"{copy_offered()}/file",
        answer=404,  # nobody has opened it
        allowed="monitor",
        refused={"sponsor": 404, "coordinator": 404},
        before=offer_copy,
    ),
    page("locks:locks", "/locks", elsewhere=200, allowed="monitor", refused={"privacy.officer": 403}),
    page(
        "locks:locks",
        "/locks",
        method="POST",
        answer=302,
        allowed="data.manager",
        body={"row": [f"site/{SITE}"], "verb": "freeze", "reason": "interim analysis", "sure": "1"},
        elsewhere=403,
        refused={"coordinator": 403, "investigator": 403, "monitor": 403, "sponsor": 403},
    ),
    page(
        "locks:items",
        f"/participants/{PARTICIPANT}/do/items/LOG/AE/1",
        method="POST",
        answer=302,
        allowed="data.manager",
        body={"item": "AETERM", "verb": "freeze"},
        elsewhere=404,
        refused={"coordinator": 403, "monitor": 403, "sponsor": 403},
    ),
    page(
        "locks:checklist", "/checklist", elsewhere=403, allowed="monitor", refused={"coordinator": 403, "sponsor": 403}
    ),
    page(
        "locks:checklist",
        "/checklist",
        method="POST",
        answer=422,  # a study is frozen first
        allowed="study.manager",
        body={"reason": "final"},
        elsewhere=403,
        refused={"coordinator": 403, "data.manager": 403, "monitor": 403},
    ),
    page(
        "locks:verify",
        "/checklist/ledger",
        method="POST",
        answer=302,
        allowed="data.manager",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "sponsor": 403},
    ),
    page(
        "locks:listing",
        "/checklist/review",
        elsewhere=403,
        allowed="monitor",
        refused={"coordinator": 403, "sponsor": 403},
    ),
    page("worklist:download", "/queries.csv", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page("labs:results", "/labs", before=laboratory, **LAB_VIEW),
    page("labs:alerts", "/labs/alerts", before=laboratory, **LAB_VIEW),
    page("labs:ranges", "/labs/ranges", before=laboratory, **LAB_VIEW),
    page("labs:range", "/labs/ranges/CENTRAL/SYSBP/1", before=laboratory, **LAB_VIEW),
    page("labs:imports", "/labs/imports", **LAB_VIEW),
    page("labs:participant", f"/participants/{PARTICIPANT}/labs", before=laboratory, refused={"privacy.officer": 404}),
    *(
        page("labs:acknowledge", f"/labs/alerts/acknowledge?alert={LAB_ALERT}", before=laboratory, **options)
        for options in (
            {"allowed": "investigator", "refused": {"coordinator": 403, "monitor": 403, "privacy.officer": 404}},
            {
                "method": "POST",
                "allowed": "medical.reviewer",
                "answer": 302,
                "body": lambda: {"basis": Alert.objects.get(key=LAB_ALERT).basis, "note": "seen"},
                "refused": {"coordinator": 403, "data.manager": 403},
            },
        )
    ),
    page("labs:add_range", "/labs/ranges/new", **LAB_CHANGE),
    page(
        "labs:add_range",
        "/labs/ranges/new",
        method="POST",
        answer=302,
        body={"laboratory": "CENTRAL", "analyte": "SYSBP", "unit": "mm[Hg]", "high": "9", "age_unit": "a", "sex": "F"},
        **{**LAB_CHANGE, "before": first(OpenLaboratory(STUDY, "CENTRAL", "Central"), "data.manager")},
    ),
    page("labs:correct_range", "/labs/ranges/CENTRAL/SYSBP/1/correct", **LAB_CHANGE),
    page(
        "labs:correct_range",
        "/labs/ranges/CENTRAL/SYSBP/1/correct",
        method="POST",
        answer=302,
        body={"unit": "mm[Hg]", "high": "90", "age_unit": "a", "reason": "printed wrongly"},
        **LAB_CHANGE,
    ),
    page("labs:laboratory", "/labs/laboratories/new", **LAB_CHANGE),
    page(
        "labs:laboratory",
        "/labs/laboratories/new",
        method="POST",
        answer=302,
        body={"laboratory": "LOCAL", "title": "Hospital laboratory"},
        **LAB_CHANGE,
    ),
    page("labs:upload_ranges", "/labs/ranges/upload", **LAB_CHANGE),
    page(
        "labs:upload_ranges",
        "/labs/ranges/upload",
        method="POST",
        body={"text": "analyte,unit,low,high,sex\nSYSBP,mm[Hg],1,2,M\n"},
        **LAB_CHANGE,
    ),
    page(
        "labs:imports",
        "/labs/imports",
        method="POST",
        answer=422,
        allowed="data.manager",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "privacy.officer": 404},
    ),
    Row(
        "labs:draft",
        draft_address,
        allowed="data.manager",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "study.manager": 403},
        before=result_file,
    ),
    Row(
        "labs:draft",
        draft_address,
        "POST",
        answer=302,
        body={"then": "import"},
        allowed="data.manager",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403},
        before=result_file,
    ),
    page("devices:listing", "/devices", **DEVICE_VIEW),
    *(
        page(
            f"devices:{name}",
            address,
            method=method,
            allowed="data.manager",
            answer=answer,
            elsewhere=403,
            refused={"coordinator": 403, "monitor": 403, "privacy.officer": 403},
        )
        for name, address, method, answer in (
            ("waiting", "/devices/results", "GET", 200),
            ("enter", "/devices/results/enter", "POST", 302),
        )
    ),
    page("devices:device", "/devices/W-001", **DEVICE_VIEW),
    page("devices:overview", "/devices/overview", **DEVICE_VIEW),
    page("devices:alerts", "/devices/alerts", **DEVICE_VIEW),
    *(
        page("devices:acknowledge", f"/devices/alerts/acknowledge?alert={DEVICE_ALERT}", **options)
        for options in (
            {**SILENT, "refused": {"monitor": 403, "statistician": 403, "privacy.officer": 404}},
            {
                **SILENT,
                "method": "POST",
                "answer": 302,
                "body": {"note": "Called"},
                "refused": {"monitor": 403, "sponsor": 404},
            },
        )
    ),
    *(
        page(f"devices:{name}", f"/participants/{PARTICIPANT}/sensors{rest}", **SAMPLES)
        for name, rest in (("participant", ""), ("today", "/today"), ("endpoints", "/endpoints"))
    ),
    page("devices:data", f"/participants/{PARTICIPANT}/sensors/trace?channel=cgm", **{**SAMPLES, "before": readings}),
    *(
        page(
            "devices:register",
            "/devices/register",
            allowed="data.manager",
            elsewhere=403,
            refused={"coordinator": 403, "monitor": 403, "privacy.officer": 403},
            **options,
        )
        for options in ({}, {"method": "POST", "answer": 302, "body": {"label": "W-7 W-8", "model": "Axivity AX3"}})
    ),
    page("devices:assign", "/devices/W-002/assign", **{**WORN, "elsewhere": 200, "refused": {"monitor": 403}}),
    page(
        "devices:assign",
        "/devices/W-002/assign",
        method="POST",
        body={"participant": f"{STUDY}/{PARTICIPANT}", "starts": A_MOMENT, "clock": "UTC"},
        **{**WORN, "elsewhere": 422, "refused": {"monitor": 403}},
    ),
    *(
        page(
            f"devices:{verb.rpartition('/')[2]}",
            f"/devices/W-001/1/{verb}",
            method=method,
            answer=answer,
            body=body,
            **rest,
        )
        for verb, sent, then, rest in (
            ("end", {"ends": A_MOMENT}, 302, WORN),
            ("secret", {}, 200, WORN),
            ("clock", {"points": f"{A_MOMENT} = 2026-01-13 08:01", "reason": "Compared"}, 302, CORRECTED),
            ("wearer", {"starts": A_MOMENT, "ends": "2026-01-14 08:00", "reason": "His wife"}, 302, CORRECTED),
            ("corrections/1/withdraw", {"reason": "It was right"}, 302, CORRECTED),
        )
        for method, answer, body in (("GET", 200, None), ("POST", then, sent))
    ),
    page("audit:participant", f"/participants/{PARTICIPANT}/audit", allowed="monitor", refused={"sponsor": 404}),
    page("ledger:ledger", "/ledger/", elsewhere=None, allowed="data.manager"),
    page("entry:form", f"/participants/{PARTICIPANT}/BASELINE/VS", refused={"privacy.officer": 404}),
    page(
        "entry:form-history",
        f"/participants/{PARTICIPANT}/BASELINE/VS/history?item=SYSBP",
        refused={"privacy.officer": 404},
    ),
    page("entry:log", f"/participants/{PARTICIPANT}/LOG/AE/", refused={"privacy.officer": 404}),
    page("entry:line", f"/participants/{PARTICIPANT}/LOG/AE/1", refused={"privacy.officer": 404}),
    page(
        "entry:line-history",
        f"/participants/{PARTICIPANT}/LOG/AE/1/history?item=AETERM",
        refused={"privacy.officer": 404},
    ),
    page("casebooks:screen", "/casebooks/new", elsewhere=200, refused={"sponsor": 403, "monitor": 403}),
    page(
        "casebooks:screen",
        "/casebooks/new",
        method="POST",
        answer=302,
        body={"site": SITE, "participant": "701-002", "date": "2026-02-02"},
        elsewhere=422,  # may screen, but not there
        refused={"sponsor": 403, "monitor": 403},
    ),
    *dialog("casebooks:status", "status?transition=enrol", {"transition": "enrol"}, refused=VISITORS),
    *dialog("casebooks:begin", "begin/WEEK_2", {"date": "2026-01-26"}, refused=VISITORS),
    *dialog("casebooks:miss", "miss/WEEK_2", {"reason": "on holiday"}, refused=VISITORS),
    page("casebooks:extra", f"/participants/{PARTICIPANT}/do/extra/BASELINE", refused=VISITORS),
    page(
        "casebooks:step",
        "/casebooks/do/forms",
        method="POST",
        allowed="data.manager",
        body={"step": "lock", "cell": [f"{PARTICIPANT}/BASELINE", f"{PARTICIPANT}/LOG"]},
        elsewhere=403,
        refused={"coordinator": 403, "sponsor": 403, "monitor": 403, "administrator": 403},
    ),
    page(
        "casebooks:standing",
        lambda: f"/studies/{STUDY}/casebooks/do/forms/{step_of_the_data_manager()}",
        allowed="data.manager",
        elsewhere=404,
        refused={"coordinator": 404, "sponsor": 404, "monitor": 404, "administrator": 404},
    ),
    page(
        "casebooks:undo",
        "/casebooks/do/undo",
        method="POST",
        allowed="data.manager",
        body={"step": "freeze", "targets": f'[["{VS}", 1, null]]'},
        elsewhere=403,
        refused={"coordinator": 403, "sponsor": 403, "monitor": 403, "administrator": 403},
    ),
    page(
        "worklist:queries",
        "/queries",
        method="POST",
        answer=302,
        allowed="monitor",
        body=lambda: {"action": "close", "row": [asked_by_monitor()], "text": "Fine"},
        elsewhere=403,
        refused={"coordinator": 403, "sponsor": 403, "statistician": 403, "privacy.officer": 403},
    ),
    Row(
        "worklist:thread",
        lambda: f"/studies/{STUDY}/queries/{PARTICIPANT}/{asked_by_monitor().rsplit('/', 1)[1]}",
        method="POST",
        answer=302,
        body={"action": "answer", "text": "Checked"},
        refused={"monitor": 403, "sponsor": 403, "administrator": 403, "privacy.officer": 403},
    ),
    page(
        "paper:document",
        f"/participants/{PARTICIPANT}/do/casebook",
        method="POST",
        allowed="sponsor",
        refused={"privacy.officer": 404, "administrator": 404},
    ),
    page(
        "paper:copies",
        "/copies",
        allowed="investigator",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "data.manager": 403, "sponsor": 403, "administrator": 403},
    ),
    page(
        "paper:copies",
        "/copies",
        method="POST",
        answer=302,
        allowed="investigator",
        elsewhere=403,
        body={"participant": PARTICIPANT},
        refused={"coordinator": 403, "monitor": 403, "data.manager": 403, "sponsor": 403, "administrator": 403},
    ),
    page(
        "exports:exports",
        "/exports",
        allowed="data.manager",
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "sponsor": 403, "privacy.officer": 403, "administrator": 403},
    ),
    page(
        "exports:exports",
        "/exports",
        method="POST",
        answer=302,
        allowed="statistician",
        elsewhere=403,
        body={"version": "2.0", "contents": "snapshot"},
        refused={"coordinator": 403, "monitor": 403, "sponsor": 403, "privacy.officer": 403, "administrator": 403},
    ),
    # A file goes to its maker alone: tests/jobs/test_exports.py.
    page("imports:listing", "/imports", allowed="data.manager", elsewhere=403, refused=NO_IMPORTERS),
    page(
        "imports:listing",
        "/imports",
        method="POST",
        answer=422,
        allowed="data.manager",
        elsewhere=403,
        refused=NO_IMPORTERS,
    ),
    *(
        page(
            "imports:draft",
            data_of_the_data_manager,
            method=method,
            answer=answer,
            allowed="data.manager",
            elsewhere=403,
            refused=NO_IMPORTERS,
        )
        for method, answer in (("GET", 200), ("POST", 302))
    ),
    page("exports:download", f"/exports/{NO_JOB}", answer=404, allowed="data.manager"),
    page(
        "double_entry:worklist",
        "/double-entry",
        allowed="coordinator",
        elsewhere=200,
        refused={"privacy.officer": 403, "administrator": 403},
    ),
    # Only forms on paper have two entries; the cast's study has none. tests/double_entry has one.
    page("double_entry:adjudicate", f"/double-entry/{PARTICIPANT}/BASELINE/VS", answer=404, allowed="data.manager"),
    page(
        "double_entry:adjudicate",
        f"/double-entry/{PARTICIPANT}/BASELINE/VS",
        method="POST",
        answer=404,
        allowed="data.manager",
    ),
    *(
        page(
            "double_entry:adjudicate-line",
            f"/double-entry/{PARTICIPANT}/LOG/AE/1",
            method=method,
            answer=404,
            allowed="data.manager",
        )
        for method in ("GET", "POST")
    ),
    # A job is known to who was told its id, and its archive goes to its maker: tests/jobs/test_certified_copies.py.
    page("paper:download", f"/copies/{NO_JOB}", answer=404, allowed="investigator"),
    Row("jobs:progress", f"/jobs/{NO_JOB}/", answer=404, allowed="investigator"),
    page(
        "listings:snapshots", "/workbench/", elsewhere=403, allowed="statistician", refused=LISTLESS | {"monitor": 403}
    ),
    page(
        "listings:snapshots",
        "/workbench/",
        method="POST",
        answer=302,
        allowed="statistician",
        body={"title": "Interim"},
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:snapshot",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}",
        allowed="statistician",
        before=pin,
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:snapshot",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}",
        method="POST",
        allowed="unblinded.statistician",
        before=pin,
        body={"sql": "SELECT 1"},
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:snapshot_file",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}/file",
        allowed="statistician",
        before=pin,
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:python",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}/python",
        allowed="statistician",
        before=pin,
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:worker",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}/python/worker.js",
        allowed="statistician",
        before=pin,
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:answer",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}/answer",
        method="POST",
        body={"sql": "SELECT 1"},
        allowed="statistician",
        before=pin,
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    Row(
        "listings:notebook",
        lambda: f"/studies/{STUDY}/workbench/{snapshot_of_the_data_manager()}/notebook",
        allowed="statistician",
        before=pin,
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    page("listings:missing", "/reports/missing", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page(
        "listings:overdue", "/reports/overdue", elsewhere=200, allowed="privacy.officer", refused={"administrator": 403}
    ),
    page("listings:ageing", "/reports/ageing", elsewhere=200, allowed="sponsor", refused={"privacy.officer": 403}),
    page("oversight:live", "/live/", elsewhere=403, allowed="sponsor", refused=UNANALYSED),
    page("cuts:index", "/cuts/", elsewhere=403, allowed="sponsor", refused=UNANALYSED),
    page(
        "cuts:index",
        "/cuts/",
        method="POST",
        answer=302,
        allowed="statistician",
        body={"title": "Interim"},
        elsewhere=403,
        refused=UNANALYSED | {"sponsor": 403, "inspector": 403},
    ),
    *(
        page(
            name,
            lambda rest=rest: f"/studies/{STUDY}/cuts/{rest.replace('CUT', cut_of_the_statistician())}",
            elsewhere=403,
            allowed="sponsor",
            refused=UNANALYSED,
            before=make_cut,
        )
        for name, rest in (
            ("cuts:cut", "CUT/"),
            ("cuts:checkpoint", "CUT/checkpoint"),
            ("cuts:compare", "compare?one=CUT&other=CUT"),
            ("cuts:download", "compare/file?one=CUT&other=CUT"),
        )
    ),
    page("datasets:index", "/datasets/", elsewhere=403, allowed="sponsor", refused=UNANALYSED),
    page("datasets:findings", "/datasets/findings", elsewhere=403, allowed="sponsor", refused=UNANALYSED),
    page("datasets:finding_counts", "/datasets/findings/counts", elsewhere=403, allowed="sponsor", refused=UNANALYSED),
    page("datasets:dataset", "/datasets/VS/", elsewhere=403, allowed="statistician", refused=UNANALYSED),
    page("datasets:download", "/datasets/DM/file/csv", elsewhere=403, allowed="inspector", refused=UNANALYSED),
    page(
        "datasets:row",
        f"/datasets/VS/{PARTICIPANT}/1",
        elsewhere=403,
        allowed="statistician",
        refused=UNANALYSED,
        before=made_data_sets,
    ),
    page(
        "datasets:reaches",
        f"/datasets/reaches?{urlencode({'form': VS, 'item': 'SYSBP'})}",
        elsewhere=403,
        allowed="statistician",
        refused=UNANALYSED,
    ),
    page(
        "datasets:figures",
        f"/datasets/reaches/figures?{urlencode({'form': VS, 'item': 'SYSBP'})}",
        elsewhere=403,
        allowed="unblinded.statistician",
        refused=UNANALYSED,
    ),
    page("results:index", "/results/", elsewhere=403, allowed="sponsor", refused=UNANALYSED),
    page("results:output", "/results/2/", elsewhere=403, allowed="statistician", refused=UNANALYSED),
    page("results:download", "/results/1/file/txt", elsewhere=403, allowed="data.manager", refused=UNANALYSED),
    page(
        "results:download",
        "/results/2/file/txt",
        elsewhere=403,
        allowed="unblinded.statistician",
        refused=UNANALYSED | {"statistician": 404, "sponsor": 404, "data.manager": 404},
        before=made_data_sets,
    ),
    page(
        "results:behind",
        f"/results/1/behind?{urlencode({'result': f'1/SYSBP/n/SITE={SITE}'})}",
        elsewhere=403,
        allowed="statistician",
        refused=UNANALYSED,
        before=made_data_sets,
    ),
    page("listings:index", "/listings/", elsewhere=403, allowed="data.manager", refused=LISTLESS),
    page("listings:rows", "/listings/rows?form=VS", elsewhere=403, allowed="monitor", refused=LISTLESS),
    page("listings:rows", "/listings/rows?form=ITEMS", elsewhere=403, allowed="inspector", refused=LISTLESS),
    page("listings:download", "/listings/rows.csv?form=RAND", elsewhere=403, allowed="statistician", refused=LISTLESS),
    page(
        "listings:keep",
        "/listings/keep",
        method="POST",
        answer=302,
        allowed="medical.reviewer",
        body={"form": "VS", "title": "Mine", "shared": "1"},
        elsewhere=403,
        refused=LISTLESS | {"monitor": 403},
    ),
    page(
        "listings:remove",
        "/listings/remove",
        method="POST",
        answer=302,
        allowed="data.manager",
        before=keep_a_listing,
        body=lambda: {"kept": listing_of_the_data_manager()},
        elsewhere=403,
        refused=LISTLESS | {"monitor": 404},
    ),
    page(
        "listings:ask",
        "/listings/queries",
        method="POST",
        answer=302,
        allowed="data.manager",
        body={"form": "AE", "item": "AETERM", "all": "1", "text": "Sure?", "confirm": "1"},
        elsewhere=403,
        refused=LISTLESS | {"statistician": 403, "inspector": 403},
    ),
    Row(
        "listings:progress",
        lambda: f"/studies/{STUDY}/listings/queries/{job_of_the_data_manager()}",
        allowed="data.manager",
        elsewhere=403,
        refused=LISTLESS | {"monitor": 404},
    ),
    page("studies:events", "/events", elsewhere=200, allowed="sponsor", before=everybody_known),
    page(
        "ledger:checkpoint",
        "/ledger/checkpoint.txt",
        elsewhere=200,
        allowed="sponsor",
        before=lambda: make_checkpoint(STUDY),
    ),
    page("ledger:key", "/ledger/key.txt", elsewhere=200, allowed="sponsor"),
    page("ledger:verifier", "/ledger/verifier.py", elsewhere=200, allowed="sponsor"),
    page("ledger:entry", "/ledger/entries/21", refused={"sponsor": 404, "administrator": 404}),
    page("ledger:proof", "/ledger/entries/21/proof.json", refused={"sponsor": 404, "administrator": 404}),
    page(
        "ledger:export",
        "/ledger/export",
        method="POST",
        allowed="data.manager",
        body={"reason": "inspection"},
        elsewhere=403,
        refused={"coordinator": 403, "monitor": 403, "sponsor": 403, "administrator": 403},
    ),
    # A file belongs to a form, whose permissions decide; the cast has none. tests/web/entry/test_files.py has.
    page(
        "entry:upload",
        "/files",
        method="POST",
        answer=422,
        body={"form": VS, "item": "SYSBP"},
        refused={"monitor": 403, "sponsor": 403, "inspector": 403, "privacy.officer": 404, "administrator": 404},
    ),
    page("entry:file", f"/files/{'0' * 64}?form={VS}&item=SYSBP", answer=404),
    page("audit:study", "/audit", elsewhere=200, refused={"sponsor": 403, "administrator": 403}),
    page("privacy:identity", IDENTITY, refused=NOBODY_ELSE | {"nurse": 404}),
    page("privacy:identity", IDENTITY, allowed="privacy.officer"),
    page("privacy:identity", IDENTITY, method="POST", answer=422, refused=NOBODY_ELSE | {"privacy.officer": 404}),
    page("privacy:change", f"{IDENTITY}/change", answer=302, refused=NOBODY_ELSE | {"privacy.officer": 404}),
    page(
        "privacy:change",
        f"{IDENTITY}/change",
        method="POST",
        answer=422,
        refused=NOBODY_ELSE | {"nurse": 404, "privacy.officer": 404},
    ),
    page(
        "privacy:erase",
        f"{IDENTITY}/erase",
        allowed="privacy.officer",
        refused=NOBODY_ELSE | {"coordinator": 404},
        before=first(SetIdentity(f"{STUDY}/{PARTICIPANT}", {"name": "Wilhelmina"}), "coordinator"),
    ),
    page("privacy:redactions", "/redactions", allowed="privacy.officer", refused=NOBODY_ELSE | {"coordinator": 404}),
    page(
        "privacy:choose",
        "/redactions/entries/21",
        allowed="privacy.officer",
        refused=NOBODY_ELSE | {"coordinator": 404},
    ),
    page(
        "privacy:redact",
        f"/redactions/new?record=form:{AE}&path=data/AETERM",
        allowed="privacy.officer",
        refused=NOBODY_ELSE | {"coordinator": 404},
    ),
    Row(
        "worklist:thread",
        lambda: f"/studies/{STUDY}/queries/{PARTICIPANT}/{asked_by_monitor().rsplit('/', 1)[1]}",
        allowed="sponsor",
        refused={"administrator": 403, "privacy.officer": 403},
    ),
    page(
        "privacy:erase",
        f"{IDENTITY}/erase",
        method="POST",
        answer=302,
        allowed="privacy.officer",
        body={"reason": "asked for it", "number": PARTICIPANT},
        refused=NOBODY_ELSE | {"coordinator": 404},
        before=first(SetIdentity(f"{STUDY}/{PARTICIPANT}", {"name": "Wilhelmina"}), "coordinator"),
    ),
    page(
        "privacy:redact",
        f"/redactions/new?record=form:{AE}&path=data/AETERM",
        method="POST",
        answer=422,  # not the entries that were shown
        allowed="privacy.officer",
        body={"reason": "a name", "seen": "0"},
        refused=NOBODY_ELSE | {"coordinator": 404},
    ),
    Row("email_not_offered", "/accounts/email/", answer=404, public=True),
    Row("email_not_offered", "/accounts/email/", "POST", answer=404, public=True),
    Row("set_language", "/language/", "POST", answer=302, body={"language": "nl", "next": "/"}, public=True, **MOVED),
    Row(
        "signatures:begin",
        "/sign/begin/",
        "POST",
        allowed="investigator",
        body={"meaning": "investigator_approval", "records": [f"form:{AE}"]},
        refused={"coordinator": 403, "monitor": 403, "data.manager": 403, "sponsor": 403},
    ),
    Row(
        "signatures:begin",
        "/sign/begin/",
        "POST",
        allowed="statistician",
        body=lambda: {"meaning": "data_cut", "records": [f"cut:{STUDY}/cuts/{cut_of_the_statistician()}"]},
        refused={"coordinator": 404, "monitor": 403, "sponsor": 403, "inspector": 403},
        before=make_cut,
    ),
    # Nobody has begun.
    Row("signatures:complete", "/sign/complete/", "POST", answer=403, body={"username": "x"}, **FORBIDDEN),
    Row("people:people", "/people/", allowed="administrator", outsider=200, elsewhere=404, refused={"sponsor": 404}),
    Row("people:profile", "/people/me/", **ANYBODY),
    Row("people:profile", "/people/me/", "POST", answer=302, body=PROFILE, **MOVED),
    Row("people:new_token", "/people/me/tokens/new/", **ANYBODY),
    Row("people:new_token", "/people/me/tokens/new/", "POST", body={"label": "scales"}, **ANYBODY),
    Row(
        "people:revoke_token",
        lambda: f"/people/me/tokens/{Token.objects.get(person='coordinator').key}/revoke/",
        "POST",
        answer=302,
        refused={"monitor": 404, "administrator": 404},
        before=first(CreateToken("coordinator", "scales", "0" * 64), "coordinator"),
    ),
    Row("people:password", invitation_of_the_nurse, public=True, **ANYBODY),
    Row("people:password", invitation_of_the_nurse, "POST", answer=302, body=NEW_PASSWORD, public=True, **MOVED),
    Row("people:new", "/people/new/", allowed="administrator", refused=NOT_ADMINISTRATORS),
    Row("people:assign", "/people/assign/", allowed="study.manager", outsider=200, refused={"coordinator": 404}),
    Row(
        "people:new",
        "/people/new/",
        "POST",
        allowed="administrator",
        body=PROFILE | {"handle": "new.person", "full_name": "New Person"},
        refused=NOT_ADMINISTRATORS,
    ),
    Row(
        "people:assign",
        "/people/assign/",
        "POST",
        answer=302,
        allowed="study.manager",
        body={"person": "nurse", "role": "monitor", "study": STUDY},
        outsider=200,  # their own page, on which they cannot choose this study
        refused={"coordinator": 404, "monitor": 404},
    ),
    Row(
        "people:change",
        "/people/person/nurse/change/",
        "POST",
        answer=302,
        allowed="administrator",
        body=PROFILE | {"full_name": "New Name"},
        refused=NOT_ADMINISTRATORS,
    ),
    Row(
        "people:standing",
        "/people/person/nurse/standing/",
        "POST",
        answer=302,
        allowed="administrator",
        body={"reason": "left"},
        refused=NOT_ADMINISTRATORS,
    ),
    Row(
        "people:delegate",
        f"/people/log/{STUDY}/{SITE}/delegate/",
        "POST",
        answer=302,
        allowed="investigator",
        body={"person": "nurse", "role": "site_nurse", "tasks": ["vital_signs"]},
        refused={"coordinator": 404, "study.manager": 404},
    ),
    Row(
        "people:end",
        f"/people/assignments/{STUDY}/assignments/3/end/",
        "POST",
        answer=302,
        allowed="study.manager",
        body={"reason": "left"},
        refused={"coordinator": 404, "monitor": 404, "investigator": 404},
    ),
    Row("people:person", "/people/person/nurse/", allowed="monitor", refused={"coordinator": 404, "sponsor": 404}),
    Row("people:change", "/people/person/nurse/change/", allowed="administrator", refused=NOT_ADMINISTRATORS),
    Row("people:standing", "/people/person/nurse/standing/", allowed="administrator", refused=NOT_ADMINISTRATORS),
    Row(
        "people:invitation",
        "/people/person/nurse/invitation/",
        "POST",
        allowed="administrator",
        refused=NOT_ADMINISTRATORS,
    ),
    Row(
        "people:log",
        f"/people/log/{STUDY}/{SITE}/",
        allowed="investigator",
        refused={"coordinator": 404, "sponsor": 404},
    ),
    Row(
        "people:delegate",
        f"/people/log/{STUDY}/{SITE}/delegate/",
        allowed="investigator",
        refused={"coordinator": 404, "study.manager": 404},
    ),
    Row(
        "people:end",
        f"/people/assignments/{STUDY}/assignments/3/end/",
        allowed="study.manager",
        refused={"coordinator": 404, "monitor": 404, "investigator": 404},  # who ends delegations alone
    ),
]

ROWS = [*API, *PAGES]
