"""Who a participant is stays in the vault, is shown to those entitled to it only, and can be made to vanish."""

import logging
from pathlib import Path

import pytest
from django.db import connection

from helmont.core.actions import Job
from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant
from helmont.core.vault.actions import EraseIdentity, ReadIdentity, SetIdentity
from helmont.core.vault.queries import read_identity
from helmont.core.vault.sealing import Unreadable
from helmont.core.writer import perform, perform_all
from tests.ledger.kit import OFFICER, Put, sql

pytestmark = [pytest.mark.database, pytest.mark.django_db]

PARTICIPANT = "TRIAL1/01-701-1015"
COORDINATOR = Actor("carla.coordinator", (Grant("site_coordinator", "TRIAL1", site="701"),))
ELSEWHERE = Actor("eric.elsewhere", (Grant("site_coordinator", "TRIAL1", site="702"),))
MONITOR = Actor("mona.monitor", (Grant("monitor", "TRIAL1"),))
NAME, NUMBER = "Wilhelmina Vandenborre", "85.07.30-033.28"


@pytest.fixture(autouse=True)
def known_participant() -> None:
    perform(Put("participant", PARTICIPANT, {"study": "TRIAL1", "number": "01-701-1015", "site": "701"}), OFFICER)
    perform(SetIdentity(PARTICIPANT, {"name": NAME, "national_id": NUMBER}), COORDINATOR)


def test_the_site_reads_what_it_wrote_and_the_look_is_in_the_ledger() -> None:
    assert read_identity(COORDINATOR, PARTICIPANT, "appointment letter") == {"name": NAME, "national_id": NUMBER}
    *_, last = store.read_entries("TRIAL1")
    entry = last.content
    assert (entry["actor"], entry["action"], entry["reason"]) == (
        "carla.coordinator",
        "identity.read",
        "appointment letter",
    )
    assert entry["record"] == f"identity:{PARTICIPANT}/identity"
    assert entry["read"] == ["name", "national_id"]
    assert last.participant == PARTICIPANT


def test_another_site_is_told_nothing_and_leaves_no_trace() -> None:
    size = store.log_size("TRIAL1")
    with pytest.raises((NotFound, NotPermitted)):
        read_identity(ELSEWHERE, PARTICIPANT, "curious")
    with pytest.raises(NotPermitted):
        read_identity(MONITOR, PARTICIPANT, "curious")
    with pytest.raises((NotFound, NotPermitted)):
        perform(SetIdentity(PARTICIPANT, {"email": "x@example.org"}), ELSEWHERE)
    assert store.log_size("TRIAL1") == size


def test_a_look_needs_a_reason() -> None:
    with pytest.raises(Invalid, match="reason"):
        read_identity(COORDINATOR, PARTICIPANT, " ")


def test_a_participant_that_does_not_exist_has_no_identity() -> None:
    with pytest.raises(NotFound):
        perform(SetIdentity("TRIAL1/01-701-9999", {"name": NAME}), COORDINATOR)


def test_changing_a_field_needs_a_reason_and_removing_one_removes_its_ciphertext() -> None:
    with pytest.raises(ReasonRequired) as refusal:
        perform(SetIdentity(PARTICIPANT, {"name": "W. Vandenborre"}), COORDINATOR)
    assert refusal.value.details["places"] == ["name"]
    perform(SetIdentity(PARTICIPANT, {"name": "W. Vandenborre", "national_id": ""}, "asked by her"), COORDINATOR)
    assert read_identity(COORDINATOR, PARTICIPANT, "check") == {"name": "W. Vandenborre"}
    assert sql("SELECT name FROM vault_secret") == [("name",)]


def test_unknown_and_too_long_fields_are_refused_without_repeating_them() -> None:
    with pytest.raises(Invalid) as refusal:
        perform(SetIdentity(PARTICIPANT, {"shoe_size": "39", "address": "x" * 501}), COORDINATOR)
    assert [fault.place for fault in refusal.value.faults] == ["shoe_size", "address"]
    assert "x" * 20 not in str(refusal.value)


def test_nothing_in_clear_text_reaches_a_table_a_log_or_a_repeated_answer(
    caplog: pytest.LogCaptureFixture, home: Path
) -> None:
    with caplog.at_level(logging.DEBUG):
        outcomes = perform_all(
            [
                Job(SetIdentity(PARTICIPANT, {"address": "Lange Nieuwstraat 12"}), COORDINATOR, token="1"),
                Job(SetIdentity(PARTICIPANT, {"email": object()}), COORDINATOR),  # type: ignore[dict-item]  # a defect
                Job(ReadIdentity(PARTICIPANT, "check"), COORDINATOR, token="2"),
            ]
        )
        assert isinstance(outcomes[1], Exception)
        read_identity(COORDINATOR, PARTICIPANT, "check")
    written = (
        dump()
        + caplog.text
        + repr(outcomes)
        + "".join(path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file())
    )
    for secret in (NAME, "Vandenborre", NUMBER, "Lange Nieuwstraat"):
        assert secret not in written
    assert "identity.read" in written


def dump() -> str:
    """Every value of every table, binary ones as text too."""
    values = []
    for table in connection.introspection.table_names():
        for row in sql(f'SELECT * FROM "{table}"'):
            values += [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row]
    return "\n".join(values)


def test_erasing_makes_everything_unreadable_and_the_ledger_still_verifies() -> None:
    with pytest.raises(NotPermitted):
        perform(EraseIdentity(PARTICIPANT, "asked"), COORDINATOR)
    perform(EraseIdentity(PARTICIPANT, "consent withdrawn, erasure asked"), OFFICER)
    assert sql("SELECT length(wrapped) FROM vault_key") == [(0,)]
    for attempt in (ReadIdentity(PARTICIPANT, "check"), SetIdentity(PARTICIPANT, {"email": "x@example.org"})):
        with pytest.raises(Refused, match="erased"):
            perform(attempt, COORDINATOR)
    with pytest.raises(Refused, match="erased"):
        read_identity(COORDINATOR, PARTICIPANT, "check")
    assert verify().clean


def test_in_one_batch_what_follows_an_erasure_is_refused() -> None:
    erased, refused = perform_all(
        [
            Job(EraseIdentity(PARTICIPANT, "asked"), OFFICER),
            Job(SetIdentity(PARTICIPANT, {"email": "x@example.org"}), COORDINATOR),
        ]
    )
    assert not isinstance(erased, Exception)
    assert isinstance(refused, Refused)


def test_a_ciphertext_put_in_the_place_of_another_is_found() -> None:
    sql("UPDATE vault_secret SET ciphertext = (SELECT ciphertext FROM vault_secret WHERE name = 'name')")
    with pytest.raises(Unreadable, match="identity/national_id"):
        read_identity(COORDINATOR, PARTICIPANT, "check")


def test_the_keys_are_readable_by_their_owner_only(home: Path) -> None:
    assert (home / "keys/vault.key").stat().st_mode & 0o777 == 0o600
    assert (home / "keys").stat().st_mode & 0o077 == 0
