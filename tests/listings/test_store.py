"""The columns follow the ledger, say what the record says, and forget what was redacted."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.store import log_size
from helmont.core.projections.runner import catch_up, rebuild
from helmont.core.writer import perform
from helmont.edc.actions.entry import RemoveLine, SaveForm
from helmont.edc.models import Form
from helmont.listings import bases, store
from helmont.listings.definition import Selection
from helmont.listings.store import Columns
from helmont.listings.values import text_of
from helmont.participants.actions import BeginEncounter
from helmont.studies.actions import PublishDefinition
from tests import cast
from tests.amendments.kit import amended
from tests.listings.kit import look, save, values, week_2

pytestmark = pytest.mark.database
FOLDER = Path(settings.HOME, "listings", cast.STUDY)


def everything(columns: Columns) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with columns.reading() as (connection, _size):
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=str)
            for name in ("participants", "encounters", "items", "VS", "AE", "RAND")
        }


def test_what_is_in_columns_is_what_is_in_the_forms() -> None:
    with Columns(cast.STUDY).reading() as (connection, size):
        found = connection.execute("SELECT _key, item_key, value FROM items").fetchall()
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
    monkeypatch.setattr(bases, "make", lambda _study: pytest.fail("a base is there"))
    assert everything(Columns(cast.STUDY)) == everything(first)


def test_a_visit_that_was_on_another_day_moves_its_values() -> None:
    columns = Columns(cast.STUDY)
    columns.refresh()
    again = BeginEncounter(cast.STUDY, cast.PARTICIPANT, "BASELINE", "2026-01-13", reason="misread")
    perform(again, cast.actor("coordinator"))
    followed = everything(columns)
    assert {row[5] for row in followed["VS"]} == {"2026-01-13"}
    columns.reset()
    assert everything(columns) == followed


def test_another_version_of_the_study_adds_columns_without_reading_everything_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = Columns(cast.STUDY)
    columns.refresh()
    added = "      - {id: PULSE, label: {en: Pulse}, type: integer}\n      - {id: CONFIDE"
    study = amended(tmp_path / "2", [("forms/vs.yaml", "      - {id: CONFIDE", added)], base=cast.PACKAGE)
    with monkeypatch.context() as patch:
        patch.setattr(bases, "make", lambda _study: pytest.fail("the base is good still"))
        perform(PublishDefinition(dataclasses.replace(study, id=cast.STUDY)), cast.IMPORT)
        save(cast.VS, SYSBP="120")
        followed = everything(columns)
        assert values(look(Selection("VS")), "SYSBP", "PULSE") == [("120", None)]
    columns.reset()
    assert sorted(map(set, followed["VS"]), key=str) == sorted(map(set, everything(columns)["VS"]), key=str)


def test_readers_go_on_while_a_new_base_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "COMPACTED", 0)
    columns, copy, seen = Columns(cast.STUDY), bases.copy_into, []
    columns.refresh()
    save(week_2(), SYSBP="131")

    def slowly(*arguments: Any) -> None:
        copy(*arguments)
        save(cast.VS, SYSBP="119")
        seen.append(everything(columns))

    monkeypatch.setattr(bases, "copy_into", slowly)
    columns.compact()
    assert columns.behind == 1  # what was saved meanwhile
    assert everything(columns) == seen[0]


def test_what_is_redacted_while_a_base_is_made_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, copy = "Wilhelmina Vandenborre", bases.copy_into
    monkeypatch.setattr(bases, "COMPACTED", 0)
    columns = Columns(cast.STUDY)
    columns.refresh()
    perform(SaveForm(cast.AE, {"AETERM": secret}, reason="more exact"), cast.actor("nurse"))

    def meanwhile(*arguments: Any) -> None:
        copy(*arguments)
        perform(Redact(f"form:{cast.AE}", "data/AETERM", "a name"), cast.actor("privacy.officer"))

    monkeypatch.setattr(bases, "copy_into", meanwhile)
    columns.compact()
    assert not any(secret.encode() in path.read_bytes() for path in FOLDER.glob("*.duckdb"))
    assert secret not in str(everything(columns)["AE"])


def test_a_base_that_cannot_be_read_is_made_anew() -> None:
    Columns(cast.STUDY).refresh()
    [path] = FOLDER.glob("*.duckdb")
    path.write_bytes(b"not a database")
    assert len(everything(Columns(cast.STUDY))["VS"]) == 1


def test_many_changes_go_into_a_new_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "COMPACTED", 0)
    monkeypatch.setattr(store, "NEAR_SECONDS", 0)
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
