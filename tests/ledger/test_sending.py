"""The sponsor and the investigators get a signed copy of the record's state."""

import pytest
from django.core import mail

from helmont.core.ledger.checkpoints import latest_checkpoint, signer
from helmont.core.ledger.sending import send_checkpoints
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.people.actions import CreatePerson
from helmont.core.people.assignments import AssignRole
from helmont.core.permissions import service
from helmont.core.writer import perform
from helmont.settings import _mail
from tests.core.kit import write
from tests.ledger.kit import LOG, OFFICER

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_each_keeper_gets_the_checkpoint_in_their_language_and_nobody_else_does() -> None:
    system = service("tests", "system")
    people = (("claire", "fr", "sponsor"), ("anna", "nl", "investigator"), ("tom", "en", "monitor"))
    for handle, language, role in people:
        perform(CreatePerson(handle, handle.title(), f"{handle}@example.org", language), system)
        site = "01" if role == "investigator" else ""
        perform(AssignRole(handle, role, LOG, site=site), system)
    perform(write(f"{LOG}/assignments/x"), OFFICER)
    assert send_checkpoints() == 2
    assert [message.to for message in mail.outbox] == [["anna@example.org"], ["claire@example.org"]]
    assert "Bewaar" in mail.outbox[0].body
    assert "Conservez" in mail.outbox[1].body
    [(name, note, _kind)] = mail.outbox[0].attachments
    assert note == latest_checkpoint(LOG)
    checkpoint = Checkpoint.open(str(note), [signer(LOG).verifier])
    assert name == f"{LOG}-{checkpoint.size}.txt"


def test_a_mail_server_is_named_by_a_url() -> None:
    assert _mail("smtps://me:p%40ss@mail.example")["EMAIL_HOST_PASSWORD"] == "p@ss"
    assert _mail("smtp://mail.example:25")["EMAIL_PORT"] == 25
    assert not _mail("smtp://mail.example:25")["EMAIL_USE_TLS"]
    with pytest.raises(ValueError, match="HELMONT_MAIL_URL"):
        _mail("mail.example")
