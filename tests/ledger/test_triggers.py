"""The database refuses to change the past."""

import pytest
from django.db import DatabaseError, connection, transaction

from helmont.core.ledger import triggers
from helmont.core.ledger.checkpoints import make_checkpoint
from tests.ledger.kit import LOG, history, sql

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("guarded")]


def refused(statement: str) -> bool:
    try:
        with transaction.atomic():
            sql(statement)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET body = 'x' WHERE sequence = 1",
        "UPDATE ledger_entry SET body = '' WHERE sequence = 1",
        "UPDATE ledger_entry SET actor = 'somebody' WHERE sequence = 1",
        "DELETE FROM ledger_entry WHERE sequence = 1",
        "UPDATE ledger_checkpoint SET note = 'x'",
        "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_log SET size = size - 1",
        "UPDATE ledger_log SET name = 'OTHER' WHERE name = 'TRIAL1'",
        "DELETE FROM ledger_log",
    ],
)
def test_changing_the_past_is_refused(statement: str) -> None:
    history()
    make_checkpoint(LOG)
    assert refused(statement)


def test_a_named_entry_may_only_lose_its_body() -> None:
    history()
    sql("INSERT INTO ledger_redaction (log, sequence, redacted_by) VALUES ('TRIAL1', 1, 5)")
    assert refused("UPDATE ledger_entry SET body = 'other' WHERE log = 'TRIAL1' AND sequence = 1")
    assert refused("UPDATE ledger_entry SET body = '', actor = 'x' WHERE log = 'TRIAL1' AND sequence = 1")
    assert refused("UPDATE ledger_entry SET body = '' WHERE log = 'TRIAL1' AND sequence = 2")
    sql("UPDATE ledger_entry SET body = '' WHERE log = 'TRIAL1' AND sequence = 1")
    assert sql("SELECT sequence FROM ledger_entry WHERE body = ''") == [(1,)]
    assert refused("UPDATE ledger_redaction SET redacted_by = 4")
    assert refused("DELETE FROM ledger_redaction")


def test_what_only_one_database_can_do_is_refused_too() -> None:
    history()
    make_checkpoint(LOG)
    if connection.vendor == "postgresql":
        statements = [f"TRUNCATE {table}" for table in triggers.GUARDED]
    else:
        columns = "log, sequence, time, actor, action, record, participant, leaf"
        statements = [
            f"INSERT OR REPLACE INTO ledger_entry SELECT {columns}, 'x' FROM ledger_entry WHERE sequence = 1",
            "INSERT OR REPLACE INTO ledger_checkpoint SELECT log, size, time, 'x' FROM ledger_checkpoint",
        ]
    for statement in statements:
        assert refused(statement), statement


def test_installing_twice_and_uninstalling_leave_a_working_database() -> None:
    triggers.install(connection)
    history()
    triggers.uninstall(connection)
    sql("DELETE FROM ledger_entry WHERE sequence = 1")
    triggers.install(connection)
    assert refused("DELETE FROM ledger_entry")
