"""The study ORCHID with two sites, the people who work on it, and short ways to say what they do and what is there."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from helmont.core.actions import Action, Job, Outcome
from helmont.core.ledger import store
from helmont.core.permissions import Actor, Grant, service
from helmont.core.rows import Rows
from helmont.core.signatures.evidence import Evidence, hash_of
from helmont.core.transactions import Transaction, format_time
from helmont.core.writer import perform, perform_all
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.review import SignForms
from helmont.edc.keys import form_key
from helmont.edc.models import Form, Query
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from helmont.participants.models import Participant
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.loading import load_study

STUDY = "ORCHID"
WHO = "701-001"
DEFINITION = load_study(Path(__file__).parent / "package")
TODAY = date(2026, 3, 1)

IMPORT = service("import", "import_service")


def person(handle: str, role: str, site: str = "", *more: str) -> Actor:
    return Actor(handle, tuple(Grant(one, STUDY, site=site) for one in (role, *more)), "Europe/Brussels")


CLEO = person("cleo.coordinator", "site_coordinator", "701")
NORA = person("nora.nurse", "site_nurse", "701")
INES = person("ines.investigator", "investigator", "701")
PHIL = person("phil.pharmacist", "pharmacist", "701")
OTTO = person("otto.coordinator", "site_coordinator", "702")
MONA = person("mona.monitor", "monitor")
DANA = person("dana.manager", "data_manager")
SAM = person("sam.manager", "study_manager")
VERA = person("vera.viewer", "sponsor")


def begin_trial() -> None:
    """Publish the study, open its sites, screen one participant and begin the three planned visits."""
    actions: list[Action] = [
        PublishDefinition(DEFINITION),
        OpenSite(STUDY, "701", "Ghent", "BE", "Europe/Brussels"),
        OpenSite(STUDY, "702", "Leiden", "NL", "Europe/Amsterdam"),
        ScreenParticipant(STUDY, "701", WHO, "2026-01-05"),
        BeginEncounter(STUDY, WHO, "SCREENING_1", "2026-01-05"),
        BeginEncounter(STUDY, WHO, "BASELINE", "2026-01-19"),
        BeginEncounter(STUDY, WHO, "WEEK_2", "2026-02-02"),
    ]
    for outcome in perform_all([Job(action, IMPORT) for action in actions]):
        assert isinstance(outcome, Outcome), outcome


def key(form: str, at: str = "BASELINE", line: str = "") -> str:
    return form_key(STUDY, WHO, at, form, line)


def ae(line: int) -> str:
    """The key of a line of the log of adverse events."""
    return key("AE", "LOG", str(line))


def do(action: Action, by: Actor = CLEO) -> Any:
    """Carry out an action and return its answer."""
    return perform(action, by).result


def save(
    form_key_: str, *, by: Actor = CLEO, complete: bool = False, reason: str = "", seen: Any = None, **values: Any
) -> Any:
    """Save values of a form as a draft; ``VS_READ_1_SYSBP`` names an item of a row."""
    return do(SaveForm(form_key_, rows_named(values), seen, complete, reason), by)


def complete(form_key_: str, *, by: Actor = CLEO, reason: str = "", seen: Any = None, **values: Any) -> Any:
    """Save values of a form and call it complete."""
    return save(form_key_, by=by, complete=True, reason=reason, seen=seen, **values)


def rows_named(values: dict[str, Any]) -> dict[str, Any]:
    """Item keys of keyword arguments: ``SYSBP_2`` is ``VS_READ[2].SYSBP``."""
    return {
        f"VS_READ[{name[-1]}].{name[:-2]}" if name[:-2] in {"SYSBP", "DIABP", "MAP"} else name: value
        for name, value in values.items()
    }


def form(form_key_: str) -> Form:
    return Form.objects.get(key=form_key_)


def participant() -> Participant:
    return Participant.objects.get(key=f"{STUDY}/{WHO}")


def queries(form_key_: str, status: str = "open") -> list[str]:
    """``ITEM RULE`` of the form's queries in that status, in the order they were opened."""
    return [
        f"{q.item} {q.rule}".strip()
        for q in Query.objects.filter(form=form_key_, status=status).order_by("opened", "key")
    ]


def query(form_key_: str, rule: str = "") -> Query:
    return Query.objects.get(form=form_key_, rule=rule)


def said(one: Query) -> list[str]:
    """The kinds of a query's messages, in order."""
    return [one.messages[number]["kind"] for number in sorted(one.messages)]


def last_entry() -> dict[str, Any]:
    """The newest entry of the study's log."""
    entry = store.read_entry(STUDY, store.log_size(STUDY) - 1)
    assert entry is not None
    return entry.content


def changes(record: str) -> dict[str, Any]:
    """What the newest entry says of a record (``form:…``): path to [old, new]; empty when it says nothing."""
    return next((change["set"] for change in last_entry()["changes"] if change["record"] == record), {})


def shown_to(signer: Actor, *keys: str) -> Evidence:
    """The evidence of a ceremony in which the signer was shown the forms as they are now."""
    tx = Transaction(Rows(), STUDY, datetime.now(UTC))
    hashes = {f"form:{one}": hash_of("form", tx.require("form", one)) for one in keys}
    moment = datetime.now(UTC)
    return Evidence(
        person=signer.handle, name="Ines", meaning="investigator_approval", statement="I approve.", signed=hashes,
        time=format_time(moment), nonce=f"{moment.timestamp()}", method="password",
    )  # fmt: skip


def sign(*keys: str, by: Actor = INES) -> Any:
    return do(SignForms(shown_to(by, *keys), keys), by)
