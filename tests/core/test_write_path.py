"""There is one way to change anything, and the ledger says exactly what was changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from helmont.core.actions import Action, Outcome
from helmont.core.errors import Invalid, Refused
from helmont.core.ledger import store
from helmont.core.people.models import Assignment
from helmont.core.permissions import Actor, service
from helmont.core.records import Unaudited
from helmont.core.transactions import Transaction, local_offset
from helmont.core.writer import Committer, Job, perform
from tests.core.kit import RECORD, Do, batch, entries, newest, write
from tests.ledger.kit import LOG, OFFICER

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def refuse(_tx: Transaction) -> None:
    raise Refused("no")


# What can be written, and by what


def test_a_record_type_without_an_audit_description_is_not_written() -> None:
    with pytest.raises(Unaudited, match=r"'nonsense' has no audit description; known: .*assignment,"):
        perform(Do(lambda tx: tx.put("nonsense", RECORD, a="b")), OFFICER)
    assert store.log_size(LOG) == 0


def test_a_field_that_is_not_audited_is_not_written() -> None:
    with pytest.raises(ValueError, match="assignment has no field wages"):
        perform(write(wages="100"), OFFICER)


def test_a_record_of_another_log_is_not_written() -> None:
    with pytest.raises(ValueError, match="does not belong to the log TRIAL1"):
        perform(Do(lambda tx: tx.put("assignment", "TRIAL2/assignments/1", role="monitor")), OFFICER)


@pytest.mark.parametrize(
    "way",
    [
        lambda row: row.save(),
        lambda row: row.save(update_fields=["role"]),
        lambda row: row.delete(),
        lambda _row: Assignment(key=f"{LOG}/assignments/2").save(),
        lambda _row: Assignment.objects.create(key=f"{LOG}/assignments/2"),
        lambda _row: Assignment.objects.update(role="x"),
        lambda _row: Assignment.objects.filter(key=RECORD).update(role="x"),
        lambda _row: Assignment.objects.all().delete(),
        lambda row: Assignment.objects.bulk_create([row]),
        lambda row: Assignment.objects.bulk_update([row], ["role"]),
        lambda _row: Assignment.objects.get_or_create(key="x"),
        lambda _row: Assignment.objects.update_or_create(key="x"),
    ],
)
def test_a_model_is_not_written_outside_an_action(way: Any) -> None:
    perform(write(role="monitor", person="p"), OFFICER)
    row = Assignment.objects.get(key=RECORD)
    row.role = "changed"
    with pytest.raises(Unaudited):
        way(row)
    assert list(Assignment.objects.values_list("key", "role")) == [(RECORD, "monitor")]


@pytest.mark.parametrize(
    "fields", [{"person": "a\x00b"}, {"tasks": {"NOTE": "a\x00b"}}, {"tasks": {"LIST": ["x", {"deep": "a\x00b"}]}}]
)
def test_a_nul_character_is_refused_wherever_it_stands(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="NUL"):
        perform(write(**fields), OFFICER)


def test_text_too_long_for_its_column_is_refused_on_every_database() -> None:
    with pytest.raises(Invalid, match=r"assignment.role: the text has 500 characters"):
        perform(write(role="x" * 500), OFFICER)
    with pytest.raises(Invalid, match=r"assignment.key"):
        perform(write(f"{LOG}/{'x' * 200}"), OFFICER)


# What the entry says


def test_the_changes_are_exactly_the_difference() -> None:
    perform(write(person="p", role="monitor", tasks={"A": "1", "B": "2"}), OFFICER)
    perform(write(role="data_manager", person="p", tasks={"A": "1", "B": "3", "C": "4"}), OFFICER)
    [change] = newest()["changes"]
    assert change == {
        "record": f"assignment:{RECORD}",
        "set": {"role": ["monitor", "data_manager"], "tasks/B": ["2", "3"], "tasks/C": [None, "4"]},
    }


def test_a_removed_key_of_a_map_changes_to_nothing() -> None:
    perform(write(tasks={"A": "1", "B": "2"}), OFFICER)
    perform(write(tasks={"A": "1"}), OFFICER)
    assert newest()["changes"][0]["set"] == {"tasks/B": ["2", None]}


def test_several_writes_of_one_record_are_one_change() -> None:
    def work(tx: Transaction) -> None:
        tx.put("assignment", RECORD, role="monitor")
        tx.put("assignment", RECORD, role="data_manager", person="p")

    perform(Do(work), OFFICER)
    [change] = newest()["changes"]
    assert change["set"]["role"] == [None, "data_manager"]
    assert change["set"]["person"] == [None, "p"]


def test_the_revision_of_a_row_is_the_sequence_of_the_entry_that_changed_it_last() -> None:
    for number in range(3):
        perform(write(f"{LOG}/assignments/{number}", role="monitor"), OFFICER)
    perform(write(f"{LOG}/assignments/0", role="data_manager"), OFFICER)
    assert list(Assignment.objects.order_by("key").values_list("revision", flat=True)) == [3, 1, 2]


def test_nothing_changed_is_no_entry() -> None:
    perform(write(role="monitor", tasks={"A": "1"}), OFFICER)
    outcome = perform(write(role="monitor", tasks={"A": "1"}), OFFICER)
    assert outcome.sequence is None
    assert (store.log_size(LOG), Assignment.objects.get().revision) == (1, 0)


def test_a_reason_goes_into_the_entry() -> None:
    perform(Do(lambda tx: tx.put("assignment", RECORD, role="monitor"), reason="hired"), OFFICER)
    assert newest()["reason"] == "hired"


# A batch


def test_a_refused_action_leaves_nothing_and_its_neighbours_succeed() -> None:
    def half(tx: Transaction) -> None:
        tx.put("assignment", f"{LOG}/assignments/half", role="monitor")
        tx.put("assignment", RECORD, role="overwritten")
        raise Refused("no")

    first, second, third = batch(write(role="monitor"), Do(half), write(f"{LOG}/assignments/3", role="monitor"))
    assert isinstance(first, Outcome)
    assert isinstance(second, Refused)
    assert isinstance(third, Outcome)
    assert (first.sequence, third.sequence) == (0, 1)
    assert dict(Assignment.objects.values_list("key", "role")) == {
        RECORD: "monitor",
        f"{LOG}/assignments/3": "monitor",
    }
    assert [entry["sequence"] for entry in entries()] == [0, 1]


def test_an_action_that_fails_outright_spoils_only_itself() -> None:
    first, second, third = batch(write(role="monitor"), Do(lambda _tx: 1 / 0), write(role="data_manager"))
    assert isinstance(first, Outcome)
    assert isinstance(second, ZeroDivisionError)
    assert isinstance(third, Outcome)
    assert Assignment.objects.get().role == "data_manager"


def test_a_mistake_that_only_the_database_notices_spoils_only_itself() -> None:
    def bad(tx: Transaction) -> None:
        tx.put("assignment", f"{LOG}/assignments/bad", role=None)

    first, second, third = batch(write(role="monitor"), Do(bad), write(f"{LOG}/assignments/3", role="monitor"))
    assert isinstance(first, Outcome)
    assert isinstance(second, Exception)
    assert isinstance(third, Outcome)
    assert [entry["sequence"] for entry in entries()] == [0, 1]
    assert Assignment.objects.count() == 2


def test_an_action_sees_what_earlier_actions_of_its_batch_wrote() -> None:
    seen: list[Any] = []

    def look(tx: Transaction) -> None:
        row = tx.get("assignment", RECORD)
        found = [one["key"] for one in tx.find("assignment", "person", "p")]
        seen.append((row and row["role"], found))

    batch(Do(look), write(role="monitor", person="p"), Do(look), write(person="q"), Do(look), Do(refuse), Do(look))
    assert seen == [(None, []), ("monitor", [RECORD]), ("monitor", []), ("monitor", [])]


def test_an_action_sees_its_own_writes() -> None:
    def work(tx: Transaction) -> Any:
        tx.put("assignment", RECORD, person="p")
        tx.put("assignment", f"{LOG}/assignments/2", person="p")
        tx.put("assignment", f"{LOG}/assignments/2", person="q")
        return [one["key"] for one in tx.find("assignment", "person", "p")]

    assert perform(Do(work), OFFICER).result == [RECORD]


def test_records_made_in_one_batch_get_keys_of_their_own() -> None:
    def make(tx: Transaction) -> str:
        keys = [tx.new_key(f"{LOG}/assignments") for _ in range(2)]
        for key in keys:
            tx.create("assignment", key, role="monitor")
        return " ".join(keys)

    outcomes = batch(Do(make), Do(refuse), Do(make))
    assert [o.result for o in outcomes if isinstance(o, Outcome)] == [
        f"{LOG}/assignments/0-1 {LOG}/assignments/0-2",
        f"{LOG}/assignments/1-1 {LOG}/assignments/1-2",
    ]


# Repetition


def test_a_repeated_request_gets_the_same_answer_and_no_second_entry() -> None:
    first = perform(write(role="monitor"), OFFICER, token="abc", request="hash")
    perform(write(role="data_manager"), OFFICER)
    again = perform(write(role="monitor"), OFFICER, token="abc", request="hash")
    assert (again.result, again.log, again.sequence) == (first.result, first.log, first.sequence)
    assert (store.log_size(LOG), Assignment.objects.get().role) == (2, "data_manager")


def test_a_repetition_in_the_same_batch_counts_once() -> None:
    job = Job(write(role="monitor"), OFFICER, token="abc", request="hash")
    first, second = Committer().commit([job, job])
    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert first.sequence == second.sequence == 0
    assert store.log_size(LOG) == 1


def test_another_request_under_a_used_key_is_refused() -> None:
    perform(write(role="monitor"), OFFICER, token="abc", request="hash")
    with pytest.raises(Refused, match="used for another request"):
        perform(write(role="monitor"), OFFICER, token="abc", request="other")


def test_keys_of_different_people_do_not_meet() -> None:
    perform(write(role="monitor"), OFFICER, token="abc", request="hash")
    perform(write(role="data_manager"), service("helmont", "system"), token="abc", request="other")
    assert store.log_size(LOG) == 2


def test_a_refused_request_may_be_tried_again_under_its_key() -> None:
    with pytest.raises(Refused):
        perform(Do(refuse), OFFICER, token="abc", request="hash")
    assert perform(write(role="monitor"), OFFICER, token="abc", request="hash").sequence == 0


# Time


def test_times_strictly_increase_within_a_batch_and_from_writer_to_writer() -> None:
    one, other = Committer(), Committer()
    for committer in (one, other, one):
        committer.commit(
            [Job(write(f"{LOG}/assignments/{n}", role=str(id(committer)) + str(n)), OFFICER) for n in range(3)]
        )
    times = [entry["time"] for entry in entries()]
    assert len(times) >= 6
    assert times == sorted(set(times))


def test_times_increase_even_when_a_clock_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    perform(write(role="monitor"), OFFICER)

    class Behind(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(hours=1)

    monkeypatch.setattr("helmont.core.writer.datetime", Behind)
    Committer().commit([Job(write(role="data_manager"), OFFICER)])
    first, second = (entry["time"] for entry in entries())
    assert first < second


@pytest.mark.parametrize(
    ("zone", "moment", "offset"),
    [
        ("Europe/Brussels", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "+01:00"),
        ("Europe/Brussels", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "+02:00"),
        ("Europe/Brussels", datetime(2026, 10, 25, 0, 59, tzinfo=UTC), "+02:00"),
        ("Europe/Brussels", datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "+01:00"),
        ("America/New_York", datetime(2026, 7, 1, tzinfo=UTC), "-04:00"),
        ("Asia/Kathmandu", datetime(2026, 7, 1, tzinfo=UTC), "+05:45"),
        ("Australia/Lord_Howe", datetime(2026, 1, 1, tzinfo=UTC), "+11:00"),
        ("Australia/Lord_Howe", datetime(2026, 7, 1, tzinfo=UTC), "+10:30"),
        ("UTC", datetime(2026, 7, 1, tzinfo=UTC), "+00:00"),
    ],
)
def test_the_offset_is_that_of_the_persons_zone_on_that_day(zone: str, moment: datetime, offset: str) -> None:
    assert local_offset(zone, moment) == offset


def test_the_entry_gives_utc_and_the_persons_offset_and_today_is_the_date_on_their_wall() -> None:
    auckland = Actor("ada.auckland", OFFICER.grants, "Pacific/Auckland")
    outcome = perform(Do(lambda tx: tx.put("assignment", RECORD, person=tx.today.isoformat())["person"]), auckland)
    entry = newest()
    assert entry["time"].endswith("Z")
    moment = datetime.fromisoformat(entry["time"]).astimezone(datetime.strptime(entry["offset"], "%z").tzinfo)
    assert entry["offset"] in {"+12:00", "+13:00"}
    assert outcome.result == moment.date().isoformat()


def test_an_action_has_to_say_where_it_belongs_and_what_it_does() -> None:
    with pytest.raises(TypeError, match="does not say which log"):
        _ = Action().log
    with pytest.raises(TypeError, match="does nothing"):
        Action().perform(None, OFFICER)  # type: ignore[arg-type]


# What is kept from batch to batch


def test_what_another_writer_wrote_meanwhile_is_seen() -> None:
    one, other = Committer(), Committer()
    for committer, role in ((one, "monitor"), (other, "data_manager"), (one, "monitor")):
        committer.commit([Job(write(role=role), OFFICER)])
    assert [entry["changes"][0]["set"]["role"] for entry in entries()] == [
        [None, "monitor"], ["monitor", "data_manager"], ["data_manager", "monitor"],
    ]  # fmt: skip


def test_what_a_batch_found_is_found_by_the_next_with_what_came_since() -> None:
    committer = Committer()
    found: list[list[str]] = []
    look = Do(lambda tx: found.append([row["key"] for row in tx.find("assignment", "study", LOG)]))
    committer.commit([Job(write(role="monitor", study=LOG), OFFICER)])
    committer.commit([Job(look, OFFICER)])
    committer.commit([Job(write(f"{LOG}/assignments/2", study=LOG), OFFICER)])
    committer.commit([Job(look, OFFICER)])
    assert found == [[RECORD], [RECORD, f"{LOG}/assignments/2"]]


def test_a_batch_that_the_database_refuses_leaves_nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    committer = Committer()
    committer.commit([Job(write(role="monitor"), OFFICER)])

    def fail(*_arguments: Any) -> Any:
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("helmont.core.ledger.store.append", fail)
        [outcome] = committer.commit([Job(write(role="data_manager"), OFFICER)])
    assert isinstance(outcome, DatabaseError)
    committer.commit([Job(write(role="auditor"), OFFICER)])
    assert newest()["changes"][0]["set"]["role"] == ["monitor", "auditor"]
