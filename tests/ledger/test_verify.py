"""Whatever is changed behind the application is found and named."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from helmont.core.ledger import checkpoints
from helmont.core.ledger.tlog.merkle import leaf_hash
from helmont.core.ledger.verify import LedgerFault, Report, verify
from helmont.core.people.models import Assignment
from helmont.core.writer import perform
from tests.ledger.kit import LOG, OFFICER, Put, history, put, put_many, sql

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("unguarded")]


def faults(kind: str, report: Report) -> list[LedgerFault]:
    return [fault for fault in report.faults if fault.kind == kind]


def only_fault(report: Report) -> LedgerFault:
    assert len(report.faults) == 1, "\n".join(map(str, report.faults))
    return report.faults[0]


def test_an_honest_database_is_clean() -> None:
    history()
    checkpoints.make_all_checkpoints()
    put_many(600, log="TRIAL2")
    checkpoints.make_all_checkpoints()
    seen: list[tuple[str, int, int]] = []
    report = verify(progress=lambda *where: seen.append(where))
    assert report.clean, report.faults
    assert (report.entries, report.records, report.checkpoints) == (607, 605, 3)
    assert report.logs == ["TRIAL1", "TRIAL2", "system"]
    assert seen[-1] == ("system", 1, 1)


def test_an_unknown_log_is_named_with_those_there_are() -> None:
    history()
    with pytest.raises(ValueError, match=r"no log 'TRIAL9'; there are: TRIAL1, system"):
        verify(["TRIAL9"])


def test_one_changed_value_of_a_map_is_named() -> None:
    history()
    sql("UPDATE core_assignment SET tasks = '{\"NOTE\": \"note 4\"}' WHERE key = 'TRIAL1/assignments/3'")
    assert str(only_fault(verify())) == (
        'core_assignment TRIAL1/assignments/3: tasks/NOTE holds "note 4", the ledger says "note 3"'
    )


def test_one_changed_column_is_named() -> None:
    history()
    sql("UPDATE core_token SET revoked = %s", True)
    assert str(only_fault(verify())) == "core_token system/tokens/1: revoked holds true, the ledger says false"


def test_a_changed_revision_is_named() -> None:
    history()
    sql("UPDATE core_assignment SET revision = 0 WHERE key = 'TRIAL1/assignments/1'")
    assert "revision holds 0, the ledger's last change of it is 4" in only_fault(verify()).message


def test_a_deleted_row_is_named() -> None:
    history()
    sql("DELETE FROM core_assignment WHERE key = 'TRIAL1/assignments/0'")
    assert str(only_fault(verify())) == (
        "core_assignment TRIAL1/assignments/0: the row is missing; the ledger says it is there"
    )


@pytest.mark.parametrize("key", ["TRIAL1/assignments/99", "NOWHERE/assignments/1"])
def test_a_row_inserted_behind_the_application_is_named(key: str) -> None:
    history()
    columns = [column.column for column in Assignment._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join("%s" if name == "key" else f'"{name}"' for name in columns)
    sql(
        f"INSERT INTO core_assignment ({names}) SELECT {values} FROM core_assignment"
        " WHERE key = 'TRIAL1/assignments/0'",
        key,
    )
    fault = only_fault(verify())
    assert fault.place == f"core_assignment {key}"


def test_one_byte_of_a_body_is_named() -> None:
    history()
    sql("UPDATE ledger_entry SET body = replace(body, 'note 2', 'note 3') WHERE log = 'TRIAL1' AND sequence = 2")
    report = verify()
    [fault] = faults("entry", report)
    assert str(fault) == "TRIAL1 entry 2: the body does not hash to its leaf"
    [broken] = faults("fold", report)
    assert broken.place == "TRIAL1 entry 5: assignment:TRIAL1/assignments/2"


def test_a_body_changed_with_its_leaf_and_its_row_is_found_in_the_tree() -> None:
    history()
    checkpoints.make_checkpoint(LOG)
    rewrite(3, "note 3", "note 4")
    sql("UPDATE core_assignment SET tasks = '{\"NOTE\": \"note 4\"}' WHERE key = 'TRIAL1/assignments/3'")
    report = verify()
    [tile] = faults("tile", report)
    assert tile.place == "TRIAL1 tile 0/0"
    assert tile.message.startswith("the hash of entry 3 is ")
    assert len(faults("checkpoint", report)) == len(report.faults) - 1 == 1


def test_a_rewritten_history_is_found_by_the_copy_of_a_checkpoint() -> None:
    history()
    checkpoints.make_checkpoint(LOG)
    sql("DELETE FROM ledger_checkpoint")
    rewrite(3, "note 3", "note 4")
    sql("UPDATE core_assignment SET tasks = '{\"NOTE\": \"note 4\"}' WHERE key = 'TRIAL1/assignments/3'")
    tiles = sql("SELECT hashes FROM ledger_tile WHERE log = 'TRIAL1'")[0][0]
    leaf = bytes(sql("SELECT leaf FROM ledger_entry WHERE log = 'TRIAL1' AND sequence = 3")[0][0])
    sql("UPDATE ledger_tile SET hashes = %s WHERE log = 'TRIAL1'", bytes(tiles)[:96] + leaf + bytes(tiles)[128:])
    fault = only_fault(verify())
    assert fault.place == "TRIAL1 checkpoint copy 6.txt"
    assert "the root signed at 6 entries is" in fault.message


def test_one_tile_is_named() -> None:
    put_many(600)
    whole = bytes(sql("SELECT hashes FROM ledger_tile WHERE log = 'TRIAL1' AND level = 0 AND idx = 1")[0][0])
    sql("UPDATE ledger_tile SET hashes = %s WHERE log = 'TRIAL1' AND level = 0 AND idx = 1", whole[:-1] + b"\x00")
    fault = only_fault(verify())
    assert fault.place == "TRIAL1 tile 0/1"
    assert fault.message.startswith("the hash of entry 511 is ")


def test_a_missing_parent_tile_is_named() -> None:
    put_many(300)
    sql("DELETE FROM ledger_tile WHERE level = 1")
    assert str(only_fault(verify())) == "TRIAL1 tile 1/0: missing"


@pytest.mark.parametrize("change", [lambda note: note.replace("TRIAL1\n6\n", "TRIAL1\n5\n"), lambda note: note[:-10]])
def test_one_checkpoint_is_named(change: Callable[[str], str], home: Path) -> None:
    history()
    note = checkpoints.make_checkpoint(LOG)
    assert change(note) != note
    sql("UPDATE ledger_checkpoint SET note = %s", change(note))
    (home / "checkpoints/TRIAL1/6.txt").unlink()
    assert only_fault(verify()).place == "TRIAL1 checkpoint at 6"


def test_a_shortened_log_is_found() -> None:
    history()
    checkpoints.make_checkpoint(LOG)
    sql("DELETE FROM ledger_entry WHERE log = 'TRIAL1' AND sequence = 5")
    sql("UPDATE ledger_log SET size = 5 WHERE name = 'TRIAL1'")
    report = verify()
    assert faults("checkpoint", report)[0].message == "it was signed at 6 entries; the log has 5"
    assert faults("tile", report)
    assert faults("row", report)


def test_a_missing_entry_is_named_and_the_rest_is_still_judged() -> None:
    history()
    checkpoints.make_checkpoint(LOG)
    sql("DELETE FROM ledger_entry WHERE log = 'TRIAL1' AND sequence IN (2, 3)")
    report = verify()
    assert str(faults("entry", report)[0]) == "TRIAL1 entry 2: missing, and all up to entry 3"
    assert not faults("tile", report)
    assert not faults("checkpoint", report)


@pytest.mark.parametrize("column", ["actor", "action", "time", "record", "participant"])
def test_a_look_up_column_that_disagrees_with_its_body_is_named(column: str) -> None:
    history()
    sql(f"UPDATE ledger_entry SET {column} = 'x' WHERE log = 'TRIAL1' AND sequence = 1")
    fault = only_fault(verify())
    assert fault.place == "TRIAL1 entry 1"
    assert fault.message.startswith(f'column {column} holds "x", the ')


def test_a_blanked_body_that_no_entry_redacted_is_named() -> None:
    history()
    sql("UPDATE ledger_entry SET body = '' WHERE log = 'TRIAL1' AND sequence = 4")
    sql("INSERT INTO ledger_redaction (log, sequence, redacted_by) VALUES ('TRIAL1', 4, 5)")
    [fault] = faults("redaction", verify())
    assert str(fault) == "TRIAL1 entry 4: the body is empty, and no later entry says that it was redacted"


def test_writing_goes_on_after_an_empty_record_was_made() -> None:
    put(f"{LOG}/assignments/1")
    put(f"{LOG}/assignments/1", role="monitor")
    assert verify().clean


def rewrite(sequence: int, old: str, new: str) -> None:
    """Change a body together with its leaf, as somebody would who knows how the ledger works."""
    [(body,)] = sql("SELECT body FROM ledger_entry WHERE log = 'TRIAL1' AND sequence = %s", sequence)
    body = body.replace(old, new)
    assert orjson.loads(body)
    sql(
        "UPDATE ledger_entry SET body = %s, leaf = %s WHERE log = 'TRIAL1' AND sequence = %s",
        body,
        leaf_hash(body.encode()),
        sequence,
    )


def test_item_values_of_forms_are_counted() -> None:
    key = f"{LOG}/01-701-1015/WEEK_2/VS/1"
    participant = {"study": LOG, "number": "01-701-1015", "site": "701"}
    perform(Put("participant", f"{LOG}/01-701-1015", participant), OFFICER)
    form = {"participant": f"{LOG}/01-701-1015", "data": {"SYSBP": "131", "DIABP": "80"}}
    perform(Put("form", key, form), OFFICER)
    report = verify()
    assert report.clean, report.faults
    assert report.values == 2
