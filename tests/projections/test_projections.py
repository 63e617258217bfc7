"""A projection survives a crash in the middle of a batch and equals its own rebuilding."""

import pytest

from helmont.core.ledger.redaction import Redact
from helmont.core.projections.base import projection
from helmont.core.projections.runner import catch_up, position, rebuild
from helmont.core.writer import perform
from tests.ledger.kit import LOG, OFFICER, put, put_many
from tests.projections.kit import Crash, RolesHeld, rows

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "roles_held")]


def test_catching_up_reads_each_entry_once_in_batches() -> None:
    put_many(25)
    assert catch_up() == 25
    assert RolesHeld.batches == [10, 10, 5]
    assert position("roles_held", LOG) == 25
    assert catch_up() == 0
    assert len(rows()) == 25


def test_a_crash_in_the_middle_of_a_batch_leaves_whole_batches_and_resuming_equals_rebuilding(
    roles_held: RolesHeld,
) -> None:
    put_many(25)
    put(f"{LOG}/assignments/3", role="data_manager")
    roles_held.crash_at = 17
    with pytest.raises(Crash):
        catch_up()
    assert position("roles_held", LOG) == len(rows()) == 10
    roles_held.crash_at = None
    assert catch_up("roles_held") == 16
    resumed = rows()
    assert {record: times for _, record, times, _ in resumed}[f"assignment:{LOG}/assignments/3"] == 2
    assert rebuild("roles_held") == 26
    assert rows() == resumed


def test_the_installations_own_log_is_not_followed_unless_asked_for() -> None:
    put("system/assignments/1", person="els", role="administrator")
    assert catch_up() == 0


def test_a_redacted_text_leaves_the_derived_rows() -> None:
    put_many(12)
    put(f"{LOG}/assignments/3", tasks={"NOTE": "Wilhelmina"})
    catch_up()
    assert "Wilhelmina" in str(rows())
    perform(Redact(f"assignment:{LOG}/assignments/3", "tasks/NOTE", "a name"), OFFICER)
    catch_up()
    assert "Wilhelmina" not in str(rows())
    kept = rows()
    catch_up()
    rebuild("roles_held")
    assert rows() == kept


def test_an_unknown_name_and_a_name_in_use_are_refused() -> None:
    with pytest.raises(ValueError, match="no projection 'x'; there are: roles_held"):
        rebuild("x")
    with pytest.raises(ValueError, match="two projections are named roles_held"):
        projection(RolesHeld)
