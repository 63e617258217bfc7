"""A snapshot is pinned, is in the ledger with its hash, and holds nothing that its maker or reader must not see."""

from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from helmont.core.errors import Invalid, NotFound
from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.store import log_size, read_entry
from helmont.core.ledger.verify import verify
from helmont.core.projections.runner import catch_up
from helmont.core.writer import perform
from helmont.listings.models import Snapshot
from helmont.listings.snapshots import file_of, make_file, snapshot_for, snapshots_for
from helmont.studies.models import Study
from tests import cast
from tests.listings.kit import TODAY, save, week_2

pytestmark = pytest.mark.database


def pin(by: str = "data.manager", title: str = "Interim") -> Snapshot:
    actor = cast.actor(by)
    made = make_file(actor, Study.objects.get(key=cast.STUDY), TODAY)
    return Snapshot.objects.get(key=perform(made.action(cast.STUDY, title), actor).result["key"])


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_snapshot_is_in_the_ledger_with_its_hash_and_what_it_leaves_out() -> None:
    before = log_size(cast.STUDY)
    row = pin()
    entry = read_entry(cast.STUDY, before)
    assert entry is not None
    [change] = entry.content["changes"]
    said = {path: pair[1] for path, pair in change["set"].items()}
    assert said["sha256"] == sha256(file_of(row).read_bytes()).hexdigest() == row.sha256
    assert (said["size"], said["blinded"], said["maker"]) == (before, True, "data.manager")
    assert ask(file_of(row), "SELECT study, ledger_entries, ledger_root FROM snapshot") == [
        (cast.STUDY, before, row.root)
    ]
    assert verify().clean


def test_tables_hold_what_was_entered_with_numbers_as_numbers() -> None:
    save(week_2(), SYSBP="131", DIABP="70")
    path = file_of(pin())
    assert ask(path, "SELECT participant, encounter, SYSBP, DIABP, MAP FROM VS ORDER BY visit_date") == [
        (cast.PARTICIPANT, "BASELINE", 80.0, 85.0, 83.0),
        (cast.PARTICIPANT, "WEEK_2", 131.0, 70.0, 90.0),
    ]
    assert ask(path, "SELECT line, AETERM FROM AE") == [(1, "Headache")]
    assert ask(path, "SELECT participant, status FROM participants ORDER BY 1")[0] == (cast.PARTICIPANT, "screening")
    assert ask(path, "SELECT count(*) FROM encounters") == [(2,)]
    assert ("SYSBP", "131", 131.0) in ask(path, "SELECT item, value, number FROM items")
    assert ask(path, "SELECT item_key, status FROM queries ORDER BY 1") == [("DIABP", "open"), ("SYSBP", "open")]


def test_it_stays_as_it_was() -> None:
    row = pin()
    content = file_of(row).read_bytes()
    save(week_2(), SYSBP="131")
    assert file_of(row).read_bytes() == content
    assert ask(file_of(row), "SELECT count(*) FROM VS") == [(1,)]


@pytest.mark.parametrize(
    ("by", "allocation", "confidence"),
    [("data.manager", False, False), ("statistician", False, False), ("unblinded.statistician", True, False)],
)
def test_what_is_hidden_is_in_no_byte_of_the_file(by: str, allocation: bool, confidence: bool) -> None:
    row = pin(by)
    content = file_of(row).read_bytes()
    assert (cast.ALLOCATION.encode() in content, cast.CONFIDENCE.encode() in content) == (allocation, confidence)
    assert row.blinded is not allocation
    tables = "SELECT column_name FROM information_schema.columns WHERE table_name = 'RAND'"
    assert (("ALLOC",) in ask(file_of(row), tables)) is allocation


def test_an_unblinded_snapshot_is_not_there_for_the_blinded() -> None:
    blinded, unblinded = pin("statistician"), pin("unblinded.statistician")

    def seen(handle: str) -> set[str]:
        return {each.key for each in snapshots_for(cast.actor(handle), cast.STUDY, TODAY)}

    assert seen("data.manager") == {blinded.key}
    assert seen("unblinded.statistician") == {blinded.key, unblinded.key}
    with pytest.raises(NotFound):
        snapshot_for(cast.actor("data.manager"), unblinded.key, TODAY)
    for handle in ("monitor", "coordinator", cast.OUTSIDER):
        with pytest.raises(NotFound):
            snapshot_for(cast.actor(handle), blinded.key, TODAY)


def test_who_may_make_none_makes_none() -> None:
    with pytest.raises(NotFound):
        pin("monitor")
    with pytest.raises(Invalid):
        pin(title=" ")


def test_a_redaction_removes_the_files() -> None:
    catch_up("listings")
    row = pin()
    perform(Redact(f"form:{cast.AE}", "data/AETERM", "a name"), cast.actor("privacy.officer"))
    catch_up("listings")
    with pytest.raises(NotFound):
        file_of(row)
    assert Snapshot.objects.filter(key=row.key).exists()
