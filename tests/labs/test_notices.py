"""Those who must look at an alert are written to, once, and the message holds nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from helmont.api.auth import today_of
from helmont.core.jobs.schedule import run_due
from helmont.core.people.actions import CreatePerson
from helmont.core.people.assignments import AssignRole
from helmont.core.permissions import service
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform
from helmont.labs.actions.alerts import AcknowledgeAlert
from helmont.labs.models import Alert, Notice, withheld
from helmont.labs.notices import notify, notify_all
from tests.labs.kit import HER, HIM, INES, STUDY, UMA, add, do, results

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PEOPLE = (
    ("ines.investigator", "nl", "investigator", "701"),
    ("otto.investigator", "en", "investigator", "702"),
    ("cleo.coordinator", "en", "site_coordinator", "701"),
    ("dana.manager", "en", "data_manager", ""),
)


@pytest.fixture(autouse=True)
def people(trial: None) -> None:  # noqa: ARG001 - after the trial has begun
    system = service("tests", "system")
    for handle, language, role, site in PEOPLE:
        perform(CreatePerson(handle, handle.title(), f"{handle}@example.org", language), system)
        perform(AssignRole(handle, role, STUDY, site=site), system)
    add("ALT", "10", "50")


def alerted(who: str = HIM, alt: str = "400") -> Alert:
    results(who=who, ALT=alt)
    catch_up("lab readings")
    return Alert.objects.get(participant=f"{STUDY}/{who}", rule="GRADE_3")


def test_the_site_s_investigator_is_written_to_once_and_nobody_else() -> None:
    alerted()
    assert notify_all() == 1
    assert notify_all() == 0
    assert [message.to for message in mail.outbox] == [["ines.investigator@example.org"]]
    alerted(HER)
    assert notify(STUDY) == 1
    assert mail.outbox[-1].to == ["otto.investigator@example.org"]


def test_a_message_holds_a_link_and_nothing_of_the_participant() -> None:
    alert = alerted()
    notify(STUDY)
    [message] = mail.outbox
    text = f"{message.subject}\n{message.body}"
    assert f"{settings.HELMONT_ADDRESS}/studies/{STUDY}/labs/alerts" in message.body
    for private in (HIM, "701", "ALT", "400", "WEEK_2", alert.rule, alert.collected):
        assert private not in text
    assert not message.attachments


def test_several_alerts_are_one_message_and_other_values_are_told_again() -> None:
    add("ALP", "30", "120")
    add("BILI", "0.2", "1.2", "mg/dL")
    results(BILI="2.4", ALP="100")
    alert = alerted()
    assert Alert.objects.count() == 2
    assert notify(STUDY) == 1
    assert "2" in mail.outbox[0].subject
    results(ALT="500", BILI="1.0")
    catch_up("lab readings")
    assert Alert.objects.get(key=alert.key).basis != alert.basis
    assert notify(STUDY) == 1
    assert set(Notice.objects.get(key=alert.key).told) == {"ines.investigator"}


def test_an_alert_that_was_seen_before_is_not_written_about() -> None:
    alert = alerted()
    do(AcknowledgeAlert(alert.key, alert.basis, "Called in for a repeat sample"), INES)
    assert notify(STUDY) == 0


def test_who_joins_later_hears_of_what_still_waits() -> None:
    alert = alerted()
    notify(STUDY)
    system = service("tests", "system")
    perform(CreatePerson("ivy.investigator", "Ivy", "ivy@example.org", "en"), system)
    perform(AssignRole("ivy.investigator", "investigator", STUDY, site="701"), system)
    assert notify(STUDY) == 1
    assert set(Notice.objects.get(key=alert.key).told) == {"ines.investigator", "ivy.investigator"}


def test_a_mail_server_that_fails_is_tried_again(settings: object, tmp_path: Path) -> None:
    alerted()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # type: ignore[attr-defined]  # pytest-django's
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")  # type: ignore[attr-defined]  # pytest-django's
    (tmp_path / "mail").write_text("no folder")
    with pytest.raises(Exception, match="mail"):
        notify(STUDY)
    assert not Notice.objects.exists()
    (tmp_path / "mail").unlink()
    assert "laboratory alerts" in run_due()
    sent = [path.read_text() for path in (tmp_path / "mail").iterdir()]  # other work that was due may have written too
    assert sum("/labs/alerts" in message for message in sent) == 1
    assert Notice.objects.exists()


def test_an_alert_about_a_hidden_result_reaches_only_those_who_may_see_it() -> None:
    system = service("tests", "system")
    perform(CreatePerson("uma.statistician", "Uma", "uma@example.org", "en"), system)
    perform(AssignRole("uma.statistician", "unblinded_statistician", STUDY), system)
    add("DRUG", "0", "10", "ug/L")
    results(DRUG="20")
    catch_up("lab readings")
    assert notify(STUDY) == 1
    assert mail.outbox[0].to == ["uma@example.org"]
    key = Alert.objects.get(rule="DRUG_LEVEL").key
    today = today_of(UMA)
    assert withheld(INES, key, today)
    assert not withheld(UMA, key, today)
