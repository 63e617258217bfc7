"""Verification from afar, as the site and the monitor meet it."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from helmont.core.vault.actions import SetIdentity
from helmont.core.writer import perform
from helmont.edc.models import Form, SourceCopy
from tests import cast

PERSON = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}"
SOURCES = f"/studies/{cast.STUDY}/sources"


def offer(text: bytes = b"701-001: systolic 80, diastolic 85", **more: str) -> int:
    body = {"form": cast.VS, "days": "30", "declared": "on", "file": SimpleUploadedFile("chart.txt", text)} | more
    return cast.sign_in("coordinator").post(f"{PERSON}/do/source", body).status_code


def test_a_monitor_opens_a_copy_compares_it_and_verifies() -> None:
    assert offer() == 302
    copy = SourceCopy.objects.get()
    where = f"{SOURCES}/{cast.PARTICIPANT}/{copy.key.rsplit('/', 1)[1]}"
    monitor = cast.sign_in("monitor")
    assert where in monitor.get(SOURCES).content.decode()
    assert "systolic 80" not in monitor.get(where).content.decode()
    assert monitor.get(f"{where}/file").status_code == 404
    page = monitor.post(where, {"action": "open"}, follow=True).content.decode()
    assert "systolic 80" in page
    assert "These agree with the source" in page
    assert b"".join(monitor.get(f"{where}/file")).startswith(b"701-001")  # type: ignore[arg-type]  # a stream
    monitor.post(f"/studies/{cast.STUDY}/verification", {"row": f"{cast.VS}@{Form.objects.get(key=cast.VS).revision}"})
    assert set(Form.objects.get(key=cast.VS).verified) == {"SYSBP", "DIABP"}
    coordinator = cast.sign_in("coordinator")
    assert "Say why it is withdrawn." in coordinator.post(where, {"action": "withdraw"}, follow=True).content.decode()
    coordinator.post(where, {"action": "withdraw", "reason": "verified"})
    assert "systolic 80" not in monitor.get(where).content.decode()
    assert monitor.get(f"{where}/file").status_code == 404


def test_a_copy_that_names_the_participant_is_refused_and_not_kept() -> None:
    perform(SetIdentity(f"{cast.STUDY}/{cast.PARTICIPANT}", {"name": "Zoë Qxborre"}), cast.actor("coordinator"))
    assert offer(b"Mrs Qxborre, systolic 80") == 422
    assert not SourceCopy.objects.exists()
    assert offer(b"701-001, systolic 80", form="CAST1/702-001/BASELINE/VS") == 422
