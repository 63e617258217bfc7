"""A text that should never have been written goes; that it went, and everything else, stays provable."""

import pytest

from helmont.core.actions import Job
from helmont.core.errors import Invalid, NotFound, NotPermitted
from helmont.core.ledger import checkpoints, store
from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.residues import readable
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant
from helmont.core.writer import perform, perform_all
from tests.ledger.kit import LOG, OFFICER, Put, put, sql

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("guarded")]

KEY = f"{LOG}/assignments/7"
RECORD = f"assignment:{KEY}"
NAME = "Wilhelmina Vandenborre"


def everything() -> str:
    tables = ("ledger_entry", "core_assignment", "ledger_idempotency")
    return "".join(str(row) for table in tables for row in sql(f"SELECT * FROM {table}"))


def written_and_copied() -> None:
    """The name in four entries: written, kept beside another change, removed, and one that is about something else."""
    put(KEY, person="els", role="monitor", tasks={"NOTE": f"told me: {NAME}", "VISITS": "yes"})
    put(KEY, tasks={"NOTE": f"{NAME} again", "VISITS": "yes"}, reason="more")
    put(f"{LOG}/assignments/8", person="jan", role="monitor", tasks={"NOTE": "nothing"})


def test_the_text_is_gone_and_the_tree_and_the_tables_still_verify() -> None:
    written_and_copied()
    checkpoints.make_checkpoint(LOG)
    outcome = perform(Redact(RECORD, "tasks/NOTE", "a name in free text"), OFFICER)
    assert outcome.result == [0, 1]
    assert NAME not in everything()
    report = verify()
    assert report.clean, report.faults
    assert report.redacted == 2
    [(tasks, revision)] = sql("SELECT tasks, revision FROM core_assignment WHERE key = %s", KEY)
    assert (tasks.replace(" ", ""), revision) == ('{"NOTE":{"redacted":true},"VISITS":"yes"}', 3)


def test_who_redacted_what_and_why_is_in_the_ledger_and_the_rest_of_the_entry_is_restated() -> None:
    written_and_copied()
    perform(Redact(RECORD, "tasks/NOTE", "a name in free text"), OFFICER)
    first, second, third, redaction = readable(LOG, store.read_entries(LOG))
    assert redaction.content["reason"] == "a name in free text"
    assert redaction.content["role"] == "privacy_officer"
    assert redaction.content["redacts"] == [0, 1]
    assert first.content["changes"][0]["set"]["tasks/VISITS"] == [None, "yes"]
    assert first.content["changes"][0]["set"]["tasks/NOTE"] == [None, {"redacted": True}]
    assert second.content["reason"] == "more"
    assert third.content["changes"][0]["set"]["tasks/NOTE"] == [None, "nothing"]


def test_a_text_that_was_corrected_first_can_go_without_the_correction() -> None:
    written_and_copied()
    put(KEY, tasks={"NOTE": "told by a nurse", "VISITS": "yes"}, reason="no names")
    perform(Redact(RECORD, "tasks/NOTE", "a name in free text", keep_current=True), OFFICER)
    assert NAME not in everything()
    assert "told by a nurse" in everything()
    assert verify().clean


def test_a_plain_text_column_holds_a_word_in_its_place() -> None:
    put(KEY, person=NAME, role="monitor")
    perform(Redact(RECORD, "person", "not a handle"), OFFICER)
    assert sql("SELECT person FROM core_assignment") == [("[redacted]",)]
    assert verify().clean
    assert NAME not in everything()


def test_a_reason_can_be_redacted() -> None:
    put(KEY, person="els", role="monitor")
    put(KEY, role="data_manager", reason=f"{NAME} said so")
    assert perform(Redact(RECORD, "@reason", "a name in a reason"), OFFICER).result == [1]
    assert NAME not in everything()
    assert verify().clean


def test_a_redaction_can_itself_be_redacted() -> None:
    put(KEY, person="els", role="monitor", tasks={"NOTE": "first", "MORE": NAME})
    perform(Redact(RECORD, "tasks/NOTE", "a slip"), OFFICER)
    assert NAME in everything()
    assert perform(Redact(RECORD, "tasks/MORE", "another slip"), OFFICER).result == [1]
    assert NAME not in everything()
    assert "first" not in everything()
    report = verify()
    assert report.clean, report.faults
    assert report.redacted == 2


def test_a_save_in_the_same_batch_is_redacted_too() -> None:
    outcomes = perform_all(
        [
            Job(Put("assignment", KEY, {"person": "els", "tasks": {"NOTE": NAME}}), OFFICER),
            Job(Redact(RECORD, "tasks/NOTE", "a name in free text"), OFFICER),
        ]
    )
    assert [getattr(outcome, "sequence", outcome) for outcome in outcomes] == [0, 1]
    assert NAME not in everything()
    assert verify().clean


def test_writing_goes_on_from_the_redacted_value() -> None:
    written_and_copied()
    perform(Redact(RECORD, "tasks/NOTE", "a name in free text"), OFFICER)
    put(KEY, tasks={"NOTE": "told by a nurse"})
    assert verify().clean


def test_a_redaction_that_says_something_false_about_a_value_is_found() -> None:
    written_and_copied()
    perform(Redact(RECORD, "tasks/NOTE", "a name in free text"), OFFICER)
    sql(f'UPDATE core_assignment SET tasks = \'{{"NOTE": "x", "VISITS": "yes"}}\' WHERE key = \'{KEY}\'')
    [fault] = verify().faults
    assert fault.message == 'tasks/NOTE holds "x", the ledger says {"redacted":true}'


def test_a_blanked_entry_that_the_redaction_does_not_name_is_found() -> None:
    written_and_copied()
    perform(Redact(RECORD, "tasks/NOTE", "a name in free text"), OFFICER)
    sql("INSERT INTO ledger_redaction (log, sequence, redacted_by) VALUES (%s, 2, 3)", LOG)
    sql("UPDATE ledger_entry SET body = '' WHERE log = %s AND sequence = 2", LOG)
    assert [fault.place for fault in verify().faults if fault.kind == "redaction"] == ["TRIAL1 entry 2"]


@pytest.mark.parametrize("path", ["tasks", "role/x", "nothing", "revision"])
def test_a_path_that_names_no_text_is_refused(path: str) -> None:
    written_and_copied()
    with pytest.raises(Invalid, match="path"):
        perform(Redact(RECORD, path, "a slip"), OFFICER)


def test_only_who_may_redact_does_and_there_has_to_be_something() -> None:
    written_and_copied()
    with pytest.raises(NotPermitted):
        perform(Redact(RECORD, "tasks/NOTE", "a slip"), Actor("mona", (Grant("monitor", LOG),)))
    with pytest.raises(NotFound):
        perform(Redact(RECORD, "tasks/OTHER", "a slip"), OFFICER)
    with pytest.raises(Invalid, match="reason"):
        perform(Redact(RECORD, "tasks/NOTE", " "), OFFICER)
