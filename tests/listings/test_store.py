"""The columns follow the ledger, say what the record says, and forget what was redacted."""

from pathlib import Path

import pytest
from django.conf import settings

from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.store import log_size
from helmont.core.projections.runner import catch_up, rebuild
from helmont.core.writer import perform
from helmont.edc.actions.entry import RemoveLine, SaveForm
from helmont.edc.models import Form
from helmont.listings import store
from helmont.listings.definition import Selection
from helmont.listings.store import Columns
from helmont.listings.values import text_of
from tests import cast
from tests.listings.kit import look, save, values, week_2

pytestmark = pytest.mark.database
FOLDER = Path(settings.HOME, "listings", cast.STUDY)


def everything(columns: Columns) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with columns.reading() as (connection, _size):
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=str)
            for name in ("participants", "encounters", "forms", "items", "VS", "AE", "RAND")
        }


def test_what_is_in_columns_is_what_is_in_the_forms() -> None:
    with Columns(cast.STUDY).reading() as (connection, size):
        found = connection.execute("SELECT key, item_key, value FROM items").fetchall()
    expected = {(form.key, key, text_of(value)) for form in Form.objects.all() for key, value in form.data.items()}
    assert (set(found), size) == (expected, log_size(cast.STUDY))


def test_a_change_is_seen_at_once_and_equals_what_a_new_base_holds() -> None:
    columns = Columns(cast.STUDY)
    columns.refresh()
    save(week_2(), SYSBP="131", DIABP="70")
    save(cast.VS, SYSBP="120")
    perform(SaveForm(cast.AE, {"AETERM": "Migraine"}, reason="more exact"), cast.actor("nurse"))
    perform(RemoveLine(cast.AE, reason="not an event"), cast.actor("nurse"))
    followed = everything(columns)
    assert columns.behind > 0
    columns.reset()
    assert columns.behind == 0
    assert everything(columns) == followed
    assert ("131",) in values(look(Selection("VS")), "SYSBP")
    assert look(Selection("AE")).total == 0


def test_another_process_reads_the_same_base(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Columns(cast.STUDY)
    first.refresh()
    monkeypatch.setattr(Columns, "_build", lambda _self: pytest.fail("a base is there"))
    assert everything(Columns(cast.STUDY)) == everything(first)


def test_a_base_that_cannot_be_read_is_made_anew() -> None:
    Columns(cast.STUDY).refresh()
    [path] = FOLDER.glob("*.duckdb")
    path.write_bytes(b"not a database")
    assert len(everything(Columns(cast.STUDY))["VS"]) == 1


def test_many_changes_go_into_a_new_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COMPACTED", 0)
    columns = store.columns(cast.STUDY)
    save(week_2(), SYSBP="131")
    catch_up("listings")
    assert columns.behind == 0
    assert [path.name.partition("-")[0] for path in FOLDER.glob("*.duckdb")] == [str(log_size(cast.STUDY))]


def test_what_is_redacted_is_in_no_file() -> None:
    secret = "Wilhelmina Vandenborre"
    perform(SaveForm(cast.AE, {"AETERM": secret}, reason="more exact"), cast.actor("nurse"))
    rebuild("listings")
    columns = store.columns(cast.STUDY)
    columns.refresh()
    assert any(secret.encode() in path.read_bytes() for path in FOLDER.iterdir())
    perform(Redact(f"form:{cast.AE}", "data/AETERM", "a name"), cast.actor("privacy.officer"))
    assert [row[0] for row in values(look(Selection("AE")), "AETERM")] == ["[redacted]"]
    catch_up("listings")
    assert not any(secret.encode() in path.read_bytes() for path in FOLDER.iterdir())


def test_only_the_installation_can_open_the_folder() -> None:
    Columns(cast.STUDY).refresh()
    assert FOLDER.stat().st_mode & 0o077 == 0
